"""The proof: every document of the source against the one that PostgreSQL gives back.

Shares the mappings with the loader, and nothing else.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import bson
from bson import ObjectId
from django.db import connection

from migrate_mongo.extended_json import CODEC, same
from migrate_mongo.integrity import orphans
from migrate_mongo.mappings import MAPPINGS
from migrate_mongo.mappings.base import CollectionMapping, Document
from migrate_mongo.mappings.kinds import ABSENT
from migrate_mongo.progress import Meter
from migrate_mongo.recompute import Recomputation
from migrate_mongo.rows import uuid_array
from migrate_mongo.sources import DumpSource, batches
from migrate_mongo.stored import REBUILD_FAULTS, Children, child_rows, document_rows
from migrate_mongo.tables import Row
from migrate_mongo.verify_report import Difference, VerifyCounts, VerifyReport
from scribetree.object_id import uuid_to_object_id

BATCH = 500
LISTED_EXTRAS = 1000


def verify(source: DumpSource, only: tuple[str, ...], meter: Meter) -> VerifyReport:
    report = VerifyReport(source.label)
    for collection in (name for name in MAPPINGS if name in only):
        _Verification(source, MAPPINGS[collection], report).run(meter)
    report.integrity = orphans()
    return report


@dataclass
class _Pending:
    """A document of the source on its way through the comparison."""

    raw: bytes
    document: Document | None

    @property
    def id(self) -> ObjectId | None:
        object_id = self.document.get("_id") if self.document else None
        return object_id if isinstance(object_id, ObjectId) else None


class _Verification:
    def __init__(self, source: DumpSource, mapping: CollectionMapping, report: VerifyReport) -> None:
        self.source = source
        self.mapping = mapping
        self.report = report
        self.counts = report.collections.setdefault(mapping.collection, VerifyCounts())
        self.recomputation = Recomputation(mapping.collection)

    def run(self, meter: Meter) -> None:
        collection = self.mapping.collection
        task = f"verifying {collection}"
        meter.expect(task, self.source.survey(collection).documents)
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE IF EXISTS verify_seen")
            cursor.execute("CREATE TEMP TABLE verify_seen (id uuid PRIMARY KEY)")
        for _, raws in batches(self.source.documents(collection), BATCH):
            self._compare([_Pending(raw, _decoded(raw)) for raw in raws])
            meter.reach(task, self.counts.compared)
        self._find_extra()
        self.report.recomputed.update(self.recomputation.results)

    def _compare(self, batch: list[_Pending]) -> None:
        ids = uuid_array(pending.id for pending in batch if pending.id is not None)
        rows = document_rows(self.mapping, ids)
        unseen = self._unseen(ids)
        children = child_rows(self.mapping, ids)
        refused = self._refused(batch)
        for pending in batch:
            self.counts.compared += 1
            rejected = sha256(pending.raw).digest() in refused if refused else False
            row = rows.get(pending.id) if pending.id else None
            if row is None or pending.document is None:
                self._count_absent(pending, rejected)
                continue
            found = self._differences(pending.document, row, children)
            first = pending.id in unseen
            unseen.discard(pending.id)
            if not found and (first or not rejected):
                self.counts.matching += 1
            elif rejected:
                self.counts.rejected += 1
            else:
                self.counts.different += 1
                for path, left, right in found:
                    self.report.differ(self.mapping.collection, str(pending.id), path, left, right)

    def _count_absent(self, pending: _Pending, rejected: bool) -> None:
        if rejected:
            self.counts.rejected += 1
            return
        self.counts.missing += 1
        name = str(pending.id or f"SHA-256 {sha256(pending.raw).hexdigest()}")
        self.report.differ(self.mapping.collection, name, "", "a document", "no row")

    def _differences(self, document: Document, row: Row, children: Children) -> list[Difference]:
        try:
            rebuilt = self.mapping.rebuild(row, children.get(document["_id"], {}))
        except REBUILD_FAULTS as error:
            return [("", "a document", f"a row that no document can be made from: {error}")]
        self.recomputation.check(rebuilt)
        return list(differences(self.mapping.canonical(document), rebuilt))

    def _unseen(self, ids: str) -> set[ObjectId]:
        """Which of the ids come for the first time."""
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO verify_seen SELECT unnest(%s::uuid[]) ON CONFLICT DO NOTHING RETURNING id",
                [ids],
            )
            return {uuid_to_object_id(key) for (key,) in cursor.fetchall()}

    def _refused(self, batch: list[_Pending]) -> set[bytes]:
        """The SHA-256 of those of the documents that the ledger keeps, whole, as rejected."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT EXISTS (SELECT FROM import_rejects WHERE collection = %s)", [self.mapping.collection]
            )
            if not cursor.fetchone()[0]:
                return set()
            digests = [sha256(pending.raw).digest() for pending in batch]
            cursor.execute(
                "SELECT digest FROM import_rejects WHERE collection = %s AND digest = ANY(%s) AND sha256(raw) = digest",
                [self.mapping.collection, digests],
            )
            return {bytes(digest) for (digest,) in cursor.fetchall()}

    def _find_extra(self) -> None:
        condition = (
            f"{self.mapping.rows_where} AND NOT EXISTS (SELECT FROM verify_seen AS seen WHERE seen.id = main.id)"
        )
        with connection.cursor() as cursor:
            cursor.execute(f'SELECT count(*) FROM "{self.mapping.table.name}" AS main WHERE {condition}')
            self.counts.extra = cursor.fetchone()[0]
            if not self.counts.extra:
                return
            cursor.execute(
                f'SELECT id FROM "{self.mapping.table.name}" AS main WHERE {condition} '
                f"ORDER BY id LIMIT {LISTED_EXTRAS}"
            )
            for (key,) in cursor.fetchall():
                self.report.differ(self.mapping.collection, _name(key), "", "no document", "a row")


def _name(key: Any) -> str:
    try:
        return str(uuid_to_object_id(key))
    except ValueError:
        return str(key)


def _decoded(raw: bytes) -> Document | None:
    try:
        return bson.decode(raw, CODEC)
    except (bson.errors.BSONError, ValueError, RecursionError):
        return None


def differences(source: Any, target: Any, path: str = "") -> Iterator[Difference]:
    """Every leaf in which the two differ, as path, source's value, target's value."""
    if isinstance(source, dict) and isinstance(target, dict):
        for key in [*source, *(key for key in target if key not in source)]:
            inner = f"{path}.{key}" if path else key
            yield from differences(source.get(key, ABSENT), target.get(key, ABSENT), inner)
    elif isinstance(source, list) and isinstance(target, list):
        for index in range(max(len(source), len(target))):
            left, right = (side[index] if index < len(side) else ABSENT for side in (source, target))
            yield from differences(left, right, f"{path}[{index}]")
    elif not same(source, target):
        yield path, source, target
