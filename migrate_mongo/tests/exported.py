"""What stands in a dump, in a form that compares as documents do."""

import gzip
from collections import Counter
from pathlib import Path
from typing import Any

import bson

from migrate_mongo.extended_json import CODEC, is_number
from migrate_mongo.mappings import MAPPINGS

Multiset = Counter[tuple[str, object]]


def raw_documents(folder: Path, collection: str) -> list[bytes]:
    file = folder / f"{collection}.bson"
    data = file.read_bytes() if file.exists() else gzip.decompress(file.with_name(f"{file.name}.gz").read_bytes())
    found, position = [], 0
    while position < len(data):
        size = int.from_bytes(data[position : position + 4], "little")
        found.append(data[position : position + size])
        position += size
    return found


def documents(folder: Path, collection: str) -> list[dict[str, Any]]:
    return [bson.decode(raw, CODEC) for raw in raw_documents(folder, collection)]


def multiset(folder: Path) -> Multiset:
    """Every document of the ten collections as the mappings see it; what cannot be decoded as its bytes."""
    return Counter((name, _document(name, raw)) for name in MAPPINGS for raw in raw_documents(folder, name))


def _document(collection: str, raw: bytes) -> object:
    try:
        document = bson.decode(raw, CODEC)
    except (bson.errors.BSONError, ValueError):
        return raw
    try:
        return comparable(MAPPINGS[collection].canonical(document))
    except (TypeError, AttributeError):
        return comparable(document)


def comparable(value: Any) -> object:
    """Hashable; the order of keys, and the types of numbers, do not count."""
    if isinstance(value, dict):
        return frozenset((key, comparable(element)) for key, element in value.items())
    if isinstance(value, list):
        return tuple(comparable(element) for element in value)
    if is_number(value) and value == value:  # noqa: PLR0124 all but NaN
        return ("number", value)
    return (type(value).__name__, repr(value))
