import io
import json
from pathlib import Path
from typing import Any

import bson
import pytest
from bson import Binary, Code, Decimal128, Int64, MaxKey, MinKey, ObjectId, Regex, Timestamp, json_util
from bson.datetime_ms import DatetimeMS
from hypothesis import given
from hypothesis import strategies as st

from migrate_mongo.exceptions import SourceError
from migrate_mongo.extended_json import CODEC, same
from migrate_mongo.sources import exported, extended_text
from migrate_mongo.sources.exported import ExportedFile
from migrate_mongo.sources.frames import fault_of
from migrate_mongo.tests.strategies import far_dates, numbers, object_ids, texts

OID = "67c2c5000000000000000001"


def opened(text: str | bytes) -> ExportedFile:
    return ExportedFile(io.BytesIO(text.encode() if isinstance(text, str) else text), "users.json")


def read(text: str | bytes) -> list[Any]:
    """Documents, and for a fault its message and text."""
    found: list[Any] = []
    for raw in opened(text).documents():
        fault = fault_of(raw)
        found.append((fault.message, fault.data.decode(errors="replace")) if fault else bson.decode(raw, CODEC))
    return found


TWO = [{"_id": 1, "texts": ["{", '"}'], "deep": [{"a": 1}]}, {"_id": 2, "é": "😀\n"}]
LINES = [json.dumps(document, ensure_ascii=False) for document in TWO]
TABBED = [json.dumps(document, indent="\t") for document in TWO]


@pytest.mark.parametrize("step", [1, 7, 1024])
@pytest.mark.parametrize(
    "text",
    [
        "\n".join(LINES) + "\n",
        "\n".join(LINES),
        "\r\n".join(LINES) + "\r\n\r\n",
        "\ufeff" + "\n".join(LINES),
        "[" + ",".join(LINES) + "]\n",
        "[" + ",\n".join(LINES) + "]",
        "[\n" + "\n,".join(LINES) + "\n]\n",
        "\n".join(TABBED) + "\n\n",
        "[" + ",\n".join(TABBED) + "]\n\n",
        json.dumps(TWO, indent=2),
        f"[{LINES[0]}]\n[{LINES[1]}]",
    ],
    ids=[
        "lines",
        "no last newline",
        "CRLF",
        "BOM",
        "array",
        "array of lines",
        "commas in front",
        "pretty",
        "pretty array",
        "indented array",
        "two arrays",
    ],
)
def test_every_form_gives_the_same_documents(text: str, step: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exported, "BUFFER_BYTES", step)

    assert read(text) == TWO


@pytest.mark.parametrize("text", ["", "\n \n", "\ufeff", "[]\n", "[\n]"])
def test_a_file_may_hold_nothing(text: str) -> None:
    assert read(text) == []


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
    found = list(opened(f'{{"_id": {text}, "b": [{text}]}}').documents())

    assert found == [bson.encode({"_id": value, "b": [value]})]


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
    assert list(opened(text).documents()) == [(len(body) + 5).to_bytes(4, "little") + body + b"\0"]


def test_the_order_of_keys_is_kept() -> None:
    [raw] = opened('{"b": 1, "_id": 2, "a": 3}').documents()

    assert list(bson.decode(raw)) == ["b", "_id", "a"]


def test_a_key_that_stands_twice_does_so_in_bson() -> None:
    [raw, deep] = opened('{"_id": 1, "a": 1, "a": "b"}\n{"_id": 1, "c": {"a": 1, "a": 2}}').documents()

    assert raw == b"\x1e\0\0\0\x10_id\0\1\0\0\0\x10a\0\1\0\0\0\x02a\0\2\0\0\0b\0\0"
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
def test_what_is_no_document_is_a_fault_with_its_line(value: str, message: str) -> None:
    line = f'{{"_id": 2, "a": {value}}}'

    first, (told, text), last = read(f'{{"_id": 1}}\n{line}\n{{"_id": 3}}\n')

    assert (first, last) == ({"_id": 1}, {"_id": 3})
    assert told.startswith("users.json, line 2: no document: ")
    assert message in told
    assert text == line


