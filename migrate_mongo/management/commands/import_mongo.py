from argparse import ArgumentParser
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.db import Error

from migrate_mongo.command_line import (
    add_report_argument,
    add_source_arguments,
    natural,
    positive,
    run_as_command,
    source_location,
)
from migrate_mongo.models import ImportRun, RunStatus
from migrate_mongo.pipeline import ImportOptions, Policies, run_import
from migrate_mongo.progress import meter
from migrate_mongo.report import ImportReport
from migrate_mongo.scratch import SCHEMA, scratch_schema
from migrate_mongo.sources import open_source, printable


class Command(BaseCommand):
    help = (
        "Imports a MongoDB database: a live server, a dump in any form, or exported files. Killed, it goes on where "
        "it was; run again, it changes nothing. Exit code 0: all loaded; 2: some documents rejected; 1: failed."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_source_arguments(parser)
        add_report_argument(parser, has_page=True)
        parser.add_argument(
            "--dry-run",
            action="store_true",
            help="write nothing to the tables: say what the import into empty ones would reject and change",
        )
        parser.add_argument(
            "--restart",
            action="store_true",
            help="EMPTY all imported tables, with what was written since, and begin anew",
        )
        parser.add_argument(
            "--on-nul",
            choices=("replace", "reject"),
            default="replace",
            help="text with U+0000: load it without, keeping the original, or reject it (default: %(default)s)",
        )
        parser.add_argument(
            "--on-dangling",
            choices=("null", "reject"),
            default="null",
            help="optional references that lead nowhere: NULL, keeping the original, or reject (default: %(default)s)",
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

    def handle(self, *args: Any, report: list[Path], dry_run: bool, **options: Any) -> None:
        location = source_location(options["source"])
        choices = ImportOptions(
            only=tuple(options["only"]),
            restart=options["restart"],
            max_rejects=options["max_rejects"],
            batch_size=options["batch_size"],
            workers=options["workers"],
            policies=Policies(options["on_nul"], options["on_dangling"]),
            schema=SCHEMA if dry_run else None,
            profiles=dry_run,
        )

        def run(stack: ExitStack) -> ImportReport:
            with meter() as shown:
                source = stack.enter_context(
                    open_source(location, database=options["database"], salvage=options["salvage"], meter=shown)
                )
            if dry_run:
                stack.enter_context(scratch_schema())
            with meter() as shown:
                return run_import(source, choices, shown)

        run_as_command(self, run, lambda error: failed(printable(location), error, dry_run=dry_run), report)


def failed(source: str, error: str, *, dry_run: bool = False) -> ImportReport:
    """The report of an import that stopped: what the ledger has of it."""
    with suppress(Error):  # the database may be what failed
        runs = ImportRun.objects.filter(status=RunStatus.FAILED, source__startswith=source)
        run = runs.filter(details__settings__dry_run=dry_run).first()
        if run is not None:
            return ImportReport.of_run(run, error=error)
    return ImportReport(status=RunStatus.FAILED, source=source, error=error, dry_run=dry_run)
