from pathlib import Path
from typing import Any

import bson
import pytest
from bson import Binary, Int64
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from migrate_mongo.exceptions import SourceError
from migrate_mongo.sources.oplog import Oplog
from migrate_mongo.tests.oplogs import (
    BEFORE,
    NOTHING,
    SESSION,
    START,
    Replay,
    apply_ops,
    command,
    delete,
    diff,
    entry,
    insert,
    update,
)


@pytest.fixture
def replay(tmp_path: Path) -> Replay:
    return Replay(tmp_path)


def test_documents_that_it_does_not_change_are_the_same_bytes(replay: Replay) -> None:
    strange = b"\x1c\0\0\0\x10_id\0\7\0\0\0\x0ea\0\2\0\0\0s\0\x08b\0\x02\0"
    raws = [bson.encode({"_id": 1, "a": 1}), strange, b"\6\0\0\0\x7e\0", bson.encode({"a": 1})]

    oplog = replay([delete(5), diff(6, {"u": {"a": 1}})])

    assert list(oplog.apply("users", iter(raws))) == raws
    assert list(oplog.apply("courses", iter(raws))) == raws
    assert oplog.collections == {"users"}


def test_an_empty_oplog_changes_nothing(replay: Replay) -> None:
    assert replay.result([], [{"_id": 1}]) == [{"_id": 1}]
    assert replay([]).collections == set()


def test_operations_are_applied_in_their_order(replay: Replay) -> None:
    entries = [
        insert({"_id": 2, "a": 1}),
        insert({"_id": 1, "a": 0}),
        diff(1, {"u": {"a": 1}}),
        NOTHING,
        delete(3),
        insert({"_id": 3, "b": 1}),
        diff(1, {"u": {"a": 2}}),
        insert({"_id": 4}),
        delete(4),
        update(5, {"_id": 5, "$v": 1, "new": True}),
    ]

    found = replay.result(entries, [{"_id": 1, "a": 9}, {"_id": 3, "old": 1}, {"_id": 5, "old": 1}, {"_id": 6}])

    assert found == [
        {"_id": 1, "a": 2},
        {"_id": 3, "b": 1},
        {"_id": 5, "$v": 1, "new": True},
        {"_id": 6},
        {"_id": 2, "a": 1},
    ]


def test_changes_of_documents_that_are_missing_are_none(replay: Replay) -> None:
    entries = [diff(1, {"u": {"a": 1}}), update(2, {"_id": 2, "a": 1}), delete(3)]

    assert replay.result(entries, []) == []


def test_ids_of_any_type_are_told_apart(replay: Replay) -> None:
    entries = [delete("1"), diff({"a": 1}, {"u": {"b": 2}}), delete(Int64(7))]

    found = replay.result(entries, [{"b": 0, "_id": {"a": 1}}, {"_id": "1"}, {"_id": 1}, {"_id": 7}])

    assert found == [{"b": 2, "_id": {"a": 1}}, {"_id": 1}, {"_id": 7}]


def test_object_ids_are_found_wherever_they_stand(replay: Replay) -> None:
    object_id = bson.ObjectId()

    found = replay.result(
        [entry("u", {"a": 1, "_id": object_id}, o2={"shard": 5, "_id": object_id})], [{"_id": object_id}]
    )

    assert found == [{"a": 1, "_id": object_id}]


def test_other_collections_and_databases_are_left_alone(replay: Replay) -> None:
    entries = [delete(1, collection="courses"), delete(1, database="other"), insert({"_id": 9}, database="schools")]

    assert replay.result(entries, [{"_id": 1}]) == [{"_id": 1}]
    assert replay.result(entries, [{"_id": 1}], "courses") == []


def test_a_dropped_collection_holds_what_came_later(replay: Replay) -> None:
    entries = [
        insert({"_id": 1}),
        insert({"_id": 1}, collection="courses"),
        command({"drop": "users"}, o2={"numRecords": 3}),
        command({"drop": "courses"}, "other"),
        command({"create": "users", "idIndex": {"v": 2, "key": {"_id": 1}, "name": "_id_"}}),
        insert({"_id": 3, "a": 1}),
        diff(3, {"u": {"a": 2}}),
    ]

    assert replay.result(entries, [{"_id": 1}, {"_id": 2}, {"_id": 3, "a": 9}]) == [{"_id": 3, "a": 2}]
    assert replay.result(entries, [{"_id": 2}], "courses") == [{"_id": 2}, {"_id": 1}]
    assert replay(entries[2:3]).collections == {"users"}
    assert replay.result(entries[2:3], [{"_id": 1}]) == []


def test_a_dropped_database_holds_what_came_later(replay: Replay) -> None:
    entries = [insert({"_id": 1}), command({"dropDatabase": 1}), insert({"_id": 5})]

    assert replay.result(entries, [{"_id": 2}]) == [{"_id": 5}]
    assert replay.result(entries, [{"_id": 2}], "courses") == []
    assert replay(entries).drops_database
    assert not replay([command({"dropDatabase": 1}, "other")]).drops_database


