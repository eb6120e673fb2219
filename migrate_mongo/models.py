"""The ledger of the import: what ran, how far it came, what it found and what it refused; and how far an export is."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now


class RunStatus(models.TextChoices):
    RUNNING = "running"
    CLEAN = "clean"
    REJECTS = "rejects"
    FAILED = "failed"


class ImportRun(models.Model):
    """One source, imported once; a killed run is gone on with, a finished one is not repeated."""

    source = models.TextField(help_text="Where it was read from, without secrets.")
    kind = models.TextField(default="", help_text="What it was: a live server, a mongodump directory …")
    fingerprint = models.TextField(help_text="Digest of the source's documents, or of what names a live database.")
    policies = models.JSONField(default=dict, help_text="What was chosen where there is a choice, by option.")
    details = models.JSONField(default=dict, help_text="Notes on the source, its indexes, what was skipped, versions.")
    status = models.TextField(choices=RunStatus, default=RunStatus.RUNNING)
    started_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True, blank=True)
    seconds = models.FloatField(default=0, help_text="Working time, over all its sittings.")
    verification = models.JSONField(null=True, blank=True, help_text="Status and counts of the last verification.")
    verified_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "import_runs"
        constraints = (models.UniqueConstraint(fields=["fingerprint"], name="import_runs_fingerprint_unique"),)

    def __str__(self) -> str:
        return f"{self.source} ({self.status})"


class ImportPart(models.Model):
    """A stretch of one collection and its checkpoint: everything up to `position` is committed.

    The parts are the work list. A worker locks one for each batch, so that it is free again when the worker dies.
    Places are in the words of the source: bytes of uncompressed BSON, or an `_id` as Extended JSON.
    """

    run = models.ForeignKey(ImportRun, models.CASCADE, related_name="parts")
    collection = models.TextField()
    number = models.IntegerField()
    start = models.TextField()
    end = models.TextField()
    position = models.TextField()
    is_finished = models.BooleanField(default=False)
    documents = models.BigIntegerField(help_text="How many the source had here when it was surveyed.")
    read = models.BigIntegerField(default=0)
    loaded = models.BigIntegerField(default=0)
    rejected = models.BigIntegerField(default=0)
    bytes = models.BigIntegerField(default=0, help_text="Of BSON read.")
    largest = models.BigIntegerField(default=0, help_text="Bytes of the largest document read.")
    seconds = models.FloatField(default=0, help_text="Time that workers spent on it.")

    class Meta:
        db_table = "import_parts"
        constraints = (
            models.UniqueConstraint(fields=["run", "collection", "number"], name="import_parts_once"),
            models.CheckConstraint(
                name="import_parts_add_up",
                condition=models.Q(read=models.F("loaded") + models.F("rejected")),
            ),
        )

    def __str__(self) -> str:
        return f"{self.collection} {self.number}: {self.read} of {self.documents}"


class RejectStatus(models.TextChoices):
    OPEN = "open"
    LOADED = "loaded"
    DISMISSED = "dismissed"


class RejectedDocumentQuerySet(models.QuerySet["RejectedDocument"]):
    def not_loaded(self) -> RejectedDocumentQuerySet:
        """Those that PostgreSQL has no row of."""
        return self.exclude(status=RejectStatus.LOADED)

    def open(self) -> RejectedDocumentQuerySet:
        """Those that nobody has decided about yet."""
        return self.filter(status=RejectStatus.OPEN)

    def light(self) -> RejectedDocumentQuerySet:
        """Without the documents themselves."""
        return self.defer("raw", "replacement", "digest")

    def waiting_for(self, ids: Iterable[str]) -> RejectedDocumentQuerySet:
        """Those that one of these documents keeps from being loaded, by not being there."""
        return self.open().filter(missing_id__in=set(ids) - {""})


class RejectedDocument(models.Model):
    """A document that could not be loaded, kept whole."""

    run = models.ForeignKey(ImportRun, models.CASCADE, related_name="rejects")
    part = models.ForeignKey(ImportPart, models.CASCADE, related_name="rejects")
    collection = models.TextField()
    document_id = models.TextField(help_text="Its `_id`; empty when it cannot be read.")
    reason = models.TextField()
    path = models.TextField(blank=True, help_text="The field at fault.")
    message = models.TextField()
    raw = models.BinaryField(help_text="The document as BSON.")
    digest = models.BinaryField(max_length=32, help_text="SHA-256 of the BSON.")
    missing_id = models.TextField(blank=True, help_text="The id that a required reference leads to in vain.")
    status = models.TextField(choices=RejectStatus, default=RejectStatus.OPEN)
    replacement = models.BinaryField(
        null=True, help_text="The BSON of the repaired document that was loaded in its place."
    )
    note = models.TextField(blank=True, help_text="Why it was dismissed, or what took its place.")
    settled_at = models.DateTimeField(null=True, blank=True, help_text="When it was loaded after all, or dismissed.")

    objects = RejectedDocumentQuerySet.as_manager()

    class Meta:
        db_table = "import_rejects"
        constraints = (
            models.CheckConstraint(
                name="import_rejects_status",
                condition=models.Q(status__in=RejectStatus.values),
            ),
            models.CheckConstraint(
                name="import_rejects_replaced_are_loaded",
                condition=models.Q(replacement=None) | models.Q(status=RejectStatus.LOADED),
            ),
        )
        indexes = (
            # verify: is this document among the rejected ones
            models.Index(fields=["collection", "digest"], name="idx_import_rejects_digest"),
            # the loader: was the target of this reference rejected itself
            models.Index(fields=["collection", "document_id"], name="idx_import_rejects_document"),
            # retry: what waits for this document
            models.Index(fields=["missing_id"], name="idx_import_rejects_missing"),
        )

    def __str__(self) -> str:
        return f"{self.collection} {self.document_id or 'without an _id'}: {self.reason}"


class Finding(models.Model):
    """Something that did not fit its column as it was, counted over a collection."""

    run = models.ForeignKey(ImportRun, models.CASCADE, related_name="findings")
    collection = models.TextField()
    path = models.TextField()
    kind = models.TextField()
    count = models.BigIntegerField()
    samples = ArrayField(models.TextField(), help_text="Ids of documents that have it, the smallest first.")

    class Meta:
        db_table = "import_findings"
        constraints = (
            models.UniqueConstraint(fields=["run", "collection", "path", "kind"], name="import_findings_once"),
        )

    def __str__(self) -> str:
        return f"{self.collection}.{self.path}: {self.kind} x {self.count}"


class ExportCheckpoint(models.Model):
    """How far an export to a server has come in one collection. It goes when the export ends."""

    target = models.TextField(help_text="Digest of the server and the database, without secrets.")
    options = models.TextField(blank=True, help_text="What the export is limited to.")
    collection = models.TextField()
    began_at = models.DateTimeField(help_text="What changed later is written again at the end.")
    last_id = models.UUIDField(null=True, help_text="Rows up to this one are there.")
    exported = models.BigIntegerField(default=0)
    refused = ArrayField(models.UUIDField(), default=list, help_text="What the server refused; tried again at the end.")

    class Meta:
        db_table = "export_checkpoints"
        constraints = (
            models.UniqueConstraint(fields=["target", "options", "collection"], name="export_checkpoints_once"),
        )

    def __str__(self) -> str:
        return f"{self.collection}: {self.exported}"
