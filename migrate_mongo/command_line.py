"""What the commands have in common: argument types, one clear line for a failure, the exit code."""

import os
import sys
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from migrate_mongo.exceptions import LoadError, MigrateMongoError
from migrate_mongo.mappings import MAPPINGS
from migrate_mongo.quarantine import REJECT_REASONS, Selection


class Printed(Protocol):
    @property
    def exit_code(self) -> int: ...

    def lines(self) -> Iterator[str]: ...


@dataclass
class Answer:
    """Lines that may still have to be made while they are printed."""

    text: Iterable[str]
    exit_code: int = 0

    def lines(self) -> Iterator[str]:
        yield from self.text


class Report(Printed, Protocol):
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


def add_selection_arguments(parser: ArgumentParser) -> None:
    """Those that say which of the rejected documents."""
    parser.add_argument("--reason", nargs="+", choices=REJECT_REASONS, metavar="REASON", help="only for these reasons")
    parser.add_argument("--collection", nargs="+", type=collection, metavar="COLLECTION", help="only of these")


def selection_of(options: dict[str, Any]) -> Selection:
    status = options.get("status", "all")
    return Selection(
        numbers=tuple(options.get("numbers") or ()),
        reasons=tuple(options["reason"] or ()),
        collections=tuple(options["collection"] or ()),
        statuses=() if status == "all" else (status,),
    )


def source_location(given: str | None) -> str:
    """Raises CommandError when neither the command line nor MONGODB_URI names a source."""
    location = given or str(settings.MONGODB_URI)
    if not location:
        raise CommandError("name a source, or set MONGODB_URI")
    return location


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

    def write_failure(line: str) -> None:
        if report_file is not None:
            failure(line).write(report_file)

    with _failing_in_one_line(write_failure), ExitStack() as stack:
        report = action(stack)
        _print(command, report)
        if report_file is not None:
            report.write(report_file)
    if report.exit_code:
        sys.exit(report.exit_code)


def print_as_command(command: BaseCommand, action: Callable[[], Printed]) -> None:
    """Prints what comes of `action`; leaves with the exit code."""
    with _failing_in_one_line(lambda line: None):
        printed = action()
        _print(command, printed)
    if printed.exit_code:
        sys.exit(printed.exit_code)


def _print(command: BaseCommand, printed: Printed) -> None:
    try:
        for line in printed.lines():
            command.stdout.write(line)
        command.stdout.flush()
    except BrokenPipeError:
        # Who reads has seen enough, as `head` has; at the end, Python would complain of what it could not write.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@contextmanager
def _failing_in_one_line(write: Callable[[str], None]) -> Iterator[None]:
    try:
        _require_migrations()
        yield
    except (MigrateMongoError, DatabaseError, KeyboardInterrupt) as error:
        line = _explained(error)
        write(line)
        raise CommandError(line) from error


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
