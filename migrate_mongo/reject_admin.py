"""Rejected documents in the admin: what is wrong with each, loading it after all, dismissing it."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, cast
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.admin.widgets import AdminTextareaWidget
from django.db import DatabaseError
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import Truncator

from migrate_mongo.exceptions import MigrateMongoError
from migrate_mongo.marking import Line, lines_of
from migrate_mongo.models import RejectedDocument, RejectedDocumentQuerySet
from migrate_mongo.progress import NoMeter
from migrate_mongo.quarantine import Selection, children_of, suspect_of, with_parents
from migrate_mongo.quarantine import dismiss as dismiss_for_good
from scribetree.admin import ReadOnlyAdmin, confirmed

MOST_CHARACTERS = 2000  # of one value
MOST_LINES = 3000
LISTED_CHILDREN = 50


class NoteForm(forms.Form):
    note = forms.CharField(label="Why?", widget=AdminTextareaWidget(attrs={"rows": 3}))


class RejectedDocumentAdmin(ReadOnlyAdmin):
    """Who may see them, the admins, may also decide about them."""

    list_display = ("number", "which", "why", "status")
    list_display_links = ("number", "which")
    list_filter = ("status", "reason", "collection", "run")
    search_fields = ("document_id", "path", "message", "missing_id", "note")
    exclude = ("raw", "digest", "replacement")
    ordering = ("pk",)  # that of the collections: what others wait for comes first
    actions = ("retry", "dismiss")

    class Media:
        css = {"all": ("migrate_mongo/rejected.css",)}

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        shown = ["number", "collection", "document_id", "reason", "path", "message"]
        shown += ["waits_for"] if obj.missing_id else []
        shown += ["awaited_by", "status"]
        shown += ["settled_at", "note"] if obj.settled_at else []
        shown += ["document", *(["replaced_by"] if obj.replacement is not None else []), "run", "part"]
        return shown

    def has_decide_permission(self, request: HttpRequest) -> bool:
        return request.user.is_superuser

    @admin.action(description="Load again", permissions=["decide"])
    @confirmed("Load these again, and what waits for them?", "Load again")
    def retry(self, request: HttpRequest, rows: RejectedDocumentQuerySet, answers: dict[str, Any]) -> None:
        # Every process has the admin, and few of them load documents.
        from migrate_mongo.retry import RetryOptions, retry  # noqa: PLC0415

        rejects = list(rows.light())
        try:
            report = retry(Selection(numbers=_numbers(rejects)), RetryOptions(), NoMeter())
        except (MigrateMongoError, DatabaseError) as error:
            self.message_user(request, f"Not all were tried: {error}", messages.ERROR)
            return
        _log(request, rejects, "Tried to load it again.")
        relinked = f" {report.relinked.total():,} references were given back." if report.relinked else ""
        text = f"{report.loaded.total():,} documents loaded, {len(report.failures):,} still rejected.{relinked}"
        self.message_user(request, text, messages.WARNING if report.failures else messages.SUCCESS)

    @admin.action(description="Dismiss", permissions=["decide"])
    @confirmed("Let these stay rejected?", "Dismiss", NoteForm)
    def dismiss(self, request: HttpRequest, rows: RejectedDocumentQuerySet, answers: dict[str, Any]) -> None:
        rejects = list(rows.light())
        try:
            count = dismiss_for_good(_numbers(rejects), answers["note"])
        except MigrateMongoError as error:
            self.message_user(request, f"None was dismissed: {error}", messages.ERROR)
            return
        _log(request, rejects, f"Dismissed: {answers['note']}")
        self.message_user(request, f"{count:,} documents dismissed; they are kept whole.", messages.SUCCESS)

    @admin.display(ordering="pk")
    def number(self, reject: RejectedDocument) -> int:
        return reject.pk

    @admin.display(description="document", ordering="document_id")
    def which(self, reject: RejectedDocument) -> SafeString:
        return format_html('{}<div class="quiet">{}</div>', reject.document_id or "no id", reject.collection)

    @admin.display(ordering="reason")
    def why(self, reject: RejectedDocument) -> SafeString:
        where = f"{reject.reason}: {reject.path}" if reject.path else reject.reason
        return format_html('{}<div class="quiet">{}</div>', where, Truncator(reject.message).chars(150))

    @admin.display(description="document (Extended JSON)")
    def document(self, reject: RejectedDocument) -> SafeString:
        paths = reject.path.split(", ")
        lines = lines_of(reject.collection, bytes(reject.raw), paths, suspect_of(reject), MOST_CHARACTERS)
        return _page(lines, reject.message)

    @admin.display(description="loaded in its place")
    def replaced_by(self, reject: RejectedDocument) -> SafeString:
        return _page(lines_of(reject.collection, bytes(reject.replacement or b""), [], width=MOST_CHARACTERS))

    @admin.display(description="waits for")
    def waits_for(self, reject: RejectedDocument) -> SafeString:
        [(_, parent)] = with_parents([reject])
        return _link(parent) if parent else format_html("{}, which is not rejected", reject.missing_id)

    @admin.display(description="awaited by")
    def awaited_by(self, reject: RejectedDocument) -> SafeString:
        children = list(children_of(reject).light()[: LISTED_CHILDREN + 1])
        links: list[str] = [_link(child) for child in children[:LISTED_CHILDREN]]
        more = ["and more"] if len(children) > LISTED_CHILDREN else []
        return format_html_join("", "<div>{}</div>", ((entry,) for entry in [*links, *more] or ["none"]))


def _numbers(rejects: Iterable[RejectedDocument]) -> tuple[int, ...]:
    return tuple(reject.pk for reject in rejects)


def _log(request: HttpRequest, rejects: list[RejectedDocument], text: str) -> None:
    """For the history of each."""
    LogEntry.objects.log_actions(cast(UUID, request.user.pk), rejects, CHANGE, text)


def _link(reject: RejectedDocument) -> SafeString:
    url = reverse("admin:migrate_mongo_rejecteddocument_change", args=[reject.pk])
    return format_html('<a href="{}">{}</a> of {}: {}', url, reject.document_id, reject.collection, reject.reason)


def _page(lines: Iterator[Line], message: str = "") -> SafeString:
    """The message stands below the first line that is marked."""
    parts = []
    for line in islice(lines, MOST_LINES):
        text = line.text.lstrip(" ")
        margin = " " * (len(line.text) - len(text))
        parts.append(format_html("{}<mark>{}</mark>\n" if line.is_marked else "{}{}\n", margin, text))
        if line.is_marked and message:
            parts.append(format_html('{}<span class="fault">{}</span>\n', margin, message))
            message = ""
    more = "… and more" if next(lines, None) else ""
    return format_html(
        '<pre class="rejected-document">{}{}</pre>', format_html_join("", "{}", ((part,) for part in parts)), more
    )
