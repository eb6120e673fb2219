"""Rows held column by column, in PostgreSQL's binary COPY format; see pg_copy.py."""

from collections.abc import Callable
from functools import lru_cache
from itertools import chain, compress, repeat
from struct import Struct
from typing import Any

import orjson

from migrate_mongo.bulk.batch import Batch, Places, Rows
from migrate_mongo.pg_copy import ENCODERS, NULL
from scribetree.object_id import object_ids_to_uuid_bytes

Column = list[bytes]

ENCODED_ID = 20  # bytes
_ID_HEAD = b"\0\0\0\x10"
_NUL_IN_JSON = b"\\u0000"
_text_head = Struct(">i").pack
_json_head = Struct(">iB").pack


def encode_columns(rows: Rows, batch: Batch) -> list[Column]:
    """Each column's values. Documents with a NUL, which PostgreSQL refuses in text, become irregular."""
    return [
        _ENCODERS.get(name, _one_by_one(name))(values, rows.places, batch)
        for name, values in zip(rows.table.types, rows.columns, strict=True)
    ]


def join_columns(columns: list[Column], kept: list[bool] | None = None) -> bytes:
    """The rows, or those that are kept, from encoded columns, as COPY wants them."""
    rows = zip(repeat(len(columns).to_bytes(2, "big")), *columns, strict=False)
    return b"".join(chain.from_iterable(rows if kept is None else compress(rows, kept)))


def encode_ids(ids: list[bytes | None]) -> Column:
    """All of ObjectIds, or all of UUIDs that were made otherwise; many occur more than once."""
    values = [value for value in set(ids) if value is not None]
    if set(map(len, values)) <= {12}:
        data = object_ids_to_uuid_bytes(values, _ID_HEAD)
        encoded = [data[start : start + ENCODED_ID] for start in range(0, len(data), ENCODED_ID)]
    else:
        encoded = [_ID_HEAD + value for value in values]
    known: dict[bytes | None, bytes] = dict(zip(values, encoded, strict=True))
    known[None] = NULL
    return [known[value] for value in ids]


def _texts(values: list[Any], places: Places, batch: Batch) -> Column:
    data = [None if value is None else value.encode() for value in values]
    _refuse_with(b"\0", data, places, batch)
    return [NULL if value is None else _text_head(len(value)) + value for value in data]


def _jsons(values: list[Any], places: Places, batch: Batch) -> Column:
    data = [None if value is None else orjson.dumps(value) for value in values]
    _refuse_with(_NUL_IN_JSON, data, places, batch)
    return [NULL if value is None else _json_head(len(value) + 1, 1) + value for value in data]


def _refuse_with(part: bytes, data: list[bytes | None], places: Places, batch: Batch) -> None:
    if part in b"".join([value for value in data if value is not None]):
        batch.refuse(place for value, place in zip(data, places, strict=True) if value is not None and part in value)


def _text_arrays(values: list[Any], places: Places, batch: Batch) -> Column:
    data = [NULL if value is None else _text_array(tuple(value)) for value in values]
    batch.refuse(place for value, place in zip(data, places, strict=True) if not value)
    return data


@lru_cache(maxsize=10_000)
def _text_array(texts: tuple[str, ...]) -> bytes:
    """Most are of few words, and occur often. Nothing for one with a NUL."""
    return b"" if any("\0" in text for text in texts) else ENCODERS["text[]"](texts)


def _one_by_one(name: str) -> Callable[[list[Any], Places, Batch], Column]:
    encoder = ENCODERS[name]
    return lambda values, _, __: [NULL if value is None else encoder(value) for value in values]


_ENCODERS: dict[str, Callable[[list[Any], Places, Batch], Column]] = {
    "uuid": lambda ids, _, __: encode_ids(ids),
    "text": _texts,
    "jsonb": _jsons,
    "text[]": _text_arrays,
}
