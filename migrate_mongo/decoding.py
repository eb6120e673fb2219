"""Raw BSON into documents, and what decoding takes away from it."""

from collections.abc import Iterator

import bson

from migrate_mongo.extended_json import CODEC
from migrate_mongo.mappings.base import Document
from migrate_mongo.mappings.notes import Path
from migrate_mongo.sources.frames import fault_of

UNDECODABLE = (bson.errors.BSONError, ValueError, RecursionError)

_FIXED = {0x01: 8, 0x06: 0, 0x07: 12, 0x08: 1, 0x09: 8, 0x0A: 0, 0x10: 4, 0x11: 8, 0x12: 8, 0x13: 16, 0x7F: 0, 0xFF: 0}
_DOCUMENT, _ARRAY, _BINARY, _REGEX, _POINTER, _SCOPED_CODE = 0x03, 0x04, 0x05, 0x0B, 0x0C, 0x0F
_DEPRECATED = {0x06, 0x0C, 0x0E}  # undefined, DBPointer, symbol: PyMongo makes something else of them


class Undecodable(Exception):  # noqa: N818 an outcome
    """The bytes are no document; `data` are those that the source held."""

    def __init__(self, message: str, data: bytes) -> None:
        super().__init__(message)
        self.data = data


def decode(raw: bytes) -> Document:
    """Raises Undecodable."""
    if fault := fault_of(raw):
        raise Undecodable(*fault)
    try:
        return bson.decode(raw, CODEC)
    except UNDECODABLE as error:
        raise Undecodable(f"not valid BSON: {error}", raw) from error


def is_exact(document: Document, raw: bytes) -> bool:
    """Whether the document still is all that its bytes were. `losses` says what is not."""
    try:
        return bson.encode(document, codec_options=CODEC) == raw
    except (*UNDECODABLE, OverflowError, TypeError):
        return False


def losses(raw: bytes) -> list[tuple[str, Path]]:
    """The kind and path of everything that decoding does not keep; `re_encoded` when none of the known kinds is it."""
    return list(_losses(raw, ())) or [("re_encoded", ("_id",))]


def _losses(raw: bytes, path: Path, *, is_array: bool = False) -> Iterator[tuple[str, Path]]:
    seen: set[bytes] = set()
    for number, (kind, key, value) in enumerate(_elements(raw)):
        inner = (*path, number if is_array else key.decode(errors="replace"))
        if is_array and key != str(number).encode():
            yield "array_keys", path
            return
        if key in seen:
            yield "duplicate_key", inner
        seen.add(key)
        if kind in _DEPRECATED:
            yield "deprecated_type", inner
        elif kind in (_DOCUMENT, _ARRAY):
            yield from _losses(value, inner, is_array=kind == _ARRAY)


def _elements(raw: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """Type, key and value of each element of a document that can be decoded (https://bsonspec.org/spec.html)."""
    position, last = 4, len(raw) - 1
    while position < last:
        kind = raw[position]
        end_of_key = raw.index(0, position + 1)
        start = end_of_key + 1
        end = start + _size(kind, raw, start)
        yield kind, raw[position + 1 : end_of_key], raw[start:end]
        position = end


def _size(kind: int, raw: bytes, start: int) -> int:
    if kind in _FIXED:
        return _FIXED[kind]
    if kind == _REGEX:
        return raw.index(0, raw.index(0, start) + 1) + 1 - start
    length = int.from_bytes(raw[start : start + 4], "little")
    return length + {_DOCUMENT: 0, _ARRAY: 0, _SCOPED_CODE: 0, _BINARY: 5, _POINTER: 16}.get(kind, 4)
