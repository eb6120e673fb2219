"""Extended JSON, v2 (canonical and relaxed) and v1, as the BSON it was exported from.

https://www.mongodb.com/docs/manual/reference/mongodb-extended-json/ and .../mongodb-extended-json-v1/. The
conversions of `bson.json_util` are not used: they lose what their Python values cannot say (symbols, undefined,
DBPointer, options of regular expressions), and let pass text that no tool of MongoDB writes.
"""

import base64
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import isinf
from typing import Any
from uuid import UUID

import bson
from bson import Binary, Code, Decimal128, Int64, MaxKey, MinKey, ObjectId, Timestamp
from bson.datetime_ms import DatetimeMS

from migrate_mongo.extended_json import CODEC
from migrate_mongo.sources import raw_bson
from migrate_mongo.sources.raw_bson import Element

_INTEGER = re.compile(r"-?[0-9]+")
_DOUBLE = re.compile(r"-?[0-9]+(\.[0-9]+)?([Ee][+-]?[0-9]+)?|NaN|-?Infinity")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d(:?\d\d)?)?", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Bare(int):
    """An integer that was written as JSON's numbers are: without its type."""


@dataclass(frozen=True, slots=True)
class Exact:
    """A value that Python's BSON has no type of its own for."""

    type: int
    value: bytes


@dataclass(frozen=True, slots=True)
class Pairs:
    """An object that has a key twice."""

    items: list[tuple[str, Any]]


def encoded(value: Any) -> bytes:
    """The BSON of an object or array that holds values which PyMongo cannot write."""
    if isinstance(value, list):
        named: Iterable[tuple[str, Any]] = ((str(index), element) for index, element in enumerate(value))
    else:
        named = value.items() if isinstance(value, dict) else value.items
    return raw_bson.document(_element(name, element) for name, element in named)


def _element(name: str, value: Any) -> Element:
    if isinstance(value, Exact):
        kind, data = value.type, value.value
    elif isinstance(value, dict | Pairs):
        kind, data = raw_bson.DOCUMENT, encoded(value)
    elif isinstance(value, list):
        kind, data = raw_bson.ARRAY, encoded(value)
    else:
        raw = bson.encode({"": value}, codec_options=CODEC)
        kind, data = raw[4], raw[6:-1]
    return Element(kind, _cstring(name), data)


def _cstring(text: str) -> bytes:
    if "\0" in text:
        raise ValueError("a key or regular expression of BSON cannot have NUL")
    return text.encode()


def of_pairs(pairs: list[tuple[str, Any]]) -> Any:
    """What an object of several keys says. Raises ValueError when it begins to say a type, but says more."""
    value = dict(pairs)
    if len(value) == len(pairs) == 2:
        if value.keys() == {"$regex", "$options"} and all(isinstance(part, str) for part in value.values()):
            return _regex(value["$regex"], value["$options"])
        if value.keys() == {"$binary", "$type"}:
            return _binary(value["$binary"], value["$type"])
        if value.keys() == {"$code", "$scope"}:
            return Code(_text(value["$code"]), value["$scope"])
    if _TYPES.isdisjoint(value):
        return value if len(value) == len(pairs) else Pairs(pairs)
    raise ValueError(f"{min(_TYPES & value.keys())} cannot have other keys beside it")


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"text was expected, not {value!r}")
    return value


def _integer_of(value: Any) -> int:
    if not _INTEGER.fullmatch(_text(value)):
        raise ValueError(f"not an integer: {value!r}")
    return int(value)


def _int32(value: Any) -> int:
    number = _integer_of(value)
    if not -(2**31) <= number < 2**31:
        raise ValueError(f"not an integer of 32 bits: {value!r}")
    return number


def _int64(value: Any) -> Int64:
    return Int64(value if type(value) is Bare else _integer_of(value))


def finite(text: str) -> float:
    number = float(text)
    if isinf(number):
        raise ValueError(f"{text} is larger than any double")
    return number


def _double(value: Any) -> float:
    if not _DOUBLE.fullmatch(_text(value)):
        raise ValueError(f"not a number: {value!r}")
    return float(value) if value.endswith(("NaN", "Infinity")) else finite(value)


def _decimal(value: Any) -> Decimal128:
    try:
        return Decimal128(_text(value))
    except ArithmeticError as error:
        raise ValueError(f"not a number of 34 digits: {value!r}") from error


def _date(value: Any) -> DatetimeMS:
    if isinstance(value, int) and not isinstance(value, bool):
        return DatetimeMS(int(value))
    if not _MOMENT.fullmatch(_text(value)):
        raise ValueError(f"not a date: {value!r}")
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return DatetimeMS((moment - _EPOCH) // timedelta(milliseconds=1))


def _binary(data: Any, subtype: Any) -> Binary:
    # mongoexport of 2.6 wrote subtypes from 80 on as negative integers of 32 bits.
    digits = f"{subtype:02x}" if type(subtype) is Bare else _text(subtype).removeprefix("ffffff")
    code = bytes.fromhex(digits.zfill(2))
    if len(code) != 1:
        raise ValueError(f"not the subtype of a binary: {subtype!r}")
    return Binary(base64.b64decode(_text(data), validate=True), code[0])


def _regex(pattern: Any, options: Any) -> Exact:
    return Exact(raw_bson.REGEX, b"%s\0%s\0" % (_cstring(_text(pattern)), _cstring(_text(options))))


def _db_pointer(namespace: Any, object_id: Any) -> Exact:
    if not isinstance(object_id, ObjectId):
        raise TypeError(f"an ObjectId was expected, not {object_id!r}")
    return Exact(raw_bson.DB_POINTER, raw_bson.string(_text(namespace)) + object_id.binary)


def _only(expected: Any, converted: Any) -> Callable[[Any], Any]:
    """The conversion of a value that cannot vary."""

    def convert(value: Any) -> Any:
        if value != expected:
            raise ValueError(f"{expected!r} was expected, not {value!r}")
        return converted

    return convert


def _parts(names: tuple[str, ...], convert: Callable[..., Any]) -> Callable[[Any], Any]:
    """The conversion of a value that is an object with just these keys."""

    def converted(value: Any) -> Any:
        if not isinstance(value, dict) or value.keys() != set(names):
            raise ValueError(f"the keys {' and '.join(names)} were expected, not {value!r}")
        return convert(*(value[name] for name in names))

    return converted


CONVERSIONS: dict[str, Callable[[Any], Any]] = {
    "$oid": lambda value: ObjectId(_text(value)),
    "$date": _date,
    "$numberInt": _int32,
    "$numberLong": _int64,
    "$numberDouble": _double,
    "$numberDecimal": _decimal,
    "$binary": _parts(("base64", "subType"), _binary),
    "$uuid": lambda value: Binary.from_uuid(UUID(_text(value))),
    "$timestamp": _parts(("t", "i"), Timestamp),
    "$regularExpression": _parts(("pattern", "options"), _regex),
    "$code": lambda value: Code(_text(value)),
    "$symbol": lambda value: Exact(raw_bson.SYMBOL, raw_bson.string(_text(value))),
    "$dbPointer": _parts(("$ref", "$id"), _db_pointer),
    "$undefined": _only(True, Exact(raw_bson.UNDEFINED, b"")),
    "$minKey": _only(1, MinKey()),
    "$maxKey": _only(1, MaxKey()),
}
_TYPES = frozenset(CONVERSIONS)
