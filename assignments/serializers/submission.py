"""Submissions on the wire. Which references are whole and which are ids differs by endpoint."""

from typing import Any

from django.db.models import Prefetch, QuerySet
from rest_framework import serializers

from accounts.models import User
from accounts.serializers import UserRefSerializer
from assignments.models import (
    Assignment,
    AssignmentSubmission,
    SubmissionCollaborator,
    SubmissionComment,
    SubmissionStatus,
)
from assignments.serializers.assignment import SubmissionAssignmentSerializer
from assignments.serializers.configuration import CollaborationSerializer, Group, VersionControlSerializer
from assignments.serializers.submission_parts import (
    AIInteractionSerializer,
    Analytics,
    Discussion,
    Elements,
    GradeSerializer,
    MilestoneSerializer,
    NamedCommentSerializer,
    People,
    SignedCommentSerializer,
    SubmissionCollaborationSerializer,
)
from scribetree.api.fields import Date, Flag, Id, IdList, Number, Shaped, Text
from scribetree.api.serializers import WireSerializer

_SHOWN = ("id", "first_name", "last_name", "email")
_PRIVATE = [field.name for field in User._meta.concrete_fields if field.name not in _SHOWN]


def with_people(submissions: QuerySet[AssignmentSubmission]) -> QuerySet[AssignmentSubmission]:
    """Rows with all that a SubmissionSerializer reads, in three queries."""
    return _named(submissions, "author").defer("extra").prefetch_related(*people_and_comments())


def people_and_comments() -> tuple[Any, Any]:
    """The same for rows whose author is at hand, by `prefetch_related_objects`."""
    return people(), comments()


def with_assignment(submissions: QuerySet[AssignmentSubmission]) -> QuerySet[AssignmentSubmission]:
    """Of the assignment what a list shows."""
    shown = ("id", "title", "due_date", "course", "status")
    private = [field.name for field in Assignment._meta.concrete_fields if field.name not in shown]
    return submissions.select_related("assignment").defer(*(f"assignment__{name}" for name in private))


def people() -> Any:
    return Prefetch("collaborators", people_in_order(), "people")


def people_in_order() -> QuerySet[SubmissionCollaborator]:
    return _named(SubmissionCollaborator.objects.order_by("ordinal", "pk"), "user").defer("extra")


def comments() -> Any:
    return Prefetch("comments", comments_in_order(), "discussion")


def comments_in_order(*, named: bool = False) -> QuerySet[SubmissionComment]:
    rows = SubmissionComment.objects.order_by("ordinal", "pk").defer("extra", "highlighted_text")
    return _named(rows, "author") if named else rows


def _named(rows: QuerySet[Any], person: str) -> QuerySet[Any]:
    return rows.select_related(person).defer(*(f"{person}__{name}" for name in _PRIVATE))


class SubmissionStartSerializer(serializers.Serializer):
    """Read only where there is no submission yet, but checked all the same."""

    title = Text(required=False, allow_null=True)
    isCollaborative = Flag(source="is_collaborative", default=False)


class SubmissionSerializer(WireSerializer):
    """Of a row `with_people`. Its assignment is an id; where more is shown of it, a subclass says what."""

    _id = Id(source="pk")
    id = Id(source="pk")
    assignment = Id(source="assignment_id")
    author = UserRefSerializer()
    collaborators = People(source="people")
    title = Text()
    content = Text()
    wordCount = Number(source="word_count", whole=True)
    characterCount = Number(source="character_count", whole=True)
    status = Text(choices=SubmissionStatus)
    submittedAt = Date(source="submitted_at", required=False)
    lastSavedAt = Date(source="last_saved_at")
    collaboration = Group(shape=SubmissionCollaborationSerializer, source="collaboration_settings")
    currentVersion = Number(source="current_version", whole=True)
    majorMilestones = Elements(element=MilestoneSerializer, source="major_milestones")
    comments = Discussion(source="discussion")
    analytics = Analytics()
    grade = Group(shape=GradeSerializer, elements=("rubricScores",), allow_null=True)
    aiInteractions = Elements(element=AIInteractionSerializer, source="ai_interactions")
    createdAt = Date(source="created_at")
    updatedAt = Date(source="updated_at")
    estimatedReadingTime = Number(source="estimated_reading_time", whole=True)
    isActivelyCollaborating = Flag(source="is_actively_collaborating")
    gradePercentage = Number(source="grade_percentage", allow_null=True)


class BegunSubmissionSerializer(SubmissionSerializer):
    assignment = SubmissionAssignmentSerializer()


class AssignmentIdSerializer(WireSerializer):
    _id = Id(source="pk")
    id = Id(source="pk")


class ListedAssignmentSerializer(AssignmentIdSerializer):
    title = Text()
    dueDate = Date(source="due_date", required=False)
    course = Id(source="course_id")
    isOverdue = Flag(source="is_overdue")
    daysRemaining = Number(source="days_remaining", whole=True, allow_null=True)


class OpenAssignmentSerializer(SubmissionAssignmentSerializer):
    course = Id(source="course_id")
    instructor = Id(source="instructor_id")


class SavedAssignmentSerializer(AssignmentIdSerializer):
    collaboration = Group(shape=CollaborationSerializer, source="collaboration_settings")
    versionControl = Group(shape=VersionControlSerializer, source="version_control_settings")


class ResolvedAssignmentSerializer(AssignmentIdSerializer):
    instructor = Id(source="instructor_id")


class Undated(Shaped):
    """An assignment of which the date is not said, so that it is never overdue."""

    def to_representation(self, assignment: Assignment) -> dict[str, Any]:
        return {**self.shape.to_representation(assignment), "isOverdue": False, "daysRemaining": None}


class SubmittedAssignmentSerializer(AssignmentIdSerializer):
    dueDate = Date(source="due_date", required=False)
    versionControl = Group(shape=VersionControlSerializer, source="version_control_settings")
    isOverdue = Flag(source="is_overdue")
    daysRemaining = Number(source="days_remaining", whole=True, allow_null=True)


class ListedSubmissionSerializer(SubmissionSerializer):
    assignment = ListedAssignmentSerializer()


class OpenSubmissionSerializer(SubmissionSerializer):
    assignment = OpenAssignmentSerializer()
    comments = Discussion(source="discussion", comment=NamedCommentSerializer)


class PlainSubmissionSerializer(SubmissionSerializer):
    """With all references as ids."""

    author = Id(source="author_id")
    collaborators = IdList(source="collaborator_ids")


class SavedSubmissionSerializer(PlainSubmissionSerializer):
    assignment = Undated(shape=SavedAssignmentSerializer())


class CommentedSubmissionSerializer(PlainSubmissionSerializer):
    comments = Discussion(source="discussion", comment=SignedCommentSerializer)


class ResolvedSubmissionSerializer(PlainSubmissionSerializer):
    assignment = Undated(shape=ResolvedAssignmentSerializer())


class SharedSubmissionSerializer(PlainSubmissionSerializer):
    collaborators = People(source="people")


class SubmittedSubmissionSerializer(PlainSubmissionSerializer):
    assignment = SubmittedAssignmentSerializer()
