"""What the import remembers of itself: see models.py for the tables."""

from hashlib import sha256

from django.db import connection

from migrate_mongo.loader import SAMPLES, BatchResult
from migrate_mongo.models import ImportPart, RejectedDocument

_CHECKPOINT = """
    UPDATE import_parts SET position = %s, read = read + %s, loaded = loaded + %s, rejected = rejected + %s
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


def record(part: ImportPart, position: int, result: BatchResult) -> None:
    """Writes the checkpoint behind a batch, in the batch's own transaction."""
    rejected = len(result.rejects)
    with connection.cursor() as cursor:
        cursor.execute(_CHECKPOINT, [position, result.loaded + rejected, result.loaded, rejected, part.pk])
    RejectedDocument.objects.bulk_create(
        RejectedDocument(
            run_id=part.run_id,
            collection=part.collection,
            document_id=reject.document_id.replace("\0", ""),
            reason=reject.reason,
            path=reject.path.replace("\0", ""),
            message=reject.message.replace("\0", ""),
            raw=reject.raw,
            digest=sha256(reject.raw).digest(),
        )
        for reject in result.rejects
    )
    if not result.findings:
        return
    with connection.cursor() as cursor:
        cursor.executemany(
            _FINDING,
            [
                (part.run_id, part.collection, path, kind, count, sorted(result.samples[path, kind])[:SAMPLES])
                for (path, kind), count in sorted(result.findings.items())  # in one order, against deadlocks
            ],
        )
