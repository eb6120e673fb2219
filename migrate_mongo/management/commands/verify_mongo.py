from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from migrate_mongo.command_line import collection, run_as_command
from migrate_mongo.mappings import MAPPINGS
from migrate_mongo.progress import meter
from migrate_mongo.sources import DumpSource
from migrate_mongo.verify import verify
from migrate_mongo.verify_report import VerifyReport


class Command(BaseCommand):
    help = (
        "Rebuilds every document of a mongodump directory from PostgreSQL and compares them, value for value. "
        "Exit code 0: all are the same, or kept as rejected; 2: some are not; 1: failed."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("source", help="the folder of the database, or the one above it; .bson plain or gzip")
        parser.add_argument(
            "--only", nargs="+", type=collection, default=tuple(MAPPINGS), metavar="COLLECTION", help="only these"
        )
        parser.add_argument("--report", type=Path, metavar="FILE", help="write the result there as JSON")

    def handle(self, *args: Any, source: str, only: list[str], report: Path | None, **options: Any) -> None:
        run_as_command(
            self,
            lambda: self._verify(source, tuple(only)),
            lambda error: VerifyReport(source, error=error),
            report,
        )

    def _verify(self, source: str, only: tuple[str, ...]) -> VerifyReport:
        with meter() as shown:
            return verify(DumpSource(source), only, shown)
