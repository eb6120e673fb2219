"""The proof: every document of the source against the one that PostgreSQL gives back.

Shares the mappings with the loader, and nothing else.
"""

from collections import Counter
from dataclasses import dataclass, field
from hashlib import md5, sha256
from itertools import zip_longest
from typing import Any

from bson import Binary, ObjectId
from bson.datetime_ms import DatetimeMS
from django.db import connection

from migrate_mongo.decoding import Undecodable, decode, is_exact
from migrate_mongo.extended_json import canonical, same
from migrate_mongo.garbage import without_garbage_collection
from migrate_mongo.mappings import MAPPINGS
from migrate_mongo.mappings.base import CollectionMapping, Document
from migrate_mongo.mappings.kinds import ABSENT
from migrate_mongo.recompute import Recomputation
from migrate_mongo.rows import uuid_array
from migrate_mongo.sources import Part, Reader, batches
from migrate_mongo.stored import REBUILD_FAULTS, Children, child_rows, document_rows
from migrate_mongo.tables import Row
from migrate_mongo.verify_report import Difference, VerifyCounts
from scribetree.object_id import object_id_bytes_to_uuid_text

BATCH = 500
_LEAVES = {str, int, bool, type(None), ObjectId, DatetimeMS}
MOST_DIFFERENCES = 1000  # of one part; there are counts for the rest

# Of the ledger: documents that the tables do not have as they were.
_KEPT = "(status <> 'loaded' OR replacement IS NOT NULL)"


@dataclass
class IdSum:
    """A set of ids, told by their number and the sum of their digests, which is the same in any order."""

    count: int = 0
    total: int = 0

    def add(self, object_id: ObjectId, times: int = 1) -> None:
        name = object_id_bytes_to_uuid_text(object_id.binary)
        self.count += times
        self.total += times * int(md5(name, usedforsecurity=False).hexdigest()[:15], 16)

    def merge(self, other: "IdSum") -> None:
        self.count += other.count
        self.total += other.total

    @classmethod
    def of_rows(cls, mapping: CollectionMapping) -> "IdSum":
        """Of all rows that the collection has in PostgreSQL."""
        digest = "('x' || left(md5(id::text), 15))::bit(60)::bigint"
        with connection.cursor() as cursor:
            cursor.execute(
                f'SELECT count(*), coalesce(sum({digest}), 0) FROM "{mapping.table.name}" WHERE {mapping.rows_where}'
            )
            count, total = cursor.fetchone()
        return cls(count, int(total))


@dataclass
class PartResult:
    """What became of the documents of one part.

    `either` counts, by SHA-256, those that match a row and are among the rejected too: one `_id` several times.
    `seen` tells the set of rows that were found, whatever their order: how many, and the sum of their ids' digests.
    `replaced` has the SHA-256 of those of which a repaired version was loaded, and `repaired` the ids of such versions.
    """

    counts: VerifyCounts = field(default_factory=VerifyCounts)
    differences: list[tuple[str, *Difference]] = field(default_factory=list)
    unlisted: int = 0
    either: Counter[tuple[bytes, ObjectId]] = field(default_factory=Counter)
    seen: IdSum = field(default_factory=IdSum)
    replaced: set[bytes] = field(default_factory=set)
    repaired: list[ObjectId] = field(default_factory=list)
    recomputed: dict[str, dict[str, Any]] = field(default_factory=dict)

    def differ(self, document_id: str, path: str, source: Any, target: Any) -> None:
        if len(self.differences) < MOST_DIFFERENCES:
            self.differences.append((document_id, path, source, target))
        else:
            self.unlisted += 1


@dataclass
class _Pending:
    """A document of the source on its way through the comparison; `held` is what the ledger would hold of it."""

    raw: bytes
    held: bytes
    document: Document | None

    @property
    def id(self) -> ObjectId | None:
        object_id = self.document.get("_id") if self.document else None
        return object_id if isinstance(object_id, ObjectId) else None


def verify_part(reader: Reader, collection: str, part: Part) -> PartResult:
    verification = _Verification(MAPPINGS[collection])
    with without_garbage_collection():
        for batch in batches(reader.documents(collection, part.start, part.end), BATCH):
            verification.compare([_pending(raw) for raw in batch.raws])
    verification.result.recomputed = verification.recomputation.results
    return verification.result


def _pending(raw: bytes) -> _Pending:
    try:
        return _Pending(raw, raw, decode(raw))
    except Undecodable as error:
        return _Pending(raw, error.data, None)


