import orjson
import pytest
from bson import Binary, Code, DBRef, Decimal128, Int64, MaxKey, MinKey, ObjectId, Regex, Timestamp, decode, encode
from bson.datetime_ms import DatetimeMS
from hypothesis import given
from hypothesis import strategies as st

from migrate_mongo.extended_json import CODEC, canonical, from_extended_json, identical, plain, same
from migrate_mongo.tests.strategies import bson_values


def nested(levels: int) -> object:
    value: object = 1
    for _ in range(levels):
        value = {"a": [value]}
    return value


STRANGE = [
    1,
    1.0,
    -0.0,
    Int64(5),
    Int64(2**60),
    float("nan"),
    float("inf"),
    float("-inf"),
    1e300,
    "a\0b",
    {"deep": [{"x": "\0"}]},
    {"$oid": "x"},
    {"$oid": "67c2c5000000000000000001"},
    {"$date": 5},
    {"$numberInt": "7"},
    {"a.b": 1, "$x": {"": None}},
    ObjectId("67c2c5000000000000000001"),
    DatetimeMS(-(10**15)),
    DatetimeMS(8_640_000_000_000_000),
    Binary(b"x", 0x84),
    Binary(b"x", 0x85),
    Binary(b"0" * 16, 3),
    Binary(b"0" * 16, 4),
    b"raw",
    Regex("a", "im"),
    Timestamp(1, 2),
    MinKey(),
    MaxKey(),
    Code("x"),
    Code("x", {"a": 1}),
    Decimal128("1.10"),
    Decimal128("NaN"),
    DBRef("users", ObjectId("67c2c5000000000000000001")),
    {"$ref": "a", "$id": 1},
    [None, True, [1, {"a": []}]],
    nested(60),
    nested(99),
]


def through_bson(value: object) -> object:
    return decode(encode({"v": value}, codec_options=CODEC), CODEC)["v"]


def through_json(value: object) -> object:
    written = orjson.dumps(value)
    assert b"\\u0000" not in written  # jsonb would refuse it
    return orjson.loads(written)


@pytest.mark.parametrize("value", STRANGE, ids=lambda value: repr(value)[:40])
def test_strange_values_survive_both_forms(value: object) -> None:
    original = through_bson(value)

    assert identical(from_extended_json(through_json(canonical(original))), original)
    assert same(from_extended_json(through_json(plain(original))), original)


@given(bson_values())
def test_any_value_survives_both_forms(value: object) -> None:
    original = through_bson(value)

    assert identical(from_extended_json(through_json(canonical(original))), original)
    assert same(from_extended_json(through_json(plain(original))), original)


@pytest.mark.parametrize("value", [{"$oid": "short"}, {"$date": {}}, {"$binary": {"base64": "AAAA", "subType": "85"}}])
def test_what_neither_form_writes_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="Extended JSON"):
        from_extended_json(value)


@given(st.integers(-(2**53), 2**53))
def test_numbers_are_the_same_whatever_their_type(number: int) -> None:
    assert same(number, float(number))
    assert same(Int64(number), number)
    assert not identical(number, float(number))


@pytest.mark.parametrize(
    ("left", "right"),
    [(1, True), (0, False), (1, "1"), (None, 0), ([], {}), ({"a": None}, {}), ([1], [1, 2]), (DatetimeMS(5), 5)],
)
def test_values_of_other_kinds_are_not_the_same(left: object, right: object) -> None:
    assert not same(left, right)
    assert not same(right, left)
