from argparse import ArgumentParser
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.db import DatabaseError

from migrate_mongo.command_line import collection, natural, positive, run_as_command
from migrate_mongo.mappings import MAPPINGS
from migrate_mongo.models import ImportRun, RunStatus
from migrate_mongo.pipeline import ImportOptions, run_import
from migrate_mongo.progress import meter
from migrate_mongo.report import ImportReport
from migrate_mongo.sources import DumpSource


class Command(BaseCommand):
    help = (
        "Imports a mongodump directory. Killed, it goes on where it was; run again, it changes nothing. "
        "Exit code 0: all loaded; 2: some documents rejected; 1: failed."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("source", help="the folder of the database, or the one above it; .bson plain or gzip")
        parser.add_argument(
            "--only", nargs="+", type=collection, default=tuple(MAPPINGS), metavar="COLLECTION", help="only these"
        )
        parser.add_argument("--report", type=Path, metavar="FILE", help="write the result there as JSON")
        parser.add_argument(
            "--restart",
            action="store_true",
            help="EMPTY all imported tables, with what was written since, and begin anew",
        )
        parser.add_argument("--max-rejects", type=natural, metavar="N", help="stop when more than N are rejected")
        parser.add_argument(
            "--batch-size", type=positive, default=1000, metavar="N", help="documents per commit (default: %(default)s)"
        )

        parser.add_argument(
            "--workers",
            type=positive,
            default=ImportOptions.workers,
            metavar="N",
            help="processes (default: %(default)s)",
        )

    def handle(self, *args: Any, source: str, report: Path | None, **options: Any) -> None:
        choices = ImportOptions(
            **{**{name: options[name] for name in ImportOptions.__dataclass_fields__}, "only": tuple(options["only"])}
        )
        run_as_command(self, lambda: self._import(source, choices), lambda error: failed(source, error), report)

    def _import(self, source: str, options: ImportOptions) -> ImportReport:
        with meter() as shown:
            return run_import(DumpSource(source), options, shown)


def failed(source: str, error: str) -> ImportReport:
    """The report of an import that stopped: what the ledger has of it."""
    with suppress(DatabaseError):  # which may be what failed
        run = ImportRun.objects.filter(status=RunStatus.FAILED, source__startswith=str(Path(source))).first()
        if run is not None:
            return ImportReport.of_run(run, error=error)
    return ImportReport(status=RunStatus.FAILED, source=source, error=error)
