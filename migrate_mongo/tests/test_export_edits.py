"""Rows that were imported with notes and edited later come out as they are now, with the notes on all the rest."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import bson
import pytest
from django.db import connection, transaction

from migrate_mongo.extended_json import CODEC, same
from migrate_mongo.mappings import MAPPINGS
from migrate_mongo.mappings.base import CollectionMapping, Column, Document, Reference
from migrate_mongo.mappings.common import CREATED_AT, UPDATED_AT
from migrate_mongo.mappings.kinds import ABSENT, Array, Bool, Choice, Group, Kind, Moment, Number
from migrate_mongo.mappings.notes import Missing, Notes
from migrate_mongo.mappings.users import Password
from migrate_mongo.outgoing import outgoing
from migrate_mongo.rows import key_of
from migrate_mongo.stored import among, array, document_rows
from migrate_mongo.tests.conftest import Import

LATER = "2026-01-01T00:00:00.000Z"


def edits(kind: Kind, stored: Any, name: str) -> Iterator[Any]:
    """What may stand in the column later, instead of what is stored; `name` is that of the row, to be unique."""
    if isinstance(kind, Group):
        whole = kind.load({}, Notes(0, 0), ()) if stored is None else stored
        for key, inner in kind.fields.items():
            for value in edits(inner, whole.get(key), name):
                yield {**whole, key: value}
    elif isinstance(kind, Array):
        yield [*(stored or []), next(edits(kind.item, None, name))]
        yield []
    elif isinstance(kind, Choice):
        yield next(value for value in sorted(kind.choices) if value != stored)
    elif isinstance(kind, Bool):
        yield not stored
    elif isinstance(kind, Number):
        yield int(name[-6:], 16) + 1000 if getattr(kind, "maximum", 1000) > 999 else 3 + (stored == 3)
    elif isinstance(kind, Moment):
        yield LATER
    else:
        yield Password.prefix + name if isinstance(kind, Password) else name


def rounds(mapping: CollectionMapping, entry: Column | Reference, rows: dict[UUID, Any]) -> Iterator[dict[UUID, Any]]:
    """For each kind of edit of a column, the new value for each row."""
    if isinstance(entry, Reference):
        if entry.missing is Missing.NULL:
            places = [mapping.table.index[column] for column in entry.columns.values()]
            yield {key: None for key, row in rows.items() if any(row[place] for place in places)}
        return
    place = mapping.table.index[entry.column]
    found = {key: list(edits(entry.kind, row[place], str(key_of(key)))) for key, row in rows.items()}
    for number in range(max(map(len, found.values()), default=0)):
        yield {key: values[number] for key, values in found.items() if number < len(values)}
    if entry.column in mapping.table.nullable and not isinstance(entry.kind.default, dict):
        yield dict.fromkeys(rows)


@contextmanager
def edited(mapping: CollectionMapping, column: str, values: dict[UUID, Any]) -> Iterator[None]:
    """As if time stood still, so that nothing else is changed by it."""
    field = next(field for field in mapping.model._meta.concrete_fields if field.column == column)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL scribetree.keep_updated_at = 'on'")
        for key, value in values.items():
            mapping.model._default_manager.filter(pk=key).update(**{field.attname: value})
        yield
        transaction.set_rollback(True)


def exported(mapping: CollectionMapping, keys: list[UUID]) -> dict[UUID, Document]:
    batches = list(outgoing(mapping, among(keys)))
    assert not any(batch.faults for batch in batches)
    return {key: bson.decode(raw, CODEC) for batch in batches for key, raw in batch.documents.items()}


def noted(mapping: CollectionMapping) -> dict[UUID, Any]:
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT id FROM "{mapping.table.name}" WHERE extra IS NOT NULL AND {mapping.rows_where}')
        keys = [key for (key,) in cursor.fetchall()]
    rows = document_rows(mapping, array(keys))
    return {key: rows[key_of(key)] for key in keys}


def test_an_edit_of_any_column_comes_out_and_nothing_else_changes(
    import_dump: Import, trapped_sample: Path, subtests: pytest.Subtests
) -> None:
    import_dump(trapped_sample)

    for mapping in MAPPINGS.values():
        rows = noted(mapping)
        before = exported(mapping, list(rows))
        assert rows
        for entry in mapping.columns:
            with subtests.test(f"{mapping.collection}.{entry.source}"):
                for values in rounds(mapping, entry, rows):
                    try_edit(mapping, entry, values, before)


def try_edit(
    mapping: CollectionMapping, entry: Column | Reference, values: dict[UUID, Any], before: dict[UUID, Document]
) -> None:
    for column in [entry.column] if isinstance(entry, Column) else entry.columns.values():
        with edited(mapping, column, values):
            after = exported(mapping, list(values))
            now = document_rows(mapping, array(values))
        for key in values:
            check(mapping, entry, before[key], after[key], now[key_of(key)])


def check(mapping: CollectionMapping, entry: Column | Reference, before: Document, after: Document, row: Any) -> None:
    again = mapping.load(after).rows[mapping.table.name][0]
    if isinstance(entry, Reference):
        assert entry.source not in after
    for other in mapping.columns:
        if isinstance(other, Column):
            place = mapping.table.index[other.column]
            assert same(again[place], row[place]), (other.source, before.get(other.source), after.get(other.source))
        if other is not entry and entry not in (CREATED_AT, UPDATED_AT):
            assert same(after.get(other.source, ABSENT), before.get(other.source, ABSENT)), other.source
    unknown = before.keys() - mapping.sources
    assert same({name: after.get(name) for name in unknown}, {name: before[name] for name in unknown})
