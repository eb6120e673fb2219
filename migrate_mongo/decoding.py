"""Raw BSON into documents, and what decoding takes away from it."""

from collections.abc import Iterator

import bson

from migrate_mongo.extended_json import CODEC
from migrate_mongo.mappings.base import Document
from migrate_mongo.mappings.notes import Path
from migrate_mongo.sources.frames import fault_of
from migrate_mongo.sources.raw_bson import ARRAY, DB_POINTER, DOCUMENT, SYMBOL, UNDEFINED, BsonError, elements

UNDECODABLE = (bson.errors.BSONError, ValueError, RecursionError)

_DEPRECATED = {UNDEFINED, DB_POINTER, SYMBOL}  # PyMongo makes something else of them


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
    try:
        found = list(_losses(raw, ()))
    except BsonError:  # PyMongo is less strict
        found = []
    return found or [("re_encoded", ("_id",))]


def _losses(raw: bytes, path: Path, *, is_array: bool = False) -> Iterator[tuple[str, Path]]:
    seen: set[bytes] = set()
    for number, (kind, key, value) in enumerate(elements(raw)):
        inner = (*path, number if is_array else key.decode(errors="replace"))
        if is_array and key != str(number).encode():
            yield "array_keys", path
            return
        if key in seen:
            yield "duplicate_key", inner
        seen.add(key)
        if kind in _DEPRECATED:
            yield "deprecated_type", inner
        elif kind in (DOCUMENT, ARRAY):
            yield from _losses(value, inner, is_array=kind == ARRAY)
