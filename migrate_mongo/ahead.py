"""Reads and prepares the next batch while the database works on the one before."""

import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import NamedTuple

from migrate_mongo.bulk.prepare import Prepared, prepare
from migrate_mongo.mappings import MAPPINGS
from migrate_mongo.models import ImportPart
from migrate_mongo.sources import Batch, Reader, batches

# The thread that talks to the database hardly computes; it should not wait long for its turn to.
_SWITCH_SECONDS = 0.0005


class Ahead(NamedTuple):
    """A batch, and what can be done for it without the database."""

    batch: Batch
    prepared: Prepared


class Preparer:
    """Prepares batches in a thread of its own. One is prepared in advance: a guess, which costs only time if wrong."""

    def __init__(self, reader: Reader, batch_size: int) -> None:
        self._reader = reader
        self._batch_size = batch_size
        self._read: tuple[int, str] | None = None
        self._batches: Iterator[Batch] = iter(())
        self._next: tuple[tuple[int, str], Future[Ahead]] | None = None
        self._thread = ThreadPoolExecutor(1)

    def take(self, part: ImportPart) -> Ahead:
        """The batch at the part's position; an empty one when nothing is left there. Raises SourceError."""
        if self._next is None or self._next[0] != (part.pk, part.position):
            self.begin(part, part.position)
        assert self._next is not None
        _, ahead = self._next
        self._next = None
        return ahead.result()

    def begin(self, part: ImportPart, position: str) -> None:
        self._next = (part.pk, position), self._thread.submit(self._prepare, part, position)

    def _prepare(self, part: ImportPart, position: str) -> Ahead:
        if (part.pk, position) != self._read:
            documents = self._reader.documents(part.collection, position, part.end)
            self._batches = batches(documents, self._batch_size)
        batch = next(self._batches, Batch(position, [], is_last=True))
        self._read = part.pk, batch.place
        return Ahead(batch, prepare(MAPPINGS[part.collection], batch.raws))

    def close(self) -> None:
        self._thread.shutdown(cancel_futures=True)


@contextmanager
def preparing(reader: Reader, batch_size: int) -> Iterator[Preparer]:
    preparer = Preparer(reader, batch_size)
    before = sys.getswitchinterval()
    sys.setswitchinterval(_SWITCH_SECONDS)
    try:
        yield preparer
    finally:
        sys.setswitchinterval(before)
        preparer.close()
