"""A whole import: survey the source, load the collections in order, settle the run."""

import gc
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import blake2b

from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Now

from migrate_mongo.exceptions import LoadError
from migrate_mongo.ledger import record
from migrate_mongo.loader import load_batch
from migrate_mongo.mappings import MAPPINGS
from migrate_mongo.mappings.base import CollectionMapping, Members, Reference
from migrate_mongo.models import CollectionLoad, ImportRun, RunStatus
from migrate_mongo.progress import Meter
from migrate_mongo.report import ImportReport
from migrate_mongo.sources import DumpSource, Survey, batches

_LOCK = "SELECT pg_try_advisory_lock(hashtext('migrate_mongo import'))"


@dataclass(frozen=True)
class ImportOptions:
    only: tuple[str, ...] = tuple(MAPPINGS)
    restart: bool = False
    max_rejects: int | None = None
    batch_size: int = 1000


def run_import(source: DumpSource, options: ImportOptions, meter: Meter) -> ImportReport:
    """Imports what is not imported yet. Raises MigrateMongoError when it cannot go on; a further call does."""
    began = time.monotonic()
    with _one_at_a_time(), _without_garbage_collection():
        surveys = survey(source, meter)
        run = _open_run(source, surveys, options)
        try:
            for collection in (name for name in MAPPINGS if name in options.only):
                _load_collection(source, run, surveys[collection], MAPPINGS[collection], options, meter)
        finally:
            ImportRun.objects.filter(pk=run.pk).update(seconds=F("seconds") + time.monotonic() - began)
        _close_run(run)
    return ImportReport.of_run(run, skipped=skipped(source))


def survey(source: DumpSource, meter: Meter) -> dict[str, Survey]:
    """Reads through every collection, so that a damaged source is known before anything is written."""
    surveys = {}
    meter.start("reading the source", total=len(MAPPINGS))
    for collection in MAPPINGS:
        surveys[collection] = source.survey(collection)
        meter.advance(1)
    return surveys


def skipped(source: DumpSource) -> dict[str, str]:
    return {
        **{name: "no collection of Scribe Tree" for name in source.unknown},
        **{name: "not in the source" for name in MAPPINGS if name not in source.files},
    }


def fingerprint(surveys: dict[str, Survey]) -> str:
    """Names a source by what it holds; the same dump is the same source, gzip or not."""
    lines = "".join(f"{name} {surveys[name].documents} {surveys[name].digest}\n" for name in sorted(surveys))
    return blake2b(lines.encode(), digest_size=16).hexdigest()


def _open_run(source: DumpSource, surveys: dict[str, Survey], options: ImportOptions) -> ImportRun:
    if options.restart:
        empty_tables()
    other = ImportRun.objects.exclude(fingerprint=fingerprint(surveys)).first()
    if other is not None:
        raise LoadError(
            f"the database holds an import of another source ({other.source}, begun {other.started_at:%Y-%m-%d %H:%M}). "
            "To replace it, run again with --restart, which empties all imported tables first"
        )
    run, _ = ImportRun.objects.get_or_create(fingerprint=fingerprint(surveys), defaults={"source": source.label})
    finished = set(run.loads.filter(finished=True).values_list("collection", flat=True))
    for collection in options.only:
        lacking = [
            name
            for name in required_collections(MAPPINGS[collection])
            if surveys[name].documents and name not in finished and name not in options.only
        ]
        if lacking:
            raise LoadError(f"{collection} refers to {', '.join(lacking)}, not imported yet: import them before it or with it")
    ImportRun.objects.filter(pk=run.pk).update(status=RunStatus.RUNNING, finished_at=None)
    return run


def required_collections(mapping: CollectionMapping) -> list[str]:
    """The collections that must be there before this one, for its references to be looked up."""
    tables = {table for entry in mapping.columns if isinstance(entry, Reference) for table in entry.columns}
    if any(isinstance(child, Members) for child in mapping.children):
        tables.add("users")
    return [name for name, other in MAPPINGS.items() if other.table.name in tables and name != mapping.collection]


def empty_tables() -> None:
    """Forgets every import: empties the imported tables and the ledger."""
    tables = [table.name for mapping in MAPPINGS.values() for table in mapping.tables]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {', '.join(dict.fromkeys(tables))} CASCADE")
        ImportRun.objects.all().delete()


def _load_collection(
    source: DumpSource,
    run: ImportRun,
    surveyed: Survey,
    mapping: CollectionMapping,
    options: ImportOptions,
    meter: Meter,
) -> None:
    load, _ = CollectionLoad.objects.get_or_create(run=run, collection=mapping.collection)
    if load.finished:
        return
    meter.start(mapping.collection, total=surveyed.documents, done=load.read)
    for position, raws in batches(source, mapping.collection, load.position, options.batch_size):
        with transaction.atomic():
            _prepare_transaction()
            record(load, position, load_batch(mapping, raws))
        meter.advance(len(raws))
        _stop_at(options.max_rejects, run)
    CollectionLoad.objects.filter(pk=load.pk).update(finished=True)
    with connection.cursor() as cursor:
        for table in mapping.tables:
            cursor.execute(f'ANALYZE "{table.name}"')
    meter.finish()


def _prepare_transaction() -> None:
    with connection.cursor() as cursor:
        # A lost commit takes its checkpoint with it, and the run's last commit waits for all before it.
        cursor.execute("SET LOCAL synchronous_commit = off")
        # Pointing an older submission to the one that supersedes it is no edit.
        cursor.execute("SET LOCAL scribetree.keep_updated_at = 'on'")


def _stop_at(max_rejects: int | None, run: ImportRun) -> None:
    if max_rejects is None:
        return
    rejected = sum(run.loads.values_list("rejected", flat=True))
    if rejected > max_rejects:
        raise LoadError(f"{rejected:,} documents are rejected, more than --max-rejects {max_rejects}; see the report")


def _close_run(run: ImportRun) -> None:
    loads = run.loads.all()
    rejected = any(load.rejected for load in loads)
    done = {load.collection for load in loads if load.finished} == MAPPINGS.keys()
    run.refresh_from_db()
    run.status = RunStatus.REJECTS if rejected else RunStatus.CLEAN
    if done and run.finished_at is None:
        ImportRun.objects.filter(pk=run.pk).update(finished_at=Now())
    run.save(update_fields=["status"])


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute(_LOCK)
        if not cursor.fetchone()[0]:
            raise LoadError("another import is running on this database")
    try:
        yield
    finally:
        if connection.connection is not None and not connection.connection.closed:
            with connection.cursor() as cursor:
                cursor.execute(_LOCK.replace("try_advisory_lock", "advisory_unlock"))


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
