from __future__ import annotations

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
        joined = Enrollment.objects.filter(student=user).values("course")
        return self.filter(models.Q(instructor=user) | models.Q(pk__in=joined))


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


class EnrollmentQuerySet(models.QuerySet["Enrollment"]):
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
