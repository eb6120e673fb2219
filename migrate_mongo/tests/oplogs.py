"""Oplogs as `mongodump --oplog` writes them, entry by entry."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import bson
from bson import Binary, Int64, Timestamp

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
