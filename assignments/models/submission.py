from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db import models

from accounts.models import Role, User
from assignments.models.assignment import Assignment
from scribetree.fields import (
    DocumentModel,
    MillisecondField,
    PairIdField,
    TimestampedModel,
    choice_constraint,
    now,
)
from scribetree.object_id import uuid_to_object_id
from scribetree.text_metrics import js_round, reading_minutes

ACTIVE_FOR = timedelta(minutes=5)


class SubmissionStatus(models.TextChoices):
    DRAFT = "draft"
    IN_PROGRESS = "in_progress"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    GRADED = "graded"


class CollaboratorRole(models.TextChoices):
    COLLABORATOR = "collaborator"


def default_submission_collaboration() -> dict[str, object]:
    return {"isCollaborative": False, "activeUsers": [], "conflictResolution": "auto"}


def default_analytics() -> dict[str, object]:
    return {
        "writingSessions": 0,
        "totalWritingTime": 0,
        "averageSessionLength": 0,
        "writingPattern": [],
        "collaborationMetrics": default_metrics(),
    }


def default_metrics() -> dict[str, object]:
    return {"contributorStats": [], "conflictsResolved": 0, "realTimeMinutes": 0}


def default_grade() -> dict[str, object]:
    return {"rubricScores": []}


class AssignmentSubmissionQuerySet(models.QuerySet["AssignmentSubmission"]):
    def visible_to(self, user: User) -> AssignmentSubmissionQuerySet:
        """The author's and collaborators' own, and those of the educators of the assignment and the course."""
        if user.role == Role.ADMIN:
            return self
        return self.filter(
            _written_by(user) | models.Q(assignment__instructor=user) | models.Q(assignment__course__instructor=user)
        )

    def written_by(self, user: User) -> AssignmentSubmissionQuerySet:
        return self.filter(_written_by(user))

    def with_access(self) -> AssignmentSubmissionQuerySet:
        """Adds what the rules of one submission need to know of it: its collaborators in order, and its educators."""
        collaborators = SubmissionCollaborator.objects.filter(submission=models.OuterRef("pk"))
        return self.annotate(
            collaborator_ids=ArraySubquery(collaborators.order_by("ordinal", "pk").values("user_id")),
            instructor_id=models.F("assignment__instructor"),
            course_instructor_id=models.F("assignment__course__instructor"),
        )

    def with_comment_flag(self) -> AssignmentSubmissionQuerySet:
        """Gives each row `has_comments`; most have none, and need no query for them."""
        comments = self.model._meta.get_field("comments").related_model
        return self.annotate(has_comments=models.Exists(comments.objects.filter(submission=models.OuterRef("pk"))))


def _written_by(user: User) -> models.Q:
    shared = SubmissionCollaborator.objects.filter(user=user).values("submission")
    return models.Q(author=user) | models.Q(pk__in=shared)


