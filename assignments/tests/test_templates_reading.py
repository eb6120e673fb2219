"""Lists of templates and single ones: who gets which, and what they get."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Role
from assignments.models import AssignmentStatus, AssignmentTemplate, TemplateStatus
from assignments.tests.answers import reference, scaffolding
from scribetree.fields import now
from scribetree.testing import (
    Cast,
    client_of,
    hex_id,
    make_cast,
    make_course,
    make_deployment,
    make_submission,
    make_template,
    make_user,
)

pytestmark = pytest.mark.django_db

BASE = "/api/assignment-templates"
OWN, LIBRARY = f"{BASE}/my-templates", f"{BASE}/library"
MOMENT = datetime(2026, 11, 22, 7, 14, 21, 164000, UTC)
PUBLIC = {"status": TemplateStatus.PUBLISHED, "is_public": True}
STAGE = {"_id": "6b02958af19e313bd6608f01", "id": "s1", "name": "Draft", "description": "First", "order": 1}
OBJECTIVE = {
    "_id": "6b02958af19e313bd6608f02", "id": "o1", "description": "Argue", "category": "analysis", "bloomsLevel": 4,
    "assessmentCriteria": [], "weight": 100,
}  # fmt: skip


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def on_the_wire(template: AssignmentTemplate, **differences: Any) -> dict[str, Any]:
    """A template of Ada's as `make_template` leaves it, written or changed at MOMENT."""
    key = hex_id(template)
    return {
        "_id": key,
        "id": key,
        "title": "An argument",
        "description": "",
        "instructions": "",
        "instructor": reference(template.instructor),
        "type": "individual",
        **scaffolding(),
        "status": "draft",
        "tags": [],
        "isPublic": False,
        "usageCount": 0,
        "deploymentCount": 0,
        "createdAt": "2026-11-22T07:14:21.164Z",
        "updatedAt": "2026-11-22T07:14:21.164Z",
        **differences,
    }


@pytest.mark.parametrize("who", ["ada", "omar"])
def test_template_answers_whole(cast: Cast, who: str) -> None:
    template = make_template(
        cast.ada,
        learning_objectives=[OBJECTIVE],
        writing_stages=[{**STAGE, "required": True, "allowAI": False, "aiAssistanceLevel": "none"}],
        grading_criteria={"enabled": True, "rubric": [{"_id": "6b02958af19e313bd6608f03", "criteria": "Style"}]},
        tags=["essay"],
        created_at=MOMENT,
        updated_at=MOMENT,
    )
    make_deployment(template, cast.course)
    make_deployment(template, make_course(cast.cleo), status=AssignmentStatus.ARCHIVED)

    answer = client_of(getattr(cast, who)).get(f"{BASE}/{hex_id(template)}")

    assert answer.status_code == 200
    stage = {**STAGE, "required": True, "allowAI": False, "aiAssistanceLevel": "none"}
    criterion = {"_id": "6b02958af19e313bd6608f03", "id": "6b02958af19e313bd6608f03", "criteria": "Style"}
    assert answer.json() == {
        "success": True,
        "data": on_the_wire(
            template,
            learningObjectives=[OBJECTIVE],
            writingStages=[stage],
            grading={"enabled": True, "rubric": [criterion], "allowPeerReview": False},
            tags=["essay"],
            deploymentCount=2,
        ),
    }


@pytest.mark.parametrize("path", [OWN, LIBRARY, f"{OWN}?search=argument", f"{LIBRARY}?search=argument"])
def test_lists_answer_whole_templates(cast: Cast, path: str) -> None:
    template = make_template(cast.ada, created_at=MOMENT, updated_at=MOMENT, **PUBLIC)

    answer = client_of(cast.ada).get(path)

    assert answer.json() == {"success": True, "data": [on_the_wire(template, status="published", isPublic=True)]}


@pytest.mark.parametrize("path", [f"{BASE}/{{}}", LIBRARY])
def test_template_whose_owner_is_gone_has_names_without_a_person(cast: Cast, path: str) -> None:
    template = make_template(cast.ada, **PUBLIC)
    AssignmentTemplate.objects.update(instructor=None)

    data = client_of(cast.ben).get(path.format(hex_id(template))).json()["data"]

    (shown,) = data if isinstance(data, list) else [data]
    assert shown["instructor"] == {"firstName": "", "lastName": "", "email": ""}


