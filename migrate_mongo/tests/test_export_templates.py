"""Templates made over the API and deployed there come out as the original's own models wrote them."""

from pathlib import Path

from bson import ObjectId
from bson.datetime_ms import DatetimeMS

from assignments.models import Assignment, AssignmentTemplate
from migrate_mongo.tests.conftest import Export
from migrate_mongo.tests.exported import documents
from scribetree.api.fields import parse_date
from scribetree.object_id import uuid_to_object_id
from scribetree.testing import client_of, hex_id, make_cast

STAGE = {"id": "s1", "name": "Draft", "description": "Write", "order": 1}
BODY = {
    "title": "Essay",
    "description": "On a place",
    "instructions": "Write it.",
    "requirements": {"minWords": 500},
    "writingStages": [STAGE],
    "tags": ["Place"],
    "isPublic": True,
    "status": "published",
}


def test_template_and_its_deployment_come_out_whole(export: Export, out: Path) -> None:
    cast = make_cast()
    client, ada = client_of(cast.ada), uuid_to_object_id(cast.ada.pk)
    template_id = client.post("/api/assignment-templates", BODY).json()["data"]["_id"]
    details = {
        "templateId": template_id,
        "courseId": hex_id(cast.course),
        "dueDate": "2026-12-24T18:30",
        "courseSpecificRequirements": {"maxWords": 900},
        "stageDueDates": [{"stageId": "s1", "dueDate": "2026-12-01T08:00"}],
    }
    deployment_id = client.post("/api/course-assignments/deploy", details).json()["data"]["_id"]
    client.patch(f"/api/course-assignments/{deployment_id}/publish")
    deployment = Assignment.objects.get()
    client.put(f"/api/assignment-templates/{template_id}", {"title": "Poem"})
    template = AssignmentTemplate.objects.get()

    export()

    [found] = documents(out, "assignmenttemplates")
    [stage] = found["writingStages"]
    assert isinstance(stage.pop("_id"), ObjectId)
    assert found == {
        "_id": ObjectId(template_id),
        "title": "Poem",
        "description": "On a place",
        "instructions": "Write it.",
        "instructor": ada,
        "type": "individual",
        "requirements": {"minWords": 500, "requiredSections": [], "allowedResources": []},
        "collaboration": {
            "enabled": False,
            "allowRealTimeEditing": False,
            "allowComments": True,
            "allowSuggestions": True,
            "requireApprovalForChanges": False,
        },
        "versionControl": {
            "autoSaveInterval": 30,
            "createVersionOnSubmit": True,
            "allowVersionRevert": False,
            "trackAllChanges": True,
        },
        "learningObjectives": [],
        "writingStages": [{**STAGE, "required": True, "allowAI": False, "aiAssistanceLevel": "none"}],
        "aiSettings": {
            "enabled": False,
            "globalBoundary": "moderate",
            "allowedAssistanceTypes": [],
            "requireReflection": True,
            "reflectionPrompts": [],
            "stageSpecificSettings": [],
        },
        "grading": {"enabled": False, "rubric": [], "allowPeerReview": False},
        "status": "published",
        "tags": ["place"],
        "isPublic": True,
        "usageCount": 1,
        "createdAt": DatetimeMS(template.created_at),
        "updatedAt": DatetimeMS(template.updated_at),
        "__v": 0,
    }
    [found] = documents(out, "courseassignments")
    [stage] = found["stageDueDates"]
    assert isinstance(stage.pop("_id"), ObjectId)
    assert found == {
        "_id": ObjectId(deployment_id),
        "template": ObjectId(template_id),
        "course": uuid_to_object_id(cast.course.pk),
        "instructor": ada,
        "dueDate": DatetimeMS(deployment.due_date),
        "allowLateSubmissions": True,
        "courseSpecificRequirements": {"maxWords": 900, "requiredSections": [], "allowedResources": []},
        "stageDueDates": [{"stageId": "s1", "dueDate": DatetimeMS(parse_date("2026-12-01T08:00Z"))}],
        "status": "published",
        "publishedAt": DatetimeMS(deployment.published_at),
        "createdAt": DatetimeMS(deployment.created_at),
        "updatedAt": DatetimeMS(deployment.updated_at),
        "__v": 0,
    }