class AssignmentSubmission(DocumentModel, TimestampedModel):
    """A student's work on an assignment. Of several for one assignment and author, the one saved last is live."""

    assignment = models.ForeignKey(Assignment, models.CASCADE, related_name="submissions", db_index=False)
    author = models.ForeignKey(User, models.PROTECT, related_name="submissions", db_index=False)
    superseded_by = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="supersedes", db_index=False
    )
    title = models.TextField()
    content = models.TextField(default="", blank=True)
    word_count = models.IntegerField(default=0)
    character_count = models.IntegerField(default=0)
    status = models.TextField(choices=SubmissionStatus, default=SubmissionStatus.DRAFT)
    submitted_at = MillisecondField(null=True, blank=True)
    last_saved_at = MillisecondField(default=now)
    current_version = models.IntegerField(default=1)
    collaboration_settings = models.JSONField(default=default_submission_collaboration)
    major_milestones = models.JSONField(default=list, blank=True)
    analytics = models.JSONField(default=default_analytics)
    grade = models.JSONField(null=True, blank=True, default=default_grade)
    ai_interactions = models.JSONField(default=list, blank=True)

    objects = AssignmentSubmissionQuerySet.as_manager()

    # what `with_access` and `with_comment_flag` add
    collaborator_ids: list[UUID]
    instructor_id: UUID
    course_instructor_id: UUID
    has_comments: bool

    class Meta:
        db_table = "assignment_submissions"
        constraints = (
            choice_constraint("assignment_submissions", "status", SubmissionStatus),
            models.UniqueConstraint(
                fields=["assignment", "author"],
                condition=models.Q(superseded_by=None),
                name="assignment_submissions_one_live",
            ),
            models.CheckConstraint(
                name="assignment_submissions_not_superseded_by_itself",
                condition=~models.Q(superseded_by=models.F("id")),
            ),
            models.CheckConstraint(
                name="assignment_submissions_counts_natural",
                condition=models.Q(word_count__gte=0, character_count__gte=0, current_version__gte=1),
            ),
        )
        indexes = (
            # the submissions of an assignment
            models.Index(fields=["assignment"], name="idx_submissions_assignment"),
            # the submissions of a student
            models.Index(fields=["author"], name="idx_submissions_author"),
        )

    def __str__(self) -> str:
        return self.title

    def can_be_read_by(self, user: User) -> bool:
        """And commented on."""
        return self.is_written_by(user) or self.can_be_graded_by(user)

    def can_be_edited_by(self, user: User) -> bool:
        """Not by educators: what is written is the students'."""
        return self.is_written_by(user) or user.role == Role.ADMIN

    def can_be_managed_by(self, user: User) -> bool:
        """Shared with others, and submitted."""
        return user.pk == self.author_id or user.role == Role.ADMIN

    def can_be_graded_by(self, user: User) -> bool:
        """And returned."""
        return user.pk in (self.instructor_id, self.course_instructor_id) or user.role == Role.ADMIN

    def is_written_by(self, user: User) -> bool:
        return user.pk == self.author_id or user.pk in self.collaborator_ids

    @property
    def estimated_reading_time(self) -> int:
        return reading_minutes(self.word_count)

    @property
    def is_actively_collaborating(self) -> bool:
        settings = self.collaboration_settings
        since = (now() - ACTIVE_FOR).isoformat(timespec="milliseconds")
        return bool(settings.get("isCollaborative")) and (settings.get("lastActiveAt") or "") > since

    @property
    def grade_percentage(self) -> float | None:
        """None for a score of 0 too, as it always was."""
        grade = self.grade or {}
        score, maximum = grade.get("score"), grade.get("maxScore")
        return js_round(score / maximum * 100) if score and maximum else None


class SubmissionCollaboratorQuerySet(models.QuerySet["SubmissionCollaborator"]):
    def visible_to(self, user: User) -> SubmissionCollaboratorQuerySet:
        if user.role == Role.ADMIN:
            return self
        return self.filter(submission__in=AssignmentSubmission.objects.visible_to(user))


class SubmissionCollaborator(models.Model):
    id = PairIdField(pair=("submission_id", "user_id"))
    submission = models.ForeignKey(AssignmentSubmission, models.CASCADE, related_name="collaborators", db_index=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="submission_collaborations", db_index=False)
    role = models.TextField(choices=CollaboratorRole, default=CollaboratorRole.COLLABORATOR)
    joined_at = MillisecondField(default=now, help_text="For imported rows the creation of the submission.")
    ordinal = models.IntegerField(default=0, help_text="Place in the list of collaborators.")
    extra = models.JSONField(null=True, blank=True, editable=False)

    objects = SubmissionCollaboratorQuerySet.as_manager()

    class Meta:
        db_table = "submission_collaborators"
        constraints = (
            choice_constraint("submission_collaborators", "role", CollaboratorRole),
            # also lists the collaborators of a submission
            models.UniqueConstraint(fields=["submission", "user"], name="submission_collaborators_pair_unique"),
        )
        indexes = (
            # what a student collaborates on
            models.Index(fields=["user"], name="idx_submission_collab_user"),
        )

    def __str__(self) -> str:
        return f"{uuid_to_object_id(self.user_id)} on {uuid_to_object_id(self.submission_id)}"
