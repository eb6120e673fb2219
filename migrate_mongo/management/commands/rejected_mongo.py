from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from migrate_mongo.command_line import (
    Answer,
    Printed,
    add_selection_arguments,
    positive,
    print_as_command,
    selection_of,
)
from migrate_mongo.models import RejectStatus
from migrate_mongo.progress import meter
from migrate_mongo.quarantine import Selection, dismiss
from migrate_mongo.reject_files import json_lines, read_replacements, write_bson, write_json
from migrate_mongo.reject_report import json_entries, list_lines, show_lines
from migrate_mongo.retry import RetryOptions, retry


class Command(BaseCommand):
    help = (
        "Shows the documents that an import has rejected, loads them after all, or dismisses them. "
        "Exit code 0: done; 2: some that were to be loaded are still rejected; 1: failed."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(required=True, metavar="ACTION")

        def add(name: str, run: Callable[..., Printed], text: str) -> ArgumentParser:
            action: ArgumentParser = actions.add_parser(name, help=text, description=text)
            action.set_defaults(run=run)
            return action

        listing = add("list", list_some, "a line for each, and how many there are for each reason")
        listing.add_argument("--json", action="store_true", help="as JSON, with the whole messages")
        showing = add("show", show, "everything that is known of one, with the document")
        export = add("export", export_some, "write the documents to a new file, to repair or to archive them")
        export.add_argument(
            "file", nargs="?", metavar="FILE", help="for Extended JSON, one document on a line; or - (the default)"
        )
        export.add_argument("--bson", type=Path, metavar="FILE", help="write their BSON there instead")
        again = add("retry", load_again, "load them again, and what waits for them")
        again.add_argument("--all", action="store_true", help="all that are open")
        again.add_argument(
            "--on-nul", choices=("replace", "reject"), help="as for import_mongo (default: as chosen there)"
        )
        again.add_argument("--on-dangling", choices=("null", "reject"), help="the same")
        again.add_argument("--replace", type=Path, metavar="FILE", help="load the repaired documents of a file instead")
        dismissal = add("dismiss", dismiss_some, "let them stay rejected; they are kept whole all the same")
        dismissal.add_argument("--note", required=True, help="why")
        for action, count in ((showing, 1), (again, "*"), (dismissal, "+")):
            action.add_argument("numbers", type=positive, nargs=count, metavar="NUMBER", help="as in the list")
        for action in (listing, export, again):
            add_selection_arguments(action)
        for action in (listing, export):
            statuses = (*RejectStatus.values, "all")
            action.add_argument("--status", choices=statuses, default="open", help="(default: %(default)s)")

    def handle(self, *args: Any, run: Callable[..., Printed], **options: Any) -> None:
        print_as_command(self, lambda: run(**options))


def list_some(json: bool, **options: Any) -> Printed:
    entries = json_entries if json else list_lines
    return Answer(entries(selection_of(options)))


def show(numbers: list[int], **options: Any) -> Printed:
    return Answer(show_lines(Selection(numbers=tuple(numbers)).rows().get()))


def export_some(file: str | None, bson: Path | None, **options: Any) -> Printed:
    selection = selection_of(options)
    if file and bson:
        raise CommandError("name one file")
    if bson:
        return Answer([write_bson(selection, bson)])
    return Answer(json_lines(selection) if file in (None, "-") else [write_json(selection, Path(file))])


def load_again(replace: Path | None, on_nul: str | None, on_dangling: str | None, **options: Any) -> Printed:
    selection = selection_of(options)
    if not (replace or options["all"]) and selection == Selection():
        raise CommandError("say which: NUMBER, --reason, --collection, --replace or --all")
    chosen, replacements = read_replacements(replace, selection) if replace else (selection, {})
    with meter() as shown:
        return retry(chosen, RetryOptions(on_nul, on_dangling, replacements), shown)


def dismiss_some(numbers: list[int], note: str, **options: Any) -> Printed:
    return Answer([f"{dismiss(numbers, note):,} documents dismissed"])
