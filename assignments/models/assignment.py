from __future__ import annotations

from django.db import models

from accounts.models import Role, User
from assignments.configuration import AssignmentType, ConfigurationModel
from assignments.models.template import AssignmentTemplate
from courses.models import Course, Enrollment
from scribetree.fields import DocumentModel, MillisecondField, TimestampedModel, choice_constraint


class AssignmentStatus(models.TextChoices):
    DRAFT = "draft"
    PUBLISHED = "published"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    ARCHIVED = "archived"


class AssignmentQuerySet(models.QuerySet["Assignment"]):
    def visible_to(self, user: User) -> AssignmentQuerySet:
        """Those of one's courses: for students once published, for their educators always."""
        if user.role == Role.ADMIN:
            return self
        hidden = models.Q(status__in=[AssignmentStatus.DRAFT, AssignmentStatus.ARCHIVED])
        joined = models.Q(course__in=Enrollment.objects.filter(student=user).values("course"))
        return self.filter(models.Q(instructor=user) | models.Q(course__instructor=user) | (joined & ~hidden))


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
