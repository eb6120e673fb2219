import json
import re

import bson
import pytest
from bson import Binary, Code, Decimal128, Int64, MaxKey, MinKey, ObjectId, Regex, Timestamp
from bson.datetime_ms import DatetimeMS

from migrate_mongo.sources import extended_text
from migrate_mongo.sources.extended_text import DocumentDecoder, DocumentError

OID = "67c2c5000000000000000001"


def decoded(text: str) -> bytes:
    return DocumentDecoder().decode(text, 0)[0]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", 1),
        ("2147483648", Int64(2147483648)),
        ("9223372036854775808", 9223372036854775808.0),
        ("-0", -0.0),
        ("1.0", 1.0),
        ("1e3", 1000.0),
        ("NaN", float("nan")),
        ('{"$numberInt": "-7"}', -7),
        ('{"$numberLong": "7"}', Int64(7)),
        ('{"$numberLong": 7}', Int64(7)),
        ('{"$numberDouble": "7.0"}', 7.0),
        ('{"$numberDouble": "1E+19"}', 1e19),
        ('{"$numberDouble": "-0.0"}', -0.0),
        ('{"$numberDouble": "-Infinity"}', float("-inf")),
        ('{"$numberDecimal": "1.10"}', Decimal128("1.10")),
        (f'{{"$oid": "{OID}"}}', ObjectId(OID)),
        ('{"$date": {"$numberLong": "-99999999999999999"}}', DatetimeMS(-99999999999999999)),
        ('{"$date": "2026-11-22T07:11:04.19Z"}', DatetimeMS(1795331464190)),
        ('{"$date": "2026-11-22T07:11:04Z"}', DatetimeMS(1795331464000)),
        ('{"$date": "1969-12-31T23:59:59.999Z"}', DatetimeMS(-1)),
        ('{"$date": "2026-11-22T07:11:04"}', DatetimeMS(1795331464000)),
        ('{"$date": "2026-11-22T02:11:04.190-0500"}', DatetimeMS(1795331464190)),
        ('{"$date": 1795331464190}', DatetimeMS(1795331464190)),
        ('{"$binary": {"base64": "AQI=", "subType": "05"}}', Binary(b"\1\2", 5)),
        ('{"$binary": "AQI=", "$type": "00"}', b"\1\2"),
        ('{"$type": "ffffff80", "$binary": "AQI="}', Binary(b"\1\2", 0x80)),
        ('{"$binary": "AQI=", "$type": 128}', Binary(b"\1\2", 0x80)),
        (
            '{"$uuid": "00112233-4455-6677-8899-aabbccddeeff"}',
            Binary(bytes.fromhex("00112233445566778899aabbccddeeff"), 4),
        ),
        ('{"$timestamp": {"t": 4294967295, "i": 2}}', Timestamp(4294967295, 2)),
        ('{"$regularExpression": {"pattern": "a+", "options": "im"}}', Regex("a+", "im")),
        ('{"$regex": "a+", "$options": "i"}', Regex("a+", "i")),
        ('{"$regex": "a+"}', {"$regex": "a+"}),
        ('{"$regex": {"a": null}, "$options": "i"}', {"$regex": {"a": None}, "$options": "i"}),
        ('{"$code": "f()"}', Code("f()")),
        ('{"$code": "f()", "$scope": {"a": "b"}}', Code("f()", {"a": "b"})),
        ('{"$minKey": 1}', MinKey()),
        ('{"$maxKey": 1}', MaxKey()),
        (f'{{"$id": {{"$oid": "{OID}"}}, "$ref": "users"}}', {"$id": ObjectId(OID), "$ref": "users"}),
        ('{"$set": {"$unheard": null}}', {"$set": {"$unheard": None}}),
        ('[1.5, {"a": true}, "é\\u0000"]', [1.5, {"a": True}, "é\0"]),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_values_become_what_they_were(text: str, value: object) -> None:
    found = decoded(f'{{"_id": {text}, "b": [{text}]}}')

    assert found == bson.encode({"_id": value, "b": [value]})


def test_types_that_python_has_not_are_kept() -> None:
    text = (
        '{"a": [{"$symbol": "s"}, {"$undefined": true}], "b": {"c": {"$dbPointer": {"$ref": "d.c", "$id": '
        f'{{"$oid": "{OID}"}}}}}}}}, "r": {{"$regularExpression": {{"pattern": "x", "options": "zg"}}}}, "_id": 1}}'
    )

    symbols = b"\x0e0\0\x02\0\0\0s\0\x061\0"
    pointer = b"\x0cc\0\x04\0\0\0d.c\0" + bytes.fromhex(OID)
    body = (
        b"\x04a\0" + (len(symbols) + 5).to_bytes(4, "little") + symbols + b"\0"
        b"\x03b\0" + (len(pointer) + 5).to_bytes(4, "little") + pointer + b"\0"
        b"\x0br\0x\0zg\0"
        b"\x10_id\0\1\0\0\0"
    )
    assert decoded(text) == (len(body) + 5).to_bytes(4, "little") + body + b"\0"


