"""The scaffolding of templates and assignments on the wire: its groups as they are taken, stored and given.

A group is stored as it is on the wire. What is taken drops unknown keys and nulls, and fills in the defaults; what is
given has no null where the client reads on without looking.
"""

from collections.abc import Callable, Mapping
from typing import Any

from bson import ObjectId
from rest_framework import serializers

from assignments.configuration import (
    AssignmentType,
    default_ai_settings,
    default_collaboration,
    default_grading,
    default_requirements,
    default_version_control,
)
from scribetree.api.errors import complaints
from scribetree.api.fields import Date, Flag, Number, Shaped, Text, TextList, WireField
from scribetree.errors import InvalidError
from scribetree.object_id import parse_id, uuid_to_hex

CATEGORIES = ("knowledge", "comprehension", "application", "analysis", "synthesis", "evaluation")
ASSISTANCE = ("grammar", "style", "structure", "research", "citations", "brainstorming", "outlining")
BOUNDARIES = ("strict", "moderate", "permissive")
ASSISTANCE_LEVELS = ("none", "minimal", "moderate", "comprehensive")
CITATION_STYLES = ("APA", "MLA", "Chicago", "IEEE")


class GroupSerializer(serializers.Serializer):
    """A group of options as it will be stored: all its members that have a default are in it.

    Empty text is no number; it counts as null, as the original's ODM had it.
    """

    defaults: Callable[[], dict[str, Any]] = dict

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if isinstance(data, Mapping):
            data = {key: value for key, value in data.items() if value is not None and not self._is_empty(key, value)}
        return {**type(self).defaults(), **super().to_internal_value(data)}

    def _is_empty(self, key: str, value: Any) -> bool:
        return value == "" and isinstance(self.fields.get(key), Number)


class ElementSerializer(GroupSerializer):
    """A group in a list; it keeps the `_id` that it comes with, or gets one."""

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        element = super().to_internal_value(data)
        key = parse_id(data.get("_id"))
        return {"_id": uuid_to_hex(key) if key else str(ObjectId()), **element}


class RequirementsSerializer(GroupSerializer):
    defaults = default_requirements

    minWords = Number(min_value=0, required=False)
    maxWords = Number(min_value=0, required=False)
    requiredSections = TextList(element=Text(trim=True), required=False)
    citationStyle = Text(choices=CITATION_STYLES, required=False)
    allowedResources = TextList(element=Text(trim=True), required=False)


class CollaborationSerializer(GroupSerializer):
    defaults = default_collaboration

    enabled = Flag(required=False)
    allowRealTimeEditing = Flag(required=False)
    allowComments = Flag(required=False)
    allowSuggestions = Flag(required=False)
    requireApprovalForChanges = Flag(required=False)


class VersionControlSerializer(GroupSerializer):
    defaults = default_version_control

    autoSaveInterval = Number(
        min_value=10,
        max_value=300,
        required=False,
        messages={
            "min_value": "Auto-save interval cannot be less than 10 seconds",
            "max_value": "Auto-save interval cannot exceed 5 minutes",
        },
    )
    createVersionOnSubmit = Flag(required=False)
    allowVersionRevert = Flag(required=False)
    trackAllChanges = Flag(required=False)


class LearningObjectiveSerializer(ElementSerializer):
    defaults = lambda: {"assessmentCriteria": []}  # noqa: E731

    id = Text(blank=False)
    description = Text(trim=True, blank=False, max_length=500)
    category = Text(choices=CATEGORIES)
    bloomsLevel = Number(min_value=1, max_value=6)
    assessmentCriteria = TextList(element=Text(trim=True, max_length=200), required=False)
    weight = Number(min_value=0, max_value=100)


class WritingStageSerializer(ElementSerializer):
    defaults = lambda: {"required": True, "allowAI": False, "aiAssistanceLevel": "none"}  # noqa: E731

    id = Text(blank=False)
    name = Text(trim=True, blank=False, max_length=100)
    description = Text(trim=True, blank=False, max_length=1000)
    order = Number(min_value=1, messages={"min_value": "Order must be at least 1"})
    required = Flag(required=False)
    minWords = Number(min_value=0, required=False)
    maxWords = Number(min_value=0, required=False)
    durationDays = Number(min_value=1, max_value=365, required=False)
    allowAI = Flag(required=False)
    aiAssistanceLevel = Text(choices=ASSISTANCE_LEVELS, required=False)


