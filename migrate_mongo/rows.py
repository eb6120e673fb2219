"""Rows read back from PostgreSQL, in the form in which the mappings make them."""

from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

import orjson
from bson import ObjectId
from django.db import connection

from migrate_mongo.tables import Row, Table
from migrate_mongo.transforms import datetime_to_ms
from scribetree.object_id import is_object_id_uuid, object_ids_to_uuid_bytes, uuid_to_object_id


def key_of(value: UUID) -> ObjectId | UUID:
    """A key as rows have it here."""
    return uuid_to_object_id(value) if is_object_id_uuid(value) else value


_DECODERS: dict[str, Callable[[Any], Any]] = {
    "uuid": key_of,
    "timestamptz": datetime_to_ms,
    "jsonb": orjson.loads,  # Django has psycopg hand jsonb over as text
}


def select(table: Table, condition: str, parameters: Iterable[Any] = ()) -> list[Row]:
    """The rows that meet the SQL condition."""
    decoders = [_DECODERS.get(name) for name in table.types]
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT {table.column_list} FROM "{table.name}" WHERE {condition}', list(parameters))
        return [
            [
                value if value is None or decode is None else decode(value)
                for decode, value in zip(decoders, row, strict=True)
            ]
            for row in cursor.fetchall()
        ]


def uuid_array(ids: Iterable[ObjectId | bytes]) -> str:
    """A uuid[] literal of ObjectIds or their bytes; psycopg's own array dumper is many times slower."""
    data = [value if isinstance(value, bytes) else value.binary for value in ids]
    return "{" + object_ids_to_uuid_bytes(data).hex(",", 16) + "}"
