"""Columns that several collections have: timestamps, and the scaffolding of templates and assignments."""

from assignments.configuration import AssignmentType
from migrate_mongo.mappings.base import Column
from migrate_mongo.mappings.kinds import (
    Array,
    Bool,
    Choice,
    Element,
    Group,
    Moment,
    Number,
    Text,
)

TEXTS = Array(Text(), default=[])

CREATED_AT = Column("createdAt", "created_at", Moment(derived=lambda notes: notes.born))
UPDATED_AT = Column("updatedAt", "updated_at", Moment(derived=lambda notes: notes.moment))

OBJECTIVE = Element(
    {
        "id": Text(),
        "description": Text(),
        "category": Text(),
        "bloomsLevel": Number(),
        "assessmentCriteria": TEXTS,
        "weight": Number(),
    }
)
STAGE = Element(
    {
        "id": Text(),
        "name": Text(),
        "description": Text(),
        "order": Number(),
        "required": Bool(default=True),
        "minWords": Number(),
        "maxWords": Number(),
        "durationDays": Number(),
        "allowAI": Bool(default=False),
        "aiAssistanceLevel": Text(default="none"),
    }
)
STAGE_AI = Element({"stageId": Text(), "allowedTypes": TEXTS, "boundaryLevel": Text(), "customPrompts": TEXTS})
CRITERION = Element({"criteria": Text(), "points": Number(), "description": Text()})

REQUIREMENTS = {
    "minWords": Number(),
    "maxWords": Number(),
    "requiredSections": TEXTS,
    "citationStyle": Text(),
    "allowedResources": TEXTS,
}
COLLABORATION = {
    "enabled": Bool(default=False),
    "allowRealTimeEditing": Bool(default=False),
    "allowComments": Bool(default=True),
    "allowSuggestions": Bool(default=True),
    "requireApprovalForChanges": Bool(default=False),
}
VERSION_CONTROL = {
    "autoSaveInterval": Number(default=30),
    "createVersionOnSubmit": Bool(default=True),
    "allowVersionRevert": Bool(default=False),
    "trackAllChanges": Bool(default=True),
}
AI_SETTINGS = {
    "enabled": Bool(default=False),
    "globalBoundary": Text(default="moderate"),
    "allowedAssistanceTypes": TEXTS,
    "requireReflection": Bool(default=True),
    "reflectionPrompts": TEXTS,
    "stageSpecificSettings": Array(STAGE_AI, default=[]),
    "boundaryLevel": Text(),  # only in documents of May 2025; served as it is
}
GRADING = {
    "enabled": Bool(default=False),
    "totalPoints": Number(),
    "rubric": Array(CRITERION, default=[]),
    "allowPeerReview": Bool(default=False),
}

CONFIGURATION = (
    Column("title", "title", Text(fallback="")),
    Column("description", "description", Text(fallback="")),
    Column("instructions", "instructions", Text(fallback="")),
    Column("type", "type", Choice(AssignmentType, default="individual")),
    Column("requirements", "requirements", Group(REQUIREMENTS)),
    Column("writingStages", "writing_stages", Array(STAGE, default=[])),
    Column("learningObjectives", "learning_objectives", Array(OBJECTIVE, default=[])),
    Column("aiSettings", "ai_settings", Group(AI_SETTINGS)),
    Column("grading", "grading_criteria", Group(GRADING)),
    Column("collaboration", "collaboration_settings", Group(COLLABORATION)),
    Column("versionControl", "version_control_settings", Group(VERSION_CONTROL)),
)