class StageAISettingsSerializer(ElementSerializer):
    defaults = lambda: {"allowedTypes": [], "customPrompts": []}  # noqa: E731

    stageId = Text(blank=False)
    allowedTypes = TextList(element=Text(choices=ASSISTANCE), required=False)
    boundaryLevel = Text(choices=BOUNDARIES)
    customPrompts = TextList(element=Text(trim=True, max_length=500), required=False)


class AISettingsSerializer(GroupSerializer):
    defaults = default_ai_settings

    enabled = Flag(required=False)
    globalBoundary = Text(choices=BOUNDARIES, required=False)
    allowedAssistanceTypes = TextList(element=Text(choices=ASSISTANCE), required=False)
    requireReflection = Flag(required=False)
    reflectionPrompts = TextList(
        element=Text(
            trim=True, max_length=500, messages={"max_length": "Reflection prompt cannot exceed 500 characters"}
        ),
        required=False,
    )
    stageSpecificSettings = StageAISettingsSerializer(many=True, required=False)


class RubricCriterionSerializer(ElementSerializer):
    criteria = Text(trim=True, blank=False)
    points = Number(min_value=0)
    description = Text(required=False)


class GradingSerializer(GroupSerializer):
    defaults = default_grading

    enabled = Flag(required=False)
    totalPoints = Number(min_value=0, required=False)
    rubric = RubricCriterionSerializer(many=True, required=False)
    allowPeerReview = Flag(required=False)


def limited(label: str, limit: int, *, trim: bool = True) -> Text:
    """A required text of an assignment or template, with the model's own messages."""
    required = f"Assignment {label} {'are' if label.endswith('s') else 'is'} required"
    messages = {
        **dict.fromkeys(("required", "null", "blank"), required),
        "max_length": f"{label.capitalize()} cannot exceed {limit} characters",
    }
    return Text(trim=trim, blank=False, max_length=limit, messages=messages)


