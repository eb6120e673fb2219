"""What the commands have in common: argument types, one clear line for a failure, the exit code."""

import os
import sys
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from setproctitle import setproctitle

from migrate_mongo.exceptions import LoadError, MigrateMongoError
from migrate_mongo.mappings import MAPPINGS
from migrate_mongo.quarantine import Selection
from migrate_mongo.report import JSON, PAGE
from migrate_mongo.sources import printable
from migrate_mongo.vocabulary import REASONS


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
    parser.add_argument("--reason", nargs="+", choices=REASONS, metavar="REASON", help="only for these reasons")
    parser.add_argument("--collection", nargs="+", type=collection, metavar="COLLECTION", help="only of these")


def selection_of(options: dict[str, Any]) -> Selection:
    status = options.get("status", "all")
    return Selection(
        numbers=tuple(options.get("numbers") or ()),
        reasons=tuple(options["reason"] or ()),
        collections=tuple(options["collection"] or ()),
        statuses=() if status == "all" else (status,),
    )


def report_file(text: str) -> Path:
    path = Path(text)
    if path.suffix.lower() not in (PAGE, JSON):
        raise ArgumentTypeError(f"{text!r} ends neither in .html nor in .json: which one is the report to be?")
    return path


def json_file(text: str) -> Path:
    path = Path(text)
    if path.suffix.lower() != JSON:
        raise ArgumentTypeError(f"{text!r} does not end in .json, which is what the report is")
    return path


def add_report_argument(parser: ArgumentParser, *, has_page: bool) -> None:
    """The option can be given several times: its value is a list of files."""
    forms = "as a page to read and to file (.html), or in full (.json); may be given twice" if has_page else "as .json"
    parser.add_argument(
        "--report",
        type=report_file if has_page else json_file,
        action="append",
        default=[],
        metavar="FILE",
        help=f"write the result there, {forms}",
    )


def source_location(given: str | None) -> str:
    """Raises CommandError when neither the command line nor MONGODB_URI names a source."""
    location = given or str(settings.MONGODB_URI)
    if not location:
        raise CommandError("name a source, or set MONGODB_URI")
    if given and (shown := printable(given)) != given:
        # `ps` shows command lines to everybody; workers, which are copies of this process, show this one too
        setproctitle(" ".join((shown if word == given else word) for word in sys.orig_argv))
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
    report_files: Sequence[Path],
) -> None:
    """Prints and writes the report of `action`, or of its failure; leaves with the exit code.

    What the reports are read from, `action` leaves open in the stack that it is given.
    """
    for file in report_files:
        if not file.parent.is_dir():
            raise CommandError(f"there is no folder {file.parent} for the report")
    try:
        with ExitStack() as stack:
            report = _reported(command, lambda: action(stack), failure, report_files)
    except Error as error:  # in closing what is open
        raise CommandError(_explained(error)) from error
    if report.exit_code:
        sys.exit(report.exit_code)


def print_as_command(command: BaseCommand, action: Callable[[], Printed]) -> None:
    """Prints what comes of `action`; leaves with the exit code."""
    with _failing_in_one_line(lambda line: None):
        printed = action()
        _print(command, printed)
    if printed.exit_code:
        sys.exit(printed.exit_code)


def _reported(
    command: BaseCommand,
    action: Callable[[], Report],
    failure: Callable[[str], Report],
    report_files: Sequence[Path],
) -> Report:
    with _failing_in_one_line(lambda line: _write(failure(line), report_files)):
        report = action()
        _print(command, report)
        _write(report, report_files)
    for file in report_files:
        command.stdout.write(f"the report is in {file}")
    return report


@contextmanager
def _failing_in_one_line(write: Callable[[str], None]) -> Iterator[None]:
    try:
        _require_migrations()
        yield
    except (MigrateMongoError, Error, KeyboardInterrupt) as error:
        line = _explained(error)
        write(line)
        raise CommandError(line) from error


def _print(command: BaseCommand, printed: Printed) -> None:
    try:
        for line in printed.lines():
            command.stdout.write(line)
        command.stdout.flush()
    except BrokenPipeError:
        # Who reads has seen enough, as `head` has; at the end, Python would complain of what it could not write.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _write(report: Report, files: Sequence[Path]) -> None:
    for file in files:
        try:
            report.write(file)
        except OSError as error:
            raise CommandError(f"the report cannot be written: {error}") from error


def _require_migrations() -> None:
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise LoadError("the database lacks tables or changes to them: run `python manage.py migrate` first")


def _explained(error: BaseException) -> str:
    if isinstance(error, KeyboardInterrupt):
        return "stopped; what is committed stays, and the same command goes on from there"
    if isinstance(error, Error):
        return f"the database failed: {' '.join(str(error).split())}"
    return str(error)
