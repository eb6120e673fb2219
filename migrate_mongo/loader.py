"""Loads one batch of raw documents: decode, map, look up, copy. What cannot be loaded is rejected, one by one."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from bson import ObjectId
from django.db import DatabaseError, connection, transaction

from migrate_mongo.bulk.load import check_regular, copy_regular
from migrate_mongo.bulk.prepare import Prepared
from migrate_mongo.bulk.presence import Presence
from migrate_mongo.conflicts import Evicted, Find, make_way_for, make_way_for_first
from migrate_mongo.decoding import Undecodable, decode, is_exact, losses
from migrate_mongo.exceptions import Dangling, Rejected, sqlstate
from migrate_mongo.extended_json import printable_id
from migrate_mongo.mappings import MAPPINGS
from migrate_mongo.mappings.base import CollectionMapping, Loaded
from migrate_mongo.models import RejectedDocument
from migrate_mongo.pg_copy import check_foreign_keys, copy_rows
from migrate_mongo.references import existing_ids, missing_targets, settle
from migrate_mongo.settlements import SETTLEMENTS, make_partitions
from migrate_mongo.waiting import Step

SAMPLES = 100
# Classes of SQLSTATE, https://www.postgresql.org/docs/current/errcodes-appendix.html
FAULTS_OF_DATA = ("22", "23", "54")
UNIQUE_VIOLATION = "23505"


@dataclass(frozen=True)
class Reject:
    document_id: str
    reason: str
    path: str
    message: str
    raw: bytes
    missing_id: str = ""


@dataclass(frozen=True)
class Terms:
    """`refused` are the kinds of finding that reject a document. `find` gives the source's documents of an `_id`;
    without it, what is there already stays there. `meanwhile` does a little other work whenever the database has much
    to do; it returns False when none is left.
    """

    refused: frozenset[str] = frozenset()
    find: Find | None = None
    meanwhile: Step = bool


@dataclass
class BatchResult:
    """`findings` counts by path and kind; `samples` holds ids of documents that have them.

    `evicted` were loaded before, and are among `rejects` now.
    """

    loaded: int = 0
    rejects: list[Reject] = field(default_factory=list)
    findings: Counter[tuple[str, str]] = field(default_factory=Counter)
    samples: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    evicted: list[Evicted] = field(default_factory=list)

    def find(self, document_id: ObjectId, path: str, kind: str) -> None:
        self.findings[path, kind] += 1
        self.samples.setdefault((path, kind), set()).add(str(document_id))

    def add(self, other: "BatchResult") -> "BatchResult":
        self.loaded += other.loaded
        self.rejects += other.rejects
        self.findings += other.findings
        for key, ids in other.samples.items():
            self.samples.setdefault(key, set()).update(ids)
        self.evicted += other.evicted
        return self

    def evict(self, evicted: Evicted, reject: Reject) -> None:
        self.loaded -= 1
        self.evicted.append(evicted)
        self.rejects.append(reject)


def load_batch(prepared: Prepared, presence: Presence, terms: Terms) -> BatchResult:
    """Loads the documents in the caller's transaction: in bulk, or one by one when the database refuses some."""
    if prepared.has_regular:
        try:
            with transaction.atomic():
                return _load_in_bulk(prepared, presence, terms)
        except DatabaseError as error:
            _raise_unless_data(error)
    return load_one_by_one(prepared.mapping, prepared.raws, terms)


def load_one_by_one(mapping: CollectionMapping, raws: list[bytes], terms: Terms) -> BatchResult:
    """Without the short cut for regular documents; those that a constraint refuses are found by halving."""
    for is_last in (False, True):
        try:
            with transaction.atomic():
                result = BatchResult()
                mapped = _mapped(mapping, dict(enumerate(raws)), result, terms)
                if mapping.collection == "writingsessions":
                    make_partitions(loaded for _, loaded in mapped.values())
                _load(mapping, list(mapped.values()), result, terms)
                return result
        except DatabaseError as error:
            _raise_unless_data(error)
            cause: Any = error.__cause__
            if len(raws) > 1:
                break
            # Another worker may have been first with a row that this one has to reckon with: look again.
            if is_last:
                return _give_way(mapping, raws[0], cause, terms)
    middle = len(raws) // 2
    return load_one_by_one(mapping, raws[:middle], terms).add(load_one_by_one(mapping, raws[middle:], terms))