class DocumentWriteSerializer(serializers.Serializer):
    """A document as its columns will hold it. Null is ignored where a field has no use for it.

    Empty text is no number and no date; it counts as null.
    `model_name` begins the text of a refusal, which names every path that is wrong, as the original's ODM did.
    """

    model_name: str

    def to_internal_value(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Raises InvalidError."""
        given = {key: None if self._is_empty(key, value) else value for key, value in data.items()}
        given = {key: value for key, value in given.items() if value is not None or self._takes_null(key)}
        try:
            return super().to_internal_value(given)
        except serializers.ValidationError as error:
            found = ", ".join(f"{path}: {text}" for path, text in complaints(error.detail))
            raise InvalidError(f"{self.model_name} validation failed: {found}") from None

    def _is_empty(self, key: str, value: Any) -> bool:
        return value == "" and isinstance(self.fields.get(key), Number | Date)

    def _takes_null(self, key: str) -> bool:
        field = self._declared_fields.get(key)
        return field is not None and (field.allow_null or field.required)


class Changes(serializers.Serializer):
    """Makes a serializer one of changes: each of its fields may be left out, but not what a group must have."""

    def get_fields(self) -> dict[str, serializers.Field]:
        fields = super().get_fields()
        for field in fields.values():
            field.required = False
        return fields


class ConfigurationWriteSerializer(DocumentWriteSerializer):
    """What templates and assignments have in common, by the names of their columns."""

    model_name = "Assignment"

    title = limited("title", 200)
    description = limited("description", 2000)
    instructions = limited("instructions", 10_000, trim=False)
    type = Text(choices=AssignmentType, required=False)
    requirements = RequirementsSerializer(required=False)
    collaboration = CollaborationSerializer(source="collaboration_settings", required=False)
    versionControl = VersionControlSerializer(source="version_control_settings", required=False)
    learningObjectives = LearningObjectiveSerializer(source="learning_objectives", many=True, required=False)
    writingStages = WritingStageSerializer(source="writing_stages", many=True, required=False)
    aiSettings = AISettingsSerializer(source="ai_settings", required=False)
    grading = GradingSerializer(source="grading_criteria", required=False)


class ScheduleWriteSerializer(DocumentWriteSerializer):
    """What assignments have beside it, deployments too."""

    dueDate = Date(source="due_date", required=False, allow_null=True)
    allowLateSubmissions = Flag(source="allow_late_submissions", required=False)
    maxCollaborators = Number(
        source="max_collaborators",
        whole=True,
        min_value=2,
        max_value=10,
        required=False,
        allow_null=True,
        messages={"min_value": "Must allow at least 2 collaborators", "max_value": "Cannot exceed 10 collaborators"},
    )


class Creation(serializers.Serializer):
    """Makes a serializer one of new rows: what is collaborative is by default written together in real time."""

    def to_internal_value(self, data: Mapping[str, Any]) -> dict[str, Any]:
        given = data.get("collaboration") or {}
        if data.get("type") == AssignmentType.COLLABORATIVE and isinstance(given, Mapping):
            data = {**data, "collaboration": {"allowRealTimeEditing": True, **given}}
        return super().to_internal_value(data)


def identified(elements: list[Any]) -> list[Any]:
    """Elements that have no `id` of their own show their `_id` as that too."""
    return [{**element, "id": element.get("_id")} for element in elements if element is not None]


class Group(Shaped):
    """A stored group, with its defaults where it holds null; `elements` names its lists whose members get an `id`."""

    def __init__(self, *, shape: type[GroupSerializer], elements: tuple[str, ...] = (), **kwargs: Any) -> None:
        super().__init__(shape=shape(), **kwargs)
        self.defaults, self.elements = shape.defaults, elements
        self.keys = tuple(shape.defaults())

    def to_representation(self, value: dict[str, Any]) -> dict[str, Any]:
        group = with_defaults(value, self.keys, self.defaults)
        if not self.elements:
            return group
        return {**group, **{key: identified(group[key]) for key in self.elements}}


class Elements(Shaped):
    """A stored list of groups that have an `id` of their own, with defaults where they hold null."""

    def __init__(self, *, element: type[ElementSerializer], **kwargs: Any) -> None:
        super().__init__(shape=element(many=True), **kwargs)
        self.defaults = element.defaults
        self.keys = tuple(element.defaults())

    def to_representation(self, value: list[Any]) -> list[Any]:
        return [with_defaults(element, self.keys, self.defaults) for element in value if element is not None]


def with_defaults(
    group: dict[str, Any], keys: tuple[str, ...], defaults: Callable[[], dict[str, Any]]
) -> dict[str, Any]:
    """Most groups hold all that have defaults, and are given as they are."""
    if None not in map(group.get, keys):
        return group
    return {**group, **{key: value for key, value in defaults().items() if group.get(key) is None}}


def configuration_fields() -> dict[str, WireField]:
    """The fields of the shared columns, for the serializers that give them."""
    return {
        "title": Text(),
        "description": Text(),
        "instructions": Text(),
        "type": Text(choices=AssignmentType),
        "requirements": Group(shape=RequirementsSerializer),
        "collaboration": Group(shape=CollaborationSerializer, source="collaboration_settings"),
        "versionControl": Group(shape=VersionControlSerializer, source="version_control_settings"),
        "learningObjectives": Elements(element=LearningObjectiveSerializer, source="learning_objectives"),
        "writingStages": Elements(element=WritingStageSerializer, source="writing_stages"),
        "aiSettings": Group(shape=AISettingsSerializer, source="ai_settings", elements=("stageSpecificSettings",)),
        "grading": Group(shape=GradingSerializer, source="grading_criteria", elements=("rubric",)),
    }


def effective_fields() -> dict[str, WireField]:
    """The same, of an assignment, with what a course adds to a template."""
    return {
        **configuration_fields(),
        "instructions": Text(source="effective_instructions"),
        "requirements": Group(shape=RequirementsSerializer, source="effective_requirements"),
    }
