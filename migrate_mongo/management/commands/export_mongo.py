import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, OutputWrapper

from migrate_mongo.command_line import add_report_argument, collection, database, moment, run_as_command
from migrate_mongo.exceptions import ExportError
from migrate_mongo.export import ExportOptions, export_dump
from migrate_mongo.export_live import export_live
from migrate_mongo.export_report import ExportReport
from migrate_mongo.mappings import MAPPINGS
from migrate_mongo.progress import meter
from migrate_mongo.targets import dump_target, is_server, server_target
from migrate_mongo.targets.dump import STANDARD_OUTPUT


class Command(BaseCommand):
    help = (
        "The way back: rebuilds every document from PostgreSQL, and writes a mongodump directory or archive, or into a "
        "live MongoDB. Exit code 0: all are written; 2: some could not be; 1: failed."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "target",
            help="a new or empty folder; with --archive a file, or - for standard output; "
            "`live` for the server in EXPORT_MONGODB_URI, or a mongodb:// URI, which others on this machine can see",
        )
        parser.add_argument("--archive", action="store_true", help="one file, as mongodump --archive writes it")
        parser.add_argument("--gzip", action="store_true", help="compress, as mongodump --gzip does")
        parser.add_argument(
            "--only", nargs="+", type=collection, default=tuple(MAPPINGS), metavar="COLLECTION", help="only these"
        )
        parser.add_argument(
            "--since", type=moment, metavar="TIME", help="only what was written later; ISO 8601, UTC unless it says"
        )
        parser.add_argument(
            "--with-rejected", action="store_true", help="also the documents that the import rejected, as they were"
        )
        parser.add_argument(
            "--database", type=database, metavar="NAME", help="its name there (that of the URI, github-for-writers)"
        )
        parser.add_argument(
            "--delete-extra", action="store_true", help="DELETE documents of a server that PostgreSQL does not have"
        )
        add_report_argument(parser, has_page=False)

    def handle(self, *args: Any, target: str, report: list[Path], **options: Any) -> None:
        if target == STANDARD_OUTPUT:
            self.stdout = OutputWrapper(sys.stderr)
        choices = ExportOptions(
            **{**{name: options[name] for name in ExportOptions.__dataclass_fields__}, "only": tuple(options["only"])}
        )
        label = "a server" if is_server(target) else target
        run_as_command(
            self,
            lambda _: self._export(target, choices, options),
            lambda error: ExportReport(label, error=error),
            report,
        )

    def _export(self, target: str, choices: ExportOptions, options: dict[str, Any]) -> ExportReport:
        archive, compress, name = options["archive"], options["gzip"], options["database"]
        if not is_server(target):
            if choices.delete_extra:
                raise ExportError("--delete-extra is for a server: a new dump has nothing extra")
            with meter() as shown:
                collections = [mapping.collection for mapping in choices.mappings]
                return export_dump(
                    dump_target(target, name, collections, archive=archive, compress=compress), choices, shown
                )
        if archive or compress:
            raise ExportError("--archive and --gzip are for dumps, not for a server")
        with server_target(target, name) as server, meter() as shown:
            return export_live(server, choices, shown, self.stdout.write)
