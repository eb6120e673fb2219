"""The foreign keys of the imported tables, put aside while empty tables are filled.

The import looks every reference up before it loads it, set by set; to have PostgreSQL check each row again costs a
quarter of its time. So a load that begins with empty tables drops the foreign keys, and adds them when it ends, which
checks all rows at once. The models say which they are: nothing needs to be remembered, and whoever is killed in between
leaves it to the next call of `add_foreign_keys`.
"""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db import IntegrityError, OperationalError, connection, transaction
from django.db.models import ForeignKey

from migrate_mongo.exceptions import LoadError, sqlstate
from migrate_mongo.locks import take_turns
from migrate_mongo.mappings import MAPPINGS

LOCK_NOT_AVAILABLE = "55P03"
_PRESENT = "SELECT conname FROM pg_constraint WHERE contype = 'f' AND convalidated AND conrelid = %s::regclass"


def missing_foreign_keys() -> list[str]:
    """The names of those that the models have and the database has not."""
    return [name for table, name, _ in list(_declared()) if not _is_present(table, name)]


def drop_foreign_keys() -> None:
    """Only while all imported tables are empty, and nobody else is at them."""
    if _have_rows():
        return
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {', '.join(_tables())} IN ACCESS EXCLUSIVE MODE NOWAIT")
            if _have_rows():  # somebody was quicker
                return
            for table, name, _ in list(_declared()):
                cursor.execute(f'ALTER TABLE "{table}" DROP CONSTRAINT IF EXISTS "{name}"')
    except OperationalError as error:
        if sqlstate(error) != LOCK_NOT_AVAILABLE:
            raise


def add_foreign_keys() -> None:
    """Those that are missing. Raises LoadError when a row refers to nothing."""
    for table, name, statement in list(_declared()):
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                take_turns()  # others who load the same source come to their end too
                if not _is_present(table, name):
                    cursor.execute(statement)
        except IntegrityError as error:
            raise LoadError(f"{table} has rows that refer to nothing, so {name} cannot be added: {error}") from error


def _have_rows() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {' OR '.join(f'EXISTS (SELECT FROM {table})' for table in _tables())}")
        return bool(cursor.fetchone()[0])


def _is_present(table: str, name: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(_PRESENT, [table])
        return (name,) in cursor.fetchall()


def _declared() -> Iterator[tuple[str, str, str]]:
    """Table, name and the statement that adds it, as Django's migrations did."""
    editor: Any = connection.schema_editor()
    tables = _tables()
    for model in (model for model in apps.get_models() if model._meta.db_table in tables):
        for key in model._meta.local_concrete_fields:
            if isinstance(key, ForeignKey):
                statement = editor._create_fk_sql(model, key, "_fk_%(to_table)s_%(to_column)s")
                yield model._meta.db_table, str(statement.parts["name"]).strip('"'), str(statement)


def _tables() -> list[str]:
    return list(dict.fromkeys(table.name for mapping in MAPPINGS.values() for table in mapping.tables))
