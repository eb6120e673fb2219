"""A whole verification: every part of every collection, in several processes, and what no document explains."""

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import asdict

from bson import ObjectId
from django.db import connection
from django.utils.timezone import now

from migrate_mongo.decoding import Undecodable, decode
from migrate_mongo.exceptions import VerifyError
from migrate_mongo.foreign_keys import missing_foreign_keys
from migrate_mongo.forking import CONTEXT, leave_connection
from migrate_mongo.integrity import orphans
from migrate_mongo.mappings import MAPPINGS
from migrate_mongo.models import ImportRun
from migrate_mongo.progress import Meter
from migrate_mongo.recompute import SAMPLES
from migrate_mongo.rows import key_of, uuid_array
from migrate_mongo.sources import Part, Reader, Source, batches, fingerprint, survey
from migrate_mongo.verify import IdSum, PartResult, settle_either, verify_part, verify_repaired
from migrate_mongo.verify_report import VerifyReport

LISTED_EXTRAS = 1000
BATCH = 10_000

Task = tuple[str, Part]


def verify(source: Source, only: tuple[str, ...], workers: int, meter: Meter) -> VerifyReport:
    """Raises MigrateMongoError when the source cannot be read, or a process was killed."""
    report = VerifyReport(source.label)
    surveys = survey(source, meter)
    results: dict[str, PartResult] = {name: PartResult() for name in MAPPINGS if name in only}
    for name in results:
        meter.expect(f"verifying {name}", surveys[name].documents)
    tasks = [(name, part) for name in results for part in surveys[name].parts]
    for name, result in _verified(source.reader, tasks, workers):
        _merge(results[name], result)
        meter.reach(f"verifying {name}", results[name].counts.compared)
    for name, result in results.items():
        settle_either(name, result.either, result)
        verify_repaired(name, result)
        _count_extra(source.reader, name, surveys[name].parts, result)
        report.add(name, result)
    report.integrity, report.missing_keys = orphans(), missing_foreign_keys()
    _record(fingerprint(source, surveys), report, is_whole=set(only) == set(MAPPINGS))
    return report


def _verified(reader: Reader, tasks: list[Task], workers: int) -> Iterator[tuple[str, PartResult]]:
    if workers == 1 or len(tasks) <= 1:
        yield from ((name, verify_part(reader, name, part)) for name, part in tasks)
        return
    with ProcessPoolExecutor(min(workers, len(tasks)), CONTEXT, leave_connection) as pool:
        try:
            futures = {pool.submit(verify_part, reader, name, part): name for name, part in tasks}
            for future in as_completed(futures):
                yield futures.pop(future), future.result()
        except BrokenProcessPool:
            raise VerifyError(
                "a process was killed: is there too little memory? Try again with fewer --workers"
            ) from None
        finally:
            pool.shutdown(cancel_futures=True)


def _merge(whole: PartResult, part: PartResult) -> None:
    for name, count in asdict(part.counts).items():
        setattr(whole.counts, name, getattr(whole.counts, name) + count)
    for difference in part.differences:
        whole.differ(*difference)
    whole.unlisted += part.unlisted
    whole.either += part.either
    whole.seen.merge(part.seen)
    whole.replaced |= part.replaced
    for name, result in part.recomputed.items():
        mine = whole.recomputed.setdefault(name, {"checked": 0, "differing": 0, "samples": []})
        mine["checked"] += result["checked"]
        mine["differing"] += result["differing"]
        mine["samples"] = sorted([*mine["samples"], *result["samples"]])[:SAMPLES]


def _count_extra(reader: Reader, collection: str, parts: list[Part], result: PartResult) -> None:
    """Rows that no document of the source has: only when the sums say that there are any are they looked for."""
    mapping = MAPPINGS[collection]
    if IdSum.of_rows(mapping) == result.seen:
        return
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS verify_seen")
        cursor.execute("CREATE TEMP TABLE verify_seen (id uuid PRIMARY KEY)")
        for ids in (uuid_array(result.repaired), *_ids(reader, collection, parts)):
            cursor.execute("INSERT INTO verify_seen SELECT unnest(%s::uuid[]) ON CONFLICT DO NOTHING", [ids])
        condition = f"{mapping.rows_where} AND NOT EXISTS (SELECT FROM verify_seen AS seen WHERE seen.id = main.id)"
        cursor.execute(f'SELECT count(*) FROM "{mapping.table.name}" AS main WHERE {condition}')
        result.counts.extra = cursor.fetchone()[0]
        cursor.execute(
            f'SELECT id FROM "{mapping.table.name}" AS main WHERE {condition} ORDER BY id LIMIT {LISTED_EXTRAS}'
        )
        for (key,) in cursor.fetchall():
            result.differ(str(key_of(key)), "", "no document", "a row")


def _ids(reader: Reader, collection: str, parts: list[Part]) -> Iterator[str]:
    """The ids of the source's documents, as uuid[] literals."""
    for part in parts:
        for batch in batches(reader.documents(collection, part.start, part.end), BATCH):
            decoded = (_id_of(raw) for raw in batch.raws)
            yield uuid_array(object_id for object_id in decoded if object_id is not None)


def _id_of(raw: bytes) -> ObjectId | None:
    with suppress(Undecodable):
        object_id = decode(raw).get("_id")
        return object_id if isinstance(object_id, ObjectId) else None
    return None


def _record(name: str, report: VerifyReport, *, is_whole: bool) -> None:
    """Puts the result beside the import of the same source, for its report."""
    runs = ImportRun.objects.filter(fingerprint=name)
    if is_whole:
        runs.update(verification=report.counted(), verified_at=now())
    report.run = runs.first()
