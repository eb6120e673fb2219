"""Making assignments."""

from typing import Any

import pytest

from accounts.models import User
from assignments.models import Assignment
from assignments.tests.answers import UNKNOWN, course_reference, plain, reference
from scribetree.testing import Cast, client_of, hex_id, make_cast

pytestmark = pytest.mark.django_db

TEXTS = {"title": " Essay ", "description": " On a place ", "instructions": " Write it. "}
OBJECTIVE = {"id": "lo1", "description": "Argue", "category": "analysis", "bloomsLevel": 4, "weight": 100}
STAGE = {"id": "s1", "name": "Draft", "description": "Write", "order": 1}
INVALID = "Assignment validation failed: "


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def create(user: User, cast: Cast, **body: Any) -> Any:
    return client_of(user).post("/api/assignments", {**TEXTS, "courseId": hex_id(cast.course), **body})


@pytest.mark.parametrize("name", ["ada", "omar"])
def test_creation_answers_the_whole_draft(cast: Cast, name: str) -> None:
    user = getattr(cast, name)

    answer = create(user, cast)

    assignment = Assignment.objects.get()
    assert (assignment.title, assignment.description, assignment.instructions) == ("Essay", "On a place", " Write it. ")
    assert (assignment.status, assignment.template) == ("draft", None)
    assert answer.status_code == 201
    assert answer.json() == {
        "message": "Assignment created successfully",
        "data": plain(assignment, course=course_reference(cast.course), instructor=reference(user)),
    }


def test_creation_takes_everything_that_an_assignment_has(cast: Cast) -> None:
    data = create(
        cast.ada,
        cast,
        type="peer-review",
        dueDate="2026-12-24",
        allowLateSubmissions=False,
        maxCollaborators=3,
        requirements={"minWords": "500", "citationStyle": "MLA", "requiredSections": [" End "], "unknown": 1},
        collaboration={"allowComments": False},
        versionControl={"autoSaveInterval": 60},
        learningObjectives=[{**OBJECTIVE, "weight": "100", "subject": "dropped"}],
        writingStages=[STAGE],
        aiSettings={"enabled": True, "stageSpecificSettings": [{"stageId": "s1", "boundaryLevel": "strict"}]},
        grading={"totalPoints": 10, "rubric": [{"criteria": "Style", "points": 10}]},
        status="published",
    ).json()["data"]

    assert data["dueDate"] == "2026-12-24T00:00:00.000Z"
    assert (data["type"], data["allowLateSubmissions"], data["maxCollaborators"]) == ("peer-review", False, 3)
    assert data["requirements"] == {
        "minWords": 500, "citationStyle": "MLA", "requiredSections": ["End"], "allowedResources": [],
    }  # fmt: skip
    assert data["collaboration"]["allowComments"] is False
    assert data["versionControl"]["autoSaveInterval"] == 60
    (objective,) = data["learningObjectives"]
    assert objective == {**OBJECTIVE, "_id": objective["_id"], "assessmentCriteria": []}
    (setting,) = data["aiSettings"]["stageSpecificSettings"]
    assert setting["id"] == setting["_id"]
    assert len(data["grading"]["rubric"][0]["_id"]) == 24
    assert (data["status"], "publishedAt" in data) == ("draft", False)


@pytest.mark.parametrize(
    ("given", "real_time"), [({}, True), ({"collaboration": {"enabled": False, "allowRealTimeEditing": False}}, False)]
)
def test_collaborative_work_is_done_together(cast: Cast, given: dict[str, Any], real_time: bool) -> None:
    data = create(cast.ada, cast, type="collaborative", **given).json()["data"]

    assert (data["collaboration"]["enabled"], data["collaboration"]["allowRealTimeEditing"]) == (True, real_time)
    assert data["maxCollaborators"] == 5


