"""Rows held column by column, in PostgreSQL's binary COPY format; see pg_copy.py."""

from collections.abc import Callable, Iterator
from itertools import repeat
from struct import Struct
from typing import Any

import orjson

from migrate_mongo.bulk.batch import Batch, Places, Rows
from migrate_mongo.pg_copy import ENCODERS, NULL
from scribetree.object_id import object_id_bytes_to_uuid_bytes

Column = list[bytes]

ENCODED_ID = 20  # bytes
_NUL_IN_JSON = b"\\u0000"
_text_head = Struct(">i").pack
_json_head = Struct(">iB").pack


def encode_columns(rows: Rows, batch: Batch) -> list[Column]:
    """Each column's values. Documents with a NUL, which PostgreSQL refuses in text, become irregular."""
    return [
        _ENCODERS.get(name, _one_by_one(name))(values, rows.places, batch)
        for name, values in zip(rows.table.types, rows.columns, strict=True)
    ]


def join_columns(columns: list[Column]) -> Iterator[bytes]:
    """The rows, from encoded columns, as COPY wants them."""
    return map(b"".join, zip(repeat(len(columns).to_bytes(2, "big")), *columns, strict=False))


def encode_ids(ids: list[bytes | None]) -> Column:
    """Of ObjectIds, or of UUIDs that were made otherwise; many occur more than once."""
    known: dict[bytes | None, bytes] = {None: NULL}
    for value in set(ids):
        if value is not None:
            known[value] = b"\0\0\0\x10" + (object_id_bytes_to_uuid_bytes(value) if len(value) == 12 else value)
    return [known[value] for value in ids]


def _texts(values: list[Any], places: Places, batch: Batch) -> Column:
    data = [None if value is None else value.encode() for value in values]
    batch.refuse([place for value, place in zip(data, places, strict=True) if value is not None and 0 in value])
    return [NULL if value is None else _text_head(len(value)) + value for value in data]


def _jsons(values: list[Any], places: Places, batch: Batch) -> Column:
    data = [None if value is None else orjson.dumps(value) for value in values]
    batch.refuse(
        [place for value, place in zip(data, places, strict=True) if value is not None and _NUL_IN_JSON in value]
    )
    return [NULL if value is None else _json_head(len(value) + 1, 1) + value for value in data]


def _text_arrays(values: list[Any], places: Places, batch: Batch) -> Column:
    encoder = ENCODERS["text[]"]
    batch.refuse(
        place for value, place in zip(values, places, strict=True) if value and any("\0" in text for text in value)
    )
    return [NULL if value is None else encoder(value) for value in values]


def _one_by_one(name: str) -> Callable[[list[Any], Places, Batch], Column]:
    encoder = ENCODERS[name]
    return lambda values, _, __: [NULL if value is None else encoder(value) for value in values]


_ENCODERS: dict[str, Callable[[list[Any], Places, Batch], Column]] = {
    "uuid": lambda ids, _, __: encode_ids(ids),
    "text": _texts,
    "jsonb": _jsons,
    "text[]": _text_arrays,
}
