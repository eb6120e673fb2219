"""The reference data of learning objectives, and the review of a set of them."""

import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import Role
from scribetree.testing import client_of, make_user

pytestmark = pytest.mark.django_db

BASE = "/api/learning-objectives/"
DATA = os.environ.get("SCRIBETREE_TEST_DATA")
OBJECTIVE = {"description": "Argue", "category": "analysis", "bloomsLevel": 4, "weight": 50}
HIGHER = "Consider including higher-order thinking objectives (Analysis, Synthesis, Evaluation)"
SEVERAL_LEVELS = "Consider including objectives from multiple Bloom's taxonomy levels for comprehensive learning"
MORE = "Consider adding multiple learning objectives for better assessment coverage"
FEWER = "Consider reducing objectives count for focused assessment (recommended: 2-6 objectives)"


@pytest.fixture
def client() -> APIClient:
    return client_of(make_user("ben"))


def data(client: APIClient, path: str) -> Any:
    response = client.get(BASE + path)
    assert response.status_code == 200
    answer = response.json()
    assert answer["success"] is True
    return answer["data"]


def review(client: APIClient, objectives: Any) -> Any:
    response = client.post(BASE + "validate-set", {"objectives": objectives}, format="json")
    assert response.status_code == 200, response.content
    return response.json()["data"]


@pytest.mark.parametrize("role", list(Role))
def test_presets_are_for_every_role(role: Role) -> None:
    found = data(client_of(make_user("anyone", role)), "presets")

    assert found["totalCount"] == len(found["presets"]) == 19
    assert found["filters"] == {"category": None, "bloomsLevel": None, "subject": None}
    assert found["presets"][1] == {
        "id": "know-citation-styles",
        "description": "Recall proper citation format for academic sources",
        "category": "knowledge",
        "bloomsLevel": 1,
        "assessmentCriteria": [
            "Demonstrates knowledge of APA format",
            "Identifies components of citations",
            "Recognizes citation errors",
        ],
        "weight": 10,
        "subject": "academic-writing",
    }


@pytest.mark.parametrize("path", ["presets", "categories", "subjects", "blooms-levels", "assessment-templates"])
def test_catalogue_asks_for_a_token_in_the_general_shape(path: str) -> None:
    response = client_of(None).get(BASE + path)

    assert response.status_code == 401
    assert response.json() == {"error": "Access token required"}


@pytest.mark.parametrize(
    ("query", "ids", "filters"),
    [
        ("category=analysis&subject=style-analysis", ["anal-style-choices"], ("analysis", None, "style-analysis")),
        ("bloomsLevel=6&subject=peer-review", ["eval-peer-writing"], (None, 6, "peer-review")),
        ("bloomsLevel=1&category=analysis", [], ("analysis", 1, None)),
        ("bloomsLevel=9", [], (None, 9, None)),
        ("category=nonsense", [], ("nonsense", None, None)),
    ],
)
def test_preset_filters_are_combined(client: APIClient, query: str, ids: list[str], filters: tuple[Any, ...]) -> None:
    found = data(client, f"presets?{query}")

    assert [preset["id"] for preset in found["presets"]] == ids
    assert found["totalCount"] == len(ids)
    assert found["filters"] == dict(zip(("category", "bloomsLevel", "subject"), filters, strict=True))


@pytest.mark.parametrize(
    "query", ["", "category=", "category=analysis&category=synthesis", "bloomsLevel=1&bloomsLevel=2"]
)
def test_empty_and_repeated_preset_filters_are_ignored(client: APIClient, query: str) -> None:
    assert data(client, f"presets?{query}")["totalCount"] == 19


@pytest.mark.parametrize("level", ["three", "2.5", "-1", "1e3", "9" * 400])
def test_preset_level_that_is_no_number_is_refused(client: APIClient, level: str) -> None:
    response = client.get(BASE + "presets", {"bloomsLevel": level})

    assert response.status_code == 400
    assert response.json() == {"success": False, "message": "bloomsLevel must be a whole number"}


def test_categories_have_counts_and_levels(client: APIClient) -> None:
    found = data(client, "categories")

    assert found["totalPresets"] == 19
    assert [(row["category"], row["count"], row["bloomsLevels"]) for row in found["categories"]] == [
        ("knowledge", 3, [1]),
        ("comprehension", 3, [2]),
        ("application", 4, [3]),
        ("analysis", 3, [4]),
        ("synthesis", 3, [5]),
        ("evaluation", 3, [6]),
    ]


def test_subjects_have_their_presets(client: APIClient) -> None:
    found = data(client, "subjects")

    assert found["subjects"] == found["allSubjects"]
    assert len(found["subjects"]) == 18
    argument = found["subjects"][4]
    assert (argument["key"], argument["name"], argument["count"]) == ("argument-development", "Argument Development", 2)
    assert [preset["id"] for preset in argument["presets"]] == ["comp-argument-structure", "app-thesis-development"]


def test_blooms_levels_have_their_presets(client: APIClient) -> None:
    found = data(client, "blooms-levels")

    assert found["totalLevels"] == 6
    assert [level["count"] for level in found["bloomsLevels"]] == [3, 3, 4, 3, 3, 3]
    assert [level["name"] for level in found["bloomsLevels"]] == [
        "Knowledge (Remembering)",
        "Comprehension (Understanding)",
        "Application (Applying)",
        "Analysis (Analyzing)",
        "Synthesis (Evaluating/Creating)",
        "Evaluation (Evaluating)",
    ]


def test_assessment_templates_are_all_or_one(client: APIClient) -> None:
    found = data(client, "assessment-templates")
    one = data(client, "assessment-templates?subject=writing-process")

    assert found["totalTemplates"] == 5
    assert [template["subject"] for template in found["templates"]] == [
        "argument-development",
        "evidence-use",
        "organization",
        "style-analysis",
        "writing-process",
    ]
    assert one == found["templates"][4]
    assert len(one["criteria"]) == 5


