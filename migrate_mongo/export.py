"""The way back: every document rebuilt from PostgreSQL, into a `mongodump` folder or archive.

`export_live` is the one to a live server.
"""

import time
from dataclasses import dataclass
from datetime import datetime

from accounts.models import User
from documents.models import DocumentVersion
from migrate_mongo.exceptions import ExportError
from migrate_mongo.export_report import ExportReport
from migrate_mongo.mappings import MAPPINGS
from migrate_mongo.mappings.base import CollectionMapping
from migrate_mongo.mappings.users import Password
from migrate_mongo.models import ImportPart
from migrate_mongo.outgoing import outgoing, rejected, written_since
from migrate_mongo.progress import Meter
from migrate_mongo.rows import key_of
from migrate_mongo.sources.frames import is_frame
from migrate_mongo.stored import EVERYTHING, Condition, count, snapshot
from migrate_mongo.targets.dump import DumpTarget, Write


@dataclass(frozen=True)
class ExportOptions:
    only: tuple[str, ...] = tuple(MAPPINGS)
    since: datetime | None = None
    with_rejected: bool = False
    delete_extra: bool = False

    @property
    def mappings(self) -> list[CollectionMapping]:
        return [mapping for name, mapping in MAPPINGS.items() if name in self.only]

    def condition(self, mapping: CollectionMapping) -> Condition:
        return written_since(mapping, self.since) if self.since else EVERYTHING


def export_dump(target: DumpTarget, options: ExportOptions, meter: Meter) -> ExportReport:
    """Writes one consistent state. Raises ExportError; then nothing is left of it."""
    began = time.monotonic()
    report = ExportReport(target.label)
    try:
        with snapshot():
            refuse_unfinished_import(options)
            with target:
                for mapping in options.mappings:
                    with target.collection(mapping.collection) as write:
                        _write_rows(mapping, options, write, report, meter)
                        if options.with_rejected:
                            _write_rejected(mapping.collection, write, report)
            note_differences(options, report)
    except OSError as error:
        raise ExportError(f"{target.label} cannot be written: {error.strerror or error}") from error
    except KeyboardInterrupt as error:
        raise ExportError("stopped; nothing is left of the export") from error
    report.seconds = round(time.monotonic() - began, 3)
    return report


def _write_rows(
    mapping: CollectionMapping, options: ExportOptions, write: Write, report: ExportReport, meter: Meter
) -> None:
    condition = options.condition(mapping)
    counts, task = report.counts(mapping.collection), f"exporting {mapping.collection}"
    meter.expect(task, count(mapping, condition))
    for batch in outgoing(mapping, condition):
        for raw in batch.documents.values():
            write(raw)
        for key, message in batch.faults.items():
            report.fail(mapping.collection, str(key_of(key)), message)
        counts.exported += len(batch.documents)
        meter.reach(task, counts.exported + counts.failed)


def _write_rejected(collection: str, write: Write, report: ExportReport) -> None:
    for reject in rejected(collection):
        raw = bytes(reject.raw)
        if is_frame(raw):
            write(raw)
            report.counts(collection).rejected += 1
        else:
            name = reject.document_id or f"SHA-256 {bytes(reject.digest).hex()}"
            report.fail(collection, name, f"{len(raw):,} bytes that are no BSON, which no dump can hold")


def refuse_unfinished_import(options: ExportOptions) -> None:
    unfinished = set(ImportPart.objects.filter(is_finished=False).values_list("collection", flat=True))
    if lacking := [name for name in options.only if name in unfinished]:
        raise ExportError(f"the import of {', '.join(lacking)} is not finished: finish it, or leave that out")


def note_differences(options: ExportOptions, report: ExportReport) -> None:
    if "users" in options.only:
        moved = User.objects.exclude(password__startswith=Password.prefix).exclude(password="")
        report.notes["password_resets"] = moved.count()
    if "documentversions" in options.only:
        report.notes["empty_versions"] = DocumentVersion.objects.filter(content="").count()
