"""Templates are deployed to courses, and deployments changed."""

from typing import Any

import pytest

from assignments.models import Assignment, AssignmentTemplate
from assignments.tests.answers import UNKNOWN, reference
from scribetree.testing import (
    Cast,
    client_of,
    hex_id,
    make_assignment,
    make_cast,
    make_course,
    make_deployment,
    make_template,
)

pytestmark = pytest.mark.django_db

BASE = "/api/course-assignments"
DEPLOY = f"{BASE}/deploy"
PUBLIC = {"status": "published", "is_public": True}
STAGES = [{"id": name, "name": name, "description": "Write", "order": order} for order, name in enumerate("ab", 1)]


@pytest.fixture
def cast() -> Cast:
    return make_cast()


@pytest.fixture
def template(cast: Cast) -> AssignmentTemplate:
    return make_template(cast.ada, description="Why", instructions="Write.", writing_stages=STAGES, tags=["essay"])


def body_for(cast: Cast, template: AssignmentTemplate, **details: Any) -> dict[str, Any]:
    return {"templateId": hex_id(template), "courseId": hex_id(cast.course), **details}


def path_of(deployment: Assignment) -> str:
    return f"{BASE}/{hex_id(deployment)}"


@pytest.mark.parametrize("who", ["ada", "omar"])
def test_template_is_deployed(cast: Cast, template: AssignmentTemplate, who: str) -> None:
    body = body_for(
        cast,
        template,
        dueDate="2026-12-24T18:30",
        customInstructions="In ink.",
        courseSpecificRequirements={"minWords": 500, "citationStyle": "MLA"},
        stageDueDates=[{"stageId": "a", "dueDate": "2026-12-01T08:00"}],
        allowLateSubmissions=False,
        maxCollaborators="3",
        customNotes="ignored",
        status="published",
        instructor=hex_id(cast.cleo),
    )

    answer = client_of(getattr(cast, who)).post(DEPLOY, body)

    assert answer.status_code == 201
    data = answer.json()["data"]
    deployment = Assignment.objects.get()
    assert data == client_of(cast.ada).get(path_of(deployment)).json()["data"]
    assert deployment.configuration() == template.configuration()
    assert (data["status"], data["instructor"]) == ("draft", reference(cast.ada))
    assert (data["template"]["_id"], data["course"]["title"]) == (hex_id(template), "Ada's course")
    assert (data["dueDate"], data["allowLateSubmissions"]) == ("2026-12-24T18:30:00.000Z", False)
    assert (data["maxCollaborators"], data["customInstructions"]) == (3, "In ink.")
    assert data["courseSpecificRequirements"] == {
        "minWords": 500, "citationStyle": "MLA", "requiredSections": [], "allowedResources": [],
    }  # fmt: skip
    (stage,) = data["stageDueDates"]
    assert stage == {**stage, "id": stage["_id"], "stageId": "a", "dueDate": "2026-12-01T08:00:00.000Z"}
    assert deployment.stage_due_dates == [{key: stage[key] for key in ("_id", "stageId", "dueDate")}]
    assert deployment.custom_notes is None


@pytest.mark.parametrize(
    "details",
    [
        {},
        {"dueDate": "", "maxCollaborators": "", "stageDueDates": []},
        {"dueDate": None, "maxCollaborators": None, "stageDueDates": None, "allowLateSubmissions": None},
        {"courseSpecificRequirements": None, "customInstructions": None},
        {"courseSpecificRequirements": {"minWords": "", "maxWords": None}},
    ],
)
def test_what_is_not_set_takes_its_default(cast: Cast, template: AssignmentTemplate, details: dict[str, Any]) -> None:
    answer = client_of(cast.ada).post(DEPLOY, body_for(cast, template, **details))

    assert answer.status_code == 201
    data = answer.json()["data"]
    assert {"dueDate", "maxCollaborators", "customInstructions"}.isdisjoint(data)
    assert data["allowLateSubmissions"] is True
    assert data["stageDueDates"] == []
    stored = Assignment.objects.get()
    assert stored.course_specific_requirements == {"requiredSections": [], "allowedResources": []}


