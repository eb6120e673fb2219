"""Rows in PostgreSQL's binary COPY format (https://www.postgresql.org/docs/current/sql-copy.html#id-1.9.3.55.9.4)."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from struct import Struct
from typing import Any, cast

import orjson
from bson import ObjectId
from django.db.backends.utils import CursorWrapper
from psycopg import Copy

from migrate_mongo.tables import Row, Table
from migrate_mongo.waiting import Step, working_meanwhile
from scribetree.object_id import object_id_bytes_to_uuid_bytes

_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_TRAILER = b"\xff\xff"
NULL = b"\xff\xff\xff\xff"
_EPOCH_2000_MS = 946_684_800_000
_TEXT_OID = 25
_BUFFER_BYTES = 64 * 1024

_length = Struct(">i").pack
_int2 = Struct(">ih").pack
_int4 = Struct(">ii").pack
_int8 = Struct(">iq").pack
_array_header = Struct(">iiiii").pack
_empty_array_header = Struct(">iii").pack


def _uuid(value: Any) -> bytes:
    """Of a UUID, or of an ObjectId in its other spelling."""
    if type(value) is ObjectId:
        return b"\0\0\0\x10" + object_id_bytes_to_uuid_bytes(value.binary)
    return b"\0\0\0\x10" + cast(bytes, value.bytes)


def _timestamptz(moment: Any) -> bytes:
    return _int8(8, (moment - _EPOCH_2000_MS) * 1000)


def _text(value: Any) -> bytes:
    data = value.encode()
    return _length(len(data)) + cast(bytes, data)


def _jsonb(value: Any) -> bytes:
    data = orjson.dumps(value)
    return _length(len(data) + 1) + b"\x01" + data


def _text_array(value: Any) -> bytes:
    if value:
        data = _array_header(1, 0, _TEXT_OID, len(value), 1) + b"".join(map(_text, value))
    else:
        data = _empty_array_header(0, 0, _TEXT_OID)
    return _length(len(data)) + data


ENCODERS: dict[str, Callable[[Any], bytes]] = {
    "uuid": _uuid,
    "timestamptz": _timestamptz,
    "int2": lambda value: _int2(2, value),
    "int4": lambda value: _int4(4, value),
    "bool": lambda value: b"\0\0\0\x01\x01" if value else b"\0\0\0\x01\0",
    "jsonb": _jsonb,
    "text": _text,
    "text[]": _text_array,
}


def encode(table: Table, rows: Iterable[Row]) -> Iterator[bytes]:
    """The rows as COPY data, without header and trailer."""
    encoders = [ENCODERS[name] for name in table.types]
    count = len(encoders).to_bytes(2, "big")
    for row in rows:
        yield count + b"".join(
            [NULL if value is None else encoder(value) for encoder, value in zip(encoders, row, strict=True)]
        )


def copy_rows(cursor: CursorWrapper, table: Table, rows: Iterable[Row]) -> None:
    copy_encoded(cursor, table, encode(table, rows))


def copy_encoded(cursor: CursorWrapper, table: Table, rows: Iterable[bytes], meanwhile: Step = lambda: False) -> None:
    """Sends the rows as they come, so that the server works meanwhile. `meanwhile` is other work, in small steps."""
    statement = f'COPY "{table.name}" ({table.column_list}) FROM STDIN (FORMAT binary)'
    with cursor.db.wrap_database_errors, _copying(cursor, statement, meanwhile) as copy:
        buffer = bytearray(_HEADER)
        for row in rows:
            buffer += row
            if len(buffer) >= _BUFFER_BYTES:
                copy.write(bytes(buffer))
                buffer.clear()
        copy.write(bytes(buffer + _TRAILER))


@contextmanager
def _copying(cursor: CursorWrapper, statement: str, meanwhile: Step) -> Iterator[Copy]:
    """As `cursor.copy`, with other work while rows are taken in, but not while the server gets ready for them."""
    with ExitStack() as stack:
        copying = cursor.copy(statement)
        copy = copying.__enter__()
        stack.enter_context(working_meanwhile(meanwhile))
        stack.push(copying)  # left before the work ends
        yield copy


def check_foreign_keys(cursor: CursorWrapper) -> None:
    """They are deferred; checked here, a violation still falls on the rows just sent."""
    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
