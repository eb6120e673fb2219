"""One document that real databases carry and imports trip over, and what ought to become of it."""

from typing import Any, NamedTuple

from migrate_mongo.sample.dice import BsonDocument


class Expected(NamedTuple):
    outcome: str
    kind: str = ""
    path: str = ""


LOADED = Expected("loaded")


def finding(kind: str, path: str) -> Expected:
    return Expected("finding", kind, path)


def rejected(reason: str, path: str = "") -> Expected:
    return Expected("rejected", reason, path)


class Trap(NamedTuple):
    """With no `name` it is a sound document that the others need."""

    collection: str
    document: BsonDocument | bytes
    id: str
    name: str = ""
    expected: tuple[Expected, ...] = ()

    def listed(self) -> list[dict[str, str]]:
        return [
            {
                "name": self.name,
                "collection": self.collection,
                "id": self.id,
                "outcome": expected.outcome,
                "kind": expected.kind,
                "path": expected.path,
            }
            for expected in self.expected
        ]


class Case(NamedTuple):
    """A sound document with these changes, by path: `metadata/wordCount`."""

    name: str
    changes: dict[str, Any]
    expected: tuple[Expected, ...]


def case(name: str, changes: dict[str, Any], *expected: Expected) -> Case:
    return Case(name, changes, expected or (LOADED,))


class Absent:
    """Takes the path away."""


ABSENT = Absent()


def changed(document: BsonDocument, changes: dict[str, Any]) -> BsonDocument:
    for path, value in changes.items():
        *groups, last = path.split("/")
        place: Any = document
        for group in groups:
            place = place[int(group)] if isinstance(place, list) else place[group]
        if value is ABSENT:
            del place[last]
        else:
            place[last] = value
    return document
