"""A server that documents are written to, made up: it does what a test tells it."""

from collections.abc import Callable, Iterator
from typing import Any

import bson
from bson import ObjectId

from migrate_mongo.extended_json import CODEC
from migrate_mongo.mappings import MAPPINGS


class Killed(BaseException):
    """What no code of ours catches."""


class MadeUpServer:
    """Keeps documents in memory; `before_write` may meddle, kill or refuse."""

    label = "mongodb://made-up/school"

    def __init__(self) -> None:
        self.kept: dict[str, dict[bytes, bytes]] = {name: {} for name in MAPPINGS}
        self.indexes: list[str] = []
        self.index_faults: dict[str, str] = {}
        self.writes: list[tuple[str, list[Any]]] = []
        self.before_write: Callable[[str, Any], str | None] = lambda collection, key: None

    def make_indexes(self, collection: str) -> dict[str, str]:
        self.indexes.append(collection)
        return self.index_faults if collection == "users" else {}

    def write(self, collection: str, documents: list[tuple[Any, bytes]]) -> dict[int, str]:
        refused = {}
        for place, (key, raw) in enumerate(documents):
            if message := self.before_write(collection, key):
                refused[place] = message
            else:
                self.kept[collection][bson.encode({"_id": key})] = raw
        self.writes.append((collection, [key for key, _ in documents]))
        return refused

    def holds(self, collection: str, key: ObjectId) -> bool:
        return bson.encode({"_id": key}) in self.kept[collection]

    def ids(self, collection: str) -> Iterator[list[Any]]:
        yield [bson.decode(key, CODEC)["_id"] for key in list(self.kept[collection])]

    def delete(self, collection: str, keys: list[Any]) -> int:
        for key in keys:
            del self.kept[collection][bson.encode({"_id": key})]
        return len(keys)

    def patiently(self, action: Callable[[], Any]) -> Any:
        return action()

    def documents(self, collection: str) -> list[dict[str, Any]]:
        return [bson.decode(raw, CODEC) for raw in self.kept[collection].values()]

    def put(self, collection: str, *documents: dict[str, Any]) -> None:
        for found in documents:
            self.kept[collection][bson.encode({"_id": found["_id"]})] = bson.encode(found)

    def written(self, collection: str) -> list[Any]:
        return [key for name, keys in self.writes if name == collection for key in keys]
