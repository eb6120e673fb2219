"""Reads and prepares the next batch in small steps, for the time in which the database works on the one before."""

from collections.abc import Generator, Iterator
from typing import NamedTuple

from migrate_mongo.bulk.prepare import Prepared, prepare_in_steps
from migrate_mongo.exceptions import SourceError
from migrate_mongo.mappings import MAPPINGS
from migrate_mongo.models import ImportPart
from migrate_mongo.sources import Batch, Reader, batches

Place = tuple[int, str]  # the part, and the position in it


class Ahead(NamedTuple):
    """A batch, and what can be done for it without the database."""

    batch: Batch
    prepared: Prepared


class Preparer:
    """The batches of one part after the other; the source is asked once for a part while it stays the same one.

    One batch is begun in advance: a guess, which costs only time if it is wrong.
    """

    def __init__(self, reader: Reader, batch_size: int) -> None:
        self._reader = reader
        self._batch_size = batch_size
        self._end: Place | None = None
        self._batches: Iterator[Batch] = iter(())
        self._begun: Place | None = None
        self._work: Generator[None, None, Ahead] | None = None
        self._done: Ahead | SourceError | None = None

    def take(self, part: ImportPart) -> Ahead:
        """The batch at the part's position; an empty one when nothing is left there. Raises SourceError."""
        if self._begun != (part.pk, part.position):
            self.begin(part, part.position)
        self._begun = None
        while self.step():
            pass
        if isinstance(self._done, SourceError):
            raise self._done
        assert self._done is not None
        return self._done

    def begin(self, part: ImportPart, position: str) -> None:
        self._begun = part.pk, position
        self._work, self._done = self._prepare(part, position), None

    def step(self) -> bool:
        """Does a little of the work on the batch that is begun; False when there is none left, or it failed."""
        if self._work is None or self._done is not None:
            return False
        try:
            next(self._work)
        except StopIteration as end:
            self._done = end.value
        except SourceError as error:  # this is not the batch that is being loaded
            self._done = error
        return self._done is None

    def _prepare(self, part: ImportPart, position: str) -> Generator[None, None, Ahead]:
        batch = self.read(part, position)
        yield
        prepared = yield from prepare_in_steps(MAPPINGS[part.collection], batch.raws)
        return Ahead(batch, prepared)

    def read(self, part: ImportPart, position: str) -> Batch:
        if (part.pk, position) != self._end:
            self._end = None
            documents = self._reader.documents(part.collection, position, part.end)
            self._batches = batches(documents, self._batch_size)
        batch = next(self._batches, Batch(position, [], is_last=True))
        self._end = part.pk, batch.place
        return batch
