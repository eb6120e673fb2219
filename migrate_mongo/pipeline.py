"""A whole import: survey the source, open the run or join it, have its parts loaded, close it."""

import os
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from operator import itemgetter

from django.db import connection, transaction
from django.db.models import F, Sum
from django.db.models.functions import Now

from migrate_mongo.exceptions import LoadError
from migrate_mongo.foreign_keys import add_foreign_keys, drop_foreign_keys
from migrate_mongo.index_plan import storable
from migrate_mongo.ledger import record_findings
from migrate_mongo.locks import require_alone, take_turns
from migrate_mongo.mappings import MAPPINGS
from migrate_mongo.models import ImportPart, ImportRun, RunStatus
from migrate_mongo.progress import Meter
from migrate_mongo.report import ImportReport
from migrate_mongo.sources import Source, Survey, fingerprint, survey
from migrate_mongo.tables import Table
from migrate_mongo.versions import versions
from migrate_mongo.work import Work
from migrate_mongo.workers import Profiles, Workers, required_collections


@dataclass(frozen=True)
class Policies:
    """What becomes of a value that cannot be loaded as it is, where there is a choice."""

    on_nul: str = "replace"
    on_dangling: str = "null"

    @property
    def refused(self) -> frozenset[str]:
        """The kinds of finding that reject the document."""
        kinds = {"nul_removed": self.on_nul, "dangling_reference": self.on_dangling}
        return frozenset(kind for kind, choice in kinds.items() if choice == "reject")


@dataclass(frozen=True)
class ImportOptions:
    only: tuple[str, ...] = tuple(MAPPINGS)
    restart: bool = False
    max_rejects: int | None = None
    batch_size: int = 1000
    workers: int = os.cpu_count() or 1
    policies: Policies = Policies()
    schema: str | None = None
    profiles: bool = False


def run_import(source: Source, options: ImportOptions, meter: Meter) -> ImportReport:
    """Imports what is not imported yet, together with others who do. Raises MigrateMongoError when it cannot go on."""
    began = time.monotonic()
    profiles: Profiles = {}
    with Workers(options.workers) as workers:
        surveys = survey(source, meter)
        run = _open_run(source, surveys, options)
        if _has_work(run, options):
            status = RunStatus.FAILED
            try:
                drop_foreign_keys()
                try:
                    profiles = _load(source, run, options, workers, meter)
                except BaseException:
                    add_foreign_keys()
                    raise
                _finish_tables()
                status = RunStatus.RUNNING
            finally:
                seconds = F("seconds") + time.monotonic() - began
                ImportRun.objects.filter(pk=run.pk).update(status=status, seconds=seconds)
        add_foreign_keys()
        _close_run(run)
    return ImportReport.of_run(run, profiles=profiles)


@transaction.atomic
def _open_run(source: Source, surveys: dict[str, Survey], options: ImportOptions) -> ImportRun:
    """The run of this source, gone on with or new."""
    take_turns()
    if options.restart:
        require_alone()
        empty_tables()
    name = fingerprint(source, surveys)
    other = ImportRun.objects.exclude(fingerprint=name).first()
    if other is not None:
        raise LoadError(
            "the database holds an import of another source "
            f"({other.source}, begun {other.started_at:%Y-%m-%d %H:%M}). "
            "To replace it, run again with --restart, which empties all imported tables first"
        )
    policies = vars(options.policies)
    run, is_new = ImportRun.objects.get_or_create(
        fingerprint=name,
        defaults={
            "source": source.label,
            "kind": source.kind,
            "policies": policies,
            "details": _details(source, options),
        },
    )
    if is_new:
        _write_parts(run, surveys)
        for (collection, path, kind), notice in source.notices.items():
            record_findings(run.pk, collection, {(path, kind): (notice.count, notice.samples)})
    elif run.policies != policies:
        begun = " ".join(f"--{option.replace('_', '-')} {choice}" for option, choice in run.policies.items())
        raise LoadError(f"this import was begun with {begun}: go on with the same options, or --restart")
    _refuse_lacking(run, options)
    return run


def _details(source: Source, options: ImportOptions) -> dict[str, object]:
    skipped = {
        **dict.fromkeys(source.unknown, "no collection of Scribe Tree"),
        **{name: "not in the source" for name in MAPPINGS if name not in source.collections},
    }
    return {
        "notes": source.notes,
        "skipped": skipped,
        "metadata": storable(source.metadata),
        "settings": _settings(options),
        "versions": versions(),
    }


def _settings(options: ImportOptions) -> dict[str, object]:
    """Those that the run is begun with; it may be gone on with others."""
    return {
        "dry_run": options.schema is not None,
        "only": list(options.only) if set(options.only) != set(MAPPINGS) else None,
        "batch_size": options.batch_size,
        "workers": options.workers,
        "max_rejects": options.max_rejects,
    }


