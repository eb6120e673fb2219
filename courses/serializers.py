"""Courses on the wire, with their instructor and students by name."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from rest_framework import serializers

from accounts.models import User
from accounts.serializers import UserNameSerializer, UserRefSerializer
from courses.models import Course, CourseStatus, Enrollment
from scribetree.api.fields import Date, Flag, Id, Json, Number, Tag, Text, TextList
from scribetree.api.serializers import WireSerializer
from scribetree.errors import InvalidError
from scribetree.object_id import uuid_to_hex
from scribetree.prepared import Prepared
from scribetree.text_metrics import trim

_NAMED = Prepared(Enrollment.objects.named)
REQUIRED = "Title and description are required"


class StudentSerializer(UserNameSerializer):
    """Addresses are for those who run the course."""

    email = Text(required=False)


class CourseSettingsSerializer(serializers.Serializer):
    allowSelfEnrollment = Flag()
    requireApprovalToJoin = Flag()
    allowStudentDiscussions = Flag()
    gradingScale = Text(choices=("points", "percentage", "letter"))


class CourseSerializer(WireSerializer):
    """Of a course that `with_students` has seen."""

    _id = Id(source="pk")
    title = Text()
    description = Text()
    subject = Text(required=False)
    instructor = UserRefSerializer()
    students = Json(source="students_on_the_wire", shape=StudentSerializer(many=True))
    isPublic = Flag(source="is_public")
    maxStudents = Number(source="max_students", whole=True, required=False)
    startDate = Date(source="start_date", required=False)
    endDate = Date(source="end_date", required=False)
    settings = Json(shape=CourseSettingsSerializer())
    status = Text(choices=CourseStatus)
    isActive = Flag(source="is_active")
    enrollmentCode = Text(source="enrollment_code", required=False)
    tags = TextList()
    createdAt = Date(source="created_at")
    updatedAt = Date(source="updated_at")


class JoinedCourseSerializer(WireSerializer):
    _id = Id(source="pk")
    title = Text()
    description = Text()
    instructor = UserRefSerializer()
    enrollmentCode = Text(source="enrollment_code")
    tags = TextList()


class CourseTitleSerializer(WireSerializer):
    """The only course with `id`: the educators' insights ask for it so."""

    id = Id(source="pk")
    title = Text()


def with_students(rows: Iterable[Course], viewer: User) -> list[Course]:
    """One query for all courses; a dictionary for each student, as there may be thousands."""
    courses = list(rows)
    lists: dict[UUID, tuple[list[dict[str, Any]], bool]] = {}
    for course in courses:
        course.students_on_the_wire = []
        lists[course.pk] = course.students_on_the_wire, course.is_run_by(viewer)
    for course_id, student_id, first_name, last_name, email in _NAMED.all(list(lists)) if lists else ():
        student = {"_id": uuid_to_hex(student_id), "firstName": first_name, "lastName": last_name}
        students, with_addresses = lists[course_id]
        if with_addresses:
            student["email"] = email
        students.append(student)
    return courses


def _text(limit: int, label: str, **kwargs: Any) -> Text:
    messages = dict.fromkeys(("required", "null", "blank"), REQUIRED)
    messages["max_length"] = f"{label} must be less than {limit} characters"
    return Text(trim=True, blank=False, max_length=limit, messages=messages, **kwargs)


class NewCourseSerializer(serializers.Serializer):
    title = _text(200, "Title")
    description = _text(1000, "Description")
    subject = Text(trim=True, max_length=100, required=False)
    maxStudents = Number(
        source="max_students", whole=True, min_value=1, max_value=1000, required=False, allow_null=True
    )
    tags = TextList(element=Tag(trim=True), required=False)

    def to_internal_value(self, data: Mapping[str, Any]) -> Any:
        for value in (data.get("title"), data.get("description")):
            if not (trim(value) if isinstance(value, str) else value):
                raise InvalidError(REQUIRED)
        return super().to_internal_value(data)


class CourseChangesSerializer(serializers.Serializer):
    title = _text(200, "Title", required=False)
    description = _text(1000, "Description", required=False)
    maxStudents = Number(
        source="max_students", whole=True, min_value=1, max_value=1000, required=False, allow_null=True
    )
    tags = TextList(element=Tag(trim=True), required=False)
    isActive = Flag(source="is_active", required=False)


class EnrollmentCodeSerializer(serializers.Serializer):
    enrollmentCode = Text(
        source="code",
        strict=True,
        trim=True,
        blank=False,
        messages=dict.fromkeys(("required", "null", "blank", "type"), "Enrollment code is required"),
    )
