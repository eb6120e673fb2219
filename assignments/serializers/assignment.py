"""Assignments on the wire. A deployment has the same shape: its template's content with what the course adds."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from accounts.serializers import UserNameSerializer, UserRefSerializer
from assignments.models import AssignmentStatus
from assignments.serializers.configuration import (
    Changes,
    CollaborationSerializer,
    ConfigurationWriteSerializer,
    Creation,
    Group,
    RequirementsSerializer,
    ScheduleWriteSerializer,
    effective_fields,
)
from scribetree.api.fields import Date, Flag, Id, IdList, Number, Text
from scribetree.api.schema import PaginationSerializer
from scribetree.api.serializers import WireSerializer
from scribetree.errors import InvalidError
from scribetree.text_metrics import trim


class CourseRefSerializer(WireSerializer):
    _id = Id(source="pk")
    title = Text()


class AssignmentTitleSerializer(WireSerializer):
    """What the dashboards choose from; they read `id`."""

    id = Id(source="pk")
    title = Text()


class BareAssignmentSerializer(WireSerializer):
    """With its course and instructor by their ids."""

    _id = Id(source="pk")
    id = Id(source="pk")
    course = Id(source="course_id")
    instructor = Id(source="instructor_id")
    dueDate = Date(source="due_date", required=False)
    allowLateSubmissions = Flag(source="allow_late_submissions")
    maxCollaborators = Number(source="max_collaborators", whole=True, required=False)
    status = Text(choices=AssignmentStatus)
    publishedAt = Date(source="published_at", required=False)
    isOverdue = Flag(source="is_overdue")
    daysRemaining = Number(source="days_remaining", whole=True, allow_null=True)
    createdAt = Date(source="created_at")
    updatedAt = Date(source="updated_at")

    def get_fields(self) -> dict[str, Any]:
        return {**effective_fields(), **super().get_fields()}


class AssignmentSerializer(BareAssignmentSerializer):
    course = CourseRefSerializer()
    instructor = UserRefSerializer()


class CourseAssignmentSerializer(BareAssignmentSerializer):
    instructor = UserRefSerializer()
    submissionCount = Number(source="submission_count", whole=True)


class CourseBriefSerializer(CourseRefSerializer):
    description = Text()


class CourseAssignmentsSerializer(serializers.Serializer):
    """For the schema: the answer of a course's path."""

    class CourseAssignmentsData(serializers.Serializer):
        course = CourseBriefSerializer()
        assignments = CourseAssignmentSerializer(many=True)
        totalCount = serializers.IntegerField()

    success = serializers.BooleanField()
    message = serializers.CharField()
    data = CourseAssignmentsData()
    pagination = PaginationSerializer(required=False)


class OwnAssignmentSerializer(BareAssignmentSerializer):
    course = CourseRefSerializer()
    submissionCount = Number(source="submission_count", whole=True)


class FoundAssignmentSerializer(BareAssignmentSerializer):
    course = CourseRefSerializer()
    instructor = UserNameSerializer()


class RosterSerializer(CourseRefSerializer):
    students = IdList(source="student_ids")


class AssignmentDetailSerializer(AssignmentSerializer):
    """Of a row whose course has `student_ids`."""

    course = RosterSerializer()
    submissionCount = Number(source="submission_count", whole=True)


class AssignmentWriteSerializer(ConfigurationWriteSerializer, ScheduleWriteSerializer):
    pass


class AssignmentAdjustmentsSerializer(Changes, AssignmentWriteSerializer):
    """All that a clone may have otherwise than its source."""


class AssignmentChangesSerializer(AssignmentAdjustmentsSerializer):
    status = Text(choices=AssignmentStatus, required=False)


REQUIRED = {
    "title": "Assignment title is required",
    "description": "Assignment description is required",
    "instructions": "Assignment instructions are required",
    "courseId": "Course ID is required",
}


class NewAssignmentPlaceSerializer(serializers.Serializer):
    """What is asked for before anything else is looked at."""

    courseId = Id(source="course_id")

    def to_internal_value(self, data: Mapping[str, Any]) -> Any:
        for key, text in REQUIRED.items():
            value = data.get(key)
            if not (trim(value) if isinstance(value, str) else value):
                raise InvalidError(text)
        return super().to_internal_value(data)


class NewAssignmentSerializer(Creation, AssignmentWriteSerializer):
    pass


class NewAssignmentBodySerializer(AssignmentWriteSerializer):
    """For the schema: the whole body, which is read in two steps."""

    courseId = Id()


class CloneTargetSerializer(serializers.Serializer):
    courseId = Id(source="course_id", allow_null=True, default=None)


class CloneSerializer(serializers.Serializer):
    title = Text(
        trim=True, max_length=200, required=False, messages={"max_length": "Title cannot exceed 200 characters"}
    )
    adjustments = AssignmentAdjustmentsSerializer(required=False)

    def to_internal_value(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """What the clone has otherwise, by the names of the columns. Raises InvalidError."""
        if not isinstance(data.get("adjustments") or {}, Mapping):
            raise InvalidError("adjustments must be an object")
        given = super().to_internal_value({key: value for key, value in data.items() if value is not None})
        title = {"title": given["title"]} if given.get("title") else {}
        return {**title, **given.get("adjustments", {})}


class CloneBodySerializer(CloneSerializer):
    """For the schema: the whole body, which is read in two steps."""

    courseId = Id()


class ValidationSerializer(serializers.Serializer):
    isValid = serializers.BooleanField()
    errors = serializers.ListField(child=serializers.CharField())
    warnings = serializers.ListField(child=serializers.CharField())


class SubmissionAssignmentSerializer(WireSerializer):
    """What a submission that was just begun says of its assignment."""

    _id = Id(source="pk")
    id = Id(source="pk")
    title = Text()
    dueDate = Date(source="due_date", required=False)
    requirements = Group(shape=RequirementsSerializer, source="effective_requirements")
    collaboration = Group(shape=CollaborationSerializer, source="collaboration_settings")
    isOverdue = Flag(source="is_overdue")
    daysRemaining = Number(source="days_remaining", whole=True, allow_null=True)
