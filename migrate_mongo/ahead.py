"""Reads and prepares the next batch while the database works on the one before."""

import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

from migrate_mongo.bulk.prepare import Prepared, prepare
from migrate_mongo.mappings import MAPPINGS
from migrate_mongo.models import ImportPart
from migrate_mongo.sources import DumpSource, batches

# The thread that talks to the database hardly computes; it should not wait long for its turn to.
_SWITCH_SECONDS = 0.0005


@dataclass(frozen=True)
class Ahead:
    """A batch ready to be loaded, and the position behind it."""

    position: int
    prepared: Prepared


class Preparer:
    """Prepares batches in a thread of its own. One is prepared in advance: a guess, which costs only time if wrong."""

    def __init__(self, source: DumpSource, batch_size: int) -> None:
        self._source = source
        self._batch_size = batch_size
        self._read: tuple[int, int] | None = None
        self._batches: Iterator[tuple[int, list[bytes]]] = iter(())
        self._next: tuple[tuple[int, int], Future[Ahead]] | None = None
        self._thread = ThreadPoolExecutor(1)

    def take(self, part: ImportPart) -> Ahead:
        """The batch at the part's position."""
        if self._next is None or self._next[0] != (part.pk, part.position):
            self.begin(part, part.position)
        assert self._next is not None
        _, batch = self._next
        self._next = None
        return batch.result()

    def begin(self, part: ImportPart, position: int) -> None:
        self._next = (part.pk, position), self._thread.submit(self._prepare, part, position)

    def _prepare(self, part: ImportPart, position: int) -> Ahead:
        if (part.pk, position) != self._read:
            documents = self._source.documents(part.collection, position, part.end)
            self._batches = batches(documents, self._batch_size)
        position, raws = next(self._batches)
        self._read = part.pk, position
        return Ahead(position, prepare(MAPPINGS[part.collection], raws))

    def close(self) -> None:
        self._thread.shutdown(cancel_futures=True)


@contextmanager
def preparing(source: DumpSource, batch_size: int) -> Iterator[Preparer]:
    preparer = Preparer(source, batch_size)
    before = sys.getswitchinterval()
    sys.setswitchinterval(_SWITCH_SECONDS)
    try:
        yield preparer
    finally:
        sys.setswitchinterval(before)
        preparer.close()
