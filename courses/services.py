"""What happens to courses and who is in them."""

import secrets
import string
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Count, Max, Q

from accounts.models import User
from courses.models import Course, Enrollment
from scribetree.errors import InvalidError, NotFoundError

CODE_CHARACTERS = string.digits + string.ascii_uppercase
CODE_LENGTH = 6
CODE_ATTEMPTS = 20  # one in a thousand would be taken with two million courses
NOT_FOUND = "Course not found"
ALREADY_ENROLLED = "Already enrolled in this course"


def create_course(
    *,
    instructor: User,
    title: str,
    description: str,
    subject: str = "",
    max_students: int | None = None,
    tags: Sequence[str] = (),
) -> Course:
    """With a fresh enrolment code."""
    course = Course(
        instructor=instructor,
        title=title,
        description=description,
        subject=subject,
        max_students=max_students,
        tags=list(tags),
    )
    for attempt in range(1, CODE_ATTEMPTS + 1):
        course.enrollment_code = new_code()
        try:
            with transaction.atomic():
                course.save(force_insert=True)
            break
        except IntegrityError as error:
            if attempt == CODE_ATTEMPTS or not _is_code_taken(error):
                raise
    return course


def new_code() -> str:
    return "".join(secrets.choice(CODE_CHARACTERS) for _ in range(CODE_LENGTH))


@transaction.atomic
def update_course(*, course: Course, **changes: Any) -> Course:
    """The course as it is now, with the changes. Raises NotFoundError when it has gone meanwhile."""
    locked = _locked(course.pk)
    locked.instructor = course.instructor
    for name, value in changes.items():
        setattr(locked, name, value)
    if changes:
        locked.save(update_fields=list(changes))
        locked.refresh_from_db(fields=["updated_at"])
    return locked


@transaction.atomic
def enroll_student(*, student: User, code: str) -> Course:
    """Raises NotFoundError for the code, InvalidError for who is enrolled already and for a full course."""
    course = (
        Course.objects.with_instructor()
        .select_for_update(of=("self",))
        .filter(enrollment_code=code.upper(), is_active=True)
        .first()
    )
    if course is None:
        raise NotFoundError("Course not found or inactive")
    seats = course.enrollments.aggregate(
        taken=Count("pk"), mine=Count("pk", filter=Q(student=student)), last=Max("ordinal", default=-1)
    )
    if seats["mine"]:
        raise InvalidError(ALREADY_ENROLLED)
    if course.max_students is not None and seats["taken"] >= course.max_students:
        raise InvalidError("Course is at maximum capacity")
    try:
        Enrollment.objects.create(course=course, student=student, ordinal=seats["last"] + 1)
    except IntegrityError:  # by someone who took no lock, such as a retry of the import
        raise InvalidError(ALREADY_ENROLLED) from None
    Course.objects.filter(pk=course.pk).touch()
    return course


@transaction.atomic
def unenroll_student(*, student: User, course_id: UUID | None) -> None:
    """Raises NotFoundError for the course, InvalidError for who is not in it."""
    course = _locked(course_id)
    deleted, _ = course.enrollments.filter(student=student).delete()
    if not deleted:
        raise InvalidError("Not enrolled in this course")
    Course.objects.filter(pk=course.pk).touch()


def _locked(course_id: UUID | None) -> Course:
    course = Course.objects.select_for_update().filter(pk=course_id).first() if course_id else None
    if course is None:
        raise NotFoundError(NOT_FOUND)
    return course


def _is_code_taken(error: IntegrityError) -> bool:
    diagnostics = getattr(error.__cause__, "diag", None)
    return getattr(diagnostics, "constraint_name", None) == "courses_enrollment_code_unique"
