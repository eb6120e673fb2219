"""The processes that load: each takes one batch of any part that is free and ready, until nothing is left."""

import gc
import multiprocessing
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from multiprocessing.connection import Connection

from django.db import connection, transaction
from django.db.models import Case, F, Sum, When

from migrate_mongo.exceptions import LoadError
from migrate_mongo.ledger import record
from migrate_mongo.loader import load_batch
from migrate_mongo.mappings import MAPPINGS
from migrate_mongo.mappings.base import CollectionMapping
from migrate_mongo.models import ImportPart
from migrate_mongo.progress import Meter
from migrate_mongo.sources import DumpSource, batches
from migrate_mongo.worker_process import Work, work_in_process

SHOW_SECONDS = 0.25
IDLE_SECONDS = 0.01


def load_in_processes(work: Work, processes: int, meter: Meter) -> None:
    """Loads all parts. Raises LoadError when a worker failed; what is committed stays.

    A worker that is killed leaves its part to the others.
    """
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    workers = [context.Process(target=work_in_process, args=(work, sender), daemon=True) for _ in range(processes)]
    for worker in workers:
        worker.start()
    sender.close()
    try:
        while not receiver.poll(SHOW_SECONDS):
            _show(work, meter)
        _raise_failure(receiver)
        for worker in workers:
            worker.join()
        if _unfinished(work.run).intersection(work.only):
            raise LoadError("the workers were killed; the same command goes on from there")
        _show(work, meter)
    finally:
        for worker in workers:
            worker.terminate()
            worker.join()


def _raise_failure(receiver: Connection) -> None:
    """What the first worker to fail sent; nothing once all have ended."""
    try:
        raise LoadError(receiver.recv())
    except EOFError:
        return


def _show(work: Work, meter: Meter) -> None:
    parts = ImportPart.objects.filter(run=work.run, collection__in=work.only)
    for collection, read in parts.values_list("collection").annotate(Sum("read")):
        meter.reach(collection, read)


def load_parts(work: Work, is_wanted: Callable[[], bool], progress: Callable[[str, int], None]) -> None:
    """Loads batch after batch until nothing is left, or nobody wants it; `progress` gets collection and documents."""
    reader = _Reader(DumpSource(work.source), work.batch_size)
    mine: int | None = None
    with _without_garbage_collection():
        while is_wanted() and (left := _unfinished(work.run)).intersection(work.only):
            with transaction.atomic():
                _prepare_transaction()
                part = _claim(work, left, mine)
                if part is not None:
                    position, raws = reader.next_batch(part)
                    record(part, position, load_batch(MAPPINGS[part.collection], raws))
            if part is None:
                time.sleep(IDLE_SECONDS)
                continue
            mine = part.pk
            progress(part.collection, len(raws))
            _stop_at(work)


class _Reader:
    """The batches of one part after the other, each file kept open while the same part goes on."""

    def __init__(self, source: DumpSource, batch_size: int) -> None:
        self._source = source
        self._batch_size = batch_size
        self._part: tuple[int, int] | None = None
        self._batches: Iterator[tuple[int, list[bytes]]] = iter(())

    def next_batch(self, part: ImportPart) -> tuple[int, list[bytes]]:
        if (part.pk, part.position) != self._part:
            documents = self._source.documents(part.collection, part.position, part.end)
            self._batches = batches(documents, self._batch_size)
        position, raws = next(self._batches)
        self._part = (part.pk, position)
        return position, raws


def _unfinished(run: int) -> set[str]:
    parts = ImportPart.objects.filter(run=run, position__lt=F("end"))
    return set(parts.values_list("collection", flat=True).distinct())


def _claim(work: Work, unfinished: set[str], mine: int | None) -> ImportPart | None:
    """Locks a free part of a collection whose references can be looked up; preferably the one it had."""
    ready = [name for name in work.only if not unfinished.intersection(required_collections(MAPPINGS[name]))]
    free = ImportPart.objects.filter(run=work.run, collection__in=ready, position__lt=F("end"))
    preferred = Case(When(pk=mine, then=0), default=1)
    return free.select_for_update(skip_locked=True).order_by(preferred, "pk").first()


@cache
def required_collections(mapping: CollectionMapping) -> frozenset[str]:
    """The collections that must be there before this one, for its references to be looked up."""
    return frozenset(
        name for name, other in MAPPINGS.items() if other.table.name in mapping.refers_to and other != mapping
    )


def _prepare_transaction() -> None:
    with connection.cursor() as cursor:
        # A lost commit takes its checkpoint with it, and the run's last commit waits for all before it.
        cursor.execute("SET LOCAL synchronous_commit = off")
        # Pointing an older submission to the one that supersedes it is no edit.
        cursor.execute("SET LOCAL scribetree.keep_updated_at = 'on'")


def _stop_at(work: Work) -> None:
    if work.max_rejects is None:
        return
    rejected = ImportPart.objects.filter(run=work.run).aggregate(sum=Sum("rejected"))["sum"]
    if rejected > work.max_rejects:
        raise LoadError(f"{rejected:,} documents are rejected, more than --max-rejects {work.max_rejects:,}")


@contextmanager
def _without_garbage_collection() -> Iterator[None]:
    """Batches hold no cycles, and tracing them costs more than mapping them."""
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.unfreeze()
