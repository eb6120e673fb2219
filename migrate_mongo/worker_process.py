"""Where a worker process begins. It is imported before Django is set up, so nothing of Django is imported here."""

import os
from contextlib import nullcontext
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from migrate_mongo.sources import Reader


@dataclass(frozen=True)
class Work:
    """What a worker needs to know. It goes through a pipe, so that no secret of the source stands on a command line.

    `refused` are the kinds of finding that reject a document; `schema` is where the tables are, where it is not the
    usual place; `profiles` asks for the shape of the documents.
    """

    reader: "Reader"
    run: int
    only: tuple[str, ...]
    max_rejects: int | None
    batch_size: int
    refused: frozenset[str]
    database: str
    schema: str | None
    profiles: bool


def work_in_process(pipe: Connection) -> None:
    """Waits for the work, and loads parts until none is left or the parent has died.

    Sends the profiles in the end, or the message of a failure.
    """
    parent = os.getppid()
    import django  # noqa: PLC0415 see above

    django.setup()
    from django.db import DatabaseError, connection  # noqa: PLC0415

    from migrate_mongo.exceptions import MigrateMongoError  # noqa: PLC0415
    from migrate_mongo.scratch import use_schema  # noqa: PLC0415
    from migrate_mongo.workers import load_parts  # noqa: PLC0415

    try:
        work: Work = pipe.recv()
        connection.settings_dict["NAME"] = work.database
        with use_schema(work.schema) if work.schema else nullcontext():
            pipe.send(load_parts(work, lambda: os.getppid() == parent))
    except (MigrateMongoError, DatabaseError) as error:
        pipe.send(" ".join(str(error).split()))
    except (EOFError, KeyboardInterrupt, BrokenPipeError):
        return  # there is no work, or nobody wants it any more
