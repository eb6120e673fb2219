"""Assignments by what they ask for, and the titles that the dashboards choose from."""

import pytest

from assignments.models import Assignment
from assignments.tests.answers import UNKNOWN, course_reference, name_of, plain, query_count, titles
from scribetree.testing import (
    Cast,
    client_of,
    enroll,
    hex_id,
    make_assignment,
    make_cast,
    make_course,
    make_template,
    make_user,
)

pytestmark = pytest.mark.django_db

FOUND = {
    "by-objective/analysis": "Assignments with analysis learning objectives retrieved successfully",
    "by-blooms/4": "Assignments with Bloom's level 4 retrieved successfully",
    "multi-stage": "Multi-stage assignments retrieved successfully",
    "with-ai": "AI-enabled assignments retrieved successfully",
}
OBJECTIVES = [
    {"_id": "a" * 24, "id": "lo1", "category": "knowledge", "bloomsLevel": 1, "weight": 40, "assessmentCriteria": []},
    {"_id": "b" * 24, "id": "lo2", "category": "analysis", "bloomsLevel": 4, "weight": 60, "assessmentCriteria": []},
]
MATCHING = {
    "learning_objectives": OBJECTIVES,
    "writing_stages": [{"_id": "c" * 24, "id": "s1", "order": 1}, {"_id": "d" * 24, "id": "s2", "order": 2}],
    "ai_settings": {"enabled": True},
}


@pytest.fixture
def cast() -> Cast:
    return make_cast()


@pytest.fixture
def found(cast: Cast) -> Assignment:
    """Among others that are not."""
    make_assignment(cast.course, title="plain", writing_stages=MATCHING["writing_stages"][:1])
    make_assignment(cast.course, title="archived", status="archived", **MATCHING)
    make_assignment(cast.course, title="deployment", template=make_template(cast.ada), **MATCHING)
    return make_assignment(cast.course, title="found", status="draft", **MATCHING)


@pytest.mark.parametrize("path", FOUND)
def test_search_answers_whole_assignments(cast: Cast, found: Assignment, path: str) -> None:
    answer = client_of(cast.ada).get(f"/api/assignments/{path}")

    stage = {"required": True, "allowAI": False, "aiAssistanceLevel": "none"}
    row = plain(
        found,
        course=course_reference(cast.course),
        instructor=name_of(cast.ada),
        learningObjectives=OBJECTIVES,
        writingStages=[{**element, **stage} for element in MATCHING["writing_stages"]],
    )
    row["aiSettings"]["enabled"] = True
    assert answer.status_code == 200
    assert answer.json() == {"message": FOUND[path], "data": [row]}


@pytest.mark.parametrize("path", FOUND)
def test_search_covers_ones_own_courses(cast: Cast, found: Assignment, path: str) -> None:
    make_assignment(make_course(cast.cleo), title="Cleo's", **MATCHING)

    def asked(name: str, query: str = "") -> list[str]:
        return titles(client_of(getattr(cast, name)).get(f"/api/assignments/{path}{query}"))

    assert asked("ada") == ["found"]
    assert asked("cleo") == ["Cleo's"]
    assert asked("omar") == ["Cleo's", "found"]
    assert asked("omar", f"?courseId={hex_id(cast.course)}") == ["found"]
    assert asked("ada", f"?courseId={hex_id(cast.course)}&status=published") == []


@pytest.mark.parametrize("path", FOUND)
@pytest.mark.parametrize(
    ("name", "course", "status", "text"),
    [
        ("ada", UNKNOWN, 404, "Course not found"),
        ("ada", "nonsense", 404, "Course not found"),
        ("cleo", "Ada's", 403, "Access denied to this course"),
        ("ben", "Ada's", 403, "Insufficient permissions"),
    ],
)
def test_search_refuses(cast: Cast, path: str, name: str, course: str, status: int, text: str) -> None:
    key = hex_id(cast.course) if course == "Ada's" else course

    answer = client_of(getattr(cast, name)).get(f"/api/assignments/{path}?courseId={key}")

    assert (answer.status_code, answer.json()) == (status, {"error": text})


@pytest.mark.parametrize("category", ["nonsense", "%00", "a%22b"])
def test_unknown_category_has_no_assignments(cast: Cast, found: Assignment, category: str) -> None:
    answer = client_of(cast.ada).get(f"/api/assignments/by-objective/{category}")

    assert (answer.status_code, answer.json()["data"]) == (200, [])


