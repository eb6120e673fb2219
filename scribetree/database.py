from django.db import connection


def drop_dead_connection() -> None:
    """A kept connection may have died with a server that is back by now; the next statement opens another."""
    if connection.connection is not None and not connection.in_atomic_block and not connection.is_usable():
        connection.close()
