"""Templates are published, archived, cloned and deleted."""

import pytest

from assignments.models import AssignmentStatus, AssignmentTemplate, TemplateStatus
from scribetree.testing import Cast, client_of, hex_id, make_cast, make_deployment, make_template

pytestmark = pytest.mark.django_db

PUBLIC = {"status": TemplateStatus.PUBLISHED, "is_public": True}
OBJECTIVE = {"id": "o1", "description": "Argue", "category": "analysis", "bloomsLevel": 4, "weight": 90}
STAGE = {"id": "s1", "name": "Draft", "description": "First", "order": 1}


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def path_of(template: AssignmentTemplate, action: str = "") -> str:
    return f"/api/assignment-templates/{hex_id(template)}{action}"


@pytest.mark.parametrize(("action", "status"), [("publish", "published"), ("archive", "archived")])
@pytest.mark.parametrize("before", TemplateStatus.values)
def test_status_changes_from_any_other(cast: Cast, action: str, status: str, before: str) -> None:
    template = make_template(cast.ada, status=before)

    for who in ("ada", "omar"):
        answer = client_of(getattr(cast, who)).patch(path_of(template, f"/{action}"))

        assert answer.status_code == 200
        assert answer.json() == client_of(cast.ada).get(path_of(template)).json()
        assert answer.json()["data"]["status"] == status


def test_template_whose_weights_are_wrong_is_not_published(cast: Cast) -> None:
    template = make_template(cast.ada, learning_objectives=[OBJECTIVE])

    refused = client_of(cast.ada).patch(path_of(template, "/publish"))

    assert (refused.status_code, refused.json()) == (400, {"error": "Learning objectives weights must sum to 100%"})
    assert client_of(cast.ada).patch(path_of(template, "/archive")).status_code == 200


@pytest.mark.parametrize("who", ["ada", "cleo", "omar"])
def test_clone_is_a_draft_of_ones_own(cast: Cast, who: str) -> None:
    template = make_template(
        cast.ada, description="For and against", writing_stages=[STAGE], tags=["essay"], usage_count=3, **PUBLIC
    )
    user = getattr(cast, who)

    answer = client_of(user).post(path_of(template, "/clone"))

    assert answer.status_code == 201
    data = answer.json()["data"]
    source = client_of(user).get(path_of(template)).json()["data"]
    made = {"_id", "id", "createdAt", "updatedAt", "instructor"}
    assert {key: value for key, value in data.items() if key not in made} == {
        **{key: value for key, value in source.items() if key not in made},
        "title": "An argument (Copy)",
        "status": "draft",
        "isPublic": False,
        "usageCount": 0,
    }
    assert data["_id"] != source["_id"]
    assert data["instructor"]["_id"] == hex_id(user)


def test_clone_of_a_long_title_has_room_for_its_mark(cast: Cast) -> None:
    template = make_template(cast.ada, title="x" * 193 + "🙂🙂")

    answer = client_of(cast.ada).post(path_of(template, "/clone"))

    assert answer.json()["data"]["title"] == "x" * 193 + " (Copy)"


@pytest.mark.parametrize("who", ["ada", "omar"])
def test_template_is_deleted(cast: Cast, who: str) -> None:
    template = make_template(cast.ada)

    answer = client_of(getattr(cast, who)).delete(path_of(template))

    assert (answer.status_code, answer.json()) == (
        200,
        {"success": True, "message": "Template deleted successfully"},
    )
    assert not AssignmentTemplate.objects.exists()


@pytest.mark.parametrize("status", AssignmentStatus.values)
def test_template_with_deployments_is_not_deleted(cast: Cast, status: str) -> None:
    template = make_template(cast.ada)
    make_deployment(template, cast.course, status=status)

    answer = client_of(cast.ada).delete(path_of(template))

    assert answer.status_code == 400
    assert answer.json() == {"error": "Cannot delete template with active deployments. Archive it instead."}
    assert AssignmentTemplate.objects.exists()
