"""Loads one batch of raw documents: decode, map, look up, copy. What cannot be loaded is rejected, one by one."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import bson
from bson import ObjectId, json_util
from django.db import DatabaseError, connection, transaction

from migrate_mongo.bulk.load import check_regular, copy_regular
from migrate_mongo.bulk.prepare import Prepared
from migrate_mongo.bulk.presence import Presence
from migrate_mongo.exceptions import Rejected
from migrate_mongo.extended_json import CODEC
from migrate_mongo.mappings.base import CollectionMapping, Loaded
from migrate_mongo.pg_copy import check_foreign_keys, copy_rows
from migrate_mongo.references import existing_ids, missing_targets, settle
from migrate_mongo.settlements import SETTLEMENTS, make_partitions
from migrate_mongo.waiting import Step

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


def sqlstate(error: DatabaseError) -> str:
    return getattr(error.__cause__, "sqlstate", None) or ""


def load_batch(prepared: Prepared, presence: Presence, meanwhile: Step) -> BatchResult:
    """Loads the documents in the caller's transaction: in bulk, or one by one when the database refuses some.

    `meanwhile` does a little other work whenever the database has much to do; it returns False when none is left.
    """
    if prepared.has_regular:
        try:
            with transaction.atomic():
                return _load_in_bulk(prepared, presence, meanwhile)
        except DatabaseError as error:
            _raise_unless_data(error)
    return load_one_by_one(prepared.mapping, prepared.raws)


def load_one_by_one(mapping: CollectionMapping, raws: list[bytes]) -> BatchResult:
    """Without the short cut for regular documents; those that a constraint refuses are found by halving."""
    for is_last in (False, True):
        try:
            with transaction.atomic():
                result = BatchResult()
                mapped = _mapped(mapping, dict(enumerate(raws)), result)
                if mapping.collection == "writingsessions":
                    make_partitions(loaded for _, loaded in mapped.values())
                _load(mapping, list(mapped.values()), result)
                return result
        except DatabaseError as error:
            _raise_unless_data(error)
            cause: Any = error.__cause__
            if len(raws) > 1:
                break
            # Another worker may have been first with a row that this one has to reckon with: look again.
            if is_last:
                return BatchResult(rejects=[_refused(mapping, raws[0], cause)])
    middle = len(raws) // 2
    return load_one_by_one(mapping, raws[:middle]).add(load_one_by_one(mapping, raws[middle:]))


def _raise_unless_data(error: DatabaseError) -> None:
    if connection.connection.closed or sqlstate(error)[:2] not in FAULTS_OF_DATA:
        raise error


def _load_in_bulk(prepared: Prepared, presence: Presence, meanwhile: Step) -> BatchResult:
    """The regular documents first, then the others; what the database refuses is refused for the whole batch."""
    mapping, raws, irregular = prepared.mapping, prepared.raws, prepared.batch.irregular
    result = BatchResult()
    early = sorted(irregular)
    mapped = _mapped(mapping, {place: raws[place] for place in early}, result)
    if mapping.collection == "writingsessions":
        make_partitions((loaded for _, loaded in mapped.values()), prepared.days)
    check_regular(prepared, presence)
    copy_regular(prepared, meanwhile)
    mapped |= _mapped(mapping, {place: raws[place] for place in sorted(irregular.difference(early))}, result)
    result.loaded = len(raws) - len(irregular)
    _load(mapping, [mapped[place] for place in sorted(mapped)], result)
    return result


def _load(mapping: CollectionMapping, mapped: list[tuple[bytes, Loaded]], result: BatchResult) -> None:
    if not mapped:
        return
    present = existing_ids(mapping.table.name, (loaded.id for _, loaded in mapped))
    missing = missing_targets([loaded for _, loaded in mapped])
    batch: list[Loaded] = []
    for raw, loaded in mapped:
        try:
            if loaded.id in present:
                raise Rejected("duplicate_id", "_id", f"{mapping.table.name} has a row with this _id already")
            settle(loaded, missing)
        except Rejected as rejected:
            result.rejects.append(_reject(raw, str(loaded.id), rejected))
            continue
        present.add(loaded.id)
        batch.append(loaded)
    if batch:
        settlement = SETTLEMENTS.get(mapping.collection)
        for finding in settlement(mapping, batch) if settlement else ():
            result.find(*finding)
        _write(mapping, batch)
    for loaded in batch:
        for path, kind in loaded.findings():
            result.find(loaded.id, path, kind)
    result.loaded += len(batch)


def _mapped(mapping: CollectionMapping, raws: dict[int, bytes], result: BatchResult) -> dict[int, tuple[bytes, Loaded]]:
    """The documents that can be, by place."""
    mapped = {}
    for place, raw in raws.items():
        try:
            document = bson.decode(raw, CODEC)
        except (bson.errors.BSONError, ValueError, RecursionError) as error:
            result.rejects.append(Reject("", "undecodable", "", f"not valid BSON: {error}", raw))
            continue
        try:
            loaded = mapping.load(document)
        except Rejected as rejected:
            result.rejects.append(_reject(raw, printable_id(document), rejected))
            continue
        mapped[place] = raw, loaded
    return mapped


def _write(mapping: CollectionMapping, batch: list[Loaded]) -> None:
    for loaded in batch:
        loaded.fill_extra()
    with connection.cursor() as cursor:
        for table in mapping.tables:
            rows = [row for loaded in batch for row in loaded.rows.get(table.name, ())]
            if rows:
                copy_rows(cursor, table, rows)
        check_foreign_keys(cursor)


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
        document_id=printable_id(bson.decode(raw, CODEC)),
        reason="constraint",
        path=", ".join(mapping.sources_of(diagnostic.constraint_name, diagnostic.column_name)),
        message=f"{diagnostic.message_primary} (SQLSTATE {cause.sqlstate}). {detail}".strip(),
        raw=raw,
    )
