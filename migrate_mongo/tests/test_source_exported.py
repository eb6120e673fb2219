import io
import json
from pathlib import Path
from typing import Any

import bson
import pytest
from bson import Binary, Code, Decimal128, MinKey, Regex, Timestamp, json_util
from hypothesis import given
from hypothesis import strategies as st

from migrate_mongo.exceptions import SourceError
from migrate_mongo.extended_json import CODEC, same
from migrate_mongo.sources import exported
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


def test_what_is_no_document_is_a_fault_with_its_line() -> None:
    line = '{"_id": 2, "a": {"$date": "not a date"}}'

    first, fault, last = read(f'{{"_id": 1}}\n{line}\n{{"_id": 3}}\n')

    assert (first, last) == ({"_id": 1}, {"_id": 3})
    assert fault == ("users.json, line 2: no document: not a date: 'not a date'", line)


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
