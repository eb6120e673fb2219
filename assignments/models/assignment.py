from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import models
from django.db.models import Count, Exists, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from accounts.models import Role, User
from assignments.configuration import CONFIGURATION, AssignmentType, ConfigurationModel, configuration_faults
from assignments.models.template import SERVED, AssignmentTemplate
from courses.models import Course, Enrollment
from scribetree.fields import DocumentModel, MillisecondField, TimestampedModel, choice_constraint, now
from scribetree.text_metrics import trim

DAY = timedelta(days=1)
DEFAULT_MAX_COLLABORATORS = 5
IN_LISTS = ("title", "description", "type", "learning_objectives")  # of the content of a deployment
UNLISTED = ("extra", "custom_notes", "stage_due_dates")


class AssignmentStatus(models.TextChoices):
    DRAFT = "draft"
    PUBLISHED = "published"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    ARCHIVED = "archived"


class AssignmentQuerySet(models.QuerySet["Assignment"]):
    def visible_to(self, user: User) -> AssignmentQuerySet:
        """Those of one's courses: for students while published, for their educators always."""
        if user.role == Role.ADMIN:
            return self
        joined = Q(course__in=Enrollment.objects.filter(student=user).values("course"))
        return self.filter(
            Q(instructor=user) | Q(course__instructor=user) | (joined & Q(status=AssignmentStatus.PUBLISHED))
        )

    def published(self) -> AssignmentQuerySet:
        return self.filter(status=AssignmentStatus.PUBLISHED)

    def not_archived(self) -> AssignmentQuerySet:
        return self.exclude(status=AssignmentStatus.ARCHIVED)

    def made_directly(self) -> AssignmentQuerySet:
        """No deployments of templates."""
        return self.filter(template=None)

    def deployments(self) -> AssignmentQuerySet:
        return self.filter(template__isnull=False)

    def briefly(self) -> AssignmentQuerySet:
        """Without what only the page of one deployment shows."""
        return self.defer("extra", "custom_notes", *(name for name in CONFIGURATION if name not in IN_LISTS))

    def with_template(self) -> AssignmentQuerySet:
        """What the template has beside the content, of which there is a copy."""
        return self.select_related("template").defer(*_hidden("template", AssignmentTemplate, shown=("id", *SERVED)))

    def with_notes_for(self, user: User) -> AssignmentQuerySet:
        """Gives each row `shown_notes`: the custom notes, to those who run the assignment or its course."""
        if user.role == Role.ADMIN:
            return self.annotate(shown_notes=models.F("custom_notes"))
        runs = Q(instructor=user) | Q(course__instructor=user)
        return self.annotate(shown_notes=models.Case(models.When(runs, then="custom_notes")))

    def listed(self) -> AssignmentQuerySet:
        """Newest first, without the columns that no list shows."""
        return self.order_by("-created_at", "-pk").defer(*UNLISTED)

    def with_instructor(self) -> AssignmentQuerySet:
        return self.select_related("instructor").defer(
            *_hidden("instructor", User, shown=("id", "first_name", "last_name", "email"))
        )

    def with_course(self) -> AssignmentQuerySet:
        return self.select_related("course").defer(*_hidden("course", Course, shown=("id", "title", "instructor")))

    def with_membership(self, user: User | UUID) -> AssignmentQuerySet:
        """Gives each row `is_member`: whether the user is a student of its course."""
        mine = Enrollment.objects.filter(course=OuterRef("course"), student=user)
        return self.annotate(is_member=Exists(mine))

    def with_submission_count(self) -> AssignmentQuerySet:
        """Gives each row `submission_count`: of all that were ever begun, superseded ones too."""
        submissions = self.model._meta.get_field("submissions").related_model
        found = submissions.objects.filter(assignment=OuterRef("pk")).values("assignment")
        return self.annotate(
            submission_count=Coalesce(Subquery(found.annotate(number=Count("pk")).values("number")), 0)
        )


def _hidden(path: str, model: type[models.Model], *, shown: tuple[str, ...]) -> list[str]:
    return [f"{path}__{field.name}" for field in model._meta.concrete_fields if field.name not in shown]


