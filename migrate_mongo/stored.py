"""What PostgreSQL holds of a collection: the rows of its documents, for the proof and for the way back.

Nothing here writes.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import bson
from bson import ObjectId
from django.db import connection, transaction

from migrate_mongo.mappings.base import CollectionMapping
from migrate_mongo.rows import select, uuid_array
from migrate_mongo.tables import Row, Table
from scribetree.object_id import uuid_to_object_id

Children = dict[Any, dict[str, list[Row]]]  # by document, by table

# What `mapping.rebuild` raises for rows that no mapping has made.
REBUILD_FAULTS = (ValueError, TypeError, KeyError, AttributeError, bson.errors.BSONError)

BATCH_ROWS = 500
BATCH_BYTES = 4 * 1024 * 1024
# Reading a row as a Python object costs this much whatever is in it.
_ROW_BYTES = 1000
# The size of jsonb is known as it is stored, and texts of this kind are stored in about a quarter.
_JSONB_FACTOR = 4

_CREATED = ("created_at", "joined_at", "enrolled_at")
_CHANGED = ("updated_at", *_CREATED)


class Condition(NamedTuple):
    """In SQL, about the row `main` of a document."""

    sql: str = "true"
    parameters: tuple[Any, ...] = ()


EVERYTHING = Condition()


def changed_since(mapping: CollectionMapping, moment: datetime) -> Condition:
    """Documents whose row, or one of the rows of their lists, was written later."""
    changes = [f"main.{_first(_CHANGED, mapping.table)} > %s"]
    changes += [
        f'EXISTS (SELECT FROM "{child.table.name}" AS child'
        f" WHERE child.{child.parent} = main.id AND child.{_first(_CHANGED, child.table)} > %s)"
        for child in mapping.children
    ]
    return Condition(f"({' OR '.join(changes)})", (moment,) * len(changes))


def among(ids: Iterable[UUID]) -> Condition:
    return Condition("main.id = ANY(%s::uuid[])", (array(ids),))


def either(one: Condition, other: Condition) -> Condition:
    return Condition(f"({one.sql} OR {other.sql})", (*one.parameters, *other.parameters))


def array(ids: Iterable[UUID]) -> str:
    """As `rows.uuid_array`, of keys as the database has them."""
    return "{" + ",".join([key.hex for key in ids]) + "}"


def document_rows(mapping: CollectionMapping, ids: str) -> dict[Any, Row]:
    """The rows of these ids, a uuid[] literal."""
    table = mapping.table
    rows = select(table, f"id = ANY(%s::uuid[]) AND {mapping.rows_where}", [ids])
    return {row[table.index["id"]]: row for row in rows}


def child_rows(mapping: CollectionMapping, ids: str) -> Children:
    """The rows of the lists of these documents; those with the same place in a list in order of time."""
    found: Children = {}
    for child in mapping.children:
        parent = child.table.index[child.parent]
        order = f"{_first(_CREATED, child.table)}, id"
        for row in select(child.table, f"{child.parent} = ANY(%s::uuid[]) ORDER BY {order}", [ids]):
            found.setdefault(row[parent], {}).setdefault(child.table.name, []).append(row)
    return found


def existing(mapping: CollectionMapping, ids: Iterable[ObjectId]) -> set[ObjectId]:
    """Those of the ids that the collection has a row for."""
    query = f'SELECT id FROM "{mapping.table.name}" WHERE id = ANY(%s::uuid[]) AND {mapping.rows_where}'
    return {uuid_to_object_id(key) for (key,) in _fetch(query, [uuid_array(ids)])}


def count(mapping: CollectionMapping, condition: Condition = EVERYTHING) -> int:
    [(number,)] = _fetch(f"SELECT count(*) FROM {_those(mapping, condition)}", condition.parameters)
    return int(number)


def id_batches(
    mapping: CollectionMapping, condition: Condition = EVERYTHING, after: UUID | None = None
) -> Iterator[list[UUID]]:
    """The ids of documents, in order; so many at a time that their rows need little memory."""
    while page := _page(mapping, condition, after):
        weights = _weights(mapping, array(page))
        batch: list[UUID] = []
        total = 0
        for key in page:
            if batch and total + weights[key] > BATCH_BYTES:
                yield batch
                batch, total = [], 0
            batch.append(key)
            total += weights[key]
        yield batch
        after = page[-1]


def _page(mapping: CollectionMapping, condition: Condition, after: UUID | None) -> list[UUID]:
    start = "true" if after is None else "main.id > %s"
    query = f"SELECT main.id FROM {_those(mapping, condition)} AND {start} ORDER BY main.id LIMIT {BATCH_ROWS}"
    return [key for (key,) in _fetch(query, (*condition.parameters, *([after] if after else [])))]


def _weights(mapping: CollectionMapping, ids: str) -> Counter[UUID]:
    """About how many bytes the rows of each document take."""
    weights: Counter[UUID] = Counter()
    for table, key in [(mapping.table, "id"), *((child.table, child.parent) for child in mapping.children)]:
        query = f'SELECT {key}, sum({_weight(table)}) FROM "{table.name}" WHERE {key} = ANY(%s::uuid[]) GROUP BY 1'
        for document, weight in _fetch(query, [ids]):
            weights[document] += int(weight)
    return weights


def _weight(table: Table) -> str:
    """Neither function has PostgreSQL fetch or unpack a long value."""
    sizes = [str(_ROW_BYTES)]
    for column, kind in zip(table.columns, table.types, strict=True):
        if kind == "text":
            sizes.append(f'coalesce(octet_length("{column}"), 0)')
        elif kind in ("jsonb", "text[]"):
            sizes.append(f'coalesce(pg_column_size("{column}") * {_JSONB_FACTOR}, 0)')
    return " + ".join(sizes)


def _those(mapping: CollectionMapping, condition: Condition) -> str:
    return f'"{mapping.table.name}" AS main WHERE {mapping.rows_where} AND {condition.sql}'


def _first(names: tuple[str, ...], table: Table) -> str:
    return next(name for name in names if name in table.index)


def _fetch(query: str, parameters: Iterable[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, list(parameters))
        return list(cursor.fetchall())


@contextmanager
def snapshot() -> Iterator[None]:
    """All that is read inside is of one moment. In a transaction of the caller's, that one decides."""
    is_outermost = not connection.in_atomic_block
    with transaction.atomic():
        if is_outermost:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield
