"""What the import remembers of itself: see models.py for the tables."""

from collections import Counter
from collections.abc import Iterable, Mapping
from hashlib import sha256

from django.db import connection
from django.db.models import F
from django.db.models.functions import Now

from migrate_mongo.loader import SAMPLES, BatchResult, Reject
from migrate_mongo.models import ImportPart, ImportRun, RejectedDocument, RejectStatus, RunStatus
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
            raw=reject.raw,
            digest=sha256(reject.raw).digest(),
            **fault(reject),
        )
        for reject in result.rejects
    )
    record_found(part.run_id, part.collection, result)
    for evicted in result.evicted:
        withdraw_findings(part.run_id, part.collection, str(evicted.id), evicted.findings)


def fault(reject: Reject) -> dict[str, str]:
    """The columns that say why."""
    texts = {"reason": reject.reason, "path": reject.path, "message": reject.message, "missing_id": reject.missing_id}
    return {column: text.replace("\0", "") for column, text in texts.items()}


def record_found(run: int, collection: str, result: BatchResult) -> None:
    found = {key: (count, result.samples[key]) for key, count in result.findings.items()}
    record_findings(run, collection, found)


def record_loaded(rejects: list[RejectedDocument]) -> None:
    """Rejected documents have been loaded after all, in the same transaction; `replacement` says what of theirs."""
    RejectedDocument.objects.filter(pk__in=[reject.pk for reject in rejects]).update(
        status=RejectStatus.LOADED, settled_at=Now()
    )
    replaced = [reject for reject in rejects if reject.replacement is not None]
    RejectedDocument.objects.bulk_update(replaced, ["replacement", "note"])
    for part, number in sorted(Counter(reject.part_id for reject in rejects).items()):
        ImportPart.objects.filter(pk=part).update(loaded=F("loaded") + number, rejected=F("rejected") - number)
    for run in {reject.run_id for reject in rejects}:
        if not ImportPart.objects.filter(run=run, rejected__gt=0).exists():
            ImportRun.objects.filter(pk=run, status=RunStatus.REJECTS).update(status=RunStatus.CLEAN)


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
