"""The way back to a live server: upserts by `_id`, with checkpoints.

First every collection is written, batch by batch. Then, from one snapshot, what changed since that began is written
again; so the server holds what PostgreSQL held at that moment.
"""

import time
from collections.abc import Callable
from datetime import timedelta
from hashlib import blake2b
from typing import Any

import bson
from bson import ObjectId
from django.db import connection

from migrate_mongo.exceptions import ExportError
from migrate_mongo.export import ExportOptions, note_differences, refuse_unfinished_import
from migrate_mongo.export_report import ExportReport
from migrate_mongo.extended_json import CODEC, printable_id
from migrate_mongo.mappings.base import CollectionMapping
from migrate_mongo.models import ExportCheckpoint, ImportRun, RejectedDocument
from migrate_mongo.outgoing import Outgoing, outgoing, rejected, written_since
from migrate_mongo.progress import Meter
from migrate_mongo.rows import key_of
from migrate_mongo.stored import among, count, either, existing, snapshot
from migrate_mongo.targets.server import ServerTarget

MAX_REFUSED = 1000

CLOCKS_DIFFER = timedelta(minutes=1)
# What was begun before and is not committed yet counts as changed later.
_BEGINNING = "SELECT least(now(), min(xact_start)) FROM pg_stat_activity WHERE datname = current_database()"

Tell = Callable[[str], object]


def export_live(server: ServerTarget, options: ExportOptions, meter: Meter, tell: Tell) -> ExportReport:
    """Raises ExportError when it cannot go on; a further call does, from the last batch."""
    began = time.monotonic()
    refuse_unfinished_import(options)
    export = _LiveExport(server, options, meter, tell)
    marks = [(mapping, export.write_all(mapping)) for mapping in options.mappings]
    with snapshot():
        if options.delete_extra:
            for mapping, _ in marks:
                export.delete_extra(mapping)
        for mapping, mark in marks:
            export.write_again(mapping, mark)
            if options.with_rejected:
                export.write_rejected(mapping)
            export.compare(mapping)
        note_differences(options, export.report)
    ExportCheckpoint.objects.filter(pk__in=[mark.pk for _, mark in marks]).delete()
    export.report.seconds = round(time.monotonic() - began, 3)
    return export.report


