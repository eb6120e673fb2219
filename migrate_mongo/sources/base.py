"""What a source is to the rest of the engine, which does not know where documents come from."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

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
    and kind, what was lost on the way into BSON; `identity` is what makes a source that keeps changing the same one.
    """

    label: str
    kind: str
    reader: Reader
    collections: frozenset[str]
    unknown: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    metadata: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    notices: dict[tuple[str, str, str], Notice] = field(default_factory=dict)
    identity: str = ""


class Batch(NamedTuple):
    """Some documents of a part, the place of the last of them, and whether it is the part's last."""

    place: str
    raws: list[bytes]
    is_last: bool


def batches(documents: Iterable[tuple[str, bytes]], size: int) -> Iterator[Batch]:
    """Documents in batches of at most `size` and about BATCH_BYTES."""
    raws: list[bytes] = []
    weight, place = 0, ""
    for following, raw in documents:
        if len(raws) >= size or weight >= BATCH_BYTES:
            yield Batch(place, raws, is_last=False)
            raws, weight = [], 0
        raws.append(raw)
        weight += len(raw)
        place = following
    if raws:
        yield Batch(place, raws, is_last=True)