def _write_parts(run: ImportRun, surveys: dict[str, Survey]) -> None:
    """In the order in which they are to be loaded.

    Collections that can be loaded at the same time alternate: some keep PostgreSQL busy, others the workers.
    """
    begins = {name: _stage(name) for name in MAPPINGS}
    end = max(begins.values()) + 1
    parts = []
    for collection, begin in begins.items():
        needed = min((begins[name] for name in MAPPINGS if collection in _required(name)), default=end)
        found = surveys[collection].parts
        for number, part in enumerate(found):
            row = ImportPart(
                run=run,
                collection=collection,
                number=number,
                start=part.start,
                end=part.end,
                position=part.start,
                documents=part.documents,
            )
            parts.append((begin + (needed - begin) * number / len(found), row))
    ImportPart.objects.bulk_create(row for _, row in sorted(parts, key=itemgetter(0)))


def _stage(collection: str) -> int:
    """How many collections have to be there before it, one after the other."""
    return max((_stage(name) + 1 for name in _required(collection)), default=0)


def _required(collection: str) -> frozenset[str]:
    return required_collections(MAPPINGS[collection])


def _refuse_lacking(run: ImportRun, options: ImportOptions) -> None:
    unfinished = set(run.parts.filter(is_finished=False).values_list("collection", flat=True))
    for collection in unfinished.intersection(options.only):
        lacking = (_required(collection) & unfinished).difference(options.only)
        if lacking:
            names = ", ".join(name for name in MAPPINGS if name in lacking)
            raise LoadError(f"{collection} refers to {names}, not imported yet: import them before it, or with it")


def _has_work(run: ImportRun, options: ImportOptions) -> bool:
    return run.parts.filter(collection__in=options.only, is_finished=False).exists()


def empty_tables() -> None:
    """Forgets every import: empties the imported tables and the ledger."""
    tables = [table.name for mapping in MAPPINGS.values() for table in mapping.tables]
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {', '.join(dict.fromkeys(tables))} CASCADE")
    ImportRun.objects.all().delete()


def _load(source: Source, run: ImportRun, options: ImportOptions, workers: Workers, meter: Meter) -> Profiles:
    ImportRun.objects.filter(pk=run.pk).update(status=RunStatus.RUNNING, finished_at=None)
    work = Work(
        reader=source.reader,
        run=run.pk,
        only=options.only,
        max_rejects=options.max_rejects,
        batch_size=options.batch_size,
        refused=options.policies.refused,
        database=str(connection.settings_dict["NAME"]),
        schema=options.schema,
        profiles=options.profiles,
        ahead=1 if options.workers > 1 else 3,
    )
    for collection in (name for name in MAPPINGS if name in options.only):
        sums = run.parts.filter(collection=collection).aggregate(total=Sum("documents"), done=Sum("read"))
        if sums["total"]:
            meter.expect(collection, **sums)
    return workers.load(work, meter)


def _finish_tables() -> None:
    """Adds the foreign keys, and has the tables analyzed over another connection meanwhile."""
    if connection.in_atomic_block:  # nobody else sees the tables
        add_foreign_keys()
        _analyze()
        return
    with ThreadPoolExecutor(1) as thread:
        analyzed = thread.submit(_analyze_aside)
        add_foreign_keys()
    analyzed.result()


def _analyze_aside() -> None:
    try:
        _analyze()
    finally:
        connection.close()


def _analyze() -> None:
    """Has the planner know the tables until autovacuum comes by, which takes larger samples, and all columns."""
    tables = dict.fromkeys(table for mapping in reversed(MAPPINGS.values()) for table in mapping.tables)
    with connection.cursor() as cursor:
        cursor.execute("SET default_statistics_target = 25")
        # Table by table, each in a transaction of its own: it waits for foreign keys while it holds no other lock.
        cursor.execute(f"ANALYZE {', '.join(f'{table.name} ({_compared(table)})' for table in tables)}")
        cursor.execute("RESET default_statistics_target")


def _compared(table: Table) -> str:
    """The columns without documents: to sort a sample of these takes longer than all the rest."""
    return ", ".join(name for name, kind in zip(table.columns, table.types, strict=True) if kind != "jsonb")


def _close_run(run: ImportRun) -> None:
    rejects = run.parts.filter(rejected__gt=0).exists()
    runs = ImportRun.objects.filter(pk=run.pk)
    runs.update(status=RunStatus.REJECTS if rejects else RunStatus.CLEAN)
    if not run.parts.filter(is_finished=False).exists():
        runs.filter(finished_at=None).update(finished_at=Now())
    run.refresh_from_db()
