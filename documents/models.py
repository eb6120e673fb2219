from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models import Count, Exists, F, OuterRef, Q, Subquery
from django.db.models.fields.json import KT
from django.db.models.functions import Coalesce

from accounts.models import Role, User
from assignments.models import Assignment, AssignmentSubmission
from courses.models import Course, Enrollment
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


def _columns(model: type[models.Model]) -> list[str]:
    return [field.name for field in model._meta.concrete_fields if field.name != "extra"]


def _written_by(user: User) -> Q:
    return Q(author=user) | Q(pk__in=DocumentCollaborator.objects.filter(user=user).values("document"))


class DocumentQuerySet(models.QuerySet["Document"]):
    def visible_to(self, user: User) -> DocumentQuerySet:
        """What `can_be_read_by` says of one: their own, shared ones, and in a course what its people may see."""
        if user.role == Role.ADMIN:
            return self
        joined = Enrollment.objects.filter(student=user).values("course")
        return self.filter(
            _written_by(user) | Q(course__instructor=user) | Q(settings__allowCollaboration=True, course__in=joined)
        )

    def written_by(self, user: User) -> DocumentQuerySet:
        return self.filter(_written_by(user))

    def with_course(self) -> DocumentQuerySet:
        """Without `extra`; of the course what a reference shows."""
        return self.select_related("course").only(*_columns(self.model), "course__title")

    def with_collaborators(self) -> DocumentQuerySet:
        """Adds `collaborator_ids`, in the order of the list."""
        collaborators = DocumentCollaborator.objects.filter(document=OuterRef("pk")).order_by("ordinal", "joined_at")
        return self.annotate(collaborator_ids=ArraySubquery(collaborators.values("user_id")))

    def with_access(self, user: User | UUID) -> DocumentQuerySet:
        """Adds what the rules of one document need to know of it and the user."""
        enrolled = Enrollment.objects.filter(course=OuterRef("course"), student=user)
        return self.with_collaborators().annotate(instructor_id=F("course__instructor"), is_enrolled=Exists(enrolled))

    def with_version_count(self) -> DocumentQuerySet:
        versions = DocumentVersion.objects.filter(document=OuterRef("pk")).values("document")
        counted = versions.annotate(count=Count("pk")).values("count")
        return self.annotate(version_count=Coalesce(Subquery(counted), 0))

    def listed(self) -> DocumentQuerySet:
        """With what lists show, last edited first."""
        rows = self.with_collaborators().with_version_count()
        return rows.order_by(KT("metadata__lastEditedAt").desc(nulls_last=True), "-pk")


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
    chapter = models.TextField(null=True, blank=True)
    lesson = models.TextField(null=True, blank=True)

    objects = DocumentQuerySet.as_manager()

    # what `with_collaborators`, `with_access`, `with_version_count` and `with_people` add
    collaborator_ids: list[UUID]
    instructor_id: UUID | None
    is_enrolled: bool
    version_count: int
    people: list[User]
    editor: User | None

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

    def can_be_read_by(self, user: User) -> bool:
        return self.can_be_managed_by(user) or self.can_be_edited_by(user)

    def can_be_edited_by(self, user: User) -> bool:
        """Not by the educator or an admin as such: what is written is the students'."""
        if user.pk == self.author_id or user.pk in self.collaborator_ids:
            return True
        is_member = self.is_enrolled or user.pk == self.instructor_id
        return is_member and bool(self.settings.get("allowCollaboration"))

    def can_be_managed_by(self, user: User) -> bool:
        """Shared with others, and deleted."""
        return user.role == Role.ADMIN or user.pk in (self.author_id, self.instructor_id)


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
    def with_author(self) -> DocumentVersionQuerySet:
        """Without `extra`; of the author what a reference shows."""
        names = ("author__first_name", "author__last_name", "author__email")
        return self.select_related("author").only(*_columns(self.model), *names)

    def visible_to(self, user: User) -> DocumentVersionQuerySet:
        if user.role == Role.ADMIN:
            return self
        return self.filter(
            Q(document__in=Document.objects.visible_to(user))
            | Q(submission__in=AssignmentSubmission.objects.visible_to(user))
        )


CHANGE_COUNTS = (
    ("addedWords", "+{} words"),
    ("deletedWords", "-{} words"),
    ("addedChars", "+{} chars"),
    ("deletedChars", "-{} chars"),
)


class VersionNumberField(models.IntegerField):  # type: ignore[type-arg]
    db_returning = True  # the INSERT itself counts


class DocumentVersion(DocumentModel, CreatedModel):
    """One saved state of a document or of a submission."""

    document = models.ForeignKey(
        Document, models.CASCADE, null=True, blank=True, related_name="versions", db_index=False
    )
    submission = models.ForeignKey(
        AssignmentSubmission, models.CASCADE, null=True, blank=True, related_name="versions", db_index=False
    )
    version = VersionNumberField()
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
                condition=Q(document__isnull=True, submission__isnull=False)
                | Q(document__isnull=False, submission__isnull=True),
            ),
            models.CheckConstraint(name="document_versions_version_positive", condition=Q(version__gte=1)),
            # both also list the versions of their parent
            models.UniqueConstraint(
                fields=["document", "version"],
                condition=Q(document__isnull=False),
                name="document_versions_document_unique",
            ),
            models.UniqueConstraint(
                fields=["submission", "version"],
                condition=Q(submission__isnull=False),
                name="document_versions_submission_unique",
            ),
        )

    def __str__(self) -> str:
        return f"{self.title}, version {self.version}"

    @property
    def parent_id(self) -> UUID:
        return self.document_id or self.submission_id

    @property
    def age(self) -> int:
        """In milliseconds."""
        return (now() - self.created_at) // timedelta(milliseconds=1)

    @property
    def change_summary(self) -> str:
        """By words: of characters it speaks only where words changed too, as the original did."""
        counts = [(self.changes.get(name, 0), template) for name, template in CHANGE_COUNTS]
        if counts[0][0] == 0 and counts[1][0] == 0:
            return "No changes"
        return ", ".join(template.format(count) for count, template in counts if count)