@pytest.mark.parametrize("step", [3, 1024])
@pytest.mark.parametrize(
    ("broken", "message"),
    [
        ('{"_id": 2', "no JSON: Expecting ',' delimiter, line 3 at '{\"_id\": 3}\\n'"),
        ('{"_id" 2}', "no JSON: Expecting ':' delimiter, line 2 at '2}\\n{\"_id\": 3}\\n'"),
        ('{"_id": 2, "a": "}', "no JSON: Invalid control character at, line 2 at '\\n{\"_id\": 3}\\n'"),
        ('{"_id": 2, "a": "say "no" {"}', "no JSON: Expecting ',' delimiter, line 2 at"),
        ('{"_id": ObjectId("x")}', "no JSON: Expecting value, line 2 at 'ObjectId"),
        ('{"_id": 2, "a": [1, 2}', "no JSON: Expecting ',' delimiter, line 2 at '}"),
        ("connected to: mongodb://localhost/", "no JSON: Expecting value, line 2 at 'connected"),
        ("}", "no JSON: Expecting value, line 2 at '}\\n{"),
        ("5", "no document: it is a value, not a document"),
        ('"text"', "no document: it is a value, not a document"),
        ('{"a":' * 5000 + "1" + "}" * 5000, "no document: it is nested too deep"),
    ],
    ids=lambda text: text[:30],
)
def test_reading_goes_on_in_the_line_behind_a_broken_one(
    broken: str, message: str, step: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exported, "BUFFER_BYTES", step)

    first, (told, text), last = read(f'{{"_id": 1}}\n{broken}\n{{"_id": 3}}\n')

    assert (first, last) == ({"_id": 1}, {"_id": 3})
    assert told.startswith(f"users.json, line 2: {message}" if step > 3 else "users.json, line 2: no ")
    assert text == broken


def test_text_that_is_not_utf_8_is_kept_as_it_is() -> None:
    line = b'{"_id": 1, "a": "\xff\xe9"}'

    raw, last = opened(line + b'\n{"_id": 2}').documents()

    fault = fault_of(raw)
    assert fault is not None
    assert fault.message == "users.json, line 1: no document: it has text that is not UTF-8"
    assert fault.data == line
    assert bson.decode(last) == {"_id": 2}


@pytest.mark.parametrize(
    "text",
    [
        '[{"_id": 1},%s,{"_id": 3}]',
        '[{"_id": 1},\n%s,\n{"_id": 3}]',
        '[\n  {"_id": 1},\n  %s,\n  {"_id": 3}\n]',
        '[{"_id": 1}\n,%s\n,{"_id": 3}\n]',
    ],
)
@pytest.mark.parametrize("broken", ['{"_id" 2}', '{"_id": 2, "a": {"b" [{}]}}', "[2, {}]", "null", "ObjectId(5)"])
def test_reading_goes_on_in_an_array(text: str, broken: str) -> None:
    first, (_, kept), last = read(text % broken)

    assert (first, kept, last) == ({"_id": 1}, broken, {"_id": 3})


@pytest.mark.parametrize("text", ['[\n{"_id": 1},\n%s,\n{"_id": 3}\n]', '[\n {"_id": 1},\n %s\n ,{"_id": 3}\n]'])
def test_unbalanced_brackets_end_where_a_line_begins_like_theirs(text: str) -> None:
    broken = '{"_id": 2, "a": [{"_id": 5},\n    {"_id": 6}'

    first, (_, kept), last = read(text % broken)

    assert (first, kept.rstrip(","), last) == ({"_id": 1}, broken, {"_id": 3})


def test_a_pretty_document_is_left_as_a_whole() -> None:
    broken = '{\n\t"_id": 2,\n\t"a": [\n\t\t{"b" 1},\n\t\t{\n\t\t\t"_id": 3\n\t\t}\n\t]\n}'

    first, (told, kept), last = read(f'{{\n\t"_id": 1\n}}\n{broken}\n{{\n\t"_id": 4\n}}')

    assert (first, kept, last) == ({"_id": 1}, broken, {"_id": 4})
    assert told.startswith("users.json, line 4: no JSON: Expecting ':' delimiter, line 7 at '1},")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[{"_id": 1},', "users.json is truncated: the array that begins in line 1 has no end"),
        ('\n[{"_id": 1}', "users.json is truncated: the array that begins in line 2 has no end"),
        ('[{"_id": 1},\n{"_id": 2, "a": "cu', "users.json cannot be read on from line 2: no JSON: Unterminated string"),
        ('[{"_id": 1},{"_id": 2, "a": [,{"_id": 3}]', "users.json cannot be read on from line 1: no JSON: Expecting"),
        (b"\xff\xfe" + '{"_id": 1}'.encode("utf-16-le"), "users.json is UTF-16, expected UTF-8"),
    ],
    ids=["cut behind a comma", "cut behind a document", "cut in a document", "unbalanced", "UTF-16"],
)
def test_files_that_cannot_be_read_to_their_end_are_told(text: str | bytes, message: str) -> None:
    with pytest.raises(SourceError, match=f"^{message}"):
        read(text)


def test_a_cut_line_at_the_end_is_a_fault() -> None:
    first, (told, text) = read('{"_id": 1}\n{"_id": 2, "a": "cu')

    assert first == {"_id": 1}
    assert text == '{"_id": 2, "a": "cu'
    assert told == "users.json, line 2: no JSON: Unterminated string starting at, line 2 at '\"cu'"


def test_large_documents_are_read_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exported, "BUFFER_BYTES", 100)
    large = {"_id": 1, "text": "x" * 1_000_000}

    assert read(json.dumps(large) + "\n" + json.dumps({"_id": 2})) == [large, {"_id": 2}]


