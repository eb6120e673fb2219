"""Reads and prepares the next batch in small steps, for the time in which the database works on the one before."""

from collections.abc import Generator, Iterator

from migrate_mongo.bulk.prepare import Prepared, prepare_in_steps
from migrate_mongo.mappings import MAPPINGS
from migrate_mongo.models import ImportPart
from migrate_mongo.sources import DumpSource, batches

Batch = tuple[int, Prepared]  # after the position behind it
Place = tuple[int, int]  # the part, and the position in it


class Preparer:
    """The batches of one part after the other, each file kept open while the same part goes on.

    One batch is begun in advance: a guess, which costs only time if it is wrong.
    """

    def __init__(self, source: DumpSource, batch_size: int) -> None:
        self._source = source
        self._batch_size = batch_size
        self._end: Place | None = None
        self._batches: Iterator[tuple[int, list[bytes]]] = iter(())
        self._begun: Place | None = None
        self._work: Generator[None, None, Batch] | None = None
        self._done: Batch | None = None

    def take(self, part: ImportPart) -> Batch:
        """The batch at the part's position."""
        if self._begun != (part.pk, part.position):
            self.begin(part, part.position)
        self._begun = None
        while self.step():
            pass
        assert self._done is not None
        return self._done

    def begin(self, part: ImportPart, position: int) -> None:
        self._begun = part.pk, position
        self._work, self._done = self._prepare(part, position), None

    def step(self) -> bool:
        """Does a little of the work on the batch that is begun; False when there is none left."""
        if self._work is None or self._done is not None:
            return False
        try:
            next(self._work)
        except StopIteration as end:
            self._done = end.value
        return self._done is None

    def _prepare(self, part: ImportPart, position: int) -> Generator[None, None, Batch]:
        position, raws = self._read(part, position)
        yield
        prepared = yield from prepare_in_steps(MAPPINGS[part.collection], raws)
        return position, prepared

    def _read(self, part: ImportPart, position: int) -> tuple[int, list[bytes]]:
        """The documents from the position on, after the position behind them."""
        if (part.pk, position) != self._end:
            documents = self._source.documents(part.collection, position, part.end)
            self._batches = batches(documents, self._batch_size)
        position, raws = next(self._batches)
        self._end = part.pk, position
        return position, raws
