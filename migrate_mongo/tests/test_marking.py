"""Rejected documents as people read them."""

from typing import Any

import bson
import pytest
from bson import Int64

from migrate_mongo.marking import DUMPED_BYTES, Line, hex_dump, lines_of
from migrate_mongo.tests.dumps import oid, user


def shown(document: dict[str, Any], *paths: str, collection: str = "courses", **options: Any) -> list[str]:
    """The lines, those that are marked with `>`."""
    lines = lines_of(collection, bson.encode(document), list(paths), **options)
    return [f"{'>' if line.is_marked else ' '}{line.text}" for line in lines]


def marked(document: dict[str, Any], *paths: str, **options: Any) -> list[str]:
    return [line[1:].strip() for line in shown(document, *paths, **options) if line[0] == ">"]


def test_a_document_is_canonical_extended_json_in_lines() -> None:
    document = {"_id": oid(1), "title": 'É "x"\n\0', "sizes": [1, Int64(2), 0.5], "tags": [], "settings": {"a": None}}

    assert shown(document, "title") == [
        " {",
        '   "_id": {"$oid": "67c2c5000000000000000001"},',
        '>  "title": "É \\"x\\"\\n\\u0000",',
        '   "sizes": [',
        '     {"$numberInt": "1"},',
        '     {"$numberLong": "2"},',
        '     {"$numberDouble": "0.5"}',
        "   ],",
        '   "tags": [],',
        '   "settings": {',
        '     "a": null',
        "   }",
        " }",
    ]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("a", ['"a": {']),
        ("a.b[].c", ['"c": true,', '"c": false']),
        ("a.b[]", ["{", "{", "null"]),
        ("a.b[].d.e", ['"d": {']),
        ("a.b[].x", ["{", "{", "null"]),
        ("a.b.c", ['"b": [']),
        ("list[]", ['"list": [],']),
        ("x", ["{"]),
        ("x.y[].z", ["{"]),
        ("", ["{"]),
        ("k.l", ['"k.l": "key with a dot"']),
        ("k.l.m", ['"k.l": "key with a dot"']),
        ("ab", ["{"]),
    ],
)
def test_a_path_is_marked_or_the_nearest_that_there_is(path: str, expected: list[str]) -> None:
    elements = [{"c": True, "d": {"f": 1}}, {"c": False}, None]
    document = {"a": {"b": elements}, "list": [], "k.l": "key with a dot"}

    assert marked(document, path) == expected


def test_several_paths_are_marked() -> None:
    assert marked({"a": True, "b": None, "c": ""}, "a", "c") == ['"a": true,', '"c": ""']


def test_of_several_places_those_with_the_fault_are_marked() -> None:
    document = {"students": [oid(1), oid(2), oid(1)]}

    assert marked(document, "students[]", suspect=lambda value: value == oid(2)) == [f'{{"$oid": "{oid(2)}"}},']
    assert len(marked(document, "students[]", suspect=lambda value: value == oid(9))) == 3


def test_passwords_are_not_shown_wherever_they_stand() -> None:
    people = user(1, password="$2b$secret", old=[{"Password": "$2b$secret", "x": 1}], other={"password": None})

    text = "\n".join(shown(people, "password", collection="users"))

    assert "secret" not in text
    assert '>  "password": "(not shown)",' in text
    assert '"password": null' in text


def test_deep_documents_end_somewhere() -> None:
    deep: Any = 1
    for _ in range(600):
        deep = {"a": deep}

    lines = shown({"deep": deep}, "deep" + ".a" * 300)

    assert [line.strip() for line in lines if ">" in line] == [">" + " " * 100 + '"a": {… nested deeper …}']


def test_long_values_are_cut_on_demand() -> None:
    assert marked({"content": "x" * 50}, "content", width=10) == ['"content": "xxxxxxxxx… (52 characters)']


def test_bytes_that_are_no_document_are_dumped() -> None:
    lines = list(lines_of("courses", b"\x12\x00\x00\x00broken \xff bytes", ["title"]))

    assert lines[0].text.startswith("not valid BSON: ")
    assert lines[0].text.endswith("; 18 bytes")
    assert lines[1:] == [
        Line("000000  12 00 00 00 62 72 6f 6b 65 6e 20 ff 20 62 79 74  ....broken . byt"),
        Line("000010  65 73                                            es"),
    ]
    assert list(hex_dump(bytes(DUMPED_BYTES + 5)))[-1] == "… and 5 bytes more"


def test_bytes_of_a_user_are_not_dumped() -> None:
    lines = list(lines_of("users", bson.encode(user(1))[:-3], []))

    assert lines[1:] == [Line("not shown: a password may be among them")]
