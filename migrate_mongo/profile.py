"""What the documents of a source look like: for each path its types, how often it is absent, the largest values."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import bson
from bson import Code, Decimal128, Int64, MaxKey, MinKey, ObjectId, Regex, Timestamp
from bson.datetime_ms import DatetimeMS
from bson.dbref import DBRef

MOST_PATHS = 2000
ELSEWHERE = "(other paths)"

# The names that MongoDB's $type gives them.
_TYPES: dict[type, str] = {
    str: "string",
    int: "int",
    Int64: "long",
    float: "double",
    bool: "bool",
    type(None): "null",
    DatetimeMS: "date",
    ObjectId: "objectId",
    dict: "object",
    list: "array",
    bytes: "binData",
    bson.Binary: "binData",
    Decimal128: "decimal",
    Regex: "regex",
    Timestamp: "timestamp",
    Code: "javascript",
    MinKey: "minKey",
    MaxKey: "maxKey",
    DBRef: "object",
}


@dataclass
class PathProfile:
    """`holders` is how many objects could have had it; `longest` is in characters, or elements of an array."""

    types: Counter[str] = field(default_factory=Counter)
    holder: str = ""
    longest: int = 0


@dataclass
class Profile:
    """Of one collection. `largest` is in bytes of BSON, `deepest` in levels, each with the `_id` that has it."""

    documents: int = 0
    bytes: int = 0
    largest: tuple[int, str] = (0, "")
    deepest: tuple[int, str] = (0, "")
    paths: dict[str, PathProfile] = field(default_factory=dict)
    objects: Counter[str] = field(default_factory=Counter)

    def add(self, document: dict[str, Any], size: int) -> None:
        self.documents += 1
        self.bytes += size
        name = str(document.get("_id"))
        self.largest = max(self.largest, (size, name))
        self.deepest = max(self.deepest, (self._walk(document, ""), name))

    def _walk(self, value: dict[str, Any], holder: str) -> int:
        self.objects[holder] += 1
        prefix = f"{holder}." if holder else ""
        return 1 + max([self._note(prefix + key, element, holder) for key, element in value.items()], default=0)

    def _note(self, path: str, value: Any, holder: str) -> int:
        kind = type(value)
        profile = self.paths.get(path)
        if profile is None:
            if len(self.paths) >= MOST_PATHS:
                path = ELSEWHERE
            profile = self.paths.setdefault(path, PathProfile(holder=holder))
        profile.types[_TYPES.get(kind, kind.__name__)] += 1
        if kind is dict:
            return self._walk(value, path)
        if kind is list:
            profile.longest = max(profile.longest, len(value))
            inner = f"{path}[]"
            return 1 + max([self._note(inner, element, path) for element in value], default=0)
        if kind is str and len(value) > profile.longest:
            profile.longest = len(value)
        return 0

    def merge(self, other: "Profile") -> None:
        self.documents += other.documents
        self.bytes += other.bytes
        self.largest = max(self.largest, other.largest)
        self.deepest = max(self.deepest, other.deepest)
        self.objects += other.objects
        for path, profile in other.paths.items():
            mine = self.paths.setdefault(path, PathProfile(holder=profile.holder))
            mine.types += profile.types
            mine.longest = max(mine.longest, profile.longest)

    def as_json(self) -> dict[str, Any]:
        """Shares are of the objects that could have had the path; elements of lists are never absent."""
        return {
            "documents": self.documents,
            "bytes": self.bytes,
            "largest": {"bytes": self.largest[0], "id": self.largest[1]},
            "deepest": {"levels": self.deepest[0], "id": self.deepest[1]},
            "paths": {path: self._shares(path) for path in sorted(self.paths)},
        }

    def _shares(self, path: str) -> dict[str, Any]:
        profile = self.paths[path]
        present = profile.types.total()
        possible = present if path.endswith("[]") or path == ELSEWHERE else self.objects[profile.holder]
        return {
            "types": dict(profile.types.most_common()),
            "null": round(profile.types["null"] / present, 4),
            "absent": round(1 - present / possible, 4) if possible else 0.0,
            "longest": profile.longest,
        }
