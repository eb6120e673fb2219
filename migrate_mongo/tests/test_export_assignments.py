"""Assignments and submissions made over the API come out as the original's own models wrote them."""

from pathlib import Path
from typing import Any

from bson import ObjectId
from bson.datetime_ms import DatetimeMS

from assignments.models import Assignment, AssignmentSubmission
from migrate_mongo.tests.conftest import Export
from migrate_mongo.tests.exported import documents
from scribetree.object_id import uuid_to_object_id
from scribetree.testing import client_of, hex_id, make_assignment, make_cast

OBJECTIVE = {"id": "lo1", "description": "Argue", "category": "analysis", "bloomsLevel": 4, "weight": 100}
STAGE = {"id": "s1", "name": "Draft", "description": "Write", "order": 1}
SETTING = {"stageId": "s1", "boundaryLevel": "strict"}
CRITERION = {"criteria": "Style", "points": 2.5}
BODY = {
    "title": "Essay",
    "description": "On a place",
    "instructions": "Write it.",
    "type": "collaborative",
    "dueDate": "2026-12-24",
    "requirements": {"minWords": 500},
    "learningObjectives": [OBJECTIVE],
    "writingStages": [STAGE],
    "aiSettings": {"enabled": True, "stageSpecificSettings": [SETTING]},
    "grading": {"rubric": [CRITERION]},
}


def without_ids(elements: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each had one."""
    assert all(isinstance(element["_id"], ObjectId) for element in elements)
    return [{key: value for key, value in element.items() if key != "_id"} for element in elements]


def test_created_assignment_comes_out_whole(export: Export, out: Path) -> None:
    cast = make_cast()
    client_of(cast.ada).post("/api/assignments", {**BODY, "courseId": hex_id(cast.course)})
    row = Assignment.objects.get()

    export()

    [found] = documents(out, "assignments")
    found["aiSettings"]["stageSpecificSettings"] = without_ids(found["aiSettings"]["stageSpecificSettings"])
    found["grading"]["rubric"] = without_ids(found["grading"]["rubric"])
    found |= {name: without_ids(found[name]) for name in ("learningObjectives", "writingStages")}
    assert found == {
        "_id": uuid_to_object_id(row.pk),
        "title": "Essay",
        "description": "On a place",
        "instructions": "Write it.",
        "course": uuid_to_object_id(cast.course.pk),
        "instructor": uuid_to_object_id(cast.ada.pk),
        "type": "collaborative",
        "dueDate": DatetimeMS(row.due_date),
        "allowLateSubmissions": True,
        "maxCollaborators": 5,
        "requirements": {"minWords": 500, "requiredSections": [], "allowedResources": []},
        "collaboration": {
            "enabled": True,
            "allowRealTimeEditing": True,
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
        "learningObjectives": [{**OBJECTIVE, "assessmentCriteria": []}],
        "writingStages": [{**STAGE, "required": True, "allowAI": False, "aiAssistanceLevel": "none"}],
        "aiSettings": {
            "enabled": True,
            "globalBoundary": "moderate",
            "allowedAssistanceTypes": [],
            "requireReflection": True,
            "reflectionPrompts": [],
            "stageSpecificSettings": [{**SETTING, "allowedTypes": [], "customPrompts": []}],
        },
        "status": "draft",
        "grading": {"enabled": False, "rubric": [CRITERION], "allowPeerReview": False},
        "createdAt": DatetimeMS(row.created_at),
        "updatedAt": DatetimeMS(row.updated_at),
        "__v": 0,
    }


def test_begun_submission_comes_out_whole(export: Export, out: Path) -> None:
    cast = make_cast()
    assignment = make_assignment(cast.course)
    client_of(cast.ben).post(f"/api/assignments/{hex_id(assignment)}/submit")
    row, ben = AssignmentSubmission.objects.get(), uuid_to_object_id(cast.ben.pk)

    export()

    [found] = documents(out, "assignmentsubmissions")
    metrics = found["analytics"]["collaborationMetrics"]
    metrics["contributorStats"] = without_ids(metrics["contributorStats"])
    assert found == {
        "_id": uuid_to_object_id(row.pk),
        "assignment": uuid_to_object_id(assignment.pk),
        "author": ben,
        "collaborators": [],
        "title": "First essay - Submission",
        "content": "",
        "wordCount": 0,
        "characterCount": 0,
        "status": "draft",
        "lastSavedAt": DatetimeMS(row.last_saved_at),
        "collaboration": {
            "isCollaborative": False,
            "activeUsers": [ben],
            "lastActiveAt": DatetimeMS(row.last_saved_at),
            "conflictResolution": "auto",
        },
        "currentVersion": 1,
        "majorMilestones": [],
        "comments": [],
        "analytics": {
            "writingSessions": 0,
            "totalWritingTime": 0,
            "averageSessionLength": 0,
            "writingPattern": [],
            "collaborationMetrics": {
                "contributorStats": [{"user": ben, "wordsContributed": 0, "editsCount": 0, "commentsCount": 0}],
                "conflictsResolved": 0,
                "realTimeMinutes": 0,
            },
        },
        "grade": {"rubricScores": []},
        "aiInteractions": [],
        "createdAt": DatetimeMS(row.created_at),
        "updatedAt": DatetimeMS(row.updated_at),
        "__v": 0,
    }