def test_text_larger_than_any_document_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exported, "BUFFER_BYTES", 100)
    monkeypatch.setattr(exported, "_MAX_TEXT", 1000)
    monkeypatch.setattr(exported, "_MAX_FAULT", 500)

    with pytest.raises(SourceError, match="line 2: no document ends in the"):
        read('{"_id": 1}\n{"a": "' + "x" * 5000)
    with pytest.raises(SourceError, match="line 1: no document ends in the"):
        read("x" * 1000)
    with pytest.raises(SourceError, match="line 1: 550 bytes are no JSON"):
        read("x" * 550)


def test_a_document_that_no_server_would_store_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extended_text, "MAX_DOCUMENT", 30)

    first, (told, _) = read('{"_id": 1}\n{"_id": "' + "x" * 30 + '"}')

    assert first == {"_id": 1}
    assert told == "users.json, line 2: no document: it has 45 bytes as BSON, more than any document of MongoDB"


def test_numbers_without_type_are_noted_by_their_path() -> None:
    file = opened(
        f'{{"_id": {{"$oid": "{OID}"}}, "n": 1, '
        '"comments": [{"position": {"start": 5}}, {"position": {"start": 6}}]}\n'
        '{"_id": 7, "n": 1.5, "t": {"$timestamp": {"t": 1, "i": 1}}, "d": {"$date": 5}}\n'
        '{"_id": 8, "n": 3, "broken": {"$oid": 5}}\n'
    )

    list(file.documents())

    assert {path: (notice.count, notice.samples) for (path, _), notice in file.relaxed.items()} == {
        "_id": (1, {"7"}),
        "n": (1, {OID}),
        "comments[].position.start": (2, {OID}),
    }
    assert {kind for _, kind in file.relaxed} == {"relaxed_number"}


keys = st.sampled_from(["a", "b", "a.b", "$x", "_id", "", "é"])
values = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        numbers.filter(lambda number: number == number),  # noqa: PLR0124 JSON knows one NaN only
        texts,
        object_ids,
        far_dates,
        st.binary(max_size=9),
        st.builds(Binary, st.binary(max_size=9), st.sampled_from([2, 3, 4, 128])),
        st.sampled_from([Timestamp(3, 4), Decimal128("-0E+3"), Regex("a+", "ix"), MinKey(), Code("f", {"a": 1})]),
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(keys, inner, max_size=3)),
    max_leaves=6,
)


@given(st.lists(st.dictionaries(keys, values, max_size=4), max_size=3), st.booleans(), st.sampled_from([None, "\t"]))
def test_canonical_text_gives_the_very_bytes(documents: list[dict[str, Any]], array: bool, indent: str | None) -> None:
    raws = [bson.encode({"": document}, codec_options=CODEC)[6:-1] for document in documents]
    decoded = [bson.decode(raw, CODEC) for raw in raws]
    parts = [json_util.dumps(one, indent=indent, json_options=json_util.CANONICAL_JSON_OPTIONS) for one in decoded]
    text = "[" + ",\n".join(parts) + "]" if array else "\n".join(parts)

    assert list(opened(text).documents()) == raws


pieces = st.sampled_from(
    ["{", "}", "[", "]", ",", ":", '"', "\\", "\n", " ", '"a"', '{"a": 1}', '"$date"', '"$oid"', "1", "-", "tru", "é"]
)


@given(st.one_of(st.binary(), st.lists(pieces, max_size=30).map("".join).map(str.encode)), st.sampled_from([1, 5, 900]))
def test_any_bytes_give_documents_faults_or_a_source_error(data: bytes, step: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(exported, "BUFFER_BYTES", step)
        try:
            found = list(opened(data).documents())
        except SourceError:
            return

    texts_left = b"".join(fault.data for raw in found if (fault := fault_of(raw)))
    for raw in found:
        assert fault_of(raw) or bson.decode(raw, CODEC) is not None
    assert len(texts_left) <= len(data)


COLLECTIONS = [
    "assignments",
    "assignmentsubmissions",
    "assignmenttemplates",
    "courses",
    "documents",
    "documentversions",
]
COLLECTIONS += ["notifications", "users", "writingsessions"]


@pytest.mark.parametrize("collection", COLLECTIONS)
def test_real_exports_hold_what_the_dump_holds(real_data: Path, collection: str) -> None:
    dump = (real_data / "dump" / "github-for-writers" / f"{collection}.bson").read_bytes()
    canonical = opened((real_data / "formats" / "canonical" / f"{collection}.json").read_bytes())
    relaxed = opened((real_data / "formats" / "relaxed-array" / f"{collection}.json").read_bytes())

    assert b"".join(canonical.documents()) == dump
    assert canonical.relaxed == {}
    found = [bson.decode(raw, CODEC) for raw in relaxed.documents()]
    assert all(map(same, found, bson.decode_all(dump, CODEC)))
    assert len(found) == len(bson.decode_all(dump, CODEC))
    assert {"__v"} <= {path for path, _ in relaxed.relaxed} or not dump
