"""What is asked of submissions."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from assignments.models import CommentType
from documents.serializers import CONTENT_REQUIRED, ContentSerializer, without_nulls
from documents.versions import SaveType
from scribetree.api.fields import Id, Number, Shaped, Text
from scribetree.errors import InvalidError

MAX_CONTENT = 1_000_000
MAX_DURATION = 2**31 - 1
LARGEST = 2**53


class NullIsAbsent(serializers.Serializer):
    def to_internal_value(self, data: Any) -> Any:
        return super().to_internal_value(without_nulls(data))


class SubmissionContentSerializer(NullIsAbsent, ContentSerializer):
    content = Text(strict=True, max_length=MAX_CONTENT, messages=CONTENT_REQUIRED)
    title = Text(
        trim=True, blank=False, max_length=200, required=False, messages={"blank": "Submission title is required"}
    )
    saveType = Text(choices=SaveType, source="save_type", strict=True, required=False)
    sessionDuration = Number(source="minutes", min_value=0, max_value=MAX_DURATION, required=False)


class PositionSerializer(serializers.Serializer):
    start = Number(whole=True)
    end = Number(whole=True)


class Position(Shaped):
    """Where in the text a comment belongs. None for what is no place; that is no reason to refuse the comment."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(shape=PositionSerializer(), **kwargs)

    def to_internal_value(self, data: Any) -> dict[str, int] | None:
        if not isinstance(data, Mapping):
            return None
        places = {name: data.get(name) for name in ("start", "end")}
        if not all(_is_whole(place) for place in places.values()):
            return None
        return {name: int(place) for name, place in places.items()}  # type: ignore[arg-type]


class NewCommentSerializer(NullIsAbsent):
    content = Text(trim=True, blank=False, max_length=2000, messages={"required": "Content is required"})
    position = Position(required=False)
    type = Text(choices=CommentType, source="kind", required=False)


class NewReplySerializer(NullIsAbsent):
    content = Text(trim=True, blank=False, max_length=1000, messages={"required": "Content is required"})


class NewCollaboratorSerializer(serializers.Serializer):
    collaboratorId = Id(source="member_id")

    def to_internal_value(self, data: Mapping[str, Any]) -> Any:
        if not data.get("collaboratorId"):
            raise InvalidError("Collaborator ID is required")
        return super().to_internal_value(data)


class NewRubricScoreSerializer(NullIsAbsent):
    criteria = Text(trim=True, blank=False)
    score = Number(min_value=0)
    maxScore = Number(min_value=0, required=False)
    feedback = Text(trim=True, required=False)


class NewGradeSerializer(NullIsAbsent):
    rubricScores = NewRubricScoreSerializer(source="rubric_scores", many=True, required=False)
    score = Number(min_value=0, required=False)
    maxScore = Number(source="maximum", min_value=0, required=False)
    overallFeedback = Text(source="feedback", trim=True, required=False)


class ReturnSerializer(NullIsAbsent):
    feedback = Text(trim=True, required=False)


def _is_whole(place: object) -> bool:
    return (
        isinstance(place, int | float)
        and not isinstance(place, bool)
        and abs(place) < LARGEST
        and float(place).is_integer()
    )
