"""Making assignments of others."""

from typing import Any

import pytest

from accounts.models import User
from assignments.models import Assignment
from assignments.tests.answers import UNKNOWN, course_reference, reference
from scribetree.fields import now
from scribetree.testing import Cast, client_of, hex_id, make_assignment, make_cast, make_course, make_template

pytestmark = pytest.mark.django_db

OBJECTIVE = {"id": "lo1", "description": "Argue", "category": "analysis", "bloomsLevel": 4, "weight": 100}
STAGE = {"id": "s1", "name": "Draft", "description": "Write", "order": 1}
INVALID = "Assignment validation failed: "


@pytest.fixture
def cast() -> Cast:
    return make_cast()


@pytest.fixture
def source(cast: Cast) -> Assignment:
    return make_assignment(
        cast.course,
        description="On a place",
        instructions="Write it.",
        due_date=now(),
        published_at=now(),
        learning_objectives=[{"_id": "a" * 24, **OBJECTIVE}],
        writing_stages=[{"_id": "b" * 24, **STAGE}],
        ai_settings={"stageSpecificSettings": [{"_id": "c" * 24, "stageId": "s1", "boundaryLevel": "strict"}]},
        grading_criteria={"rubric": [{"_id": "d" * 24, "criteria": "Style", "points": 5}]},
    )


def clone(user: User, source: Assignment, **body: Any) -> Any:
    return client_of(user).post(f"/api/assignments/{hex_id(source)}/clone", body)


@pytest.mark.parametrize("name", ["ada", "omar"])
def test_clone_is_a_draft_of_the_caller_with_ids_of_its_own(cast: Cast, source: Assignment, name: str) -> None:
    user, target = getattr(cast, name), make_course(cast.ada, title="Target")

    answer = clone(user, source, courseId=hex_id(target))

    copy = Assignment.objects.exclude(pk=source.pk).get()
    data = answer.json()["data"]
    assert (answer.status_code, answer.json()["message"]) == (201, "Assignment cloned successfully")
    assert (data["_id"], data["title"], data["status"]) == (hex_id(copy), "First essay (Copy)", "draft")
    assert (data["course"], data["instructor"]) == (course_reference(target), reference(user))
    assert {"publishedAt", "submissionCount"} & set(data) == set()
    assert copy.due_date == source.due_date
    for old, new in (
        (source.learning_objectives, copy.learning_objectives),
        (source.writing_stages, copy.writing_stages),
        (source.ai_settings["stageSpecificSettings"], copy.ai_settings["stageSpecificSettings"]),
        (source.grading_criteria["rubric"], copy.grading_criteria["rubric"]),
    ):
        assert new[0]["_id"] != old[0]["_id"]
        assert {**new[0], "_id": old[0]["_id"]} == old[0]


def test_clone_is_adjusted_within_limits(cast: Cast, source: Assignment) -> None:
    adjustments = {
        "dueDate": None, "requirements": {"minWords": 9}, "status": "published", "_id": "e" * 24,
        "instructor": hex_id(cast.cleo), "course": hex_id(make_course(cast.cleo)), "createdAt": "2020-01-01",
    }  # fmt: skip

    data = clone(cast.ada, source, courseId=hex_id(cast.course), title=" New ", adjustments=adjustments).json()["data"]

    assert (data["title"], data["status"], "dueDate" in data) == ("New", "draft", False)
    assert data["requirements"] == {"minWords": 9, "requiredSections": [], "allowedResources": []}
    assert (data["instructor"], data["course"]) == (reference(cast.ada), course_reference(cast.course))
    assert data["_id"] != "e" * 24
    assert data["createdAt"] > "2026"


@pytest.mark.parametrize("title", ["x" * 200, "x" + "\N{PILE OF POO}" * 99])
def test_title_of_a_clone_is_cut(cast: Cast, title: str) -> None:
    source = make_assignment(cast.course, title=title)

    copied = clone(cast.ada, source, courseId=hex_id(cast.course)).json()["data"]["title"]

    assert copied.endswith(" (Copy)")
    assert title.startswith(copied.removesuffix(" (Copy)"))
    assert len(copied.encode("utf-16-le")) // 2 in (199, 200)


def test_clone_of_a_deployment_is_no_deployment(cast: Cast) -> None:
    source = make_assignment(
        cast.course, template=make_template(cast.ada), instructions="Argue.", custom_instructions="In class."
    )

    clone(cast.ada, source, courseId=hex_id(cast.course))

    copy = Assignment.objects.get(template=None)
    assert (copy.instructions, copy.custom_instructions) == ("Argue.\n\nIn class.", None)


@pytest.mark.parametrize(
    ("name", "key", "body", "refusal"),
    [
        ("ben", None, {}, (403, "Insufficient permissions")),
        ("ada", UNKNOWN, {}, (404, "Assignment not found")),
        ("ada", "nonsense", {}, (404, "Assignment not found")),
        ("cleo", None, {"courseId": UNKNOWN}, (403, "Access denied")),
        ("ada", None, {}, (404, "Target course not found")),
        ("ada", None, {"courseId": UNKNOWN, "title": ["x"]}, (404, "Target course not found")),
        ("ada", None, {"courseId": "Cleo's", "title": ["x"]}, (403, "Only course instructors can create assignments")),
        ("ada", None, {"courseId": "Ada's", "title": "x" * 201}, (400, "Title cannot exceed 200 characters")),
        ("ada", None, {"courseId": "Ada's", "adjustments": {"title": ""}},
         (400, f"{INVALID}title: Assignment title is required")),
        ("ada", None, {"courseId": "Ada's", "adjustments": {"learningObjectives": [{"id": "lo1"}]}}, (400, INVALID)),
        ("ada", None, {"courseId": "Ada's", "adjustments": {"writingStages": []}},
         (400, "AI setting references invalid stage ID: s1")),
        ("ada", None, {"courseId": "Ada's", "adjustments": "all"}, (400, "adjustments must be an object")),
    ],
)  # fmt: skip
def test_clone_refuses(
    cast: Cast, source: Assignment, name: str, key: str | None, body: dict[str, Any], refusal: tuple[int, str]
) -> None:
    courses = {"Ada's": hex_id(cast.course), "Cleo's": hex_id(make_course(cast.cleo))}
    body = {name: courses.get(value, value) if isinstance(value, str) else value for name, value in body.items()}

    answer = client_of(getattr(cast, name)).post(f"/api/assignments/{key or hex_id(source)}/clone", body)

    assert answer.status_code == refusal[0]
    assert answer.json()["error"].startswith(refusal[1])
    assert Assignment.objects.count() == 1