@pytest.mark.parametrize(
    ("who", "fields", "status"),
    [
        ("ada", {}, 200),
        ("omar", {}, 200),
        ("cleo", {}, 403),
        ("ben", {}, 403),
        ("ben", {"is_public": True}, 403),
        ("ben", {"status": "published"}, 403),
        ("ben", {"status": "archived", "is_public": True}, 403),
        ("ben", PUBLIC, 200),
        ("cleo", PUBLIC, 200),
    ],
)
def test_template_is_for_its_owner_and_admins_unless_in_the_library(
    cast: Cast, who: str, fields: dict[str, Any], status: int
) -> None:
    template = make_template(cast.ada, **fields)

    answer = client_of(getattr(cast, who)).get(f"{BASE}/{hex_id(template)}")

    assert answer.status_code == status
    if status == 403:
        assert answer.json() == {"error": "Access denied to this template"}


@pytest.mark.parametrize("key", ["6b02958af19e313bd6608f01", "nonsense", "a.b", "0"])
def test_unknown_template_is_not_found(cast: Cast, key: str) -> None:
    answer = client_of(cast.omar).get(f"{BASE}/{key}")

    assert (answer.status_code, answer.json()) == (404, {"error": "Template not found"})


@pytest.mark.parametrize("path", [OWN, f"{BASE}/6b02958af19e313bd6608f01/deployments"])
def test_students_are_refused_what_is_for_educators(cast: Cast, path: str) -> None:
    answer = client_of(cast.ben).get(path)

    assert (answer.status_code, answer.json()) == (403, {"error": "Insufficient permissions"})


@pytest.mark.parametrize("path", [OWN, LIBRARY, f"{BASE}/6b02958af19e313bd6608f01"])
def test_nothing_is_for_strangers(path: str) -> None:
    assert client_of(None).get(path).status_code == 401


@pytest.mark.parametrize("who", ["ada", "omar"])
def test_deployments_of_a_template(cast: Cast, who: str) -> None:
    template = make_template(cast.ada)
    deployment = make_deployment(template, cast.course, custom_notes="Mind Ben.", created_at=MOMENT, updated_at=MOMENT)
    make_deployment(template, make_course(cast.ada), status=AssignmentStatus.ARCHIVED)
    make_submission(deployment, cast.ben)

    answer = client_of(getattr(cast, who)).get(f"{BASE}/{hex_id(template)}/deployments")

    assert answer.status_code == 200
    ada = reference(cast.ada)
    del ada["email"]
    assert answer.json() == {
        "success": True,
        "data": [
            {
                "_id": hex_id(deployment),
                "id": hex_id(deployment),
                "title": "An argument",
                "type": "individual",
                "template": hex_id(template),
                "course": {"_id": hex_id(cast.course), "title": "Ada's course"},
                "instructor": ada,
                "allowLateSubmissions": True,
                "customNotes": "Mind Ben.",
                "courseSpecificRequirements": {"requiredSections": [], "allowedResources": []},
                "stageDueDates": [],
                "status": "published",
                "createdAt": "2026-11-22T07:14:21.164Z",
                "updatedAt": "2026-11-22T07:14:21.164Z",
                "isOverdue": False,
                "daysRemaining": None,
                "submissionCount": 1,
            }
        ],
    }


def test_deployments_by_others_are_not_for_the_owner_of_the_template(cast: Cast) -> None:
    template = make_template(cast.ada, **PUBLIC)
    make_deployment(template, make_course(cast.cleo, title="Cleo's"))
    path = f"{BASE}/{hex_id(template)}/deployments"

    assert client_of(cast.ada).get(path).json()["data"] == []
    assert len(client_of(cast.omar).get(path).json()["data"]) == 1
    refused = client_of(cast.cleo).get(path)
    assert (refused.status_code, refused.json()) == (403, {"error": "Only template owner can view deployments"})


@pytest.mark.parametrize("path", [OWN, LIBRARY, f"{LIBRARY}?search=argument", "deployments"])
def test_lists_cost_the_same_for_any_rows(cast: Cast, path: str) -> None:
    template = make_template(cast.ada, **PUBLIC)
    client, costs = client_of(cast.ada), []
    if path == "deployments":
        path = f"{BASE}/{hex_id(template)}/deployments"

    for rows in (1, 29):
        for number in range(rows):
            owner = cast.ada if path == OWN else make_user(f"owner{rows}-{number}", Role.EDUCATOR)
            make_deployment(make_template(owner, **PUBLIC), make_course(cast.ada))
            make_submission(make_deployment(template, make_course(cast.ada), created_at=now()), cast.ben)
        with CaptureQueriesContext(connection) as queries:
            client.get(path)
        costs.append(len(queries))

    assert costs == [3, 3] if path.endswith("deployments") else [2, 2]
