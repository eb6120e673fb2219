"""What a submission on the wire is made of: its groups and lists as they are stored, its people, and its discussion."""

from collections import defaultdict
from typing import Any

from accounts.serializers import UserRefSerializer
from assignments.models import CommentType, SubmissionCollaborator, SubmissionComment
from assignments.models.submission import (
    default_analytics,
    default_grade,
    default_metrics,
    default_submission_collaboration,
)
from assignments.serializers.configuration import (
    ASSISTANCE,
    ElementSerializer,
    GroupSerializer,
    identified,
    with_defaults,
)
from scribetree.api.fields import Date, Flag, Id, IdList, Json, Number, Shaped, Text
from scribetree.api.serializers import WireSerializer

CONFLICT_RESOLUTIONS = ("auto", "manual")
ANALYTICS, METRICS = tuple(default_analytics()), tuple(default_metrics())


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


class SignedCommentSerializer(CommentSerializer):
    author = UserRefSerializer(allow_null=True)


class NamedCommentSerializer(SignedCommentSerializer):
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