@pytest.mark.parametrize("subject", ["nonsense", "constructor", "peer-review"])
def test_unknown_assessment_template_is_not_found(client: APIClient, subject: str) -> None:
    response = client.get(BASE + "assessment-templates", {"subject": subject})

    assert response.status_code == 404
    message = f"Assessment template not found for subject: {subject}"
    assert response.json() == {"success": False, "message": message}


def test_sound_set_is_valid(client: APIClient) -> None:
    found = review(client, [OBJECTIVE, {**OBJECTIVE, "category": "synthesis", "bloomsLevel": 5}])

    assert found == {
        "isValid": True,
        "errors": [],
        "warnings": [],
        "summary": {
            "totalObjectives": 2,
            "totalWeight": 100,
            "bloomsLevels": [4, 5],
            "categories": ["analysis", "synthesis"],
        },
    }


@pytest.mark.parametrize(
    ("weights", "error"),
    [
        ([10.1] * 9 + [9.1], None),
        ([14.1, 28.6, 28.6, 28.7], None),
        ([33.33] * 3, None),
        ([33.3] * 3, "Total weight must equal 100% (currently 99.89999999999999%)"),
        (["50", " 50 "], None),
        ([60], "Total weight must equal 100% (currently 60%)"),
        ([], "Total weight must equal 100% (currently 0%)"),
        ([50, "50 %"], "Total weight must equal 100% (currently 50%)"),
    ],
)
def test_weights_sum_to_a_hundred_within_a_tolerance(client: APIClient, weights: list[Any], error: str | None) -> None:
    found = review(client, [{**OBJECTIVE, "weight": weight} for weight in weights])

    assert (found["errors"] or [None])[0] == error


@pytest.mark.parametrize("element", [None, 7, "text", [], {}, {"weight": None, "bloomsLevel": {}, "category": 5}])
def test_every_fault_of_an_element_is_told_in_order(client: APIClient, element: Any) -> None:
    found = review(client, [{**OBJECTIVE, "weight": 100}, element])

    assert found["errors"] == [
        "Objective 2: Description is required",
        "Objective 2: Category is required",
        "Objective 2: Valid Bloom's level (1-6) is required",
        "Objective 2: Weight must be between 0-100%",
    ]
    assert found["summary"] == {
        "totalObjectives": 2,
        "totalWeight": 100,
        "bloomsLevels": [4, None],
        "categories": ["analysis", None],
    }


@pytest.mark.parametrize("weight", [-1, 101, "many", True, [], {}, "Infinity"])
def test_weight_outside_its_range_is_told(client: APIClient, weight: Any) -> None:
    found = review(client, [{**OBJECTIVE, "weight": weight}])

    assert "Objective 1: Weight must be between 0-100%" in found["errors"]


@pytest.mark.parametrize("level", [0, 7, 2.5, "two", True])
def test_level_outside_its_range_is_told(client: APIClient, level: Any) -> None:
    found = review(client, [{**OBJECTIVE, "bloomsLevel": level, "weight": 100}])

    assert found["errors"] == ["Objective 1: Valid Bloom's level (1-6) is required"]


@pytest.mark.parametrize(
    ("levels", "warnings"),
    [
        ([], [MORE, HIGHER]),
        ([1], [SEVERAL_LEVELS, MORE, HIGHER]),
        ([4], [SEVERAL_LEVELS, MORE]),
        ([1, 2], [HIGHER]),
        ([1, 5] * 4, []),
        ([2] * 9, [SEVERAL_LEVELS, FEWER, HIGHER]),
    ],
)
def test_warnings_come_in_order(client: APIClient, levels: list[int], warnings: list[str]) -> None:
    found = review(client, [{**OBJECTIVE, "bloomsLevel": level} for level in levels])

    assert found["warnings"] == warnings


@pytest.mark.parametrize("body", [{}, {"objectives": None}, {"objectives": {}}, {"objectives": "all"}, [1]])
def test_set_that_is_no_array_is_refused(client: APIClient, body: Any) -> None:
    response = client.post(BASE + "validate-set", body, format="json")

    assert response.status_code == 400
    assert response.json() == {"success": False, "message": "Objectives must be provided as an array"}


@pytest.mark.parametrize(
    ("weight", "status"), [("1" + "0" * 400, 400), ("1e400", 400), ("1" + "0" * 30, 200), ('"1e300"', 200)]
)
@pytest.mark.parametrize("description", ["plain", "\\ud800"])  # a lone surrogate is for the slower parser
def test_huge_weight_is_no_failure(client: APIClient, description: str, weight: str, status: int) -> None:
    body = f'{{"objectives": [{{"description": "{description}", "weight": {weight}}}]}}'

    response = client.post(BASE + "validate-set", body, content_type="application/json")

    assert response.status_code == status


def test_answers_cost_one_query(client: APIClient, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):  # the user of the token
        data(client, "subjects")


@pytest.mark.skipif(not DATA, reason="SCRIBETREE_TEST_DATA is not set")
def test_recorded_answers_are_given_again() -> None:
    seen: Counter[str] = Counter()
    lines = Path(DATA or "", "transcripts", "reads.jsonl").read_text(encoding="utf-8").splitlines()

    for record in map(json.loads, lines):
        if record["path"].startswith(BASE):
            role = record["role"]
            user = make_user(f"{role}{seen[role]}", Role(role))
            response = client_of(user).get(record["path"])
            assert (response.status_code, response.json()) == (record["status"], record["response"]), record["path"]
            seen[role] += 1

    assert set(seen) == set(Role.values)
