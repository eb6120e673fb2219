"""A whole import: survey the source, open the run, have its parts loaded, close it."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import blake2b

from django.db import connection, transaction
from django.db.models import F, Sum
from django.db.models.functions import Now

from migrate_mongo.exceptions import LoadError
from migrate_mongo.foreign_keys import add_foreign_keys, drop_foreign_keys
from migrate_mongo.mappings import MAPPINGS
from migrate_mongo.models import ImportPart, ImportRun, RunStatus
from migrate_mongo.progress import Meter
from migrate_mongo.report import ImportReport
from migrate_mongo.sources import DumpSource, Survey
from migrate_mongo.worker_process import Work
from migrate_mongo.workers import Workers, required_collections

_LOCK = "SELECT pg_try_advisory_lock(hashtext('migrate_mongo import'))"


@dataclass(frozen=True)
class ImportOptions:
    only: tuple[str, ...] = tuple(MAPPINGS)
    restart: bool = False
    max_rejects: int | None = None
    batch_size: int = 1000
    workers: int = os.cpu_count() or 1


def run_import(source: DumpSource, options: ImportOptions, meter: Meter) -> ImportReport:
    """Imports what is not imported yet. Raises MigrateMongoError when it cannot go on; a further call does."""
    began = time.monotonic()
    with _one_at_a_time(), Workers(options.workers) as workers:
        surveys = survey(source, meter)
        run = _open_run(source, surveys, options)
        if _has_work(run, options):
            status = RunStatus.FAILED
            try:
                drop_foreign_keys()
                try:
                    _load(source, run, options, workers, meter)
                finally:
                    add_foreign_keys()
                _analyze()
                status = RunStatus.RUNNING
            finally:
                seconds = F("seconds") + time.monotonic() - began
                ImportRun.objects.filter(pk=run.pk).update(status=status, seconds=seconds)
        add_foreign_keys()
        _close_run(run)
    return ImportReport.of_run(run, skipped=skipped(source))


def survey(source: DumpSource, meter: Meter) -> dict[str, Survey]:
    """Reads through every collection, so that a damaged source is known before anything is written."""
    surveys = {}
    meter.expect("reading the source", len(MAPPINGS), unit="collections")
    for collection in MAPPINGS:
        surveys[collection] = source.survey(collection)
        meter.reach("reading the source", len(surveys))
    return surveys


def skipped(source: DumpSource) -> dict[str, str]:
    return {
        **dict.fromkeys(source.unknown, "no collection of Scribe Tree"),
        **{name: "not in the source" for name in MAPPINGS if name not in source.files},
    }


def fingerprint(surveys: dict[str, Survey]) -> str:
    """Names a source by what it holds; the same dump is the same source, gzip or not."""
    lines = "".join(f"{name} {surveys[name].documents} {surveys[name].digest}\n" for name in sorted(surveys))
    return blake2b(lines.encode(), digest_size=16).hexdigest()


@transaction.atomic
def _open_run(source: DumpSource, surveys: dict[str, Survey], options: ImportOptions) -> ImportRun:
    """The run of this source, gone on with or new."""
    if options.restart:
        empty_tables()
    name = fingerprint(surveys)
    other = ImportRun.objects.exclude(fingerprint=name).first()
    if other is not None:
        raise LoadError(
            "the database holds an import of another source "
            f"({other.source}, begun {other.started_at:%Y-%m-%d %H:%M}). "
            "To replace it, run again with --restart, which empties all imported tables first"
        )
    run, is_new = ImportRun.objects.get_or_create(fingerprint=name, defaults={"source": source.label})
    if is_new:
        ImportPart.objects.bulk_create(
            ImportPart(
                run=run,
                collection=collection,
                number=number,
                start=part.start,
                end=part.end,
                position=part.start,
                documents=part.documents,
            )
            for collection in MAPPINGS
            for number, part in enumerate(surveys[collection].parts)
        )
    _refuse_lacking(run, options)
    return run


def _refuse_lacking(run: ImportRun, options: ImportOptions) -> None:
    unfinished = set(run.parts.filter(position__lt=F("end")).values_list("collection", flat=True))
    for collection in unfinished.intersection(options.only):
        lacking = (required_collections(MAPPINGS[collection]) & unfinished).difference(options.only)
        if lacking:
            names = ", ".join(name for name in MAPPINGS if name in lacking)
            raise LoadError(f"{collection} refers to {names}, not imported yet: import them before it, or with it")


def _has_work(run: ImportRun, options: ImportOptions) -> bool:
    return run.parts.filter(collection__in=options.only, position__lt=F("end")).exists()


def empty_tables() -> None:
    """Forgets every import: empties the imported tables and the ledger."""
    tables = [table.name for mapping in MAPPINGS.values() for table in mapping.tables]
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {', '.join(dict.fromkeys(tables))} CASCADE")
    ImportRun.objects.all().delete()


def _load(source: DumpSource, run: ImportRun, options: ImportOptions, workers: Workers, meter: Meter) -> None:
    ImportRun.objects.filter(pk=run.pk).update(status=RunStatus.RUNNING, finished_at=None)
    work = Work(
        source=str(source.folder),
        run=run.pk,
        only=options.only,
        max_rejects=options.max_rejects,
        batch_size=options.batch_size,
        database=str(connection.settings_dict["NAME"]),
    )
    for collection in (name for name in MAPPINGS if name in options.only):
        sums = run.parts.filter(collection=collection).aggregate(total=Sum("documents"), done=Sum("read"))
        if sums["total"]:
            meter.expect(collection, **sums)
    workers.load(work, meter)


def _analyze() -> None:
    tables = [table.name for mapping in MAPPINGS.values() for table in mapping.tables]
    with transaction.atomic(), connection.cursor() as cursor:
        # A quarter of the usual sample will do until autovacuum comes by: reading long texts for it takes long.
        cursor.execute("SET LOCAL default_statistics_target = 25")
        cursor.execute(f"ANALYZE {', '.join(dict.fromkeys(tables))}")


def _close_run(run: ImportRun) -> None:
    run.refresh_from_db()
    run.status = RunStatus.REJECTS if run.parts.filter(rejected__gt=0).exists() else RunStatus.CLEAN
    run.save(update_fields=["status"])
    if run.finished_at is None and not run.parts.filter(position__lt=F("end")).exists():
        ImportRun.objects.filter(pk=run.pk).update(finished_at=Now())


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute(_LOCK)
        if not cursor.fetchone()[0]:
            raise LoadError("another import is running on this database")
    try:
        yield
    finally:
        if connection.is_usable():
            with connection.cursor() as cursor:
                cursor.execute(_LOCK.replace("try_advisory_lock", "advisory_unlock"))
