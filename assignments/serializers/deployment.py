"""Deployments of templates on the wire. What they copy of their template is shown as `template`."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from accounts.serializers import UserNameSerializer, UserRefSerializer
from assignments.models import Assignment, SubmissionCollaborator
from assignments.serializers.assignment import (
    CourseRefSerializer,
    RosterSerializer,
    ScheduledSerializer,
    ScheduleSerializer,
)
from assignments.serializers.configuration import (
    Changes,
    Elements,
    ElementSerializer,
    Group,
    LearningObjectiveSerializer,
    RequirementsSerializer,
    ScheduleWriteSerializer,
    effective_fields,
    identified,
)
from assignments.serializers.submission import SubmissionSerializer
from assignments.serializers.template import TemplateSerializer
from scribetree.api.fields import Date, Flag, Id, IdList, Number, Shaped, Text, TextList, wire_date
from scribetree.api.serializers import WireSerializer


class DateText(Date):
    """A date inside JSON, where it is stored as it is on the wire."""

    def to_internal_value(self, data: Any) -> str:  # type: ignore[override]
        return wire_date(super().to_internal_value(data))

    def to_representation(self, value: str) -> str:  # type: ignore[override]
        return value


class StageDueDateSerializer(ElementSerializer):
    stageId = Text(blank=False)
    dueDate = DateText()


class StageDueDates(Shaped):
    def to_representation(self, value: list[Any]) -> list[Any]:
        return identified(value)


class CourseRequirements(Group):
    def to_representation(self, value: Assignment) -> dict[str, Any]:  # type: ignore[override]
        return super().to_representation(value.course_specific_requirements or {})


class DeploymentSerializer(ScheduledSerializer):
    """`title` and `type` are of the template; the client reads them here too."""

    title = Text()
    type = Text()
    template = Id(source="template_id")
    stageDueDates = StageDueDates(source="stage_due_dates", shape=StageDueDateSerializer(many=True))
    customInstructions = Text(source="custom_instructions", required=False)
    customNotes = Text(source="shown_notes", required=False)
    courseSpecificRequirements = CourseRequirements(source="*", shape=RequirementsSerializer)


class TemplateRefSerializer(WireSerializer):
    """Of a deployment."""

    _id = Id(source="template_id")
    id = Id(source="template_id")
    title = Text()
    type = Text()
    description = Text()


class TemplateObjectivesSerializer(TemplateRefSerializer):
    learningObjectives = Elements(element=LearningObjectiveSerializer, source="learning_objectives")


class DueDeploymentSerializer(DeploymentSerializer):
    template = TemplateRefSerializer(source="*")
    course = CourseRefSerializer()
    instructor = UserNameSerializer()


class CountedDeploymentSerializer(DeploymentSerializer):
    submissionCount = Number(source="submission_count", whole=True)


class OwnDeploymentSerializer(CountedDeploymentSerializer):
    template = TemplateRefSerializer(source="*")
    course = CourseRefSerializer()


class CourseDeploymentSerializer(CountedDeploymentSerializer):
    template = TemplateObjectivesSerializer(source="*")
    instructor = UserRefSerializer()


class TemplateDeploymentSerializer(CountedDeploymentSerializer):
    course = CourseRefSerializer()
    instructor = UserNameSerializer()


class DeployedTemplateSerializer(TemplateSerializer):
    """Of a deployment; the content is its copy."""

    _id = Id(source="template_id")
    id = Id(source="template_id")
    instructor = Id(source="template.instructor_id", allow_null=True)
    status = Text(source="template.status")
    tags = TextList(source="template.tags")
    isPublic = Flag(source="template.is_public")
    usageCount = Number(source="template.usage_count", whole=True)
    deploymentCount = None
    createdAt = Date(source="template.created_at")
    updatedAt = Date(source="template.updated_at")


class EffectiveConfigurationSerializer(ScheduleSerializer):
    stageDueDates = StageDueDates(source="stage_due_dates", shape=StageDueDateSerializer(many=True))

    def get_fields(self) -> dict[str, serializers.Field]:
        return {**effective_fields(), **super().get_fields()}


class DeploymentDetailSerializer(DeploymentSerializer):
    template = DeployedTemplateSerializer(source="*")
    course = RosterSerializer()
    instructor = UserRefSerializer()
    effectiveConfiguration = EffectiveConfigurationSerializer(source="*")


class MemberIds(IdList):
    def to_representation(self, value: list[SubmissionCollaborator]) -> list[str]:  # type: ignore[override]
        return super().to_representation(member.user_id for member in value)


class StartedSubmissionSerializer(SubmissionSerializer):
    author = Id(source="author_id")
    collaborators = MemberIds(source="people")


class DeploymentWriteSerializer(ScheduleWriteSerializer):
    model_name = "CourseAssignment"

    customInstructions = Text(source="custom_instructions", max_length=5000, required=False, allow_null=True)
    courseSpecificRequirements = RequirementsSerializer(source="course_specific_requirements", required=False)
    stageDueDates = StageDueDateSerializer(source="stage_due_dates", many=True, required=False)


class NewDeploymentSerializer(DeploymentWriteSerializer):
    templateId = Id(source="template_id", write_only=True)
    courseId = Id(source="course_id", write_only=True)


class DeploymentChangesSerializer(Changes, DeploymentWriteSerializer):
    customNotes = Text(source="custom_notes", max_length=2000, required=False, allow_null=True)


def named_stages(body: Mapping[str, Any]) -> list[Any]:
    """The ids in `stageDueDates`, which are looked up before anything else of it is checked."""
    dates = body.get("stageDueDates")
    given = (
        [element.get("stageId") for element in dates if isinstance(element, dict)] if isinstance(dates, list) else []
    )
    return [stage_id for stage_id in given if stage_id is not None]
