"""The processes that load: each takes one batch of any part that is free and ready, until nothing is left."""

import os
import time
from collections.abc import Callable
from contextlib import nullcontext, suppress
from functools import cache, partial
from multiprocessing.connection import Connection, wait
from typing import cast

from django.db import DatabaseError, InterfaceError, OperationalError, connection, transaction
from django.db.models import Count, Q, Sum

from migrate_mongo.ahead import Preparer
from migrate_mongo.bulk.presence import Presence
from migrate_mongo.decoding import Undecodable, decode
from migrate_mongo.exceptions import LoadError, MigrateMongoError, sqlstate
from migrate_mongo.forking import CONTEXT, leave_connection
from migrate_mongo.garbage import without_garbage_collection
from migrate_mongo.ledger import record
from migrate_mongo.loader import Terms, load_batch
from migrate_mongo.locks import joined_import, wait_for_database
from migrate_mongo.mappings import MAPPINGS
from migrate_mongo.mappings.base import CollectionMapping
from migrate_mongo.models import ImportPart
from migrate_mongo.profile import Profile
from migrate_mongo.progress import Meter
from migrate_mongo.scratch import use_schema
from migrate_mongo.sources import Batch
from migrate_mongo.work import Work

SHOW_SECONDS = 0.25
IDLE_SECONDS = 0.01
DEADLOCK = "40P01"
MOST_DEADLOCKS = 10
NEXT_PART = "id"

Profiles = dict[str, Profile]


class Workers:
    """This process and others, which begin when this is entered, so that they are ready when there is work.

    One that is killed leaves its part to the others.
    """

    def __init__(self, count: int) -> None:
        self._others = count - 1

    def __enter__(self) -> "Workers":
        self._pipes: list[Connection] = []
        self._processes = []
        for _ in range(self._others):
            ours, theirs = CONTEXT.Pipe()
            self._pipes.append(ours)
            process = CONTEXT.Process(target=_work_in_process, args=(theirs, self._pipes), daemon=True)
            process.start()
            theirs.close()
            self._processes.append(process)
        self._profiles: Profiles = {}
        return self

    def __exit__(self, *error: object) -> None:
        for process in self._processes:
            process.terminate()
            process.join()

    def load(self, work: Work, meter: Meter) -> Profiles:
        """Loads all parts. Raises LoadError when a worker failed; what is committed stays."""
        for pipe in self._pipes:
            with suppress(BrokenPipeError):  # it has been killed
                pipe.send(work)
        shown = 0.0

        def go_on() -> bool:
            nonlocal shown
            self._receive(0)
            if time.monotonic() - shown > SHOW_SECONDS:
                _show(work, meter)
                shown = time.monotonic()
            return True

        self._add(load_parts(work, go_on))
        while self._pipes:
            self._receive(SHOW_SECONDS)
        _show(work, meter)
        return self._profiles

    def _receive(self, seconds: float) -> None:
        """Waits so long for others to end. Raises LoadError with what one sent that failed."""
        for ready in wait(self._pipes, seconds):
            pipe = cast("Connection", ready)
            self._pipes.remove(pipe)
            with suppress(EOFError, ConnectionResetError):  # it has been killed
                sent = pipe.recv()
                if isinstance(sent, str):
                    raise LoadError(sent)
                self._add(sent)

    def _add(self, profiles: Profiles) -> None:
        for collection, profile in profiles.items():
            self._profiles.setdefault(collection, Profile()).merge(profile)


def _work_in_process(pipe: Connection, of_parent: list[Connection]) -> None:
    """Waits for the work, and loads parts until none is left or the parent has died.

    Sends the profiles in the end, or the message of a failure.
    """
    parent = os.getppid()
    for copy in of_parent:
        copy.close()  # or nobody would notice that the parent has died
    leave_connection()
    try:
        work: Work = pipe.recv()
        connection.settings_dict["NAME"] = work.database
        with use_schema(work.schema) if work.schema else nullcontext():
            pipe.send(load_parts(work, lambda: os.getppid() == parent))
    except (MigrateMongoError, DatabaseError) as error:
        pipe.send(" ".join(str(error).split()))
    except (EOFError, KeyboardInterrupt, BrokenPipeError):
        return  # there is no work, or nobody wants it any more


def _show(work: Work, meter: Meter) -> None:
    parts = ImportPart.objects.filter(run=work.run, collection__in=work.only)
    for collection, read in parts.values_list("collection").annotate(Sum("read")):
        meter.reach(collection, read)


