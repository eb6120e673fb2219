"""Ids of every type, as places and as conditions."""

from math import inf, nan
from typing import Any

import bson
import pytest
from bson import Binary, Code, Decimal128, Int64, MaxKey, MinKey, ObjectId, Timestamp
from bson.datetime_ms import DatetimeMS
from hypothesis import given

from migrate_mongo.exceptions import SourceError
from migrate_mongo.extended_json import CODEC, identical
from migrate_mongo.sources import raw_bson
from migrate_mongo.sources.id_ranges import END, between, bounds_of, bracket_of, end_of, id_at, id_of, place_of
from migrate_mongo.sources.raw_bson import Element
from migrate_mongo.tests.strategies import bson_values

BRACKETS = [
    ("minKey", MinKey()),
    ("null", None),
    ("nan", nan),
    ("nan", Decimal128("NaN")),
    ("nan", Decimal128("sNaN")),
    ("number", 1),
    ("number", Int64(2)),
    ("number", -inf),
    ("number", Decimal128("2.5")),
    ("string", "1"),
    ("object", {"$ref": "users", "$id": 1}),
    ("binData", b"1"),
    ("binData", Binary(b"1", 128)),
    ("objectId", ObjectId()),
    ("bool", True),
    ("date", DatetimeMS(2**62)),
    ("timestamp", Timestamp(1, 1)),
    ("javascript", Code("1")),
    ("javascriptWithScope", Code("1", {"a": 1})),
    ("maxKey", MaxKey()),
]


def encoded(object_id: Any) -> bytes:
    return bson.encode({"_id": object_id, "title": "XX"}, codec_options=CODEC)


@pytest.mark.parametrize(("bracket", "value"), BRACKETS)
def test_every_type_has_its_bracket(bracket: str, value: Any) -> None:
    assert bracket_of(id_of(encoded(value))) == bracket


@pytest.mark.parametrize("value", [MinKey(), None, nan, MaxKey()])
def test_nothing_comes_behind_a_value_that_is_alone_in_its_bracket(value: Any) -> None:
    assert between(bracket_of(value), value) is None


@given(bson_values().filter(lambda value: not isinstance(value, list | bson.Regex)))
def test_every_id_is_kept_as_a_place_and_as_an_end(value: Any) -> None:
    object_id = id_of(encoded(value))

    assert identical(id_at(place_of(object_id)), object_id)
    bracket, upto = bounds_of(end_of(bracket_of(object_id), object_id))
    assert bracket == bracket_of(object_id)
    assert identical(upto, object_id)


def test_an_open_end_has_no_id() -> None:
    assert bounds_of(end_of("null")) == ("null", END)
    assert bounds_of(end_of("null", None)) == ("null", None)
    assert id_at("") is END


@pytest.mark.parametrize("value", [ObjectId(), "one", 1, None])
def test_the_id_is_read_where_the_rest_cannot_be(value: Any) -> None:
    raw = encoded(value).replace(b"XX\0", b"\xc3(\0")
    first, *others = raw_bson.elements(raw)

    assert id_of(raw) == value
    assert id_of(raw_bson.document([*others, first])) == value


@pytest.mark.parametrize("kind", [raw_bson.UNDEFINED, raw_bson.DB_POINTER, raw_bson.REGEX, raw_bson.ARRAY])
def test_an_id_that_no_query_can_ask_for_is_told(kind: int) -> None:
    values = {
        raw_bson.DB_POINTER: raw_bson.string("users") + bytes(12),
        raw_bson.REGEX: b"a\0\0",
        raw_bson.ARRAY: bson.encode({}),
    }

    with pytest.raises(SourceError, match="has no `_id` that a query can ask for"):
        id_of(raw_bson.document([Element(kind, b"_id", values.get(kind, b""))]))


def test_a_document_without_an_id_is_told() -> None:
    with pytest.raises(SourceError, match="has no `_id` that a query can ask for"):
        id_of(bson.encode({"title": "XX"}))


@pytest.mark.parametrize(
    "raw", [b"", bson.encode({"_id": "one"})[:-3], bson.encode({"_id": "one"}).replace(b"\2", b"\x55")]
)
def test_what_is_no_document_is_told(raw: bytes) -> None:
    with pytest.raises(SourceError, match="has no `_id` that can be read"):
        id_of(raw)
