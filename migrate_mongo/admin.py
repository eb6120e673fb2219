"""The ledger of the import, to be read: what ran, and what was found and refused."""

import json
from typing import Any

import bson
from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from migrate_mongo.extended_json import CODEC, canonical
from migrate_mongo.models import ExportCheckpoint, Finding, ImportPart, ImportRun, RejectedDocument
from scribetree.admin import ReadOnlyAdmin

DUMPED_BYTES = 512
SECRET = "password"  # noqa: S105 (the field of a user that is never shown)


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


@admin.register(RejectedDocument)
class RejectedDocumentAdmin(ReadOnlyAdmin):
    list_display = ("document_id", "collection", "reason", "path", "message")
    list_filter = ("run", "collection", "reason")
    search_fields = ("document_id", "path", "message")
    exclude = ("raw", "digest")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return [*super().get_fields(request, obj), "document"]

    @admin.display(description="document (Extended JSON)")
    def document(self, reject: RejectedDocument) -> SafeString:
        return format_html("<pre>{}</pre>", readable(reject.collection, bytes(reject.raw)))


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


def readable(collection: str, raw: bytes) -> str:
    """The document as Extended JSON or, when it cannot be decoded, its first bytes; a user's without the password."""
    try:
        document = bson.decode(raw, CODEC)
    except (bson.errors.BSONError, ValueError, RecursionError) as error:
        if collection == "users":
            return f"not valid BSON ({error}); {len(raw):,} bytes, not shown: a password may be among them"
        return f"not valid BSON ({error}); {len(raw):,} bytes, which begin\n\n{hex_dump(raw[:DUMPED_BYTES])}"
    if collection == "users" and SECRET in document:
        document[SECRET] = "(not shown)"
    return json.dumps(canonical(document), indent=2, ensure_ascii=False)


def hex_dump(data: bytes) -> str:
    lines = []
    for start in range(0, len(data), 16):
        line = data[start : start + 16]
        text = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in line)
        lines.append(f"{start:06x}  {line.hex(' '):47}  {text}")
    return "\n".join(lines)