@pytest.mark.parametrize("empty", [None, ""])
def test_nothing_given_is_nothing(cast: Cast, empty: Any) -> None:
    data = create(cast.ada, cast, dueDate=empty, maxCollaborators=None, requirements={"minWords": empty}).json()["data"]

    assert {"dueDate", "maxCollaborators"} & set(data) == set()
    assert "minWords" not in data["requirements"]


def test_weights_may_be_fractions(cast: Cast) -> None:
    objectives = [{**OBJECTIVE, "weight": weight} for weight in (*[10.1] * 9, 9.1)]

    assert create(cast.ada, cast, learningObjectives=objectives).status_code == 201


@pytest.mark.parametrize(
    ("name", "body", "status", "text"),
    [
        ("ben", {"title": ""}, 403, "Insufficient permissions"),
        ("cleo", {"title": " ", "description": ""}, 400, "Assignment title is required"),
        ("cleo", {"description": None, "instructions": ""}, 400, "Assignment description is required"),
        ("cleo", {"instructions": " \n", "courseId": ""}, 400, "Assignment instructions are required"),
        ("cleo", {"courseId": None, "type": "none"}, 400, "Course ID is required"),
        ("cleo", {"courseId": UNKNOWN, "type": "none"}, 404, "Course not found"),
        ("ada", {"courseId": "nonsense"}, 404, "Course not found"),
        ("ada", {"courseId": {"$ne": None}}, 404, "Course not found"),
        ("cleo", {"type": "none"}, 403, "Only course instructors can create assignments"),
        ("ada", {"title": "x" * 201}, 400, f"{INVALID}title: Title cannot exceed 200 characters"),
        ("ada", {"title": "\N{PILE OF POO}" * 101}, 400, f"{INVALID}title: Title cannot exceed 200 characters"),
        ("ada", {"description": "x" * 2001}, 400, f"{INVALID}description: Description cannot exceed 2000 characters"),
        ("ada", {"instructions": "x" * 10_001}, 400,
         f"{INVALID}instructions: Instructions cannot exceed 10000 characters"),
        ("ada", {"title": ["x"]}, 400, f"{INVALID}title: must be text"),
        ("ada", {"dueDate": "soon"}, 400, f"{INVALID}dueDate: is not a date"),
        ("ada", {"maxCollaborators": 1}, 400, f"{INVALID}maxCollaborators: Must allow at least 2 collaborators"),
        ("ada", {"maxCollaborators": 11}, 400, f"{INVALID}maxCollaborators: Cannot exceed 10 collaborators"),
        ("ada", {"maxCollaborators": 2.5}, 400, f"{INVALID}maxCollaborators: must be a whole number"),
        ("ada", {"versionControl": {"autoSaveInterval": 9}}, 400,
         f"{INVALID}versionControl.autoSaveInterval: Auto-save interval cannot be less than 10 seconds"),
        ("ada", {"learningObjectives": [{**OBJECTIVE, "weight": 99.9}]}, 400,
         "Learning objectives weights must sum to 100%"),
        ("ada", {"learningObjectives": [{"id": "lo1"}], "collaboration": 1}, 400,
         INVALID + "collaboration: Invalid data. Expected a dictionary, but got int."),
        ("ada", {"writingStages": [STAGE, STAGE]}, 400, "Writing stages must have unique order values"),
        ("ada", {"aiSettings": {"stageSpecificSettings": [{"stageId": "s9", "boundaryLevel": "strict"}]}}, 400,
         "AI setting references invalid stage ID: s9"),
    ],
)  # fmt: skip
def test_creation_refuses(cast: Cast, name: str, body: dict[str, Any], status: int, text: str) -> None:
    answer = create(getattr(cast, name), cast, **body)

    assert answer.status_code == status
    assert answer.json()["error"].startswith(text)
    assert not Assignment.objects.exists()


def test_creation_without_a_body_asks_for_the_title(cast: Cast) -> None:
    answer = client_of(cast.ada).post("/api/assignments")

    assert (answer.status_code, answer.json()) == (400, {"error": "Assignment title is required"})
