"""Versions of a text, whether a document's or a submission's: what a save changed, and whether that makes one."""

from typing import NamedTuple

from django.db import models
from django.db.models.functions import Coalesce

from accounts.models import User
from assignments.models import AssignmentSubmission
from documents.models import Document, DocumentVersion
from scribetree.text_metrics import measure, utf16_length, words


class SaveType(models.TextChoices):
    AUTO = "auto"
    MANUAL = "manual"
    COLLABORATION = "collaboration"


class Diff(NamedTuple):
    """Net counts, in words and in UTF-16 units: a word replaced by another counts as no change."""

    added_chars: int = 0
    deleted_chars: int = 0
    added_words: int = 0
    deleted_words: int = 0

    def as_json(self) -> dict[str, int]:
        return {
            "addedChars": self.added_chars,
            "deletedChars": self.deleted_chars,
            "addedWords": self.added_words,
            "deletedWords": self.deleted_words,
        }


def diff(old: str, new: str) -> Diff:
    if old == new:
        return Diff()
    by_chars = utf16_length(new) - utf16_length(old)
    by_words = words(new) - words(old)
    return Diff(max(by_chars, 0), max(-by_chars, 0), max(by_words, 0), max(-by_words, 0))


class VersionPolicy(NamedTuple):
    """How much a save has to change to make a version without being told to. Deleted characters do not count."""

    words: int
    chars: int
    auto_description: str

    def makes_version(self, save_type: str, change: Diff) -> bool:
        return (
            save_type == SaveType.MANUAL
            or change.added_words > self.words
            or change.deleted_words > self.words
            or change.added_chars > self.chars
        )

    def describe(self, save_type: str) -> str:
        return self.auto_description if save_type == SaveType.AUTO else "Manual save"


OF_DOCUMENTS = VersionPolicy(words=10, chars=100, auto_description="Auto-save")
OF_SUBMISSIONS = VersionPolicy(words=25, chars=200, auto_description="Auto-save checkpoint")


def text_metadata(text: str) -> dict[str, int]:
    metrics = measure(text)
    return {
        "wordCount": metrics.words,
        "characterCount": metrics.chars,
        "readingTime": metrics.reading_minutes,
    }


def record_version(
    *,
    parent: Document | AssignmentSubmission,
    author: User,
    save_type: str,
    description: str,
    change: Diff,
) -> DocumentVersion:
    """The next version, of the title and text that the parent has now. Its row must be locked, or numbers collide."""
    of = {"document" if isinstance(parent, Document) else "submission": parent}
    latest = DocumentVersion.objects.filter(**of).order_by("-version").values("version")[:1]
    return DocumentVersion.objects.create(
        **of,
        version=Coalesce(models.Subquery(latest), 0) + 1,
        title=parent.title,
        content=parent.content,
        author=author,
        changes={"type": save_type, "description": description, **change.as_json()},
        metadata=text_metadata(parent.content),
        diff={"additions": [], "deletions": []},
    )
