"""What the commands have in common: argument types, one clear line for a failure, the exit code."""

import sys
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from migrate_mongo.exceptions import LoadError, MigrateMongoError
from migrate_mongo.mappings import MAPPINGS


class Report(Protocol):
    @property
    def exit_code(self) -> int: ...

    def lines(self) -> Iterator[str]: ...

    def write(self, path: Path) -> None: ...


def collection(name: str) -> str:
    if name not in MAPPINGS:
        raise ArgumentTypeError(f"unknown collection {name!r}; there are {', '.join(MAPPINGS)}")
    return name


def positive(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise ArgumentTypeError(f"{text!r} is no whole number above 0")
    return int(text)


def natural(text: str) -> int:
    if not text.isdigit():
        raise ArgumentTypeError(f"{text!r} is no whole number")
    return int(text)


def add_source_arguments(parser: ArgumentParser) -> None:
    """Those that say where documents come from, and which of them."""
    parser.add_argument(
        "source",
        nargs="?",
        help="a mongodb:// URI, a folder of mongodump or mongoexport, an archive of mongodump, or - for an archive on "
        "standard input; plain or gzip. Without it, MONGODB_URI, which keeps passwords off the command line",
    )
    parser.add_argument("--database", metavar="NAME", help="of a server or an archive, where the source does not say")
    parser.add_argument(
        "--only", nargs="+", type=collection, default=tuple(MAPPINGS), metavar="COLLECTION", help="only these"
    )
    parser.add_argument("--salvage", action="store_true", help="read what can be read of damaged files")


def source_location(given: str | None) -> str:
    """Raises CommandError when neither the command line nor MONGODB_URI names a source."""
    location = given or str(settings.MONGODB_URI)
    if not location:
        raise CommandError("name a source, or set MONGODB_URI")
    return location


def database(name: str) -> str:
    if not name or set(name) & set('/\\. "$\0'):
        raise ArgumentTypeError(f"{name!r} is no name of a MongoDB database")
    return name


def moment(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(f"{text!r} is no time in ISO 8601, such as 2026-11-24T03:30:00+01:00") from error
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def run_as_command(
    command: BaseCommand,
    action: Callable[[ExitStack], Report],
    failure: Callable[[str], Report],
    report_file: Path | None,
) -> None:
    """Prints and writes the report of `action`, or of its failure; leaves with the exit code.

    What the report is read from, `action` leaves open in the stack that it is given.
    """
    if report_file is not None and not report_file.parent.is_dir():
        raise CommandError(f"there is no folder {report_file.parent} for the report")
    try:
        _require_migrations()
        with ExitStack() as stack:
            report = action(stack)
            for line in report.lines():
                command.stdout.write(line)
            if report_file is not None:
                report.write(report_file)
    except (MigrateMongoError, DatabaseError, KeyboardInterrupt) as error:
        line = _explained(error)
        if report_file is not None:
            failure(line).write(report_file)
        raise CommandError(line) from error
    if report.exit_code:
        sys.exit(report.exit_code)


def _require_migrations() -> None:
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise LoadError("the database lacks tables or changes to them: run `python manage.py migrate` first")


def _explained(error: BaseException) -> str:
    if isinstance(error, KeyboardInterrupt):
        return "stopped; what is committed stays, and the same command goes on from there"
    if isinstance(error, DatabaseError):
        return f"the database failed: {' '.join(str(error).split())}"
    return str(error)
