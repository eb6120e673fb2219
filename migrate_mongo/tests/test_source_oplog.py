import copy
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import bson
import pytest
from bson import Binary, Int64, Timestamp
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from migrate_mongo.exceptions import SourceError
from migrate_mongo.sources.frames import fault_of
from migrate_mongo.sources.oplog import Oplog

Entries = Iterable[dict[str, Any]]
SESSION = {"lsid": {"id": Binary(b"s" * 16, 4), "uid": b"u" * 32}, "txnNumber": Int64(3)}
START = {"ts": Timestamp(0, 0), "t": Int64(-1)}
BEFORE = {"ts": Timestamp(1740000000, 1), "t": Int64(1)}


def entry(
    op: str, o: dict[str, Any], collection: str = "users", database: str = "school", **more: Any
) -> dict[str, Any]:
    times = {"ts": Timestamp(1740000000, 2), "t": Int64(1), "v": Int64(2), "wall": bson.DatetimeMS(0)}
    return {"op": op, "ns": f"{database}.{collection}", "ui": Binary(b"c" * 16, 4), "o": o, **more, **times}


def insert(document: dict[str, Any], **more: Any) -> dict[str, Any]:
    return entry("i", document, **more)


def update(object_id: Any, change: dict[str, Any], **more: Any) -> dict[str, Any]:
    return entry("u", change, o2={"_id": object_id}, **more)


def diff(object_id: Any, change: dict[str, Any], **more: Any) -> dict[str, Any]:
    return update(object_id, {"$v": 2, "diff": change}, **more)


def delete(object_id: Any, **more: Any) -> dict[str, Any]:
    return entry("d", {"_id": object_id}, **more)


def command(o: dict[str, Any], database: str = "school", **more: Any) -> dict[str, Any]:
    return entry("c", o, "$cmd", database, **more)


def apply_ops(*operations: dict[str, Any], **more: Any) -> dict[str, Any]:
    """The shape of operations within `applyOps`: without times."""
    inner = [{key: one[key] for key in ("op", "ns", "ui", "o", "o2") if key in one} for one in operations]
    fields = {key: more.pop(key) for key in ("partialTxn", "prepare", "count") if key in more}
    return command({"applyOps": inner, **fields}, "admin", **more)


NOTHING = entry("n", {"msg": "periodic noop"}, "", "")