@pytest.mark.parametrize(
    ("fields", "status"), [(PUBLIC, 201), ({"is_public": True}, 403), ({"status": "published"}, 403)]
)
def test_template_of_others_is_deployed_from_the_library(cast: Cast, fields: dict[str, Any], status: int) -> None:
    template = make_template(cast.cleo, **fields)

    answer = client_of(cast.ada).post(DEPLOY, body_for(cast, template))

    assert answer.status_code == status
    if status == 403:
        assert answer.json() == {"error": "Access denied to this template"}


@pytest.mark.parametrize("status", ["draft", "archived"])
def test_own_template_is_deployed_in_any_status(cast: Cast, status: str) -> None:
    template = make_template(cast.ada, status=status)

    assert client_of(cast.ada).post(DEPLOY, body_for(cast, template)).status_code == 201


DEPLOY_FAULTS: list[tuple[str, dict[str, Any], int, str]] = [
    ("ben", {"templateId": UNKNOWN}, 403, "Insufficient permissions"),
    ("ada", {"templateId": UNKNOWN, "courseId": UNKNOWN}, 404, "Template not found"),
    ("ada", {"templateId": None}, 404, "Template not found"),
    ("ada", {"templateId": {"$ne": 1}}, 404, "Template not found"),
    ("cleo", {"courseId": UNKNOWN}, 403, "Access denied to this template"),
    ("ada", {"courseId": UNKNOWN, "maxCollaborators": 1}, 404, "Course not found"),
    ("ada", {"courseId": None}, 404, "Course not found"),
    (
        "ada",
        {"stageDueDates": [{"stageId": "z"}], "maxCollaborators": 1},
        400,
        "Invalid stage ID in due dates: z",
    ),
    (
        "ada",
        {"maxCollaborators": 1},
        400,
        "CourseAssignment validation failed: maxCollaborators: Must allow at least 2 collaborators",
    ),
    (
        "ada",
        {"maxCollaborators": 11},
        400,
        "CourseAssignment validation failed: maxCollaborators: Cannot exceed 10 collaborators",
    ),
    ("ada", {"dueDate": "soon"}, 400, "CourseAssignment validation failed: dueDate: is not a date"),
    (
        "ada",
        {"stageDueDates": [{"stageId": "a"}]},
        400,
        "CourseAssignment validation failed: stageDueDates.0.dueDate: This field is required.",
    ),
    (
        "ada",
        {"customInstructions": "x" * 5001},
        400,
        "CourseAssignment validation failed: customInstructions: is longer than 5000 characters",
    ),
]


@pytest.mark.parametrize(("who", "fault", "status", "text"), DEPLOY_FAULTS)
def test_deploying_is_checked_in_order(
    cast: Cast, template: AssignmentTemplate, who: str, fault: dict[str, Any], status: int, text: str
) -> None:
    answer = client_of(getattr(cast, who)).post(DEPLOY, {**body_for(cast, template), **fault})

    assert (answer.status_code, answer.json()) == (status, {"error": text})
    assert not Assignment.objects.exists()


def test_deploying_without_a_body_finds_no_template(cast: Cast) -> None:
    answer = client_of(cast.ada).post(DEPLOY)

    assert (answer.status_code, answer.json()) == (404, {"error": "Template not found"})


def test_deploying_is_for_the_teacher_of_the_course(cast: Cast) -> None:
    template = make_template(cast.cleo)

    answer = client_of(cast.cleo).post(DEPLOY, body_for(cast, template))

    assert answer.status_code == 403
    assert answer.json() == {"error": "Only course instructors can deploy assignments"}


@pytest.mark.parametrize("status", ["draft", "archived"])
def test_template_is_deployed_to_a_course_once(cast: Cast, template: AssignmentTemplate, status: str) -> None:
    make_deployment(template, cast.course, status=status)
    make_deployment(template, make_course(cast.ada))

    answer = client_of(cast.ada).post(DEPLOY, body_for(cast, template, stageDueDates=[{"stageId": "z"}]))

    assert (answer.status_code, answer.json()) == (400, {"error": "Template is already deployed to this course"})


