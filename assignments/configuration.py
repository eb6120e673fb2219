"""The scaffolding that templates and assignments share: its JSON groups with the defaults of the source."""

from django.db import models


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