class Replay:
    """An oplog in a file."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "oplog.bson"

    def __call__(self, entries: Entries) -> Oplog:
        self.file.write_bytes(b"".join(map(bson.encode, entries)))
        return Oplog(self.file, "oplog.bson", "school")

    def result(self, entries: Entries, documents: Entries, collection: str = "users") -> list[dict[str, Any]]:
        raws = map(bson.encode, documents)
        return [bson.decode(raw) for raw in self([NOTHING, *entries]).apply(collection, raws)]


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


@pytest.mark.parametrize(
    ("before", "change", "after"),
    [
        ({"a": 1, "b": 2}, {"u": {"a": 5}}, {"a": 5, "b": 2}),
        ({"a": 1, "b": 2}, {"d": {"a": False}, "u": {"b": "x"}, "i": {"c": 3}}, {"b": "x", "c": 3}),
        ({"a": 1, "b": 2}, {"i": {"a": 3}}, {"b": 2, "a": 3}),
        ({}, {"u": {"a": 1}}, {"a": 1}),
        ({"a": {"b": 1, "c": 2}}, {"sa": {"u": {"b": 5}, "sd": {"u": {"x": 1}}}}, {"a": {"b": 5, "c": 2}}),
        ({"a": {"b": {"c": 1}}}, {"sa": {"sb": {"d": {"c": False}, "i": {"d": 1}}}}, {"a": {"b": {"d": 1}}}),
        ({"a.b": 1, "": 2}, {"u": {"a.b": 5}, "s": {"u": {"a": 1}}}, {"a.b": 5, "": None}),
        ({"a": 7}, {"sa": {"u": {"b": 5}}}, {"a": None}),
        ({"a": [1]}, {"sa": {"u": {"b": 5}}}, {"a": None}),
        ({"a": {"0": 1}}, {"sa": {"a": True, "u0": 5}}, {"a": None}),
        ({"a": [1, 2, 3]}, {"sa": {"a": True, "u1": 5}}, {"a": [1, 5, 3]}),
        ({"a": [1, 2, 3]}, {"sa": {"a": True, "l": 2}}, {"a": [1, 2]}),
        ({"a": [1, 2, 3]}, {"sa": {"a": True, "l": 2, "u0": "x"}}, {"a": ["x", 2]}),
        ({"a": [1]}, {"sa": {"a": True, "l": 3}}, {"a": [1, None, None]}),
        ({"a": [1]}, {"sa": {"a": True, "u3": 9, "u1": 5}}, {"a": [1, 5, None, 9]}),
        ({"a": [1]}, {"sa": {"a": True, "s2": {"u": {"b": 1}}}}, {"a": [1, None, None]}),
        ({"a": [{"b": 1}, [1, 2]]}, {"sa": {"a": True, "s0": {"u": {"b": 2}}}}, {"a": [{"b": 2}, [1, 2]]}),
        ({"a": [{"b": 1}, [1, 2]]}, {"sa": {"a": True, "s1": {"a": True, "u0": 5}}}, {"a": [{"b": 1}, [5, 2]]}),
        ({"a": [{"b": 1}, [1, 2]]}, {"sa": {"a": True, "s0": {"a": True, "u0": 5}}}, {"a": [None, [1, 2]]}),
    ],
)
def test_diffs(replay: Replay, before: dict[str, Any], change: dict[str, Any], after: dict[str, Any]) -> None:
    [found] = replay.result([diff(1, change)], [{"_id": 1, **before}])

    assert found == {"_id": 1, **after}
    assert list(found) == ["_id", *after]


@pytest.mark.parametrize(
    ("before", "change", "after"),
    [
        ({"a": 1, "b": 2}, {"$v": 1, "$set": {"a": 5, "c": 3}, "$unset": {"b": True}}, {"a": 5, "c": 3}),
        ({"a": 1}, {"$set": {"a": 5}, "$v": 1}, {"a": 5}),
        ({"a": 1}, {"$set": {"a": 5}}, {"a": 5}),
        (
            {"a": {"b": 1}},
            {"$v": 1, "$set": {"a.b": 2, "a.c": 3, "d.e.f": 4}},
            {"a": {"b": 2, "c": 3}, "d": {"e": {"f": 4}}},
        ),
        ({"a": [1, {"b": 1}]}, {"$v": 1, "$set": {"a.0": 5, "a.1.b": 6}}, {"a": [5, {"b": 6}]}),
        ({"a": [1]}, {"$v": 1, "$set": {"a.1": 5, "a.3": 6}}, {"a": [1, 5, None, 6]}),
        ({"a": [1]}, {"$v": 1, "$set": {"a.1.b": 5}}, {"a": [1, {"b": 5}]}),
        ({"a": {"0": 1}}, {"$v": 1, "$set": {"a.0": 5, "a.1": 6}}, {"a": {"0": 5, "1": 6}}),
        ({"a": 1, "b": [1]}, {"$v": 1, "$set": {"a.b": 2, "b.c": 3, "b.0.x": 1, "c": 4}}, {"a": 1, "b": [1], "c": 4}),
        ({"a": {"b": 1, "c": 2}}, {"$v": 1, "$unset": {"a.b": True, "a.x": True, "x.y": True}}, {"a": {"c": 2}}),
        ({"a": [1, 2]}, {"$v": 1, "$unset": {"a.0": True, "a.7": True}}, {"a": [None, 2]}),
        ({"a": 1}, {"b": 2}, {"b": 2}),
        ({"a": 1}, {}, {}),
    ],
)
def test_modifiers_and_replacements(
    replay: Replay, before: dict[str, Any], change: dict[str, Any], after: dict[str, Any]
) -> None:
    [found] = replay.result([update(1, change)], [{"_id": 1, **before}])

    assert found == {"_id": 1, **after}
    assert list(found) == ["_id", *after]


def test_elements_that_an_update_does_not_name_are_the_same_bytes(replay: Replay) -> None:
    kept = (
        b"\x0ea\0\2\0\0\0s\0\x06u\0\x06u\0\x01n\0\0\0\0\0\0\0\xf8\xff\x0br\0x\0zg\0\x05b\0\1\0\0\0\x80x\xffm\0\x0fc\0"
    )
    kept += b"\x11\0\0\0\2\0\0\0f\0\5\0\0\0\0\0\0"[:17] + b"\x0cp\0\2\0\0\0d\0" + b"o" * 12
    inner = (len(kept) + 5).to_bytes(4, "little") + kept + b"\0"
    head = b"\x10_id\0\1\0\0\0\x03i\0"
    raw = (len(head + inner) + 5 + 7).to_bytes(4, "little") + head + inner + b"\x10x\0\1\0\0\0" + b"\0"

    [found] = replay([diff(1, {"u": {"x": 2}, "si": {"i": {"new": True}}})]).apply("users", [raw])

    grown = (len(kept) + 11).to_bytes(4, "little") + kept + b"\x08new\0\1" + b"\0"
    assert found == (len(raw) + 6).to_bytes(4, "little") + head + grown + b"\x10x\0\2\0\0\0" + b"\0"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"$v": 2, "diff": {"b": {"x": 1}}}, "a diff with 'b'"),
        ({"$v": 2, "diff": {"sa": {"a": True, "x1": 1}}}, "a diff of an array with 'x1'"),
        ({"$v": 2, "diff": {"sa": {"a": True, "u99999999999": 1}}}, "a diff of an array with 'u99999999999'"),
        ({"$v": 2, "diff": {"sa": {"a": True, "l": 2**31 - 1}}}, "a diff of an array of 2,147,483,647 elements"),
        ({"$v": 2, "diff": {"sa": {"a": True, "l": 1, "u5": 1}}}, "a diff of element 5 in an array of 1 elements"),
        ({"$v": 2, "diff": {"sa": {"a": True, "l": float("nan")}}}, "'l' that is no integer"),
        ({"$v": 2, "$set": {"a": 1}}, "an update without a diff"),
        ({"$v": 3, "other": 1}, r"an update with 'other'"),
        ({"$v": 1, "$inc": {"a": 1}}, r"an update with '\$inc'"),
        ({"$v": "1", "$set": {"a": 1}}, r"'\$v' that is no integer"),
    ],
)
def test_updates_that_no_server_writes_are_refused(replay: Replay, change: dict[str, Any], message: str) -> None:
    oplog = replay([NOTHING, update(1, change)])
    place = len(bson.encode(NOTHING))

    with pytest.raises(SourceError, match=rf"^oplog.bson has {message} at byte {place}, .* take a new dump"):
        list(oplog.apply("users", [bson.encode({"_id": 1, "a": [1]})]))


def test_a_changed_document_that_is_no_bson_is_a_fault(replay: Replay) -> None:
    raw = b"\x15\0\0\0\x10_id\0\1\0\0\0\x55a\0\0\0\0\0\0"

    [found] = replay([diff(1, {"u": {"a": 1}})]).apply("users", [raw])

    fault = fault_of(found)
    assert fault is not None
    assert (
        fault.message == "oplog.bson changes the document at byte 0, but the value at byte 16 is of an unknown type, 55"
    )
    assert fault.data == raw


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


def test_apply_ops_are_taken_apart(replay: Replay) -> None:
    entries = [
        apply_ops(
            insert({"_id": 1, "a": 1}),
            entry("c", {"applyOps": [{"op": "i", "ns": "school.users", "o": {"_id": 2, "a": 1}}]}, "$cmd", "admin"),
            delete(1, database="other"),
            diff(1, {"u": {"a": 2}}),
            delete(3),
        )
    ]

    assert replay.result(entries, [{"_id": 3}]) == [{"_id": 1, "a": 2}, {"_id": 2, "a": 1}]


def test_a_transaction_happens_in_its_entry(replay: Replay) -> None:
    small = apply_ops(insert({"_id": 1}), delete(2), **SESSION, prevOpTime=START)
    of_4_0 = apply_ops(insert({"_id": 3}), **{**SESSION, "txnNumber": Int64(4)})
    vectored = apply_ops(insert({"_id": 4}), **{**SESSION, "txnNumber": Int64(5)}, prevOpTime=BEFORE, multiOpType=1)

    assert replay.result([small, of_4_0, vectored], [{"_id": 2}]) == [{"_id": 1}, {"_id": 3}, {"_id": 4}]


def test_a_large_transaction_happens_at_its_end(replay: Replay) -> None:
    entries = [
        apply_ops(diff(1, {"u": {"a": 1}}), partialTxn=True, **SESSION, prevOpTime=START),
        diff(1, {"u": {"a": 2}, "i": {"b": 1}}),
        apply_ops(insert({"_id": 2}), partialTxn=True, **SESSION, prevOpTime=BEFORE),
        apply_ops(insert({"_id": 3}), count=Int64(3), **SESSION, prevOpTime=BEFORE),
    ]

    assert replay.result(entries, [{"_id": 1, "a": 0}]) == [{"_id": 1, "a": 1, "b": 1}, {"_id": 2}, {"_id": 3}]
    assert replay.result(entries[:-1], [{"_id": 1, "a": 0}]) == [{"_id": 1, "a": 2, "b": 1}]


@pytest.mark.parametrize(
    ("end", "found"),
    [
        ([command({"commitTransaction": 1, "commitTimestamp": Timestamp(5, 1)}, "admin", **SESSION)], [1, 2]),
        ([command({"abortTransaction": 1}, "admin", **SESSION)], []),
        ([], []),
    ],
    ids=["committed", "aborted", "still open"],
)
def test_a_prepared_transaction_happens_when_it_is_committed(
    replay: Replay, end: list[dict[str, Any]], found: list[int]
) -> None:
    entries = [
        apply_ops(insert({"_id": 1}), partialTxn=True, **SESSION, prevOpTime=START),
        apply_ops(insert({"_id": 2}), prepare=True, **SESSION, prevOpTime=BEFORE),
        *({**one, "prevOpTime": BEFORE} for one in end),
    ]

    assert [document["_id"] for document in replay.result(entries, [])] == found


@pytest.mark.parametrize(
    "first",
    [
        command({"commitTransaction": 1}, "admin", **SESSION),
        apply_ops(insert({"_id": 1}), **SESSION, prevOpTime=BEFORE),
    ],
)
def test_the_first_entry_may_end_what_is_in_the_dump(replay: Replay, first: dict[str, Any]) -> None:
    assert list(replay([first]).apply("users", [bson.encode({"_id": 1})])) == [bson.encode({"_id": 1})]


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


def difference(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """The diff that a server writes."""
    found: dict[str, Any] = {
        "d": dict.fromkeys(before.keys() - after.keys(), False),
        "u": {},
        "i": {key: after[key] for key in after.keys() - before.keys()},
    }
    for key in before.keys() & after.keys():
        old, new = before[key], after[key]
        if isinstance(old, dict) and isinstance(new, dict) and old != new:
            found[f"s{key}"] = difference(old, new)
        elif isinstance(old, list) and isinstance(new, list) and old != new:
            changed = {f"u{index}": value for index, value in enumerate(new) if [value] != old[index : index + 1]}
            found[f"s{key}"] = {"a": True, **({"l": len(new)} if len(new) < len(old) else {}), **changed}
        elif old != new:
            found["u"][key] = new
    return {key: value for key, value in found.items() if value}


leaves = st.one_of(st.integers(0, 3), st.just("x"), st.lists(st.integers(0, 3), max_size=3))
bodies = st.dictionaries(st.sampled_from("abc"), st.one_of(leaves, st.dictionaries(st.sampled_from("de"), leaves)))
steps = st.lists(st.tuples(st.integers(1, 3), st.one_of(st.none(), bodies)), max_size=12)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps, st.data())
def test_a_dump_of_any_moments_becomes_the_last_one(
    replay: Replay, steps: list[tuple[int, dict[str, Any] | None]], data: st.DataObject
) -> None:
    state: dict[int, dict[str, Any]] = {1: {"_id": 1, "a": 0}, 2: {"_id": 2}}
    history = [copy.deepcopy(state)]
    entries = []
    for object_id, body in steps:
        if body is None:
            entries.append(delete(object_id))
            state.pop(object_id, None)
        elif object_id in state:
            after = {"_id": object_id, **body}
            change = difference(state[object_id], after)
            entries.append(diff(object_id, change) if change else NOTHING)
            state[object_id] = after
        else:
            state[object_id] = {"_id": object_id, **body}
            entries.append(insert(state[object_id]))
        history.append(copy.deepcopy(state))
    seen = [data.draw(st.sampled_from(history)).get(object_id) for object_id in (1, 2, 3)]

    found = replay.result(entries, [document for document in seen if document])

    assert {document["_id"]: document for document in found} == state
    assert len(found) == len(state)
