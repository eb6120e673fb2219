from __future__ import annotations

from uuid import UUID

from django.db import models

from accounts.models import Role, User
from assignments.models.submission import AssignmentSubmission
from scribetree.fields import DocumentModel, ObjectIdField, TimestampedModel, choice_constraint


class CommentType(models.TextChoices):
    COMMENT = "comment"
    SUGGESTION = "suggestion"
    QUESTION = "question"
    APPROVAL = "approval"


class SubmissionCommentQuerySet(models.QuerySet["SubmissionComment"]):
    def visible_to(self, user: User) -> SubmissionCommentQuerySet:
        if user.role == Role.ADMIN:
            return self
        return self.filter(submission__in=AssignmentSubmission.objects.visible_to(user))


class SubmissionComment(DocumentModel, TimestampedModel):
    """A comment on a submission, or a reply to one (`parent` is set; one level only)."""

    submission = models.ForeignKey(AssignmentSubmission, models.CASCADE, related_name="comments", db_index=False)
    author = models.ForeignKey(User, models.SET_NULL, null=True, related_name="comments", db_index=False)
    parent = models.ForeignKey("self", models.CASCADE, null=True, blank=True, related_name="replies", db_index=False)
    ordinal = models.IntegerField(default=0, help_text="Place among the comments, or among the parent's replies.")
    element_id = ObjectIdField(null=True, blank=True, help_text="The `_id` that a comment has beside its `id`.")
    content = models.TextField()
    type = models.TextField(choices=CommentType, default=CommentType.COMMENT)
    highlighted_text = models.TextField(null=True, blank=True)
    position = models.JSONField(null=True, blank=True)
    is_resolved = models.BooleanField(default=False)

    objects = SubmissionCommentQuerySet.as_manager()

    class Meta:
        db_table = "submission_comments"
        constraints = (choice_constraint("submission_comments", "type", CommentType),)
        indexes = (
            # the comments of a submission, in their order
            models.Index(fields=["submission", "ordinal"], name="idx_comments_submission"),
            # the replies to a comment, in their order
            models.Index(
                fields=["parent", "ordinal"],
                name="idx_comments_parent",
                condition=models.Q(parent__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return self.content[:60]

    @property
    def embedded_id(self) -> UUID:
        return self.element_id or self.id
