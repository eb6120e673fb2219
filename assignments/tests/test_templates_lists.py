"""Lists of templates: which are in them, in which order, and what can be asked for."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from assignments.models import TemplateStatus
from scribetree.testing import Cast, client_of, make_cast, make_template

pytestmark = pytest.mark.django_db

OWN, LIBRARY = "/api/assignment-templates/my-templates", "/api/assignment-templates/library"
MOMENT = datetime(2026, 11, 22, 7, 14, 21, 164000, UTC)
PUBLIC = {"status": TemplateStatus.PUBLISHED, "is_public": True}
OBJECTIVE = {
    "_id": "6b02958af19e313bd6608f02", "id": "o1", "description": "Argue", "category": "analysis", "bloomsLevel": 4,
    "assessmentCriteria": [], "weight": 100,
}  # fmt: skip


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def titles(answer: Any) -> list[str]:
    assert answer.status_code == 200
    return [template["title"] for template in answer.json()["data"]]


def test_own_templates_are_newest_first_without_archived_ones(cast: Cast) -> None:
    for age, (title, status) in enumerate([("New", "draft"), ("Old", "published"), ("Gone", "archived")]):
        make_template(cast.ada, title=title, status=status, updated_at=MOMENT - timedelta(days=age))
    make_template(cast.cleo, title="Cleo's", **PUBLIC)
    client = client_of(cast.ada)

    assert titles(client.get(OWN)) == titles(client.get(f"{OWN}?")) == ["New", "Old"]
    assert titles(client.get(f"{OWN}?status=archived")) == ["Gone"]
    assert titles(client.get(f"{OWN}?status=published")) == ["Old"]
    assert titles(client.get(f"{OWN}?status=nonsense")) == []
    assert titles(client_of(cast.omar).get(OWN)) == []


@pytest.mark.parametrize("path", [OWN, LIBRARY])
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("tags=essay", ["Both", "Essay"]),
        ("tags=essay&tags=poem", ["Both", "Essay", "Poem"]),
        ("tags=Essay", []),
        ("tags=", ["Both", "Essay", "Poem"]),
    ],
)
def test_tags_match_any_as_given(cast: Cast, path: str, query: str, expected: list[str]) -> None:
    for title, tags in {"Essay": ["essay"], "Poem": ["poem"], "Both": ["poem", "essay"]}.items():
        make_template(cast.ada, title=title, tags=tags, **PUBLIC)

    assert sorted(titles(client_of(cast.ada).get(f"{path}?{query}"))) == expected


def test_library_has_what_is_published_and_public_by_use_then_change(cast: Cast) -> None:
    make_template(cast.ada, title="Used", usage_count=2, updated_at=MOMENT, **PUBLIC)
    make_template(cast.cleo, title="Older", updated_at=MOMENT, **PUBLIC)
    make_template(cast.cleo, title="Newer", updated_at=MOMENT + timedelta(days=1), **PUBLIC)
    make_template(cast.ada, title="Private", status=TemplateStatus.PUBLISHED)
    make_template(cast.ada, title="Draft", is_public=True)

    for name in ("ada", "ben", "cleo", "omar"):
        assert titles(client_of(getattr(cast, name)).get(LIBRARY)) == ["Used", "Newer", "Older"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("type=individual", ["Analysis", "Both"]),
        ("type=nonsense", []),
        ("category=analysis", ["Analysis", "Both"]),
        ("category=analysis&bloomsLevel=2", ["Both"]),
        ("bloomsLevel=2", ["Both", "Recall"]),
        ("bloomsLevel=2&type=collaborative", ["Recall"]),
        ("bloomsLevel=7", []),
    ],
)
def test_library_filters_by_type_and_any_objective(cast: Cast, query: str, expected: list[str]) -> None:
    recall = {**OBJECTIVE, "category": "knowledge", "bloomsLevel": 2}
    for title, objectives in {"Analysis": [OBJECTIVE], "Recall": [recall], "Both": [OBJECTIVE, recall]}.items():
        kind = "collaborative" if title == "Recall" else "individual"
        make_template(cast.ada, title=title, learning_objectives=objectives, type=kind, **PUBLIC)

    assert sorted(titles(client_of(cast.ben).get(f"{LIBRARY}?{query}"))) == expected


@pytest.mark.parametrize("query", ["bloomsLevel=high", "bloomsLevel=2.5", "tags=a%00b", "category=%00", "page=0"])
def test_library_refuses_parameters_that_are_none(cast: Cast, query: str) -> None:
    answer = client_of(cast.ben).get(f"{LIBRARY}?{query}")

    assert answer.status_code == 400
    assert list(answer.json()) == ["error"]
