"""Templates are made and changed."""

from typing import Any

import pytest

from assignments.models import Assignment, AssignmentTemplate
from scribetree.testing import Cast, client_of, hex_id, make_cast, make_deployment, make_template

pytestmark = pytest.mark.django_db

BASE = "/api/assignment-templates"
BODY = {"title": "An argument", "description": "For and against", "instructions": "Write."}
UNKNOWN = "6b02958af19e313bd6608f01"
WEIGHTS = "Learning objectives weights must sum to 100%"


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def objective(weight: Any = 100, **fields: Any) -> dict[str, Any]:
    return {
        "id": "o1",
        "description": "Argue",
        "category": "analysis",
        "bloomsLevel": 4,
        "weight": weight,
        "subject": "ignored",
        **fields,
    }


def stage(order: int = 1, **fields: Any) -> dict[str, Any]:
    return {"id": f"s{order}", "name": "Draft", "description": "First", "order": order, **fields}


def path_of(template: AssignmentTemplate, action: str = "") -> str:
    return f"{BASE}/{hex_id(template)}{action}"


@pytest.mark.parametrize("who", ["ada", "omar"])
def test_template_is_created_as_it_was_described(cast: Cast, who: str) -> None:
    user = getattr(cast, who)
    body = {
        **BODY,
        "title": "  An argument ",
        "requirements": {"minWords": 500, "requiredSections": ["Intro"], "unknown": 1},
        "versionControl": {"autoSaveInterval": 60},
        "learningObjectives": [objective()],
        "writingStages": [stage()],
        "aiSettings": {"enabled": True, "stageSpecificSettings": [{"stageId": "s1", "boundaryLevel": "strict"}]},
        "grading": {"rubric": [{"criteria": "Style", "points": 10}]},
        "tags": [" Essay ", "RHETORIC"],
        "isPublic": True,
        "usageCount": 7,
        "instructor": hex_id(cast.cleo),
    }

    answer = client_of(user).post(BASE, body)

    assert answer.status_code == 201
    data = answer.json()["data"]
    assert data == client_of(user).get(f"{BASE}/{data['_id']}").json()["data"]
    assert (data["title"], data["status"], data["isPublic"], data["usageCount"]) == ("An argument", "draft", True, 0)
    assert data["instructor"]["_id"] == hex_id(user)
    assert data["tags"] == ["essay", "rhetoric"]
    assert data["requirements"] == {"minWords": 500, "requiredSections": ["Intro"], "allowedResources": []}
    assert data["versionControl"]["autoSaveInterval"] == 60
    assert data["versionControl"]["trackAllChanges"] is True
    (made,) = data["learningObjectives"]
    assert made == {
        "_id": made["_id"],
        "id": "o1",
        "description": "Argue",
        "category": "analysis",
        "bloomsLevel": 4,
        "assessmentCriteria": [],
        "weight": 100,
    }
    assert [stage["id"] for stage in data["writingStages"]] == ["s1"]
    (setting,) = data["aiSettings"]["stageSpecificSettings"]
    assert setting["id"] == setting["_id"]
    assert len(setting["_id"]) == 24


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, (True, True)),
        ({"collaboration": {"enabled": False, "allowRealTimeEditing": False}}, (True, False)),
        ({"collaboration": None}, (True, True)),
        ({"type": "individual"}, (False, False)),
    ],
)
def test_collaborative_template_has_collaboration_on(cast: Cast, given: Any, expected: tuple[bool, bool]) -> None:
    answer = client_of(cast.ada).post(BASE, {**BODY, "type": "collaborative", **given})

    collaboration = answer.json()["data"]["collaboration"]
    assert (collaboration["enabled"], collaboration["allowRealTimeEditing"]) == expected
    assert collaboration["allowComments"] is True


@pytest.mark.parametrize("status", ["draft", "published"])
def test_template_is_created_in_the_status_that_was_asked_for(cast: Cast, status: str) -> None:
    answer = client_of(cast.ada).post(BASE, {**BODY, "status": status})

    assert (answer.status_code, answer.json()["data"]["status"]) == (201, status)


@pytest.mark.parametrize("weights", [[100], ["60", 40], [14.1, 28.6, 28.6, 28.7], [10.1] * 9 + [9.1], []])
def test_weights_that_are_a_hundred_are_taken(cast: Cast, weights: list[Any]) -> None:
    answer = client_of(cast.ada).post(BASE, {**BODY, "learningObjectives": [objective(weight) for weight in weights]})

    assert answer.status_code == 201


PREFIX = "AssignmentTemplate validation failed: "
FAULTS: list[tuple[dict[str, Any], str]] = [
    ({"learningObjectives": [objective(99)]}, WEIGHTS),
    ({"learningObjectives": [objective(50), objective(49.9)], "writingStages": [stage(), stage()]}, WEIGHTS),
    ({"writingStages": [stage(), stage()]}, "Writing stages must have unique order values"),
    (
        {"aiSettings": {"stageSpecificSettings": [{"stageId": "s9", "boundaryLevel": "strict"}]}},
        "AI setting references invalid stage ID: s9",
    ),
    ({"title": " "}, f"{PREFIX}title: Assignment title is required"),
    ({"title": None}, f"{PREFIX}title: Assignment title is required"),
    ({"title": "x" * 201}, f"{PREFIX}title: Title cannot exceed 200 characters"),
    ({"instructions": ""}, f"{PREFIX}instructions: Assignment instructions are required"),
    (
        {"type": "duel"},
        f"{PREFIX}type: `duel` is not one of individual, collaborative, peer-review",
    ),
    ({"tags": ["x" * 51]}, f"{PREFIX}tags.0: is longer than 50 characters"),
    (
        {"learningObjectives": [objective(99, bloomsLevel=7)]},
        f"{PREFIX}learningObjectives.0.bloomsLevel: must be at most 6",
    ),
]


