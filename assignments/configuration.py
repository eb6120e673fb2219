"""The scaffolding that templates and assignments share: its JSON groups with the defaults of the source."""

from collections.abc import Iterator
from typing import Any

from django.db import models

WEIGHT_TOLERANCE = 0.01  # nine of 10.1 and one of 9.1 are 100, whatever their sum as doubles


class AssignmentType(models.TextChoices):
    INDIVIDUAL = "individual"
    COLLABORATIVE = "collaborative"
    PEER_REVIEW = "peer-review"


def default_requirements() -> dict[str, object]:
    return {"requiredSections": [], "allowedResources": []}


def default_collaboration() -> dict[str, object]:
    return {
        "enabled": False,
        "allowRealTimeEditing": False,
        "allowComments": True,
        "allowSuggestions": True,
        "requireApprovalForChanges": False,
    }


def default_version_control() -> dict[str, object]:
    return {
        "autoSaveInterval": 30,
        "createVersionOnSubmit": True,
        "allowVersionRevert": False,
        "trackAllChanges": True,
    }


def default_ai_settings() -> dict[str, object]:
    return {
        "enabled": False,
        "globalBoundary": "moderate",
        "allowedAssistanceTypes": [],
        "requireReflection": True,
        "reflectionPrompts": [],
        "stageSpecificSettings": [],
    }


def default_grading() -> dict[str, object]:
    return {"enabled": False, "rubric": [], "allowPeerReview": False}


def configuration_faults(
    *, learning_objectives: list[Any], writing_stages: list[Any], ai_settings: dict[str, Any]
) -> Iterator[str]:
    """What is wrong between the parts of a configuration, in the order of the checks. Imported lists may hold nulls."""
    weights = [objective.get("weight") or 0 for objective in learning_objectives if objective]
    if weights and abs(sum(weights) - 100) > WEIGHT_TOLERANCE:
        yield "Learning objectives weights must sum to 100%"
    writing_stages = [stage for stage in writing_stages if stage]
    orders = [stage.get("order") for stage in writing_stages]
    if len(set(orders)) < len(orders):
        yield "Writing stages must have unique order values"
    stages = {stage.get("id") for stage in writing_stages}
    for setting in ai_settings.get("stageSpecificSettings") or ():
        if setting and setting.get("stageId") not in stages:
            yield f"AI setting references invalid stage ID: {setting.get('stageId')}"


class ConfigurationModel(models.Model):
    title = models.TextField()
    description = models.TextField(blank=True)
    instructions = models.TextField(blank=True)
    type = models.TextField(choices=AssignmentType, default=AssignmentType.INDIVIDUAL)
    requirements = models.JSONField(default=default_requirements)
    writing_stages = models.JSONField(default=list, blank=True)
    learning_objectives = models.JSONField(default=list, blank=True)
    ai_settings = models.JSONField(default=default_ai_settings)
    grading_criteria = models.JSONField(default=default_grading)
    collaboration_settings = models.JSONField(default=default_collaboration)
    version_control_settings = models.JSONField(default=default_version_control)

    class Meta:
        abstract = True

    def configuration(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in CONFIGURATION}

    def faults(self) -> list[str]:
        return list(
            configuration_faults(
                learning_objectives=self.learning_objectives,
                writing_stages=self.writing_stages,
                ai_settings=self.ai_settings,
            )
        )

    def apply_type(self) -> None:
        """What is collaborative has collaboration switched on."""
        if self.type == AssignmentType.COLLABORATIVE:
            self.collaboration_settings = {**self.collaboration_settings, "enabled": True}


CONFIGURATION = tuple(field.name for field in ConfigurationModel._meta.local_fields)