class Assignment(ConfigurationModel, DocumentModel, TimestampedModel):
    """What a course is asked to write: made directly, or a template deployed to the course.

    A deployment holds a copy of its template's content; editing the template updates the copies.
    """

    template = models.ForeignKey(
        AssignmentTemplate, models.PROTECT, null=True, blank=True, related_name="deployments", db_index=False
    )
    course = models.ForeignKey(Course, models.CASCADE, related_name="assignments", db_index=False)
    instructor = models.ForeignKey(User, models.PROTECT, related_name="assignments", db_index=False)
    due_date = MillisecondField(null=True, blank=True)
    stage_due_dates = models.JSONField(default=list, blank=True)
    status = models.TextField(choices=AssignmentStatus, default=AssignmentStatus.DRAFT)
    allow_late_submissions = models.BooleanField(default=True)
    max_collaborators = models.SmallIntegerField(null=True, blank=True)
    published_at = MillisecondField(null=True, blank=True)
    custom_instructions = models.TextField(null=True, blank=True)
    custom_notes = models.TextField(null=True, blank=True, help_text="Never shown to students.")
    course_specific_requirements = models.JSONField(null=True, blank=True)

    objects = AssignmentQuerySet.as_manager()

    # of rows from `with_membership` and `with_submission_count`
    is_member: bool
    submission_count: int

    class Meta:
        db_table = "assignments"
        constraints = (
            choice_constraint("assignments", "type", AssignmentType),
            choice_constraint("assignments", "status", AssignmentStatus),
            models.CheckConstraint(
                name="assignments_max_collaborators_range",
                condition=models.Q(max_collaborators__gte=2, max_collaborators__lte=10),
            ),
            # also finds the deployments of a template
            models.UniqueConstraint(fields=["template", "course"], name="assignments_one_deployment"),
        )
        indexes = (
            # the assignments of a course
            models.Index(fields=["course"], name="idx_assignments_course"),
            # the assignments of an educator
            models.Index(fields=["instructor"], name="idx_assignments_instructor"),
            # what is due soon
            models.Index(fields=["due_date"], name="idx_assignments_due", condition=models.Q(status="published")),
        )

    def __str__(self) -> str:
        return self.title

    def can_be_edited_by(self, user: User) -> bool:
        """By its creator, whatever the role is now, and by admins."""
        return user.pk == self.instructor_id or user.role == Role.ADMIN

    def is_run_by(self, user: User) -> bool:
        """Who sees it before it is published."""
        return self.can_be_edited_by(user) or self.course.is_taught_by(user)

    @property
    def is_published(self) -> bool:
        return self.status == AssignmentStatus.PUBLISHED

    @property
    def is_overdue(self) -> bool:
        return self.due_date is not None and now() > self.due_date and self.status != AssignmentStatus.COMPLETED

    @property
    def days_remaining(self) -> int | None:
        """Begun days count; negative once it is past."""
        return None if self.due_date is None else -((now() - self.due_date) // DAY)

    @property
    def effective_instructions(self) -> str:
        if not self.custom_instructions:
            return self.instructions
        return f"{self.instructions}\n\n{self.custom_instructions}"

    @property
    def effective_requirements(self) -> dict[str, Any]:
        """What the course leaves open is the template's."""
        own = self.course_specific_requirements
        if not own:
            return self.requirements
        return {**self.requirements, **{key: value for key, value in own.items() if value not in (None, [])}}

    def apply_type(self) -> None:
        super().apply_type()
        if self.type == AssignmentType.COLLABORATIVE and self.template_id is None and not self.max_collaborators:
            self.max_collaborators = DEFAULT_MAX_COLLABORATORS

    def publish(self) -> bool:
        """Whether this is the first time, whose moment stays."""
        self.status = AssignmentStatus.PUBLISHED
        if self.published_at is not None:
            return False
        self.published_at = now()
        return True

    def obstacles(self) -> list[str]:
        """What has to be mended before it can be given to students."""
        texts = {"Title is": self.title, "Description is": self.description, "Instructions are": self.instructions}
        missing = [f"{subject} required" for subject, text in texts.items() if not trim(text)]
        settings = self.ai_settings if self.ai_settings.get("enabled") else {}
        return missing + list(
            configuration_faults(
                learning_objectives=self.learning_objectives, writing_stages=self.writing_stages, ai_settings=settings
            )
        )
