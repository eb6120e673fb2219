from __future__ import annotations

from django.db import models

from accounts.models import Role, User
from documents.models import Document
from scribetree.fields import DocumentModel, MillisecondField, TimestampedModel


def default_activity() -> dict[str, object]:
    return {
        "keystrokes": 0,
        "wordsAdded": 0,
        "wordsDeleted": 0,
        "charactersAdded": 0,
        "charactersDeleted": 0,
        "pauseCount": 0,
        "totalPauseTime": 0,
    }


def default_productivity() -> dict[str, object]:
    return {"wordsPerMinute": 0, "consistencyScore": 0, "focusScore": 0}


class WritingSessionQuerySet(models.QuerySet["WritingSession"]):
    def visible_to(self, user: User) -> WritingSessionQuerySet:
        if user.role == Role.ADMIN:
            return self
        return self.filter(models.Q(user=user) | models.Q(document__course__instructor=user))


class WritingSession(DocumentModel, TimestampedModel):
    """One sitting at a document.

    The table is partitioned by quarter of `start_time`, so its primary key in the database is
    (id, start_time); to Django it is `id`.
    """

    document = models.ForeignKey(Document, models.CASCADE, related_name="writing_sessions", db_index=False)
    user = models.ForeignKey(User, models.SET_NULL, null=True, related_name="writing_sessions", db_index=False)
    start_time = MillisecondField()
    end_time = MillisecondField(null=True, blank=True, help_text="Empty: still open.")
    duration = models.IntegerField(null=True, blank=True, help_text="In seconds.")
    activity = models.JSONField(default=default_activity)
    snapshots = models.JSONField(default=list, blank=True)
    productivity = models.JSONField(default=default_productivity)

    objects = WritingSessionQuerySet.as_manager()

    class Meta:
        db_table = "writing_sessions"
        constraints = (
            models.CheckConstraint(name="writing_sessions_duration_natural", condition=models.Q(duration__gte=0)),
        )
        indexes = (
            # the timeline of a document
            models.Index(fields=["document", "start_time"], name="idx_writing_sessions_document"),
            # a student's latest sessions
            models.Index(fields=["user", "start_time"], name="idx_writing_sessions_user"),
        )

    def __str__(self) -> str:
        return f"{self.start_time:%Y-%m-%d %H:%M}"