@pytest.mark.parametrize(("fault", "text"), FAULTS)
def test_template_that_is_not_as_it_should_be_is_refused(cast: Cast, fault: dict[str, Any], text: str) -> None:
    created = client_of(cast.ada).post(BASE, {**BODY, **fault})
    template = make_template(cast.ada)
    changed = client_of(cast.ada).put(path_of(template), fault)

    assert (created.status_code, created.json()) == (400, {"error": text})
    assert (changed.status_code, changed.json()) == (400, {"error": text})


def test_template_without_anything_is_refused(cast: Cast) -> None:
    answer = client_of(cast.ada).post(BASE)

    assert answer.status_code == 400
    assert answer.json()["error"].startswith("AssignmentTemplate validation failed: title: ")


@pytest.mark.parametrize("status", ["archived", "nonsense"])
def test_template_is_not_created_in_another_status(cast: Cast, status: str) -> None:
    assert client_of(cast.ada).post(BASE, {**BODY, "status": status}).status_code == 400


@pytest.mark.parametrize("who", ["ada", "omar"])
def test_change_replaces_what_it_names(cast: Cast, who: str) -> None:
    template = make_template(
        cast.ada,
        description="For and against",
        requirements={"minWords": 500, "requiredSections": ["Intro"], "allowedResources": []},
        tags=["essay"],
    )

    answer = client_of(getattr(cast, who)).put(
        path_of(template), {"title": "Another", "requirements": {"maxWords": 900}, "tags": ["Poem"], "isPublic": True}
    )

    assert answer.status_code == 200
    data = answer.json()["data"]
    assert data == client_of(cast.ada).get(path_of(template)).json()["data"]
    assert (data["title"], data["description"], data["tags"]) == ("Another", "For and against", ["poem"])
    assert data["requirements"] == {"maxWords": 900, "requiredSections": [], "allowedResources": []}
    assert data["isPublic"] is True


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"status": "published", "usageCount": 9, "_id": UNKNOWN, "deploymentCount": 3, "createdAt": "2020-01-01"},
        {"instructor": UNKNOWN},
        {"requirements": None, "tags": None, "learningObjectives": None},
    ],
)
def test_change_of_what_cannot_be_changed_is_ignored(cast: Cast, body: dict[str, Any]) -> None:
    template = make_template(cast.ada, tags=["essay"])
    before = client_of(cast.ada).get(path_of(template)).json()

    answer = client_of(cast.ada).put(path_of(template), body)

    assert (answer.status_code, answer.json()) == (200, before)


def test_change_reaches_the_deployments_without_editing_them(cast: Cast) -> None:
    template, other = make_template(cast.ada), make_template(cast.ada)
    deployment, untouched = make_deployment(template, cast.course), make_deployment(other, cast.course)
    body = {**BODY, "title": "Another", "type": "collaborative", "writingStages": [stage()], "grading": {"rubric": []}}

    client_of(cast.ada).put(path_of(template), body)

    template.refresh_from_db()
    changed = Assignment.objects.get(pk=deployment.pk)
    assert changed.configuration() == template.configuration()
    assert (changed.title, changed.collaboration_settings["enabled"]) == ("Another", True)
    assert changed.updated_at == deployment.updated_at
    assert template.updated_at > deployment.updated_at
    assert Assignment.objects.get(pk=untouched.pk).title == "An argument"


REQUESTS = [
    ("put", "", "Only template owner can update template"),
    ("patch", "/publish", "Only template owner can publish template"),
    ("patch", "/archive", "Only template owner can archive template"),
    ("post", "/clone", "Access denied to this template"),
    ("delete", "", "Only template owner can delete template"),
]


@pytest.mark.parametrize(("method", "action", "refusal"), REQUESTS)
def test_what_is_done_to_a_template_is_checked_in_order(cast: Cast, method: str, action: str, refusal: str) -> None:
    template = make_template(cast.ada)

    def ask(who: str, key: str) -> tuple[int, Any]:
        answer = getattr(client_of(getattr(cast, who)), method)(f"{BASE}/{key}{action}", {"title": ""})
        return answer.status_code, answer.json()

    assert ask("ben", UNKNOWN) == (403, {"error": "Insufficient permissions"})
    assert ask("cleo", UNKNOWN) == ask("cleo", "nonsense") == (404, {"error": "Template not found"})
    assert ask("cleo", hex_id(template)) == (403, {"error": refusal})


def test_template_is_not_created_by_students(cast: Cast) -> None:
    answer = client_of(cast.ben).post(BASE, BODY)

    assert (answer.status_code, answer.json()) == (403, {"error": "Insufficient permissions"})