@pytest.mark.parametrize("who", ["ada", "omar"])
def test_deployment_is_changed_in_what_is_its_own(cast: Cast, template: AssignmentTemplate, who: str) -> None:
    deployment = make_deployment(template, cast.course)
    body = {
        "dueDate": "2026-12-24",
        "customInstructions": "In ink.",
        "customNotes": "Mind Ben.",
        "courseSpecificRequirements": {"maxWords": 900},
        "stageDueDates": [{"_id": UNKNOWN, "stageId": "b", "dueDate": "2026-12-01"}],
        "allowLateSubmissions": False,
        "maxCollaborators": 4,
    }

    answer = client_of(getattr(cast, who)).put(path_of(deployment), body)

    assert answer.status_code == 200
    data = answer.json()["data"]
    assert data == client_of(cast.ada).get(path_of(deployment)).json()["data"]
    stage = {"_id": UNKNOWN, "id": UNKNOWN, "stageId": "b", "dueDate": "2026-12-01T00:00:00.000Z"}
    assert {key: data[key] for key in body} == {
        **body,
        "dueDate": "2026-12-24T00:00:00.000Z",
        "courseSpecificRequirements": {"maxWords": 900, "requiredSections": [], "allowedResources": []},
        "stageDueDates": [stage],
    }


@pytest.mark.parametrize("nothing", ["", None])
def test_change_clears_what_is_optional(cast: Cast, template: AssignmentTemplate, nothing: Any) -> None:
    deployment = make_deployment(
        template, cast.course, due_date="2026-12-24T00:00Z", max_collaborators=3, custom_instructions="x"
    )

    body = {"dueDate": nothing, "maxCollaborators": nothing, "customInstructions": None, "customNotes": None}
    data = client_of(cast.ada).put(path_of(deployment), body).json()["data"]

    assert {"dueDate", "maxCollaborators", "customInstructions", "customNotes"}.isdisjoint(data)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"status": "published", "publishedAt": "2020-01-01", "template": UNKNOWN, "course": UNKNOWN},
        {"instructor": UNKNOWN, "title": "Mine", "requirements": {"minWords": 1}},
        {"stageDueDates": None, "courseSpecificRequirements": None, "allowLateSubmissions": None},
    ],
)
def test_change_of_what_cannot_be_changed_is_ignored(
    cast: Cast, template: AssignmentTemplate, body: dict[str, Any]
) -> None:
    deployment = make_deployment(template, cast.course, status="draft")
    before = client_of(cast.ada).get(path_of(deployment)).json()

    answer = client_of(cast.ada).put(path_of(deployment), body)

    assert (answer.status_code, answer.json()) == (200, before)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({"stageDueDates": [{"stageId": "z"}], "maxCollaborators": 1}, "Invalid stage ID in due dates: z"),
        (
            {"stageDueDates": [{"dueDate": "2026-12-01"}]},
            "CourseAssignment validation failed: stageDueDates.0.stageId: This field is required.",
        ),
        (
            {"stageDueDates": 5},
            'CourseAssignment validation failed: stageDueDates: Expected a list of items but got type "int".',
        ),
        (
            {"customNotes": "x" * 2001},
            "CourseAssignment validation failed: customNotes: is longer than 2000 characters",
        ),
    ],
)
def test_change_to_what_is_not_as_it_should_be_is_refused(
    cast: Cast, template: AssignmentTemplate, body: dict[str, Any], text: str
) -> None:
    deployment = make_deployment(template, cast.course)

    answer = client_of(cast.ada).put(path_of(deployment), body)

    assert (answer.status_code, answer.json()) == (400, {"error": text})


def test_assignment_that_was_made_directly_is_not_changed_here(cast: Cast) -> None:
    answer = client_of(cast.ada).put(path_of(make_assignment(cast.course)), {"customNotes": "x"})

    assert (answer.status_code, answer.json()) == (404, {"error": "Assignment not found"})
