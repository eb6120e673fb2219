"""What the import remembers of itself: see models.py for the tables."""

from collections.abc import Iterable, Mapping
from hashlib import sha256

from django.db import connection

from migrate_mongo.loader import SAMPLES, BatchResult
from migrate_mongo.models import ImportPart, RejectedDocument
from migrate_mongo.sources import Batch

_CHECKPOINT = """
    UPDATE import_parts SET
        position = %s, is_finished = %s, read = read + %s, loaded = loaded + %s, rejected = rejected + %s,
        bytes = bytes + %s, largest = greatest(largest, %s), seconds = seconds + %s
    WHERE id = %s
"""
_FINDING = f"""
    INSERT INTO import_findings AS old (run_id, collection, path, kind, count, samples)
    VALUES (%s, %s, %s, %s, %s, %s)
    ON CONFLICT ON CONSTRAINT import_findings_once DO UPDATE SET
        count = old.count + EXCLUDED.count,
        samples = ARRAY(
            SELECT DISTINCT sample FROM unnest(old.samples || EXCLUDED.samples) AS sample
            ORDER BY sample LIMIT {SAMPLES}
        )
"""


_WITHDRAWAL = """
    UPDATE import_findings SET count = count - 1, samples = array_remove(samples, %s)
    WHERE (run_id, collection, path, kind) = (%s, %s, %s, %s)
"""


def record(part: ImportPart, batch: Batch, result: BatchResult, seconds: float) -> None:
    """Writes the checkpoint behind a batch, in the batch's own transaction."""
    rejected = len(result.rejects)
    sizes = [len(raw) for raw in batch.raws]
    with connection.cursor() as cursor:
        counts = [result.loaded + rejected, result.loaded, rejected, sum(sizes), max(sizes, default=0), seconds]
        cursor.execute(_CHECKPOINT, [batch.place, batch.is_last, *counts, part.pk])
    RejectedDocument.objects.bulk_create(
        RejectedDocument(
            run_id=part.run_id,
            part=part,
            collection=part.collection,
            document_id=reject.document_id.replace("\0", ""),
            reason=reject.reason,
            path=reject.path.replace("\0", ""),
            message=reject.message.replace("\0", ""),
            raw=reject.raw,
            digest=sha256(reject.raw).digest(),
            missing_id=reject.missing_id,
        )
        for reject in result.rejects
    )
    record_findings(
        part.run_id,
        part.collection,
        {key: (count, result.samples[key]) for key, count in result.findings.items()},
    )
    for evicted in result.evicted:
        withdraw_findings(part.run_id, part.collection, str(evicted.id), evicted.findings)


def record_findings(run: int, collection: str, findings: Mapping[tuple[str, str], tuple[int, set[str]]]) -> None:
    """Adds to what was found before, by path and kind."""
    if not findings:
        return
    with connection.cursor() as cursor:
        cursor.executemany(
            _FINDING,
            [
                (run, collection, path, kind, count, sorted(samples)[:SAMPLES])
                for (path, kind), (count, samples) in sorted(findings.items())  # in one order, against deadlocks
            ],
        )


def withdraw_findings(run: int, collection: str, document_id: str, findings: Iterable[tuple[str, str]]) -> None:
    """Takes back what was found in a document, by path and kind: it is not loaded like that any more."""
    with connection.cursor() as cursor:
        for path, kind in sorted(findings):
            cursor.execute(_WITHDRAWAL, [document_id, run, collection, path, kind])
        cursor.execute("DELETE FROM import_findings WHERE run_id = %s AND count = 0", [run])
