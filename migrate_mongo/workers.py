"""The processes that load: each takes one batch of any part that is free and ready, until nothing is left."""

import gc
import multiprocessing
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from multiprocessing.connection import Connection, wait
from typing import cast

from django.db import OperationalError, connection, transaction
from django.db.models import Case, F, Sum, When

from migrate_mongo.ahead import Preparer
from migrate_mongo.bulk.presence import Presence
from migrate_mongo.exceptions import LoadError
from migrate_mongo.ledger import record
from migrate_mongo.loader import load_batch, sqlstate
from migrate_mongo.mappings import MAPPINGS
from migrate_mongo.mappings.base import CollectionMapping
from migrate_mongo.models import ImportPart
from migrate_mongo.progress import Meter
from migrate_mongo.sources import DumpSource
from migrate_mongo.worker_process import Work, work_in_process

SHOW_SECONDS = 0.25
IDLE_SECONDS = 0.01
DEADLOCK = "40P01"
MOST_DEADLOCKS = 10


class Workers:
    """This process and others, which begin when this is entered, so that they are ready when there is work.

    One that is killed leaves its part to the others.
    """

    def __init__(self, count: int) -> None:
        self._others = count - 1

    def __enter__(self) -> "Workers":
        context = multiprocessing.get_context("spawn")
        pipes = [context.Pipe() for _ in range(self._others)]
        self._pipes = [ours for ours, _ in pipes]
        self._processes = [context.Process(target=work_in_process, args=(theirs,), daemon=True) for _, theirs in pipes]
        for process in self._processes:
            process.start()
        for _, theirs in pipes:
            theirs.close()
        return self

    def __exit__(self, *error: object) -> None:
        for process in self._processes:
            process.terminate()
            process.join()

    def load(self, work: Work, meter: Meter) -> None:
        """Loads all parts. Raises LoadError when a worker failed; what is committed stays."""
        for pipe in self._pipes:
            with suppress(BrokenPipeError):  # it has been killed
                pipe.send(work)
        shown = 0.0

        def go_on() -> bool:
            nonlocal shown
            self._raise_failures(0)
            if time.monotonic() - shown > SHOW_SECONDS:
                _show(work, meter)
                shown = time.monotonic()
            return True

        load_parts(work, go_on)
        while self._pipes:
            self._raise_failures(SHOW_SECONDS)
        _show(work, meter)

    def _raise_failures(self, seconds: float) -> None:
        """Waits so long for others to end. Raises LoadError with what one sent that failed."""
        for ready in wait(self._pipes, seconds):
            pipe = cast("Connection", ready)
            self._pipes.remove(pipe)
            with suppress(EOFError, ConnectionResetError):  # it has done its work, or has been killed
                raise LoadError(pipe.recv())


def _show(work: Work, meter: Meter) -> None:
    parts = ImportPart.objects.filter(run=work.run, collection__in=work.only)
    for collection, read in parts.values_list("collection").annotate(Sum("read")):
        meter.reach(collection, read)


def load_parts(work: Work, go_on: Callable[[], bool]) -> None:
    """Loads batch after batch until nothing is left, or it is not to go on."""
    preparer = Preparer(DumpSource(work.source), work.batch_size)
    presence = Presence()
    mine: ImportPart | None = None
    deadlocks = 0
    with _without_garbage_collection():
        while go_on() and (left := _unfinished(work.run)).intersection(work.only):
            try:
                part = _load_next(work, left, mine, preparer, presence)
            except OperationalError as error:
                deadlocks += 1
                if sqlstate(error) != DEADLOCK or deadlocks > MOST_DEADLOCKS:
                    raise
                continue
            if part is None:
                time.sleep(IDLE_SECONDS)
                continue
            mine, deadlocks = part, 0
            _stop_at(work)


@transaction.atomic
def _load_next(
    work: Work, unfinished: set[str], mine: ImportPart | None, preparer: Preparer, presence: Presence
) -> ImportPart | None:
    """Loads one batch of a free part, with its checkpoint. Returns the part to go on with; None when none is free."""
    _prepare_transaction()
    part, following = _claim(work, unfinished, mine)
    if part is None:
        return None
    position, prepared = preparer.take(part)
    is_finished = position >= part.end
    upcoming = following if is_finished else part
    if upcoming is not None:
        preparer.begin(upcoming, upcoming.position if is_finished else position)
    record(part, position, load_batch(prepared, presence, preparer.step))
    return upcoming or part


def _unfinished(run: int) -> set[str]:
    parts = ImportPart.objects.filter(run=run, position__lt=F("end"))
    return set(parts.values_list("collection", flat=True).distinct())


def _claim(work: Work, unfinished: set[str], mine: ImportPart | None) -> tuple[ImportPart | None, ImportPart | None]:
    """Locks a free part of a collection whose references can be looked up, preferably the one it had, and another.

    The other is for the transaction after this one, so that both workers do not prepare the same.
    """
    ready = [name for name in work.only if not unfinished.intersection(required_collections(MAPPINGS[name]))]
    free = ImportPart.objects.filter(run=work.run, collection__in=ready, position__lt=F("end"))
    preferred = Case(When(pk=mine.pk if mine else None, then=0), default=1)
    parts = list(free.select_for_update(skip_locked=True).order_by(preferred, "pk")[:2])
    return (*parts, None, None)[0], (*parts, None, None)[1]


@cache
def required_collections(mapping: CollectionMapping) -> frozenset[str]:
    """The collections that must be there before this one, for its references to be looked up."""
    return frozenset(
        name for name, other in MAPPINGS.items() if other.table.name in mapping.refers_to and other != mapping
    )


def _prepare_transaction() -> None:
    with connection.cursor() as cursor:
        # A lost commit takes its checkpoint with it, and the run's last commit waits for all before it.
        # Pointing an older submission to the one that supersedes it is no edit.
        cursor.execute("SET LOCAL synchronous_commit = off; SET LOCAL scribetree.keep_updated_at = 'on'")


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