@pytest.mark.parametrize(
    ("level", "number"), [("4abc", 4), ("4.9", 4), (" 4", 4), ("+4", 4), ("04", 4), ("6", 6), ("1", 1)]
)
def test_level_is_what_a_text_begins_with(cast: Cast, level: str, number: int) -> None:
    answer = client_of(cast.ada).get(f"/api/assignments/by-blooms/{level}")

    assert answer.json()["message"] == f"Assignments with Bloom's level {number} retrieved successfully"


@pytest.mark.parametrize("level", ["0", "7", "-4", "abc", "44", "\N{ARABIC-INDIC DIGIT FOUR}"])
def test_level_outside_the_six_is_refused_before_the_course_is_looked_at(cast: Cast, level: str) -> None:
    answer = client_of(cast.ada).get(f"/api/assignments/by-blooms/{level}?courseId={UNKNOWN}")

    assert (answer.status_code, answer.json()) == (400, {"error": "Bloom's level must be between 1 and 6"})


def test_student_path_gives_titles_of_published_work(cast: Cast) -> None:
    first = make_assignment(cast.course, title="first")
    make_assignment(cast.course, title="draft", status="draft")
    deployed = make_assignment(cast.course, title="deployed", template=make_template(cast.ada))
    other = make_course(cast.cleo)
    enroll(cast.ben, other)
    elsewhere = make_assignment(other, title="elsewhere")
    make_assignment(make_course(cast.cleo), title="of a course that Ben is not in")

    def asked(name: str) -> object:
        answer = client_of(getattr(cast, name)).get(f"/api/assignments/student/{hex_id(cast.ben)}")
        assert answer.status_code == 200
        return answer.json()

    rows = [{"id": hex_id(row), "title": row.title} for row in (elsewhere, deployed, first)]
    assert asked("ben") == asked("omar") == rows
    assert asked("ada") == rows[1:]
    assert asked("cleo") == rows[:1]


@pytest.mark.parametrize(
    ("name", "key", "status", "text"),
    [
        ("cleo", "Ben", 403, "Access denied"),
        ("dora", "Ben", 403, "Access denied"),
        ("ben", UNKNOWN, 404, "User not found"),
        ("omar", "nonsense", 404, "User not found"),
    ],
)
def test_student_path_refuses(cast: Cast, name: str, key: str, status: int, text: str) -> None:
    dora = make_user("dora")
    enroll(dora, cast.course, ordinal=1)
    user = dora if name == "dora" else getattr(cast, name)

    answer = client_of(user).get(f"/api/assignments/student/{hex_id(cast.ben) if key == 'Ben' else key}")

    assert (answer.status_code, answer.json()) == (status, {"error": text})


def test_student_without_courses_has_no_titles(cast: Cast) -> None:
    dora = make_user("dora")

    assert client_of(dora).get(f"/api/assignments/student/{hex_id(dora)}").json() == []


def test_class_path_gives_titles_of_a_course(cast: Cast) -> None:
    published = make_assignment(cast.course, title="published")
    draft = make_assignment(cast.course, title="draft", status="draft", template=make_template(cast.ada))
    path = f"/api/assignments/class/{hex_id(cast.course)}"

    rows = [{"id": hex_id(row), "title": row.title} for row in (draft, published)]
    assert client_of(cast.ada).get(path).json() == rows
    assert client_of(cast.omar).get(path).json() == rows
    assert client_of(cast.ben).get(path).json() == rows[1:]
    refused = client_of(cast.cleo).get(path)
    assert (refused.status_code, refused.json()) == (403, {"error": "Access denied to this course"})
    missing = client_of(cast.ada).get(f"/api/assignments/class/{UNKNOWN}")
    assert (missing.status_code, missing.json()) == (404, {"error": "Course not found"})


def test_queries_do_not_grow_with_the_rows(cast: Cast, found: Assignment) -> None:
    paths = [*FOUND, f"student/{hex_id(cast.ben)}", f"class/{hex_id(cast.course)}"]
    few = [query_count(cast.ada, f"/api/assignments/{path}") for path in paths]
    for number in range(29):
        enroll(make_user(f"student{number}"), cast.course)
        make_assignment(cast.course, **MATCHING)

    assert [query_count(cast.ada, f"/api/assignments/{path}") for path in paths] == few
    assert max(few) <= 4