@pytest.mark.parametrize(
    "ignored",
    [
        command({"createIndexes": "users", "v": 2, "key": {"email": 1}, "name": "email_1"}),
        command({"commitIndexBuild": "users", "indexBuildUUID": Binary(b"i" * 16, 4), "indexes": []}),
        command({"dropIndexes": "users", "index": "email_1"}),
        command({"collMod": "users", "index": {}}),
        command({"create": "users"}),
        command({"convertToCapped": "users"}, "other"),
        command({"renameCollection": "other.a", "to": "other.b", "stayTemp": False, "dropTarget": True}, "other"),
        command({"create": "system.keys"}, "admin"),
        entry("n", {"msg": "new primary"}, "", ""),
        entry("ci", {"a": 1}),
    ],
)
def test_what_changes_no_document_is_ignored(replay: Replay, ignored: dict[str, Any]) -> None:
    assert replay.result([ignored], [{"_id": 1}]) == [{"_id": 1}]


@pytest.mark.parametrize(
    ("unknown", "message"),
    [
        (
            command({"renameCollection": "school.users", "to": "school.people", "dropTarget": False}),
            "the renaming of school.users to school.people",
        ),
        (command({"renameCollection": "tmp.x", "to": "school.users"}, "tmp"), "the renaming of tmp.x to school.users"),
        (command({"convertToCapped": "users"}), "the command convertToCapped"),
        (entry("x", {"_id": 1}), "of the kind 'x'"),
        (apply_ops(entry("c", {"emptycapped": "users"}, "$cmd")), "the command emptycapped"),
        (command({"commitTransaction": 1}, "admin", **SESSION), "the end of a transaction that began before the dump"),
        (
            apply_ops(insert({"_id": 1}), **SESSION, prevOpTime=BEFORE),
            "the end of a transaction that began before the dump",
        ),
    ],
)
def test_what_cannot_be_applied_is_told(replay: Replay, unknown: dict[str, Any], message: str) -> None:
    with pytest.raises(SourceError, match=rf"^oplog.bson has {message} at byte \d+, .* take a new dump"):
        replay([NOTHING, unknown])


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (bson.encode(insert({"_id": 1}))[:-9], "oplog.bson is truncated: the document at byte 0 has"),
        (b"no oplog", "oplog.bson is not BSON at byte 0"),
        (bson.encode({"op": "i", "ns": "school.users"}), "damaged in the entry at byte 0: the operation has no o of"),
        (bson.encode({"ns": "school.users", "o": {}}), "damaged in the entry at byte 0: the operation has no op of"),
        (bson.encode(insert({"a": 1})), "the operation does not say which document it is about"),
        (bson.encode(entry("u", {"_id": 1})), "the operation has no o2 of the right type"),
        (bson.encode(command({})), "the command has no name"),
        (bson.encode(command({"drop": 5})), "drop is no text"),
        (bson.encode(command({"applyOps": 1})), "applyOps is no array"),
        (bson.encode(command({"applyOps": [1]})), "applyOps holds something that is no operation"),
        (b"\x09\0\0\0\x02op\x01\0", "the name of the element at byte 4 has no end"),
        (b"\x0d\0\0\0\x02op\0\x40\0\0\0\0", "the value at byte 8 is longer than the document"),
    ],
)
def test_damage_is_told_with_its_place(tmp_path: Path, data: bytes, message: str) -> None:
    file = tmp_path / "oplog.bson"
    file.write_bytes(data)

    with pytest.raises(SourceError, match=message):
        Oplog(file, "oplog.bson", "school")


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"oplog\.bson cannot be read: No such file"):
        Oplog(tmp_path / "oplog.bson", "oplog.bson", "school")


def test_a_file_that_has_been_cut_since_is_told(replay: Replay) -> None:
    oplog = replay([NOTHING, insert({"_id": 1})])
    replay.file.write_bytes(bson.encode(NOTHING))

    with pytest.raises(SourceError, match="has been cut at byte"):
        list(oplog.apply("users", []))


MANY = [
    NOTHING,
    insert({"_id": 1, "a": [1, {"b": 2}]}),
    diff(1, {"u": {"c": 1}, "sa": {"a": True, "l": 3, "u0": 5, "s1": {"u": {"b": 3}}}}),
    update(1, {"$v": 1, "$set": {"a.1.b": 7, "d": 1.5}, "$unset": {"c": True}}),
    apply_ops(insert({"_id": 2}), prepare=True, **SESSION, prevOpTime=START),
    command({"commitTransaction": 1}, "admin", **SESSION, prevOpTime=BEFORE),
    command({"drop": "courses"}),
]
WHOLE = b"".join(map(bson.encode, MANY))
ENDS = {len(b"".join(map(bson.encode, MANY[:count]))) for count in range(len(MANY) + 1)}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, len(WHOLE)).filter(lambda length: length not in ENDS))
def test_an_oplog_cut_within_an_entry_is_truncated(replay: Replay, length: int) -> None:
    replay.file.write_bytes(WHOLE[:length])

    with pytest.raises(SourceError, match="truncated"):
        Oplog(replay.file, "oplog.bson", "school")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=400, deadline=None)
@given(st.integers(0, len(WHOLE) - 1), st.integers(1, 255))
def test_a_changed_byte_leads_to_no_other_error(replay: Replay, place: int, change: int) -> None:
    data = bytearray(WHOLE)
    data[place] ^= change
    replay.file.write_bytes(bytes(data))

    try:
        found = list(Oplog(replay.file, "oplog.bson", "school").apply("users", [bson.encode({"_id": 1, "a": [0]})]))
    except SourceError:
        return

    assert len(found) <= 3
