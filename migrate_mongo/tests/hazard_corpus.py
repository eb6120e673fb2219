"""One dump with every hazard that a file can carry, by the numbers of docs/hazards.md, and what becomes of each."""

import random
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import bson
from bson import Binary, Code, DatetimeMS, DBRef, Decimal128, Int64, MaxKey, MinKey, Regex, Timestamp

from migrate_mongo.tests.dumps import classroom, course, document, oid, submission, user, version, write_dump

Outcome = tuple[str, str]  # the kind of finding, or `rejected: ` and the reason; and the path
LOADED: list[Outcome] = []
UNDECODABLE = [("rejected: undecodable", "")]
KEPT = [("unknown_field", "odd")]


class Case(NamedTuple):
    """`collection` says where the document is from; the outcome is all that is found in it."""

    hazard: str
    collection: str
    document: dict[str, Any] | bytes
    outcome: list[Outcome]


def nested(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = {"a": value}
    return value


def deep_bson(number: int, levels: int) -> bytes:
    """What PyMongo can neither write nor read: an object in an object, so many times."""
    inner = b"\x05\0\0\0\0"
    for _ in range(levels):
        body = b"\x03a\0" + inner + b"\0"
        inner = (len(body) + 4).to_bytes(4, "little") + body
    return with_elements(document(number, 2), b"\x03odd\0" + inner)


def with_elements(sound: dict[str, Any], elements: bytes) -> bytes:
    """The document with elements that no Python value is written as."""
    body = bson.encode(sound)[4:-1] + elements + b"\0"
    return (len(body) + 4).to_bytes(4, "little") + body


def odd(number: int, value: Any) -> dict[str, Any]:
    """A document that holds a value where no model declares one."""
    return document(number, 2, odd=value)


def cases() -> Iterator[Case]:
    yield from _bytes()
    yield from _texts()
    yield from _numbers()
    yield from _types()
    yield from _shapes()
    yield from _constraints()


def _bytes() -> Iterator[Case]:
    whole = bson.encode(document(1001, 2, title="brok?"))
    yield Case("H15", "documents", b"\xffno document at all\xff", UNDECODABLE)
    yield Case("H18", "documents", whole.replace(b"brok?", b"bro\xff\xfe"), UNDECODABLE)
    boolean = bson.encode(document(1002, 2, settings={"autoSave": True}))
    yield Case("H18", "documents", boolean.replace(b"autoSave\0\x01", b"autoSave\0\x02"), UNDECODABLE)
    yield Case("H20", "documents", whole.replace(b"brok?", b"a\xed\xa0\x80b"), UNDECODABLE)
    yield Case("H36", "documents", odd(1003, nested(100)), KEPT)
    yield Case("H36", "documents", odd(1004, nested(240)), [("rejected: too_deep", "odd")])
    yield Case("H36", "documents", deep_bson(1005, 3200), UNDECODABLE)


def _texts() -> Iterator[Case]:
    yield Case("H19", "documents", document(1101, 2, content="a\0b"), [("nul_removed", "content")])
    texts = {"context": {}, "intervention": {"resolution": "\0"}}
    yield Case("H19", "notifications", notification(1102, **texts), [("nul_removed", "intervention.resolution")])
    yield Case("H19", "documents", odd(1103, {"deep": ["x\0y"]}), KEPT)
    yield Case("H38", "documents", document(1104, 2, title="T" * 100_000 + "   "), LOADED)
    yield Case("H37", "documents", document(1105, 2, content="ß" * 7_500_000), LOADED)
    chance = random.Random(37)
    address = "".join(chance.choices("abcdefghijklmnopqrstuvwxyz0123456789", k=9000))
    yield Case("H37", "users", user(1106, email=f"{address}@school.test"), [("rejected: constraint", "")])


def _numbers() -> Iterator[Case]:
    inside = [("non_finite", "metadata.wordCount")]
    yield Case("H21", "documents", document(1201, 2, **metadata(wordCount=float("nan"))), inside)
    yield Case("H21", "documents", odd(1202, [float("inf"), float("-inf"), float("nan")]), KEPT)
    yield Case("H22", "documents", document(1203, 2, **metadata(wordCount=-0.0, readingTime=1e2)), LOADED)
    yield Case("H23", "documents", document(1204, 2, **metadata(wordCount=Int64(2**53 + 1))), LOADED)
    yield Case("H23", "documents", document(1205, 2, **metadata(wordCount=1e19)), LOADED)
    yield Case("H23", "courses", course(1206, 1, maxStudents=Int64(2**40)), [("out_of_range", "maxStudents")])
    yield Case("H23", "courses", course(1207, 1, maxStudents=2.5), [("fraction", "maxStudents")])
    exact = course(1208, 1, maxStudents=Decimal128("30"))
    yield Case("H24", "courses", exact, [("cast", "maxStudents")])
    yield Case("H24", "courses", course(1209, 1, maxStudents=Decimal128("NaN")), [("uncastable", "maxStudents")])
    yield Case("H24", "documents", odd(1210, Decimal128("-0E-6176")), KEPT)


def _types() -> Iterator[Case]:
    for number, moment in enumerate((-(2**63), 2**63 - 1, 253_402_300_800_000, -62_135_596_800_001), 1301):
        out = [("out_of_range", "startDate")]
        yield Case("H25", "courses", course(number, 1, startDate=DatetimeMS(moment)), out)
    zoned = course(1306, 1, startDate="2025-03-01T10:00:00+02:00")
    yield Case("H26", "courses", zoned, [("cast", "startDate")])
    yield Case("H27", "documents", odd(1307, Timestamp(1_700_000_000, 7)), KEPT)
    for subtype in (3, 4):
        yield Case("H28", "documents", odd(1310 + subtype, Binary(bytes(range(16)), subtype)), KEPT)
    for number, subtype in enumerate((0, 1, 2, 5, 6, 7, 8, 9, 128), 1320):
        yield Case("H29", "documents", odd(number, Binary(b"\0\xffx", subtype)), KEPT)
    strange = [Regex("^a/b", "imx"), Code("f()"), Code("f(n)", {"n": 1}), MinKey(), MaxKey(), DBRef("users", oid(2))]
    for number, value in enumerate(strange, 1330):
        yield Case("H30", "documents", odd(number, value), KEPT)
    old = {b"\x06odd\0", b"\x0eodd\0\x03\0\0\0ab\0", b"\x0codd\0\x03\0\0\0ab\0" + oid(2).binary}
    for number, element in enumerate(sorted(old), 1340):
        raw = with_elements(document(number, 2), element)
        yield Case("H30", "documents", raw, [("deprecated_type", "odd"), ("unknown_field", "odd")])


def _shapes() -> Iterator[Case]:
    twice = with_elements(document(1401, 2), b"\x02title\0\x02\0\0\0x\0")
    yield Case("H31", "documents", twice, [("duplicate_key", "title")])
    keys = {"a.b": 1, "$set": 2, "": 3, "k" * 80: 4, "Key": 5, "key": 6}
    yield Case("H32", "documents", odd(1402, keys), KEPT)
    yield Case("H33", "users", user(1403, bio=None), [("stored_null", "bio")])
    yield Case("H33", "users", user(1404, bio=""), LOADED)
    undefined = with_elements(user(1405), b"\x06bio\0")
    yield Case("H33", "users", undefined, [("deprecated_type", "bio"), ("stored_null", "bio")])
    for number, value in enumerate((5, 5.0), 1410):
        yield Case("H34", "documents", document(number, 2, title=value), [("cast", "title")])
    for number, value in enumerate(({"a": 1}, ["a"]), 1412):
        yield Case("H34", "documents", document(number, 2, title=value), [("uncastable", "title")])
    holes = bson.encode({"5": 1, "0": 2})
    array = b"\x04odd\0" + holes
    yield Case("H35", "documents", with_elements(document(1420, 2), array), [("array_keys", "odd"), KEPT[0]])
    yield Case("H35", "documents", odd(1421, [[1], [[2, None]], "x"]), KEPT)
    yield Case("H35", "courses", course(1422, 1, tags="one"), [("cast", "tags")])
    yield Case("H35", "courses", course(1423, 1, students=[oid(2), oid(2)]), [("duplicate_reference", "students[]")])


def _constraints() -> Iterator[Case]:
    yield Case("H39", "documents", document(1501, 2, status="Active"), [("outside_enum", "status")])
    yield Case("H39", "users", user(1502, email=None), [("rejected: missing_value", "email")])
    yield Case("H40", "documents", document(1503, 2, course=str(oid(10))), [("cast", "course")])
    yield Case("H41", "documents", document(1504, 2, course=oid(9999)), [("dangling_reference", "course")])
    yield Case("H41", "documents", document(1505, 9999), [("rejected: dangling_reference", "author")])
    yield Case("H41", "documents", document(1506, 1502), [("rejected: dangling_reference", "author")])
    children = version(1507, 1506, 1)
    yield Case("H41", "documentversions", children, [("rejected: dangling_reference", "document")])
    yield Case("H42", "users", user(1510, email="same@school.test"), LOADED)
    yield Case("H42", "users", user(1511, email=" Same@School.test "), [("rejected: constraint", "email")])
    composed = unicodedata.normalize("NFC", "é@school.test")
    yield Case("H42", "users", user(1512, email=composed), LOADED)
    yield Case("H42", "users", user(1513, email=unicodedata.normalize("NFD", composed)), LOADED)
    older, newer = (submission(number, 20, 2) for number in (1514, 1515))
    yield Case("H42", "assignmentsubmissions", older, [("superseded", "_id")])
    yield Case("H42", "assignmentsubmissions", newer, LOADED)


def notification(number: int, **fields: Any) -> dict[str, Any]:
    required = {"recipient": oid(2), "type": "system_maintenance", "category": "system", "title": "T", "message": "M"}
    timeless = {key: value for key, value in user(number).items() if key in ("_id", "createdAt", "updatedAt", "__v")}
    return {**timeless, **required, **fields}


def metadata(**numbers: Any) -> dict[str, Any]:
    return {"metadata": {**document(1, 1)["metadata"], **numbers}}


def write_corpus(folder: Path) -> Path:
    """Sound documents with the cases among them."""
    collections: Any = {name: list(documents) for name, documents in classroom().items()}
    for case in cases():
        collections.setdefault(case.collection, []).append(case.document)
    collections["documents"].append(document(1999, 2))
    return write_dump(folder, collections)


def id_of(case: Case) -> str:
    """As the ledger has it; empty for what cannot be decoded."""
    if case.outcome == UNDECODABLE:
        return ""
    found = case.document if isinstance(case.document, dict) else bson.decode(case.document)
    return str(found["_id"])
