from __future__ import annotations

from django.db import models

from accounts.models import Role, User
from assignments.models import Assignment, AssignmentSubmission
from courses.models import Course
from scribetree.fields import (
    CreatedModel,
    DocumentModel,
    MillisecondField,
    PairIdField,
    TimestampedModel,
    choice_constraint,
    now,
)
from scribetree.object_id import uuid_to_object_id


class DocumentType(models.TextChoices):
    DRAFT = "draft"
    ASSIGNMENT_WORK = "assignment_work"
    COLLABORATIVE = "collaborative"


class DocumentStatus(models.TextChoices):
    ACTIVE = "active"
    ARCHIVED = "archived"
    DELETED = "deleted"


class Permission(models.TextChoices):
    EDIT = "edit"


def default_document_settings() -> dict[str, object]:
    return {"autoSave": True, "autoSaveInterval": 30, "allowCollaboration": False}


def default_document_metadata() -> dict[str, object]:
    return {"wordCount": 0, "characterCount": 0, "readingTime": 0}


class DocumentQuerySet(models.QuerySet["Document"]):
    def visible_to(self, user: User) -> DocumentQuerySet:
        """The author's and collaborators' own, and those of the educator of the course."""
        if user.role == Role.ADMIN:
            return self
        shared = DocumentCollaborator.objects.filter(user=user).values("document")
        return self.filter(models.Q(author=user) | models.Q(pk__in=shared) | models.Q(course__instructor=user))


class Document(DocumentModel, TimestampedModel):
    title = models.TextField()
    content = models.TextField(default="", blank=True)
    course = models.ForeignKey(Course, models.SET_NULL, null=True, blank=True, related_name="documents", db_index=False)
    author = models.ForeignKey(User, models.PROTECT, related_name="documents", db_index=False)
    assignment = models.ForeignKey(
        Assignment, models.SET_NULL, null=True, blank=True, related_name="documents", db_index=False
    )
    submission = models.ForeignKey(
        AssignmentSubmission, models.SET_NULL, null=True, blank=True, related_name="documents", db_index=False
    )
    type = models.TextField(choices=DocumentType, default=DocumentType.DRAFT)
    status = models.TextField(choices=DocumentStatus, default=DocumentStatus.ACTIVE)
    settings = models.JSONField(default=default_document_settings)
    metadata = models.JSONField(default=default_document_metadata)

    objects = DocumentQuerySet.as_manager()

    class Meta:
        db_table = "documents"
        constraints = (
            choice_constraint("documents", "type", DocumentType),
            choice_constraint("documents", "status", DocumentStatus),
        )
        indexes = (
            # the documents of a course, and of a student in it
            models.Index(fields=["course", "author"], name="idx_documents_course_author"),
            # a student's own documents
            models.Index(fields=["author"], name="idx_documents_author"),
        )

    def __str__(self) -> str:
        return self.title


class DocumentCollaboratorQuerySet(models.QuerySet["DocumentCollaborator"]):
    def visible_to(self, user: User) -> DocumentCollaboratorQuerySet:
        if user.role == Role.ADMIN:
            return self
        return self.filter(document__in=Document.objects.visible_to(user))


class DocumentCollaborator(models.Model):
    id = PairIdField(pair=("document_id", "user_id"))
    document = models.ForeignKey(Document, models.CASCADE, related_name="collaborators", db_index=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="document_collaborations", db_index=False)
    permission = models.TextField(choices=Permission, default=Permission.EDIT)
    joined_at = MillisecondField(default=now, help_text="For imported rows the creation of the document.")
    ordinal = models.IntegerField(default=0, help_text="Place in the list of collaborators.")
    extra = models.JSONField(null=True, blank=True, editable=False)

    objects = DocumentCollaboratorQuerySet.as_manager()

    class Meta:
        db_table = "document_collaborators"
        constraints = (
            choice_constraint("document_collaborators", "permission", Permission),
            # also lists the collaborators of a document
            models.UniqueConstraint(fields=["document", "user"], name="document_collaborators_pair_unique"),
        )
        indexes = (
            # the documents shared with a student
            models.Index(fields=["user"], name="idx_document_collab_user"),
        )

    def __str__(self) -> str:
        return f"{uuid_to_object_id(self.user_id)} on {uuid_to_object_id(self.document_id)}"


class DocumentVersionQuerySet(models.QuerySet["DocumentVersion"]):
    def visible_to(self, user: User) -> DocumentVersionQuerySet:
        if user.role == Role.ADMIN:
            return self
        return self.filter(
            models.Q(document__in=Document.objects.visible_to(user))
            | models.Q(submission__in=AssignmentSubmission.objects.visible_to(user))
        )


class DocumentVersion(DocumentModel, CreatedModel):
    """One saved state of a document or of a submission."""

    document = models.ForeignKey(
        Document, models.CASCADE, null=True, blank=True, related_name="versions", db_index=False
    )
    submission = models.ForeignKey(
        AssignmentSubmission, models.CASCADE, null=True, blank=True, related_name="versions", db_index=False
    )
    version = models.IntegerField()
    title = models.TextField()
    content = models.TextField(blank=True)
    author = models.ForeignKey(User, models.SET_NULL, null=True, related_name="versions", db_index=False)
    changes = models.JSONField(default=dict)
    metadata = models.JSONField(default=dict)
    diff = models.JSONField(default=dict)

    objects = DocumentVersionQuerySet.as_manager()

    class Meta:
        db_table = "document_versions"
        constraints = (
            models.CheckConstraint(
                name="document_versions_one_parent",
                condition=models.Q(document__isnull=True, submission__isnull=False)
                | models.Q(document__isnull=False, submission__isnull=True),
            ),
            models.CheckConstraint(name="document_versions_version_positive", condition=models.Q(version__gte=1)),
            # both also list the versions of their parent
            models.UniqueConstraint(
                fields=["document", "version"],
                condition=models.Q(document__isnull=False),
                name="document_versions_document_unique",
            ),
            models.UniqueConstraint(
                fields=["submission", "version"],
                condition=models.Q(submission__isnull=False),
                name="document_versions_submission_unique",
            ),
        )

    def __str__(self) -> str:
        return f"{self.title}, version {self.version}"
