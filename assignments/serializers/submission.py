"""Submissions on the wire, with the people who write them and what was said about them."""

from collections import defaultdict
from typing import Any

from django.db.models import Prefetch, QuerySet
from rest_framework import serializers

from accounts.models import User
from accounts.serializers import UserRefSerializer
from assignments.models import (
    AssignmentSubmission,
    CommentType,
    SubmissionCollaborator,
    SubmissionComment,
    SubmissionStatus,
)
from assignments.models.submission import (
    default_analytics,
    default_grade,
    default_metrics,
    default_submission_collaboration,
)
from assignments.serializers.assignment import SubmissionAssignmentSerializer
from assignments.serializers.configuration import (
    ASSISTANCE,
    ElementSerializer,
    Group,
    GroupSerializer,
    identified,
    with_defaults,
)
from scribetree.api.fields import Date, Flag, Id, IdList, Json, Number, Shaped, Text
from scribetree.api.serializers import WireSerializer

CONFLICT_RESOLUTIONS = ("auto", "manual")
ANALYTICS, METRICS = tuple(default_analytics()), tuple(default_metrics())
_SHOWN = ("id", "first_name", "last_name", "email")
_PRIVATE = [field.name for field in User._meta.concrete_fields if field.name not in _SHOWN]


def with_people(
    submissions: QuerySet[AssignmentSubmission], *, named_comments: bool = False
) -> QuerySet[AssignmentSubmission]:
    """Rows with all that a SubmissionSerializer reads, in three queries."""
    related = people_and_comments(named_comments=named_comments)
    return _named(submissions, "author").defer("extra").prefetch_related(*related)


def people_and_comments(*, named_comments: bool = False) -> tuple[Any, Any]:
    """The same for rows whose author is at hand, by `prefetch_related_objects`."""
    people = _named(SubmissionCollaborator.objects.order_by("ordinal", "pk"), "user")
    comments = SubmissionComment.objects.order_by("ordinal", "pk")
    if named_comments:
        comments = _named(comments, "author")
    return (
        Prefetch("collaborators", people.defer("extra"), "people"),
        Prefetch("comments", comments.defer("extra", "highlighted_text"), "discussion"),
    )


def _named(rows: QuerySet[Any], person: str) -> QuerySet[Any]:
    return rows.select_related(person).defer(*(f"{person}__{name}" for name in _PRIVATE))


class SubmissionCollaborationSerializer(GroupSerializer):
    defaults = default_submission_collaboration

    isCollaborative = Flag()
    activeUsers = IdList()
    lastActiveAt = Date(required=False)
    conflictResolution = Text(choices=CONFLICT_RESOLUTIONS)


class MilestoneSerializer(ElementSerializer):
    version = Number(whole=True)
    timestamp = Date()
    description = Text()
    wordCount = Number(whole=True)
    author = Id()


class WritingDaySerializer(ElementSerializer):
    date = Date()
    wordsWritten = Number()
    timeSpent = Number()
    revisionsCount = Number()


class ContributorSerializer(ElementSerializer):
    user = Id()
    wordsContributed = Number()
    editsCount = Number()
    commentsCount = Number()


class CollaborationMetricsSerializer(GroupSerializer):
    defaults = default_metrics

    contributorStats = ContributorSerializer(many=True)
    conflictsResolved = Number()
    realTimeMinutes = Number()


class SubmissionAnalyticsSerializer(GroupSerializer):
    defaults = default_analytics

    writingSessions = Number()
    totalWritingTime = Number()
    averageSessionLength = Number()
    writingPattern = WritingDaySerializer(many=True)
    collaborationMetrics = CollaborationMetricsSerializer()


class RubricScoreSerializer(ElementSerializer):
    criteria = Text()
    score = Number()
    maxScore = Number()
    feedback = Text(required=False)


class GradeSerializer(GroupSerializer):
    defaults = default_grade

    score = Number(required=False)
    maxScore = Number(required=False)
    rubricScores = RubricScoreSerializer(many=True)
    overallFeedback = Text(required=False)
    gradedBy = Id(required=False)
    gradedAt = Date(required=False)


class AIInteractionSerializer(ElementSerializer):
    sessionId = Text()
    type = Text(choices=ASSISTANCE[:5])
    prompt = Text()
    response = Text()
    accepted = Flag()
    reflection = Text(required=False)
    timestamp = Date()


class SubmissionStartSerializer(serializers.Serializer):
    """Read only where there is no submission yet, but checked all the same."""

    title = Text(required=False, allow_null=True)
    isCollaborative = Flag(source="is_collaborative", default=False)


class ReplySerializer(WireSerializer):
    _id = Id(source="pk")
    id = Id(source="pk")
    author = Id(source="author_id", allow_null=True)
    content = Text()
    createdAt = Date(source="created_at")


class NamedReplySerializer(ReplySerializer):
    author = UserRefSerializer(allow_null=True)


class CommentSerializer(WireSerializer):
    """Its `id` is what paths name it by; the `_id` of an imported one is another."""

    _id = Id(source="embedded_id")
    id = Id(source="pk")
    author = Id(source="author_id", allow_null=True)
    content = Text()
    position = Json(required=False)
    type = Text(choices=CommentType)
    resolved = Flag(source="is_resolved")
    createdAt = Date(source="created_at")
    replies = ReplySerializer(source="reply_rows", many=True)


class NamedCommentSerializer(CommentSerializer):
    author = UserRefSerializer(allow_null=True)
    replies = NamedReplySerializer(source="reply_rows", many=True)


class People(Shaped):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(shape=UserRefSerializer(many=True), **kwargs)
        self.person = UserRefSerializer()

    def to_representation(self, value: list[SubmissionCollaborator]) -> list[Any]:
        return [self.person.to_representation(row.user) for row in value]


class Discussion(Shaped):
    """Comments in their order, each with its replies, from rows in the order of their places."""

    def __init__(self, *, comment: type[CommentSerializer] = CommentSerializer, **kwargs: Any) -> None:
        super().__init__(shape=comment(many=True), **kwargs)
        self.comment = comment()

    def to_representation(self, value: list[SubmissionComment]) -> list[Any]:
        replies = defaultdict(list)
        for row in value:
            replies[row.parent_id].append(row)
        for row in replies[None]:
            row.reply_rows = replies.get(row.pk, [])
        return [self.comment.to_representation(row) for row in replies[None]]


class Elements(Shaped):
    def __init__(self, *, element: type[ElementSerializer], **kwargs: Any) -> None:
        super().__init__(shape=element(many=True), **kwargs)

    def to_representation(self, value: list[Any]) -> list[Any]:
        return identified(value)


class Analytics(Shaped):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(shape=SubmissionAnalyticsSerializer(), **kwargs)

    def to_representation(self, value: dict[str, Any]) -> dict[str, Any]:
        analytics = with_defaults(value, ANALYTICS, default_analytics)
        metrics = with_defaults(analytics["collaborationMetrics"], METRICS, default_metrics)
        return {
            **analytics,
            "writingPattern": identified(analytics["writingPattern"]),
            "collaborationMetrics": {**metrics, "contributorStats": identified(metrics["contributorStats"])},
        }


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
