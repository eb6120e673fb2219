"""Where a worker process begins. It is imported before Django is set up, so nothing of Django is imported here."""

import os
from dataclasses import dataclass
from multiprocessing.connection import Connection


@dataclass(frozen=True)
class Work:
    """What a worker needs to know."""

    source: str
    run: int
    only: tuple[str, ...]
    max_rejects: int | None
    batch_size: int
    database: str


def work_in_process(pipe: Connection) -> None:
    """Waits for the work, and loads parts until none is left or the parent has died. Sends the message of a failure."""
    parent = os.getppid()
    import django  # noqa: PLC0415 see above

    django.setup()
    from django.db import DatabaseError, connection  # noqa: PLC0415

    from migrate_mongo.exceptions import MigrateMongoError  # noqa: PLC0415
    from migrate_mongo.workers import load_parts  # noqa: PLC0415

    try:
        work: Work = pipe.recv()
        connection.settings_dict["NAME"] = work.database
        load_parts(work, lambda: os.getppid() == parent)
    except (MigrateMongoError, DatabaseError) as error:
        pipe.send(" ".join(str(error).split()))
    except (EOFError, KeyboardInterrupt):
        return  # there is no work, or nobody wants it any more
