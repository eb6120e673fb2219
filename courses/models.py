from __future__ import annotations

from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from accounts.models import Role, User
from scribetree.fields import (
    DocumentModel,
    MillisecondField,
    PairIdField,
    TimestampedModel,
    choice_constraint,
    now,
)
from scribetree.object_id import uuid_to_object_id


class CourseStatus(models.TextChoices):
    DRAFT = "draft"
    PUBLISHED = "published"
    ARCHIVED = "archived"


class EnrollmentStatus(models.TextChoices):
    ACTIVE = "active"


def default_course_settings() -> dict[str, object]:
    return {
        "allowSelfEnrollment": False,
        "requireApprovalToJoin": True,
        "allowStudentDiscussions": True,
        "gradingScale": "points",
    }


class CourseQuerySet(models.QuerySet["Course"]):
    def visible_to(self, user: User) -> CourseQuerySet:
        if user.role == Role.ADMIN:
            return self
        return self.filter(models.Q(instructor=user) | models.Q(pk__in=_joined(user)))

    def listed_for(self, user: User) -> CourseQuerySet:
        """A person's courses as the role in force has them; newest first."""
        rows = self.order_by("-created_at", "-pk")
        if user.role == Role.ADMIN:
            return rows
        if user.role == Role.EDUCATOR:
            return rows.filter(instructor=user)
        return rows.filter(is_active=True, pk__in=_joined(user))

    def with_instructor(self) -> CourseQuerySet:
        """Nothing of the instructor but what others see."""
        columns = [field.name for field in User._meta.concrete_fields]
        hidden = [f"instructor__{name}" for name in columns if name not in ("id", "first_name", "last_name", "email")]
        return self.select_related("instructor").defer("extra", *hidden)

    def with_membership(self, user: User | UUID) -> CourseQuerySet:
        """Gives each row `is_member`: whether the user is one of its students."""
        mine = Enrollment.objects.filter(course=models.OuterRef("pk"), student=user)
        return self.annotate(is_member=models.Exists(mine))

    def touch(self) -> None:
        """Moves `updated_at`, for a change of the students, who are part of a course and no column of it."""
        self.update(updated_at=models.F("updated_at"))  # the trigger moves what a statement leaves as it is


def _joined(user: User) -> models.QuerySet[Enrollment]:
    return Enrollment.objects.filter(student=user).values("course")


class Course(DocumentModel, TimestampedModel):
    title = models.TextField()
    description = models.TextField(blank=True)
    subject = models.TextField(null=True, blank=True)
    instructor = models.ForeignKey(User, models.PROTECT, related_name="courses_taught", db_index=False)
    is_public = models.BooleanField(default=False)
    max_students = models.IntegerField(null=True, blank=True, help_text="Empty: unlimited.")
    start_date = MillisecondField(null=True, blank=True)
    end_date = MillisecondField(null=True, blank=True)
    settings = models.JSONField(default=default_course_settings)
    status = models.TextField(choices=CourseStatus, default=CourseStatus.DRAFT)
    is_active = models.BooleanField(default=True)
    enrollment_code = models.TextField(null=True, blank=True)
    tags = ArrayField(models.TextField(), default=list, blank=True)

    objects = CourseQuerySet.as_manager()

    class Meta:
        db_table = "courses"
        constraints = (
            choice_constraint("courses", "status", CourseStatus),
            models.CheckConstraint(name="courses_max_students_positive", condition=models.Q(max_students__gte=1)),
            models.UniqueConstraint(fields=["enrollment_code"], name="courses_enrollment_code_unique"),
        )
        indexes = (
            # the courses of an educator
            models.Index(fields=["instructor"], name="idx_courses_instructor"),
            # the catalogue of running courses
            models.Index(fields=["is_active"], name="idx_courses_active", condition=models.Q(is_active=True)),
            # courses by tag
            GinIndex(fields=["tags"], name="idx_courses_tags"),
        )

    def __str__(self) -> str:
        return self.title

    def is_taught_by(self, user: User) -> bool:
        """By identity, whatever the role is now."""
        return self.instructor_id == user.pk

    def is_run_by(self, user: User) -> bool:
        """Who runs a course sees its students' addresses."""
        return self.is_taught_by(user) or user.role == Role.ADMIN

    def can_be_read_by(self, user: User) -> bool:
        """Of a row `with_membership` of the user."""
        return self.is_run_by(user) or self.is_member  # type: ignore[attr-defined,no-any-return]


class EnrollmentQuerySet(models.QuerySet["Enrollment"]):
    def named(self, course_ids: list[UUID]) -> models.QuerySet[Enrollment]:
        """Course, student, names and address of everyone in the courses, each list in its order."""
        return (
            self.filter(course__id__any=course_ids)
            .order_by("ordinal", "pk")
            .values_list("course_id", "student_id", "student__first_name", "student__last_name", "student__email")
        )

    def visible_to(self, user: User) -> EnrollmentQuerySet:
        if user.role == Role.ADMIN:
            return self
        return self.filter(models.Q(course__instructor=user) | models.Q(student=user))


class Enrollment(models.Model):
    id = PairIdField(pair=("course_id", "student_id"))
    course = models.ForeignKey(Course, models.CASCADE, related_name="enrollments", db_index=False)
    student = models.ForeignKey(User, models.CASCADE, related_name="enrollments", db_index=False)
    enrolled_at = MillisecondField(default=now, help_text="For imported rows the creation of the course.")
    status = models.TextField(choices=EnrollmentStatus, default=EnrollmentStatus.ACTIVE)
    ordinal = models.IntegerField(default=0, help_text="Place in the list of the course's students.")
    extra = models.JSONField(null=True, blank=True, editable=False)

    objects = EnrollmentQuerySet.as_manager()

    class Meta:
        db_table = "course_enrollments"
        constraints = (
            choice_constraint("course_enrollments", "status", EnrollmentStatus),
            # also lists the students of a course
            models.UniqueConstraint(fields=["course", "student"], name="course_enrollments_pair_unique"),
        )
        indexes = (
            # the courses of a student
            models.Index(fields=["student"], name="idx_enrollments_student"),
        )

    def __str__(self) -> str:
        return f"{uuid_to_object_id(self.student_id)} in {uuid_to_object_id(self.course_id)}"