class _Verification:
    def __init__(self, mapping: CollectionMapping) -> None:
        self.mapping = mapping
        self.result = PartResult()
        self.recomputation = Recomputation(mapping.collection)

    def compare(self, batch: list[_Pending]) -> None:
        counts = self.result.counts
        ids = uuid_array(pending.id for pending in batch if pending.id is not None)
        rows = document_rows(self.mapping, ids)
        children = child_rows(self.mapping, ids)
        refused = self._refused(batch)
        for pending in batch:
            counts.compared += 1
            digest = sha256(pending.held).digest() if refused else b""
            row = rows.get(pending.id) if pending.id else None
            if row is None or pending.document is None:
                self._count_absent(pending, is_rejected=digest in refused)
                continue
            found = self._differences(pending, row, children)
            if digest in refused and not found:
                self.result.either[digest, pending.document["_id"]] += 1
                continue
            if digest in refused:
                counts.rejected += 1
                continue
            self.result.seen.add(pending.document["_id"])
            if found:
                counts.different += 1
                for difference in found:
                    self.result.differ(str(pending.id), *difference)
            else:
                counts.matching += 1

    def _count_absent(self, pending: _Pending, *, is_rejected: bool) -> None:
        if is_rejected:
            self.result.counts.rejected += 1
            return
        self.result.counts.missing += 1
        name = str(pending.id or f"SHA-256 {sha256(pending.held).hexdigest()}")
        self.result.differ(name, "", "a document", "no row")

    def _differences(self, pending: _Pending, row: Row, children: Children) -> list[Difference]:
        document: Any = pending.document
        try:
            rebuilt = self.mapping.rebuild(row, children.get(document["_id"], {}))
        except REBUILD_FAULTS as error:
            return [("", "a document", f"a row that no document can be made from: {error}")]
        self.recomputation.check(rebuilt)
        found = differences(self.mapping.canonical(document), rebuilt)
        extra: Any = row[self.mapping.table.index["extra"]] or {}
        if "bson" not in extra and is_exact(document, pending.raw):
            return found
        if extra.get("bson") != canonical(Binary(pending.raw)):
            found.append(("", "bytes that decoding changes", "not these bytes"))
        return found

    def _refused(self, batch: list[_Pending]) -> set[bytes]:
        """The SHA-256 of those of the documents that the ledger keeps, whole, as rejected."""
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT EXISTS (SELECT FROM import_rejects WHERE collection = %s AND {_KEPT})",
                [self.mapping.collection],
            )
            if not cursor.fetchone()[0]:
                return set()
            digests = [sha256(pending.held).digest() for pending in batch]
            cursor.execute(
                "SELECT digest, replacement IS NOT NULL FROM import_rejects"
                f" WHERE collection = %s AND digest = ANY(%s) AND {_KEPT} AND sha256(raw) = digest",
                [self.mapping.collection, digests],
            )
            found = [(bytes(digest), is_replaced) for digest, is_replaced in cursor.fetchall()]
            self.result.replaced.update(digest for digest, is_replaced in found if is_replaced)
            return {digest for digest, _ in found}

    def compare_repaired(self, batch: list[_Pending]) -> None:
        """Repaired documents with their rows; the originals have been counted as rejected."""
        ids = uuid_array(pending.id for pending in batch if pending.id is not None)
        rows, children = document_rows(self.mapping, ids), child_rows(self.mapping, ids)
        for pending in batch:
            row = rows.get(pending.id)
            found = self._differences(pending, row, children) if row else [("", "a repaired document", "no row")]
            if row and pending.id:
                self.result.seen.add(pending.id)
                self.result.repaired.append(pending.id)
            if found:
                self.result.counts.rejected -= 1
                self.result.counts.different += bool(row)
                self.result.counts.missing += not row
            for difference in found:
                self.result.differ(str(pending.id), *difference)


def verify_repaired(collection: str, result: PartResult) -> None:
    """Where a repaired document was loaded, it is the one that PostgreSQL has to have."""
    verification = _Verification(MAPPINGS[collection])
    verification.result = result
    digests = sorted(result.replaced)
    for start in range(0, len(digests), BATCH):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT replacement FROM import_rejects"
                " WHERE collection = %s AND digest = ANY(%s) AND replacement IS NOT NULL",
                [collection, digests[start : start + BATCH]],
            )
            repaired = [bytes(raw) for (raw,) in cursor.fetchall()]
        verification.compare_repaired([_pending(raw) for raw in repaired])


def settle_either(collection: str, either: Counter[tuple[bytes, ObjectId]], result: PartResult) -> None:
    """Of documents that match a row and are kept as rejected too, as many are the rejected ones as are kept."""
    for (digest, object_id), times in either.items():
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT count(*) FROM import_rejects WHERE collection = %s AND digest = %s AND {_KEPT}",
                [collection, digest],
            )
            kept = min(times, cursor.fetchone()[0])
        result.counts.rejected += kept
        result.counts.matching += times - kept
        result.seen.add(object_id, times - kept)


def differences(source: Any, target: Any) -> list[Difference]:
    """Every leaf in which the two differ, as path, source's value, target's value."""
    found: list[Difference] = []
    _compare(source, target, "", found)
    return found


def _compare(source: Any, target: Any, path: str, found: list[Difference]) -> None:
    if type(source) is dict and type(target) is dict:
        prefix = f"{path}." if path else ""
        for key, left in source.items():
            right = target.get(key, ABSENT)
            kind = type(left)
            # most values are, and end here
            if kind is not type(right) or kind not in _LEAVES or left != right:
                _compare(left, right, prefix + key, found)
        for key, right in target.items():
            if key not in source:
                _compare(ABSENT, right, prefix + key, found)
    elif type(source) is list and type(target) is list:
        for index, (left, right) in enumerate(zip_longest(source, target, fillvalue=ABSENT)):
            _compare(left, right, f"{path}[{index}]", found)
    elif not same(source, target):
        found.append((path, source, target))
