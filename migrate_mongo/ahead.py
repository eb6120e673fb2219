"""Reads and prepares the next batch in small steps, for the time in which the database works on the one before."""

from collections import deque
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from migrate_mongo.bulk.prepare import Prepared, prepare_in_steps
from migrate_mongo.exceptions import SourceError
from migrate_mongo.mappings import MAPPINGS
from migrate_mongo.models import ImportPart
from migrate_mongo.sources import Batch, Reader, batches

Place = tuple[int, str]  # the part, and the position in it

_MOST = 3  # batches that wait, so that neither side waits for the other where one has little to do for a while


class Ahead(NamedTuple):
    """A batch, and what can be done for it without the database."""

    batch: Batch
    prepared: Prepared


@dataclass(slots=True)
class _Begun:
    part: ImportPart
    position: str
    work: Generator[None, None, Ahead]
    done: Ahead | SourceError | None = None

    def step(self) -> None:
        try:
            next(self.work)
        except StopIteration as end:
            self.done = end.value
        except SourceError as error:  # this is not the batch that is being loaded
            self.done = error


class Preparer:
    """The batches of one part after the other; the source is asked once for a part while it stays the same one.

    Some batches are begun in advance: a guess, which costs only time if it is wrong.
    """

    def __init__(self, reader: Reader, batch_size: int) -> None:
        self._reader = reader
        self._batch_size = batch_size
        self._end: Place | None = None
        self._batches: Iterator[Batch] = iter(())
        self._begun: deque[_Begun] = deque()
        self._following: list[ImportPart] = []

    def take(self, part: ImportPart, following: list[ImportPart]) -> Ahead:
        """The batch at the part's position; an empty one when nothing is left there. Raises SourceError.

        `following` are the parts that are likely to be asked for after this one.
        """
        if not self._begun or (self._begun[0].part.pk, self._begun[0].position) != (part.pk, part.position):
            self._begun.clear()
            self._begin(part, part.position)
        taken = self._begun.popleft()
        while taken.done is None:
            taken.step()
        if isinstance(taken.done, SourceError):
            raise taken.done
        self._following = following
        if not self._begun:
            self._begin_after(taken)
        return taken.done

    def step(self) -> bool:
        """Does a little of the work on the batches to come; False when there is none left, or it failed."""
        if not self._begun:
            return False
        last = self._begun[-1]
        if last.done is None:
            last.step()
            return True
        return len(self._begun) < _MOST and self._begin_after(last)

    def _begin_after(self, batch: _Begun) -> bool:
        if not isinstance(batch.done, Ahead):
            return False
        if not batch.done.batch.is_last:
            self._begin(batch.part, batch.done.batch.place)
            return True
        begun = {other.part.pk for other in self._begun}
        for part in self._following:
            if part.pk not in begun:
                self._begin(part, part.position)
                return True
        return False

    def _begin(self, part: ImportPart, position: str) -> None:
        self._begun.append(_Begun(part, position, self._prepare(part, position)))

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
