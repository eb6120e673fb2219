"""Referential integrity as the tables have it, whatever the constraints let through."""

from django.apps import apps
from django.db import connection
from django.db.models import ForeignKey

from migrate_mongo.mappings import MAPPINGS


def orphans() -> dict[str, int]:
    """Rows whose foreign key leads nowhere, by `table.column -> table`."""
    tables = {table.name for mapping in MAPPINGS.values() for table in mapping.tables}
    found = {}
    for model in (model for model in apps.get_models() if model._meta.db_table in tables):
        for key in model._meta.concrete_fields:
            if not isinstance(key, ForeignKey):
                continue
            table, target = model._meta.db_table, key.related_model._meta.db_table
            with connection.cursor() as cursor:
                cursor.execute(
                    f'SELECT count(*) FROM "{table}" AS main WHERE "{key.column}" IS NOT NULL'
                    f' AND NOT EXISTS (SELECT FROM "{target}" AS target WHERE target.id = main."{key.column}")'
                )
                found[f"{table}.{key.column} -> {target}"] = cursor.fetchone()[0]
    return found
