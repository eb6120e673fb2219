"""How imports on one database keep out of each other's way, from whatever machine, and outlast its restarts."""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import DatabaseError, connection

from analytics.partitions import forget_quarters
from migrate_mongo.exceptions import LoadError

AWAY_SECONDS = 120
LONGEST_PAUSE_SECONDS = 5
_KEY = "hashtext('migrate_mongo import ' || current_schema())"

logger = logging.getLogger(__name__)


@contextmanager
def joined_import() -> Iterator[Callable[[], None]]:
    """This session takes part in an import: nobody may empty the tables meanwhile. Gives what to call for a new one."""
    _join()
    try:
        yield _join
    finally:
        if connection.is_usable():
            with connection.cursor() as cursor:
                cursor.execute(f"SELECT pg_advisory_unlock_shared({_KEY})")
                cursor.execute("RESET synchronous_commit; RESET scribetree.keep_updated_at")


def _join() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_try_advisory_lock_shared({_KEY})")
        if not cursor.fetchone()[0]:
            raise LoadError(
                "the imported tables are being emptied by an import with --restart, "
                "or rejected documents are being loaded into them"
            )
        # A machine that has vanished does not keep its part for hours; nothing to do with a local socket.
        cursor.execute("SET tcp_keepalives_idle = 30; SET tcp_keepalives_interval = 10; SET tcp_keepalives_count = 3")
        # A lost commit takes its checkpoint with it, and the run's last commit waits for all before it.
        # Pointing an older submission to the one that supersedes it is no edit.
        cursor.execute("SET synchronous_commit = off; SET scribetree.keep_updated_at = 'on'")


def require_alone() -> None:
    """For the rest of the transaction nobody joins. Raises LoadError when somebody has, or is alone already."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_try_advisory_xact_lock({_KEY})")
        if not cursor.fetchone()[0]:
            raise LoadError("another import is running on this database, or rejected documents are being loaded")


def take_turns() -> None:
    """One at a time goes on with its transaction: those who open a run at the same moment."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('migrate_mongo open ' || current_schema()))")


def wait_for_database(error: Exception) -> None:
    """Connects again after the connection was lost. Raises what was raised last when that takes too long."""
    forget_quarters()  # a crash may have lost them
    lost, pause = time.monotonic(), 0.1
    logger.warning("the database is away (%s); trying again", " ".join(str(error).split()))
    while True:
        connection.close()
        try:
            connection.ensure_connection()
        except DatabaseError:
            if time.monotonic() - lost > AWAY_SECONDS:
                raise
            time.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
        else:
            return
