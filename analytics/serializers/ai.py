"""The writing coach's answer on the wire."""

from typing import Any

from rest_framework import serializers

from scribetree.api.fields import Flag, Id, Json, Number, Text, TextList
from scribetree.api.serializers import WireSerializer
from scribetree.errors import InvalidError


class AssistanceRequestSerializer(serializers.Serializer):
    assignmentId = Id(source="assignment_id")
    action = Text()
    context = Json()

    def to_internal_value(self, data: Any) -> Any:
        if not all(data.get(name) for name in self.fields):
            raise InvalidError("Assignment ID, action, and context are required")
        return super().to_internal_value(data)


class GuidanceSerializer(WireSerializer):
    type = Text()
    action = Text()
    content = TextList()
    educationalRationale = Text(source="explanation.rationale")
    expectedOutcome = Text(source="explanation.outcome")
    reflectionPrompt = Text(source="explanation.reflection")


class AlternativesSerializer(WireSerializer):
    """Why the coach does not help comes first among the actions."""

    independentActions = TextList(source="independent_actions")
    resourceSuggestions = TextList(source="resource_suggestions")
    reflectionQuestions = TextList(source="reflection_questions")
    learningObjective = Text(source="learning_objective")


class ContributionTrackingSerializer(WireSerializer):
    mustBeAttributed = Flag(source="must_be_attributed")
    visibleToEducator = Flag(source="visible_to_educator")
    impactsAssessment = Flag(source="impacts_assessment")


class MandatoryReflectionSerializer(WireSerializer):
    required = Flag()
    minimumLength = Number(source="minimum_length", whole=True)
    qualityThreshold = Text(source="quality_threshold")
    prompts = TextList()


class AssistanceSerializer(WireSerializer):
    """`educationalGuidance` when approved, `educationalAlternatives` when not."""

    requestId = Text(source="request_id")
    approved = Flag()
    educationalGuidance = GuidanceSerializer(source="guidance", required=False)
    educationalAlternatives = AlternativesSerializer(source="alternatives", required=False)
    contributionTracking = ContributionTrackingSerializer(source="tracking")
    mandatoryReflection = MandatoryReflectionSerializer(source="reflection")
