from pathlib import Path
from typing import Any

import bson
import pytest
from bson import Int64, Timestamp

from migrate_mongo.tests.oplogs import BEFORE, SESSION, START, Replay, apply_ops, command, delete, diff, entry, insert


@pytest.fixture
def replay(tmp_path: Path) -> Replay:
    return Replay(tmp_path)


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
