from argparse import ArgumentParser
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from migrate_mongo.mapping_page import mapping_page
from migrate_mongo.mappings import MAPPINGS
from scribetree.schema_page import schema_page


class Command(BaseCommand):
    help = "Writes docs/mapping.md from the mappings and docs/schema.md from the models."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when a page is not current")

    def handle(self, *args: Any, check: bool, **options: Any) -> None:
        for name, text in pages().items():
            file = settings.BASE_DIR / "docs" / name
            if file.exists() and file.read_text(encoding="utf-8") == text:
                continue
            if check:
                raise CommandError(f"docs/{name} is not current: run `python manage.py make_docs`")
            file.write_text(text, encoding="utf-8")
            self.stdout.write(f"docs/{name} written")


def pages() -> dict[str, str]:
    names = dict.fromkeys(table.name for mapping in MAPPINGS.values() for table in mapping.tables)
    models = {model._meta.db_table: model for model in apps.get_models()}
    return {"mapping.md": mapping_page(), "schema.md": schema_page([models[name] for name in names])}
