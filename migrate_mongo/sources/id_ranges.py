"""Ranges of `_id` in MongoDB's order of values, as conditions of queries, and places as text.

A comparison such as `$gt` matches values of its own type only ("type bracketing"), so each range lies within one
bracket of the order of types: https://www.mongodb.com/docs/manual/reference/bson-type-comparison-order/
"""

import json
from math import inf, isnan, nan
from typing import Any

import bson
from bson import Binary, Code, DBRef, Decimal128, Int64, MaxKey, MinKey, ObjectId, Timestamp
from bson.datetime_ms import DatetimeMS

from migrate_mongo.exceptions import SourceError
from migrate_mongo.extended_json import CODEC, canonical, from_extended_json
from migrate_mongo.sources import raw_bson

END: Any = object()  # stands for either end of a bracket
OBJECT_ID = "objectId"
_NUMBERS = "number"
_NOT_A_NUMBER = "nan"

# With the least value of each. An `_id` can be no array, no regular expression and not undefined.
_LEAST: dict[str, Any] = {
    "minKey": MinKey(),
    "null": None,
    _NOT_A_NUMBER: nan,  # it compares with no other number
    _NUMBERS: -inf,
    "string": "",
    "object": {},
    "binData": Binary(b""),
    OBJECT_ID: ObjectId(bytes(12)),
    "bool": False,
    "date": DatetimeMS(-(2**63)),
    "timestamp": Timestamp(0, 0),
    "javascript": Code(""),
    "javascriptWithScope": Code("", {}),
    "maxKey": MaxKey(),
}
_OF_ONE = {"minKey", "null", _NOT_A_NUMBER, "maxKey"}
_BRACKETS: dict[type, str] = {
    MinKey: "minKey",
    type(None): "null",
    int: _NUMBERS,
    Int64: _NUMBERS,
    float: _NUMBERS,
    Decimal128: _NUMBERS,
    str: "string",
    dict: "object",
    DBRef: "object",
    bytes: "binData",
    Binary: "binData",
    ObjectId: OBJECT_ID,
    bool: "bool",
    DatetimeMS: "date",
    Timestamp: "timestamp",
    Code: "javascript",
    MaxKey: "maxKey",
}
_ELSEWHERE = {raw_bson.ARRAY, raw_bson.UNDEFINED, raw_bson.REGEX, raw_bson.DB_POINTER}
_LENIENT = CODEC.with_options(unicode_decode_error_handler="replace")
_ID = b"_id"
_OBJECT_ID_FIRST = b"\x07_id\0"


def id_of(raw: bytes) -> Any:
    """The `_id` of a document, whether or not the rest of it can be decoded. Raises SourceError."""
    if raw[4:9] == _OBJECT_ID_FIRST:
        return ObjectId(raw[9:21])
    try:
        for kind, name, start, end in raw_bson.places(raw):
            if name == _ID and kind not in _ELSEWHERE:
                element = raw_bson.Element(kind, _ID, raw[start:end])
                return bson.decode(raw_bson.document([element]), _LENIENT)["_id"]
    except (raw_bson.BsonError, bson.errors.BSONError) as error:
        raise SourceError(f"a document has no `_id` that can be read: {error}") from None
    raise SourceError("a document has no `_id` that a query can ask for")


def bracket_of(object_id: Any) -> str:
    bracket = _BRACKETS[type(object_id)]
    if bracket == _NUMBERS and _is_nan(object_id):
        return _NOT_A_NUMBER
    if type(object_id) is Code and object_id.scope is not None:
        return "javascriptWithScope"
    return bracket


def between(bracket: str, after: Any = END, upto: Any = END) -> dict[str, Any] | None:
    """The condition for the bracket's values after one of them, up to and with another; None when there are none."""
    if bracket in _OF_ONE:
        return {"_id": _LEAST[bracket]} if after is END else None
    least = {"$gte": _LEAST[bracket]} if after is END else {"$gt": after}
    return {"_id": least if upto is END else {**least, "$lte": upto}}


def elsewhere(object_id: Any) -> dict[str, Any]:
    """The condition for all but what comes before it in its bracket, and itself: other brackets are in it whole."""
    return {"_id": {"$not": {"$lte": object_id}}}


def place_of(object_id: Any) -> str:
    if type(object_id) is ObjectId:
        return f'{{"$oid": "{object_id}"}}'
    return json.dumps(canonical(object_id))


def id_at(place: str) -> Any:
    return from_extended_json(json.loads(place)) if place else END


def end_of(bracket: str, upto: Any = END) -> str:
    """The end of a part, as text; without an id it is open, and takes what is added."""
    return json.dumps({"bracket": bracket} if upto is END else {"bracket": bracket, "upto": canonical(upto)})


def bounds_of(end: str) -> tuple[str, Any]:
    bounds = json.loads(end)
    return bounds["bracket"], from_extended_json(bounds["upto"]) if "upto" in bounds else END


def _is_nan(number: Any) -> bool:
    return number.to_decimal().is_nan() if type(number) is Decimal128 else isnan(number)
