import copy
from pathlib import Path
from typing import Any

import bson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from migrate_mongo.exceptions import SourceError
from migrate_mongo.sources.frames import fault_of
from migrate_mongo.tests.oplogs import NOTHING, Replay, delete, diff, insert, update


@pytest.fixture
def replay(tmp_path: Path) -> Replay:
    return Replay(tmp_path)


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
