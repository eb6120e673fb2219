"""Loads one batch of raw documents: decode, map, look up, copy. What cannot be loaded is rejected, one by one."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from bson import ObjectId, json_util
from django.db import DatabaseError, connection, transaction

from migrate_mongo.decoding import Undecodable, decode, is_exact, losses
from migrate_mongo.exceptions import Dangling, Rejected
from migrate_mongo.mappings import MAPPINGS
from migrate_mongo.mappings.base import CollectionMapping, Loaded
from migrate_mongo.models import RejectedDocument
from migrate_mongo.pg_copy import copy_rows
from migrate_mongo.references import existing_ids, missing_targets, settle
from migrate_mongo.settlements import SETTLEMENTS, make_partitions

SAMPLES = 100
# Classes of SQLSTATE, https://www.postgresql.org/docs/current/errcodes-appendix.html
FAULTS_OF_DATA = ("22", "23", "54")


@dataclass(frozen=True)
class Reject:
    document_id: str
    reason: str
    path: str
    message: str
    raw: bytes
    missing_id: str = ""


@dataclass
class BatchResult:
    """`findings` counts by path and kind; `samples` holds ids of documents that have them."""

    loaded: int = 0
    rejects: list[Reject] = field(default_factory=list)
    findings: Counter[tuple[str, str]] = field(default_factory=Counter)
    samples: dict[tuple[str, str], set[str]] = field(default_factory=dict)

    def find(self, document_id: ObjectId, path: str, kind: str) -> None:
        self.findings[path, kind] += 1
        self.samples.setdefault((path, kind), set()).add(str(document_id))

    def add(self, other: "BatchResult") -> "BatchResult":
        self.loaded += other.loaded
        self.rejects += other.rejects
        self.findings += other.findings
        for key, ids in other.samples.items():
            self.samples.setdefault(key, set()).update(ids)
        return self


def sqlstate(error: Exception) -> str:
    return getattr(error.__cause__, "sqlstate", None) or ""


def load_batch(mapping: CollectionMapping, raws: list[bytes], refused: frozenset[str] = frozenset()) -> BatchResult:
    """Loads the documents in the caller's transaction; those that a constraint refuses are found by halving.

    Those with a finding of a kind that is `refused` are rejected.
    """
    for is_last in (False, True):
        try:
            with transaction.atomic():
                return _load(mapping, raws, refused)
        except DatabaseError as error:
            cause: Any = error.__cause__
            if connection.connection.closed or sqlstate(error)[:2] not in FAULTS_OF_DATA:
                raise
            if len(raws) > 1:
                break
            # Another worker may have been first with a row that this one has to reckon with: look again.
            if is_last:
                return BatchResult(rejects=[_refused(mapping, raws[0], cause)])
    middle = len(raws) // 2
    return load_batch(mapping, raws[:middle], refused).add(load_batch(mapping, raws[middle:], refused))


def _load(mapping: CollectionMapping, raws: list[bytes], refused: frozenset[str]) -> BatchResult:
    result = BatchResult()
    mapped = list(_mapped(mapping, raws, result, refused))
    if mapping.collection == "writingsessions":
        make_partitions([loaded for _, loaded in mapped])
    present = existing_ids(mapping.table.name, (loaded.id for _, loaded in mapped))
    missing = missing_targets([loaded for _, loaded in mapped])
    batch: list[Loaded] = []
    dangling: list[tuple[bytes, Loaded, Dangling]] = []
    for raw, loaded in mapped:
        try:
            if loaded.id in present:
                raise Rejected("duplicate_id", "_id", f"{mapping.table.name} has a row with this _id already")
            settle(loaded, missing)
        except Dangling as rejected:
            dangling.append((raw, loaded, rejected))
            continue
        except Rejected as rejected:
            result.rejects.append(_reject(raw, str(loaded.id), rejected))
            continue
        present.add(loaded.id)
        batch.append(loaded)
    result.rejects += _left_behind(dangling)
    if batch:
        settlement = SETTLEMENTS.get(mapping.collection)
        for finding in settlement(mapping, batch) if settlement else ():
            result.find(*finding)
        _write(mapping, batch)
    for loaded in batch:
        for path, kind in loaded.findings():
            result.find(loaded.id, path, kind)
    result.loaded = len(batch)
    return result


def _mapped(
    mapping: CollectionMapping, raws: list[bytes], result: BatchResult, refused: frozenset[str]
) -> Iterator[tuple[bytes, Loaded]]:
    for raw in raws:
        try:
            document = decode(raw)
        except Undecodable as error:
            result.rejects.append(Reject("", "undecodable", "", str(error), error.data))
            continue
        try:
            loaded = mapping.load(document, refused)
        except Rejected as rejected:
            result.rejects.append(_reject(raw, printable_id(document), rejected))
            continue
        if not is_exact(document, raw):
            loaded.keep_bytes(raw, losses(raw))
        yield raw, loaded


def _left_behind(dangling: list[tuple[bytes, Loaded, Dangling]]) -> Iterator[Reject]:
    """The rejects of documents whose required reference leads nowhere; they say so when its target was rejected."""
    if not dangling:
        return
    targets = {str(error.target) for *_, error in dangling}
    rejected = RejectedDocument.objects.not_loaded().filter(document_id__in=targets)
    reasons = {(row.collection, row.document_id): row.reason for row in rejected.defer("raw")}
    for raw, loaded, error in dangling:
        target, message = str(error.target), error.message
        for collection, other in MAPPINGS.items():
            if other.table.name in error.tables and (reason := reasons.get((collection, target))):
                message = f"{error.path} refers to {target} of {collection}, which was rejected itself ({reason})"
        yield Reject(str(loaded.id), error.reason, error.path, message, raw, missing_id=target)


def _write(mapping: CollectionMapping, batch: list[Loaded]) -> None:
    for loaded in batch:
        loaded.fill_extra()
    with connection.cursor() as cursor:
        for table in mapping.tables:
            rows = [row for loaded in batch for row in loaded.rows.get(table.name, ())]
            if rows:
                copy_rows(cursor, table, rows)
        # Foreign keys are deferred; here, a violation still falls on these documents.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")


def printable_id(document: dict[str, Any]) -> str:
    """The `_id` of a document as people write it: 24 hex digits, plain text, else Extended JSON."""
    object_id = document.get("_id")
    return str(object_id) if isinstance(object_id, ObjectId | str) else json_util.dumps(object_id)


def _reject(raw: bytes, document_id: str, rejected: Rejected) -> Reject:
    return Reject(document_id, rejected.reason, rejected.path, rejected.message, raw)


def _refused(mapping: CollectionMapping, raw: bytes, cause: Any) -> Reject:
    """The reject for a document that the database refused, in the database's words."""
    diagnostic = cause.diag
    # Only that of keys (23505, 23503): others show the whole row, and a user's holds the password's hash.
    detail = diagnostic.message_detail or "" if cause.sqlstate in ("23503", "23505") else ""
    return Reject(
        document_id=printable_id(decode(raw)),
        reason="constraint",
        path=", ".join(mapping.sources_of(diagnostic.constraint_name, diagnostic.column_name)),
        message=f"{diagnostic.message_primary} (SQLSTATE {cause.sqlstate}). {detail}".strip(),
        raw=raw,
    )
