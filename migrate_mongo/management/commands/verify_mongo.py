import os
from argparse import ArgumentParser
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from migrate_mongo.command_line import (
    add_report_argument,
    add_source_arguments,
    positive,
    run_as_command,
    source_location,
)
from migrate_mongo.progress import meter
from migrate_mongo.sources import open_source, printable
from migrate_mongo.verification import verify
from migrate_mongo.verify_report import VerifyReport


class Command(BaseCommand):
    help = (
        "Rebuilds every document of the source from PostgreSQL and compares them, value for value. "
        "Exit code 0: all are the same, or kept as rejected; 2: some are not; 1: failed."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_source_arguments(parser)
        add_report_argument(parser, has_page=True)
        parser.add_argument(
            "--workers",
            type=positive,
            default=os.cpu_count() or 1,
            metavar="N",
            help="processes (default: %(default)s)",
        )

    def handle(self, *args: Any, report: list[Path], **options: Any) -> None:
        location = source_location(options["source"])

        def run(stack: ExitStack) -> VerifyReport:
            with meter() as shown:
                source = stack.enter_context(
                    open_source(location, database=options["database"], salvage=options["salvage"], meter=shown)
                )
            with meter() as shown:
                return verify(source, tuple(options["only"]), options["workers"], shown)

        run_as_command(self, run, lambda error: VerifyReport(printable(location), error=error), report)