class _LiveExport:
    def __init__(self, server: ServerTarget, options: ExportOptions, meter: Meter, tell: Tell) -> None:
        self.server = server
        self.options = options
        self.meter = meter
        self.tell = tell
        self.report = ExportReport(server.label)

    def write_all(self, mapping: CollectionMapping) -> ExportCheckpoint:
        mark = self._mark(mapping.collection)
        for name, message in self.server.make_indexes(mapping.collection).items():
            self.report.fail(mapping.collection, f"index {name}", message)
        condition = self.options.condition(mapping)
        task = f"exporting {mapping.collection}"
        self.meter.expect(task, count(mapping, condition), done=mark.exported)
        for batch in outgoing(mapping, condition, mark.last_id):
            faults = self._write(mapping.collection, batch)
            mark.last_id = batch.last
            mark.exported += len(batch.documents) - len(faults.keys() & batch.documents.keys())
            mark.refused += list(faults)
            mark.save(update_fields=["last_id", "exported", "refused"])
            if faults and len(mark.refused) > MAX_REFUSED:
                key, message = next(iter(faults.items()))
                raise ExportError(
                    f"more than {MAX_REFUSED:,} documents of {mapping.collection} cannot be written,"
                    f" such as {key_of(key)}: {message}"
                )
            self.meter.reach(task, mark.exported + len(mark.refused))
        self.report.counts(mapping.collection).exported = mark.exported
        return mark

    def _mark(self, collection: str) -> ExportCheckpoint:
        """The checkpoint of an export that was stopped, or a new one."""
        with connection.cursor() as cursor:
            cursor.execute(_BEGINNING)
            new = {"began_at": cursor.fetchone()[0], "last_id": None, "exported": 0, "refused": []}
        mark, is_new = ExportCheckpoint.objects.get_or_create(
            target=blake2b(self.server.label.encode(), digest_size=16).hexdigest(),
            options=f"since {self.options.since.isoformat()}" if self.options.since else "",
            collection=collection,
            defaults=new,
        )
        if is_new or mark.last_id is None:
            return mark
        if self._still_holds(mark):
            self.tell(f"{collection}: goes on where an export stopped, after {mark.exported:,} documents")
            return mark
        for name, value in new.items():
            setattr(mark, name, value)
        mark.save()
        return mark

    def _still_holds(self, mark: ExportCheckpoint) -> bool:
        """Not when the server has been emptied since, nor after another import, whose rows may have any age."""
        last = key_of(mark.last_id) if mark.last_id else None
        return (
            isinstance(last, ObjectId)
            and self.server.holds(mark.collection, last)
            and not ImportRun.objects.filter(started_at__gt=mark.began_at).exists()
        )

    def _write(self, collection: str, batch: Outgoing) -> dict[Any, str]:
        """Says which documents could not be made or were refused, and why."""
        keys = list(batch.documents)
        refused = self.server.write(collection, [(key_of(key), raw) for key, raw in batch.documents.items()])
        return batch.faults | {keys[place]: message for place, message in refused.items()}

    def delete_extra(self, mapping: CollectionMapping) -> None:
        _, extra = self.server.patiently(lambda: self._compared(mapping))
        if extra:
            self.tell(f"{mapping.collection}: deletes {extra:,} documents there that PostgreSQL does not have")
            self.server.patiently(lambda: self._delete_extra(mapping))

    def _delete_extra(self, mapping: CollectionMapping) -> None:
        for keys in self.server.ids(mapping.collection):
            _, unknown = _divided(mapping, keys)
            if unknown:
                self.report.counts(mapping.collection).deleted += self.server.delete(mapping.collection, unknown)

    def write_again(self, mapping: CollectionMapping, mark: ExportCheckpoint) -> None:
        """What changed since the beginning, and what could not be written the first time."""
        condition = either(written_since(mapping, mark.began_at - CLOCKS_DIFFER), among(mark.refused))
        for batch in outgoing(mapping, condition):
            faults = self._write(mapping.collection, batch)
            for key, message in faults.items():
                self.report.fail(mapping.collection, str(key_of(key)), message)
            self.report.counts(mapping.collection).again += len(batch.documents.keys() - faults.keys())

    def write_rejected(self, mapping: CollectionMapping) -> None:
        for reject in rejected(mapping.collection):
            if message := self._refusal(mapping, bytes(reject.raw)):
                self.report.fail(mapping.collection, reject.document_id, f"rejected at the import: {message}")
            else:
                self.report.counts(mapping.collection).rejected += 1

    def _refusal(self, mapping: CollectionMapping, raw: bytes) -> str | None:
        """Writes a rejected document, or says why it cannot be."""
        try:
            key = bson.decode(raw, CODEC)["_id"]
        except (bson.errors.BSONError, ValueError, RecursionError, KeyError):
            return "no _id can be read in it"
        if isinstance(key, ObjectId) and existing(mapping, [key]):
            return "the document that was loaded has the same _id"
        return self.server.write(mapping.collection, [(key, raw)]).get(0)

    def compare(self, mapping: CollectionMapping) -> None:
        counts = self.report.counts(mapping.collection)
        known, counts.extra = self.server.patiently(lambda: self._compared(mapping))
        counts.missing = count(mapping) - known

    def _compared(self, mapping: CollectionMapping) -> tuple[int, int]:
        """How many documents there have a row, and how many are extra."""
        known = extra = 0
        for keys in self.server.ids(mapping.collection):
            rows, unknown = _divided(mapping, keys)
            known += len(rows)
            extra += len(unknown)
        return known, extra


def _divided(mapping: CollectionMapping, keys: list[Any]) -> tuple[set[ObjectId], list[Any]]:
    """Those that have rows, and those that PostgreSQL does not have, not even whole as rejected documents."""
    rows = existing(mapping, [key for key in keys if isinstance(key, ObjectId)])
    names = [(key, _name(key)) for key in keys if not (isinstance(key, ObjectId) and key in rows)]
    if not names:
        return rows, []
    kept = RejectedDocument.objects.not_loaded().filter(
        collection=mapping.collection, document_id__in=[name for _, name in names]
    )
    rejected_names = set(kept.values_list("document_id", flat=True))
    return rows, [key for key, name in names if name not in rejected_names]


def _name(key: Any) -> str:
    """As the ledger has it."""
    return printable_id({"_id": key}).replace("\0", "")
