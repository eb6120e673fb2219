"""What the API says of rows, for tests to compare with."""

from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from assignments.models import Assignment
from courses.models import Course
from scribetree.api.fields import wire_date
from scribetree.testing import client_of, hex_id

UNKNOWN = "67c2c500ffffffffffffffff"


def scaffolding() -> dict[str, Any]:
    """The groups of what was made without any; anew each time, as tests change them."""
    return {
        "requirements": {"requiredSections": [], "allowedResources": []},
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
        "writingStages": [],
        "aiSettings": {
            "enabled": False,
            "globalBoundary": "moderate",
            "allowedAssistanceTypes": [],
            "requireReflection": True,
            "reflectionPrompts": [],
            "stageSpecificSettings": [],
        },
        "grading": {"enabled": False, "rubric": [], "allowPeerReview": False},
    }


def name_of(user: User) -> dict[str, str]:
    return {"_id": hex_id(user), "firstName": user.first_name, "lastName": user.last_name}


def reference(user: User) -> dict[str, str]:
    return {**name_of(user), "email": user.email}


def course_reference(course: Course) -> dict[str, str]:
    return {"_id": hex_id(course), "title": course.title}


def plain(assignment: Assignment, **others: Any) -> dict[str, Any]:
    """An assignment that has nothing but its texts, with its course and instructor by their ids."""
    return {
        "_id": hex_id(assignment),
        "id": hex_id(assignment),
        "title": assignment.title,
        "description": assignment.description,
        "instructions": assignment.instructions,
        "course": hex_id(assignment.course),
        "instructor": hex_id(assignment.instructor),
        "type": "individual",
        "allowLateSubmissions": True,
        **scaffolding(),
        "status": assignment.status,
        "isOverdue": False,
        "daysRemaining": None,
        "createdAt": wire_date(assignment.created_at),
        "updatedAt": wire_date(assignment.updated_at),
        **others,
    }


def titles(answer: Any) -> list[str]:
    return [row["title"] for row in answer.json()["data"]]


def query_count(user: User, path: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client_of(user).get(path).status_code == 200
    return len(captured)
