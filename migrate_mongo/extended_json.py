"""BSON values as JSON that PostgreSQL can store, and exactly back.

Extended JSON v2 (https://www.mongodb.com/docs/manual/reference/mongodb-extended-json/), with two additions of our
own, both `$binary` with a user-defined subtype: text that contains NUL, which jsonb refuses, and, for what Extended
JSON cannot say (a key `$oid` that is no ObjectId, very deep nesting), the value as BSON.
"""

import json
from collections.abc import Callable
from math import isfinite, isnan
from typing import Any

import bson
from bson import ObjectId, json_util
from bson.binary import UuidRepresentation
from bson.codec_options import CodecOptions, DatetimeConversion
from bson.datetime_ms import DatetimeMS
from bson.decimal128 import Decimal128
from bson.int64 import Int64

CODEC = CodecOptions[dict[str, Any]](
    document_class=dict,
    datetime_conversion=DatetimeConversion.DATETIME_MS,
    uuid_representation=UuidRepresentation.UNSPECIFIED,
)
_OPTIONS = json_util.JSONOptions(
    json_mode=json_util.JSONMode.CANONICAL,
    document_class=dict,
    datetime_conversion=DatetimeConversion.DATETIME_MS,
    uuid_representation=UuidRepresentation.UNSPECIFIED,
)
_TEXT_SUBTYPE = 0x84
_BSON_SUBTYPE = 0x85
_MAX_JSON_DEPTH = 100
MAX_DEPTH = 200  # MongoDB itself stores no more than 100 levels


def canonical(value: Any) -> Any:
    """The value as canonical Extended JSON: every type is written out."""
    if value is None:
        return None
    if depth(value) <= _MAX_JSON_DEPTH:
        written = _written(_without_nul(value))
        if written is not None and _reads_back(written, value, identical):
            return written
    return _written(bson.Binary(bson.encode({"v": value}, codec_options=CODEC), _BSON_SUBTYPE))


def plain(value: Any) -> Any:
    """The value as plain JSON, with canonical Extended JSON only where it holds a type that JSON lacks."""
    if depth(value) <= _MAX_JSON_DEPTH:
        written = _plain(value)
        if _reads_back(written, value, same):
            return written
    return canonical(value)


def from_extended_json(value: Any) -> Any:
    """The BSON value of either form above. Raises ValueError for what neither of them writes."""
    if isinstance(value, list):
        return [from_extended_json(element) for element in value]
    if not isinstance(value, dict):
        return bson_number(value) if type(value) is int else value
    if any(key.startswith("$") for key in value):
        try:
            return _typed(value)
        except (TypeError, KeyError, OverflowError, bson.errors.BSONError) as error:
            raise ValueError(f"not Extended JSON: {error}") from error
    return {key: from_extended_json(element) for key, element in value.items()}


def text(value: Any) -> str:
    """Canonical Extended JSON for people: U+0000 as JSON has it, and what cannot be said exactly as near as it can."""
    return json_util.dumps(value, json_options=_OPTIONS, ensure_ascii=False)


def bson_number(value: Any) -> Any:
    """A number of jsonb, which writes large doubles as integers: one that no BSON integer can be was a double."""
    return float(value) if type(value) is int and not -(2**63) <= value < 2**63 else value


def same(left: Any, right: Any) -> bool:
    """Equal as values of the source: `1` and `1.0` are, `1` and `true` are not; key order does not count."""
    if isinstance(left, dict):
        return (
            isinstance(right, dict)
            and left.keys() == right.keys()
            and all(same(element, right[key]) for key, element in left.items())
        )
    if isinstance(left, list):
        return (
            isinstance(right, list)
            and len(left) == len(right)
            and all(same(one, other) for one, other in zip(left, right, strict=True))
        )
    if is_number(left) and is_number(right):
        return bool(left == right) or (isnan(left) and isnan(right))
    return type(left) is type(right) and bool(left == right)


def identical(left: Any, right: Any) -> bool:
    """As `same`, with the BSON type of every number, and order of keys."""
    if isinstance(left, dict) and isinstance(right, dict):
        return list(left) == list(right) and all(identical(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(identical, left, right))
    return type(left) is type(right) and (bool(left == right) or repr(left) == repr(right))


def printable_id(document: dict[str, Any]) -> str:
    """The `_id` of a document as people write it: 24 hex digits, plain text, else Extended JSON."""
    object_id = document.get("_id")
    return str(object_id) if isinstance(object_id, ObjectId | str) else json_util.dumps(object_id)


def is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _typed(value: dict[str, Any]) -> Any:
    found = json_util.loads(json.dumps(value), json_options=_OPTIONS)
    if isinstance(found, bson.Binary) and found.subtype == _TEXT_SUBTYPE:
        return found.decode()
    if isinstance(found, bson.Binary) and found.subtype == _BSON_SUBTYPE:
        return bson.decode(found, CODEC)["v"]
    return found


def _reads_back(written: Any, value: Any, equal: Callable[[Any, Any], bool]) -> bool:
    try:
        return equal(from_extended_json(written), value)
    except ValueError:
        return False


def _written(value: Any) -> Any:
    try:
        return json.loads(json_util.dumps(value, json_options=_OPTIONS))
    except (TypeError, ValueError):
        return None


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(element) for key, element in value.items()}
    if isinstance(value, list):
        return [_plain(element) for element in value]
    if isinstance(value, int) and not isinstance(value, bool):
        return int(value)
    if isinstance(value, float) and abs(value) < 2**53 and value.is_integer():
        return int(value)
    return value if _is_json(value) else _written(_without_nul(value))


def _is_json(value: Any) -> bool:
    if type(value) is str:  # bson.Code is a str too
        return "\0" not in value
    return value is None or isinstance(value, bool) or (isinstance(value, float) and isfinite(value))


def _without_nul(value: Any) -> Any:
    if type(value) is str and "\0" in value:
        return bson.Binary(value.encode(), _TEXT_SUBTYPE)
    if type(value) is dict:
        return {key: _without_nul(element) for key, element in value.items()}
    if isinstance(value, list):
        return [_without_nul(element) for element in value]
    return value


def depth(value: Any) -> int:
    """Levels of nesting, counted no further than just above MAX_DEPTH."""
    level, levels = [value], 0
    while level and levels <= MAX_DEPTH:
        levels += 1
        level = [
            element
            for container in level
            if isinstance(container, dict | list)
            for element in (container.values() if isinstance(container, dict) else container)
        ]
    return levels


__all__ = (
    "CODEC",
    "MAX_DEPTH",
    "DatetimeMS",
    "Decimal128",
    "Int64",
    "bson_number",
    "canonical",
    "depth",
    "from_extended_json",
    "identical",
    "is_number",
    "plain",
    "printable_id",
    "same",
    "text",
)
