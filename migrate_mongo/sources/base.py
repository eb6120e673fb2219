"""What a source is to the rest of the engine, which does not know where documents come from."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from bson import ObjectId

BATCH_BYTES = 4 * 1024 * 1024
PART_BYTES = 2 * 1024 * 1024


@dataclass(frozen=True)
class Part:
    """A stretch of a collection that can be read on its own: what comes after `start`, up to and with `end`.

    Both are places in the reader's own words; `documents` is how many are there.
    """

    start: str
    end: str
    documents: int


@dataclass(frozen=True)
class Survey:
    """What one collection holds; `digest` is over all its bytes, or says what else makes it this collection."""

    parts: list[Part]
    digest: str

    @property
    def documents(self) -> int:
        return sum(part.documents for part in self.parts)


@dataclass
class Notice:
    """What the reading of a source did to documents of one kind, before any mapping: a finding of the run."""

    count: int = 0
    samples: set[str] = field(default_factory=set)


class Reader(Protocol):
    """Gives documents to any process: it can be pickled, and holds nothing open between calls."""

    def survey(self, collection: str) -> Survey:
        """Goes through the collection once. Raises SourceError when it cannot be read to its end."""

    def documents(self, collection: str, start: str, end: str) -> Iterator[tuple[str, bytes]]:
        """Each document's BSON after `start`, up to and with `end`, behind its place. Raises SourceError."""

    def find(self, collection: str, object_id: ObjectId) -> Iterator[bytes]:
        """The documents of that `_id`, in the order of the source: files can hold several."""


@dataclass
class Source:
    """An opened source. `label` holds no secret; `notes` say what a reader of the report ought to know of it.

    `metadata` has, by collection, its options and indexes as MongoDB describes them; `notices`, by collection, path
    and kind, what was lost on the way into BSON.
    """

    label: str
    kind: str
    reader: Reader
    collections: frozenset[str]
    unknown: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    metadata: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    notices: dict[tuple[str, str, str], Notice] = field(default_factory=dict)


def batches(documents: Iterable[tuple[str, bytes]], size: int) -> Iterator[tuple[str, list[bytes]]]:
    """Documents in batches of at most `size` and about BATCH_BYTES, each after the place of its last one."""
    raws: list[bytes] = []
    weight = 0
    place = ""
    for place, raw in documents:
        raws.append(raw)
        weight += len(raw)
        if len(raws) >= size or weight >= BATCH_BYTES:
            yield place, raws
            raws, weight = [], 0
    if raws:
        yield place, raws


def count_notices(counter: Counter[tuple[str, str]], collection: str) -> dict[tuple[str, str, str], Notice]:
    return {(collection, path, kind): Notice(count) for (path, kind), count in counter.items()}
