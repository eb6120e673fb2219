"""`RowMapping.load_row` for many objects at once."""

from functools import cache
from typing import Any

from bson import ObjectId

from migrate_mongo.bulk.batch import Batch, Choice, Links, Places, Rows
from migrate_mongo.bulk.values import REFUSED, load, stored_without_notes
from migrate_mongo.mappings.base import Column, Document, Reference, RowMapping
from migrate_mongo.mappings.kinds import ABSENT
from migrate_mongo.mappings.notes import Missing

_GAPS = {type(ABSENT), type(None)}


def object_ids(values: list[Any], places: Places, batch: Batch) -> list[bytes]:
    if set(map(type, values)) == {ObjectId}:
        return [value.binary for value in values]
    batch.refuse(place for value, place in zip(values, places, strict=True) if type(value) is not ObjectId)
    return [value.binary if type(value) is ObjectId else bytes(12) for value in values]


@cache
def _fillings(mapping: RowMapping) -> list[tuple[Any, Any]]:
    """For each entry what is stored where its path is absent, and where it is null."""
    return [_filling(entry, mapping) for entry in mapping.columns]


def _filling(entry: Column | Reference, mapping: RowMapping) -> tuple[Any, Any]:
    if isinstance(entry, Reference):
        return REFUSED if entry.missing is Missing.REJECT else None, REFUSED
    nullable = entry.column in mapping.table.nullable
    return (
        stored_without_notes(lambda notes: entry.filling({}, notes, nullable)),
        stored_without_notes(lambda notes: entry.filling({entry.source: None}, notes, nullable)),
    )


def load_rows(
    mapping: RowMapping, known: frozenset[str], documents: list[Document], places: Places, batch: Batch
) -> Rows:
    table, count = mapping.table, len(documents)
    rows = Rows(table, [[None] * count] * len(table.columns), places)
    for column, constant in mapping.constants.items():
        rows.columns[table.index[column]] = [constant] * count
    unseen = sum(map(len, documents))
    for path in known - mapping.sources:
        unseen -= sum([path in document for document in documents])
    for entry, filling in zip(mapping.columns, _fillings(mapping), strict=True):
        values = [document.get(entry.source, ABSENT) for document in documents]
        unseen -= count
        types = set(map(type, values))
        if not types.isdisjoint(_GAPS):
            unseen += sum([value is ABSENT for value in values])
            _load_with_gaps(entry, values, filling, rows, batch)
        elif isinstance(entry, Column):
            rows.columns[table.index[entry.column]] = load(entry.kind, values, places, batch, types)
        else:
            _load_reference(entry, values, rows, batch)
    if unseen:
        batch.refuse(place for document, place in zip(documents, places, strict=True) if not known.issuperset(document))
    return rows


def _load_with_gaps(
    entry: Column | Reference, values: list[Any], filling: tuple[Any, Any], rows: Rows, batch: Batch
) -> None:
    absent, null = filling
    if absent is REFUSED or null is REFUSED:
        refused = [gap for gap, stored in ((ABSENT, absent), (None, null)) if stored is REFUSED]
        batch.refuse(place for value, place in zip(values, rows.places, strict=True) if value in refused)
        absent, null = (None if stored is REFUSED else stored for stored in filling)
    there = [None if value is ABSENT else value for value in values]
    if isinstance(entry, Reference):
        _load_reference(entry, there, rows, batch)
        return
    stored = load(entry.kind, there, rows.places, batch)
    if absent is not None or null is not None:
        stored = [
            absent if value is ABSENT else null if value is None else filled
            for value, filled in zip(values, stored, strict=True)
        ]
    rows.columns[rows.table.index[entry.column]] = stored


def _load_reference(entry: Reference, values: list[Any], rows: Rows, batch: Batch) -> None:
    ids = [value.binary if type(value) is ObjectId else None for value in values]
    if None in ids:
        batch.fit(values, rows.places, {ObjectId})
    columns = {target: rows.table.index[column] for target, column in entry.columns.items()}
    batch.links.append(Links(tuple(columns), ids, rows.places))
    if len(columns) == 1:
        rows.columns[columns.popitem()[1]] = ids
    else:
        batch.choices.append(Choice(columns, dict(zip(rows.places, ids, strict=True)), rows))