def test_the_order_of_keys_is_kept() -> None:
    raw = decoded('{"b": 1, "_id": 2, "a": 3}')

    assert list(bson.decode(raw)) == ["b", "_id", "a"]


def test_a_key_that_stands_twice_does_so_in_bson() -> None:
    deep = decoded('{"_id": 1, "c": {"a": 1, "a": 2}}')

    assert decoded('{"_id": 1, "a": 1, "a": "b"}') == b"\x1e\0\0\0\x10_id\0\1\0\0\0\x10a\0\1\0\0\0\x02a\0\2\0\0\0b\0\0"
    assert deep.endswith(b"\x10a\0\1\0\0\0\x10a\0\2\0\0\0\0\0")


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ('{"$date": "not a date"}', "not a date: 'not a date'"),
        ('{"$date": "2026-13-01T00:00:00Z"}', "month must be in 1..12"),
        ('{"$date": true}', "text was expected, not True"),
        ('{"$date": 1, "x": 2}', "$date cannot have other keys beside it"),
        ('{"$oid": "short"}', "'short' is not a valid ObjectId"),
        ('{"$oid": "a", "$oid": "b"}', "$oid cannot have other keys beside it"),
        ('{"$numberInt": "2147483648"}', "not an integer of 32 bits: '2147483648'"),
        ('{"$numberInt": "1_0"}', "not an integer: '1_0'"),
        ('{"$numberInt": 1}', "text was expected, not 1"),
        ('{"$numberLong": "9223372036854775808"}', "MongoDB can only handle up to 8-byte ints"),
        ('{"$numberDouble": "1.0 "}', "not a number: '1.0 '"),
        ('{"$numberDouble": "1E+999"}', "1E+999 is larger than any double"),
        ("1e999", "1e999 is larger than any double"),
        ('{"$numberDecimal": "x"}', "not a number of 34 digits: 'x'"),
        ('{"$binary": {"base64": "A*==", "subType": "00"}}', "base64"),
        ('{"$binary": {"base64": "AA==", "subType": "0000"}}', "not the subtype of a binary"),
        ('{"$binary": "AA=="}', "the keys base64 and subType were expected, not 'AA=='"),
        ('{"$timestamp": {"t": 4294967296, "i": 0}}', "time must be"),
        ('{"$dbPointer": {"$ref": "a.b", "$id": 5}}', "an ObjectId was expected, not 5"),
        ('{"$regex": "a\\u0000", "$options": ""}', "cannot have NUL"),
        ('{"$minKey": 2}', "1 was expected, not 2"),
        ('{"a\\u0000": 1}', "must not contain the NULL byte"),
        ('"\\ud800"', "it has text that is not UTF-8"),
        ("9" * 5000, "4300 digits"),
    ],
    ids=lambda text: text[:40],
)
def test_what_is_no_document_is_told_with_its_end(value: str, message: str) -> None:
    text = f'{{"_id": 2, "a": {value}}}'

    with pytest.raises(DocumentError, match=re.escape(message)) as told:
        decoded(text + ", more")

    assert told.value.end == len(text)


@pytest.mark.parametrize("text", ['{"a": 1', '{"a" 1}', "", "x"])
def test_what_is_no_json_is_told_as_such(text: str) -> None:
    with pytest.raises(json.JSONDecodeError):
        decoded(text)


def test_a_document_that_no_server_would_store_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extended_text, "MAX_DOCUMENT", 30)

    assert decoded('{"_id": 1}') == bson.encode({"_id": 1})
    with pytest.raises(DocumentError, match="it has 45 bytes as BSON, more than any document of MongoDB"):
        decoded('{"_id": "' + "x" * 30 + '"}')


def test_numbers_without_type_are_noted_by_their_path() -> None:
    decoder = DocumentDecoder()

    for text in [
        f'{{"_id": {{"$oid": "{OID}"}}, "n": 1, '
        '"comments": [{"position": {"start": 5}}, {"position": {"start": 6}}]}',
        '{"_id": 7, "n": 1.5, "t": {"$timestamp": {"t": 1, "i": 1}}, "d": {"$date": 5}}',
        '{"_id": 8, "_id": 8, "twice": {"a": 1, "a": 2}}',
    ]:
        decoder.decode(text, 0)
    with pytest.raises(DocumentError):
        decoder.decode('{"_id": 9, "n": 3, "broken": {"$oid": 5}}', 0)

    assert {path: (notice.count, notice.samples) for (path, _), notice in decoder.relaxed.items()} == {
        "_id": (3, {"7", "8"}),
        "n": (1, {OID}),
        "comments[].position.start": (2, {OID}),
        "twice.a": (2, {"8"}),
    }
    assert {kind for _, kind in decoder.relaxed} == {"relaxed_number"}


def test_no_more_samples_are_kept_than_a_finding_has() -> None:
    decoder = DocumentDecoder()

    for number in range(150):
        decoder.decode(f'{{"_id": {number}}}', 0)

    [notice] = decoder.relaxed.values()
    assert (notice.count, len(notice.samples)) == (150, 100)