def load_parts(work: Work, go_on: Callable[[], bool]) -> Profiles:
    """Loads batch after batch until nothing is left, or it is not to go on. Waits for a database that restarts."""
    deadlocks = free = 0
    left: set[str] = set()
    with without_garbage_collection(), joined_import() as rejoin:
        loading = Loading(work)
        session = connection.connection
        while True:
            try:
                if free < 2:  # a collection may be finished, so that others are ready
                    left = loading.look_around()
                if not go_on() or not left.intersection(work.only):
                    return loading.profiles
                free = loading.load_next(left)
                if not free:
                    time.sleep(IDLE_SECONDS)
                    continue
                deadlocks = 0
                _stop_at(work)
            except (OperationalError, InterfaceError) as error:
                free = 0
                if sqlstate(error) == DEADLOCK and deadlocks < MOST_DEADLOCKS:
                    deadlocks += 1
                elif connection.connection is session and connection.is_usable():
                    raise
                else:  # Django may have connected again already, to a session that has joined nothing
                    wait_for_database(error)
                    rejoin()
                    session = connection.connection
                    loading.presence = Presence()  # a crash may have lost what was there


class Loading:
    """What one worker has at hand: the part that it is at, which ids it knows to be there, what it has seen."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.preparer = Preparer(work.reader, work.batch_size)
        self.presence = Presence()
        self.profiles: Profiles = {}
        self._mine: int | None = None

    def load_next(self, unfinished: set[str]) -> int:
        """Loads one batch of a free part, with its checkpoint; returns how many parts it found free and locked.

        The others are for the transactions after this one, so that two workers do not prepare the same.
        """
        began = time.monotonic()
        with transaction.atomic():
            parts = self.claim(unfinished)
            if not parts:
                return 0
            part, *following = parts
            batch, prepared = self.preparer.take(part, following)
            find = partial(self.work.reader.find, part.collection)
            result = load_batch(prepared, self.presence, Terms(self.work.refused, find, self.preparer.step))
            record(part, batch, result, time.monotonic() - began)
        if not result.rejects and any(part.collection in required_collections(other) for other in MAPPINGS.values()):
            self.presence.note(part.collection, [key for key, _ in prepared.ids])
        self._mine = following[0].pk if batch.is_last and following else part.pk
        if self.work.profiles:
            self._profile(part.collection, batch)
        return len(parts)

    def look_around(self) -> set[str]:
        """The collections that are not finished. What is known of others without rejects can be relied on."""
        parts = ImportPart.objects.filter(run=self.work.run).values_list("collection")
        left = Count("pk", filter=Q(is_finished=False))
        found = list(parts.annotate(Sum("rejected"), left=left))
        moving = {MAPPINGS[collection].table for collection, rejected, left in found if rejected or left}
        for collection, mapping in MAPPINGS.items():
            if mapping.table not in moving:
                self.presence.confirm(collection, mapping.table.name)
        return {collection for collection, _, left in found if left}

    def claim(self, unfinished: set[str]) -> list[ImportPart]:
        """Locks free parts of collections whose references can be looked up, preferably first the one it had."""
        only = self.work.only
        ready = [name for name in only if not unfinished.intersection(required_collections(MAPPINGS[name]))]
        free = (
            "SELECT * FROM import_parts WHERE run_id = %s AND collection = ANY(%s) AND NOT is_finished "
            f"ORDER BY id = %s DESC, {NEXT_PART} LIMIT %s FOR UPDATE SKIP LOCKED"
        )
        return list(ImportPart.objects.raw(free, [self.work.run, ready, self._mine, 1 + self.work.ahead]))

    def _profile(self, collection: str, batch: Batch) -> None:
        profile = self.profiles.setdefault(collection, Profile())
        for raw in batch.raws:
            with suppress(Undecodable):
                profile.add(decode(raw), len(raw))


@cache
def required_collections(mapping: CollectionMapping) -> frozenset[str]:
    """The collections that must be there before this one, for its references to be looked up."""
    return frozenset(
        name for name, other in MAPPINGS.items() if other.table.name in mapping.refers_to and other != mapping
    )


def _stop_at(work: Work) -> None:
    if work.max_rejects is None:
        return
    rejected = ImportPart.objects.filter(run=work.run).aggregate(sum=Sum("rejected"))["sum"]
    if rejected > work.max_rejects:
        raise LoadError(f"{rejected:,} documents are rejected, more than --max-rejects {work.max_rejects:,}")