def _give_way(mapping: CollectionMapping, raw: bytes, cause: Any, terms: Terms) -> BatchResult:
    """A constraint has refused the document: reject it, or the one that is there instead."""
    evicted = None
    if cause.sqlstate == UNIQUE_VIOLATION and terms.find is not None:
        evicted = make_way_for(mapping, decode(raw), cause.diag.constraint_name, terms.find)
    if evicted is None:
        return BatchResult(rejects=[_refused(mapping, raw, cause)])
    result = load_one_by_one(mapping, [raw], terms)
    result.evict(evicted, _refused(mapping, evicted.raw, cause))
    return result


def _raise_unless_data(error: DatabaseError) -> None:
    if connection.connection.closed or sqlstate(error)[:2] not in FAULTS_OF_DATA:
        raise error


def _load_in_bulk(prepared: Prepared, presence: Presence, terms: Terms) -> BatchResult:
    """The regular documents first, then the others; what the database refuses is refused for the whole batch."""
    mapping, raws, irregular = prepared.mapping, prepared.raws, prepared.batch.irregular
    result = BatchResult()
    early = sorted(irregular)
    mapped = _mapped(mapping, {place: raws[place] for place in early}, result, terms)
    if mapping.collection == "writingsessions":
        make_partitions((loaded for _, loaded in mapped.values()), prepared.days)
    check_regular(prepared, presence)
    copy_regular(prepared, terms.meanwhile)
    late = {place: raws[place] for place in sorted(irregular.difference(early))}
    mapped |= _mapped(mapping, late, result, terms)
    result.loaded = len(raws) - len(irregular)
    _load(mapping, [mapped[place] for place in sorted(mapped)], result, terms)
    return result


def _load(mapping: CollectionMapping, mapped: list[tuple[bytes, Loaded]], result: BatchResult, terms: Terms) -> None:
    if not mapped:
        return
    present = existing_ids(mapping.table.name, (loaded.id for _, loaded in mapped))
    missing = missing_targets([loaded for _, loaded in mapped])
    batch: list[Loaded] = []
    taken: set[ObjectId] = set()
    dangling: list[tuple[bytes, Loaded, Dangling]] = []
    for raw, loaded in mapped:
        try:
            settle(loaded, missing)
            if loaded.id in taken or (loaded.id in present and not _is_first(mapping, raw, loaded.id, result, terms)):
                raise _duplicate(mapping)
        except Dangling as rejected:
            dangling.append((raw, loaded, rejected))
            continue
        except Rejected as rejected:
            result.rejects.append(_reject(raw, str(loaded.id), rejected))
            continue
        taken.add(loaded.id)
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
    result.loaded += len(batch)


def _is_first(mapping: CollectionMapping, raw: bytes, object_id: ObjectId, result: BatchResult, terms: Terms) -> bool:
    """Whether the document comes before the one of the same `_id` that was there, and is not any more."""
    evicted = terms.find and make_way_for_first(mapping, raw, object_id, terms.find)
    if not evicted:
        return False
    result.evict(evicted, _reject(evicted.raw, str(object_id), _duplicate(mapping)))
    return True


def _duplicate(mapping: CollectionMapping) -> Rejected:
    return Rejected("duplicate_id", "_id", f"{mapping.table.name} has a row with this _id already")


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


def _mapped(
    mapping: CollectionMapping, raws: dict[int, bytes], result: BatchResult, terms: Terms
) -> dict[int, tuple[bytes, Loaded]]:
    """The documents that can be, by place."""
    mapped = {}
    for place, raw in raws.items():
        try:
            document = decode(raw)
        except Undecodable as error:
            result.rejects.append(Reject("", "undecodable", "", str(error), error.data))
            continue
        try:
            loaded = mapping.load(document, terms.refused)
        except Rejected as rejected:
            result.rejects.append(_reject(raw, printable_id(document), rejected))
            continue
        if not is_exact(document, raw):
            loaded.keep_bytes(raw, losses(raw))
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
