"""The ledger of the import, to be read: what ran, and what was found. Rejected documents: see reject_admin.py."""

from django.contrib import admin

from migrate_mongo.models import ExportCheckpoint, Finding, ImportPart, ImportRun, RejectedDocument
from migrate_mongo.reject_admin import RejectedDocumentAdmin
from scribetree.admin import ReadOnlyAdmin

admin.site.register(RejectedDocument, RejectedDocumentAdmin)


@admin.register(ImportRun)
class ImportRunAdmin(ReadOnlyAdmin):
    list_display = ("source", "status", "started_at", "finished_at", "seconds")
    list_filter = ("status",)
    search_fields = ("source", "fingerprint")


@admin.register(ImportPart)
class ImportPartAdmin(ReadOnlyAdmin):
    list_display = ("collection", "number", "run", "documents", "read", "loaded", "rejected")
    list_select_related = ("run",)
    list_filter = ("run", "collection")
    ordering = ("-run_id", "collection", "number")


@admin.register(Finding)
class FindingAdmin(ReadOnlyAdmin):
    list_display = ("collection", "path", "kind", "count", "samples")
    list_filter = ("run", "collection", "kind")
    search_fields = ("path", "samples")
    ordering = ("-run_id", "collection", "path", "kind")


@admin.register(ExportCheckpoint)
class ExportCheckpointAdmin(ReadOnlyAdmin):
    list_display = ("collection", "target", "options", "began_at", "exported")
    search_fields = ("target", "collection")
    ordering = ("target", "options", "pk")
