"""Single assignments and the lists of courses and educators: who gets which, and what they get."""

from datetime import timedelta
from typing import Any

import pytest

from accounts.models import Role
from assignments.models import Assignment
from assignments.tests.answers import UNKNOWN, course_reference, plain, query_count, reference, titles
from scribetree.fields import now
from scribetree.testing import (
    Cast,
    client_of,
    enroll,
    hex_id,
    make_assignment,
    make_cast,
    make_course,
    make_submission,
    make_template,
    make_user,
)

pytestmark = pytest.mark.django_db

STATUSES = ("draft", "published", "in_progress", "completed", "archived")


@pytest.fixture
def cast() -> Cast:
    return make_cast()


@pytest.fixture
def assignment(cast: Cast) -> Assignment:
    return make_assignment(cast.course, description="On a place", instructions=" Write it. ")


def course_lists(cast: Cast) -> tuple[str, str]:
    key = hex_id(cast.course)
    return f"/api/assignments/course/{key}", f"/api/courses/{key}/assignments"


def rows_of(answer: Any) -> list[dict[str, Any]]:
    data = answer.json()["data"]
    return data if isinstance(data, list) else data["assignments"]


@pytest.mark.parametrize("name", ["ada", "ben", "omar"])
def test_list_of_a_course_answers_whole_assignments(cast: Cast, assignment: Assignment, name: str) -> None:
    make_submission(assignment, cast.ben)

    answer = client_of(getattr(cast, name)).get(course_lists(cast)[0])

    assert answer.status_code == 200
    assert answer.json() == {
        "message": "Assignments retrieved successfully",
        "data": [plain(assignment, instructor=reference(cast.ada), submissionCount=1)],
    }


def test_list_under_a_course_has_an_envelope_of_its_own(cast: Cast, assignment: Assignment) -> None:
    answer = client_of(cast.ada).get(course_lists(cast)[1])

    assert answer.json() == {
        "success": True,
        "message": "Course assignments retrieved successfully",
        "data": {
            "course": {**course_reference(cast.course), "description": ""},
            "assignments": [plain(assignment, instructor=reference(cast.ada), submissionCount=0)],
            "totalCount": 1,
        },
    }


@pytest.mark.parametrize("place", [0, 1])
@pytest.mark.parametrize(
    ("name", "query", "expected"),
    [
        ("ada", "", [*reversed(STATUSES)]),
        ("omar", "", [*reversed(STATUSES)]),
        ("ada", "?status=archived", ["archived"]),
        ("ada", "?status=nonsense", []),
        ("ada", "?type=collaborative", ["draft"]),
        ("ada", "?type=nonsense", []),
        ("ada", "?search=COMP", ["completed"]),
        ("ada", "?page=2&limit=2", ["in_progress", "published"]),
        ("ben", "", ["published"]),
        ("ben", "?status=draft", ["published"]),
        ("ben", "?type=collaborative", []),
    ],
)
def test_list_of_a_course_shows_students_what_is_published(
    cast: Cast, place: int, name: str, query: str, expected: list[str]
) -> None:
    for status in STATUSES:
        make_assignment(
            cast.course, title=status, status=status, type="collaborative" if status == "draft" else "individual"
        )
    make_assignment(cast.course, template=make_template(cast.ada), title="deployment")
    make_assignment(make_course(cast.cleo), title="elsewhere")

    answer = client_of(getattr(cast, name)).get(course_lists(cast)[place] + query)

    assert [row["title"] for row in rows_of(answer)] == expected


@pytest.mark.parametrize("place", [0, 1])
def test_list_of_a_course_counts_its_pages(cast: Cast, assignment: Assignment, place: int) -> None:
    make_assignment(cast.course)

    answer = client_of(cast.ada).get(f"{course_lists(cast)[place]}?limit=1").json()

    assert answer["pagination"] == {"page": 1, "limit": 1, "total": 2, "pages": 2}
    if place:
        assert answer["data"]["totalCount"] == 2


@pytest.mark.parametrize("place", [0, 1])
@pytest.mark.parametrize(
    ("name", "course", "status", "text"),
    [
        ("cleo", None, 403, "Access denied to this course"),
        ("ada", UNKNOWN, 404, "Course not found"),
        ("ada", "nonsense", 404, "Course not found"),
        ("cleo", UNKNOWN, 404, "Course not found"),
    ],
)
def test_list_of_a_course_refuses(
    cast: Cast, place: int, name: str, course: str | None, status: int, text: str
) -> None:
    path = course_lists(cast)[place]
    path = path if course is None else path.replace(hex_id(cast.course), course)

    answer = client_of(getattr(cast, name)).get(path)

    assert (answer.status_code, answer.json()) == (status, {"error": text})


def test_own_assignments_are_those_one_created(cast: Cast, assignment: Assignment) -> None:
    make_assignment(cast.course, instructor=cast.omar, title="Omar's")
    make_assignment(cast.course, template=make_template(cast.ada), title="deployment")

    answer = client_of(cast.ada).get("/api/assignments/my-assignments")

    assert answer.json() == {
        "message": "Assignments retrieved successfully",
        "data": [plain(assignment, course=course_reference(cast.course), submissionCount=0)],
    }
    assert titles(client_of(cast.omar).get("/api/assignments/my-assignments")) == ["Omar's"]
    assert client_of(cast.ben).get("/api/assignments/my-assignments").json() == {"error": "Insufficient permissions"}


def test_own_assignments_are_filtered(cast: Cast) -> None:
    other = make_course(cast.ada)
    make_assignment(cast.course, title="here", status="archived")
    make_assignment(other, title="there", status="draft")
    ada = client_of(cast.ada)

    assert titles(ada.get("/api/assignments/my-assignments")) == ["there", "here"]
    assert titles(ada.get("/api/assignments/my-assignments?status=archived")) == ["here"]
    assert titles(ada.get(f"/api/assignments/my-assignments?course={hex_id(other)}")) == ["there"]
    assert titles(ada.get(f"/api/assignments/my-assignments?course={UNKNOWN}")) == []
    assert ada.get("/api/assignments/my-assignments?course=nonsense").json() == {"error": "course: is not an id"}


def test_single_assignment_shows_the_roster_to_those_who_run_it(cast: Cast, assignment: Assignment) -> None:
    dora = make_user("dora")
    enroll(dora, cast.course, ordinal=1)
    roster = [hex_id(cast.ben), hex_id(dora)]

    for user, students in ((cast.ada, roster), (cast.omar, roster), (cast.ben, [])):
        answer = client_of(user).get(f"/api/assignments/{hex_id(assignment)}")

        course = {**course_reference(cast.course), "students": students}
        assert answer.status_code == 200
        assert answer.json() == {
            "message": "Assignment retrieved successfully",
            "data": plain(assignment, course=course, instructor=reference(cast.ada), submissionCount=0),
        }


def test_admins_assignment_is_open_to_the_courses_educator(cast: Cast) -> None:
    assignment = make_assignment(cast.course, instructor=cast.omar, status="draft")

    assert client_of(cast.ada).get(f"/api/assignments/{hex_id(assignment)}").status_code == 200


@pytest.mark.parametrize("status", STATUSES)
def test_student_reads_what_is_published(cast: Cast, status: str) -> None:
    assignment = make_assignment(cast.course, status=status)

    answer = client_of(cast.ben).get(f"/api/assignments/{hex_id(assignment)}")

    if status == "published":
        assert answer.status_code == 200
    else:
        assert (answer.status_code, answer.json()) == (404, {"error": "Assignment not found"})


def test_former_educator_still_reads_the_own_draft(cast: Cast) -> None:
    assignment = make_assignment(cast.course, status="draft")
    cast.ada.role = Role.STUDENT
    cast.ada.save()

    assert client_of(cast.ada).get(f"/api/assignments/{hex_id(assignment)}").status_code == 200


@pytest.mark.parametrize(
    ("name", "key", "status", "text"),
    [
        ("cleo", None, 403, "Access denied to this assignment"),
        ("cleo", UNKNOWN, 404, "Assignment not found"),
        ("ada", "nonsense", 404, "Assignment not found"),
    ],
)
def test_single_assignment_refuses(
    cast: Cast, assignment: Assignment, name: str, key: str | None, status: int, text: str
) -> None:
    answer = client_of(getattr(cast, name)).get(f"/api/assignments/{key or hex_id(assignment)}")

    assert (answer.status_code, answer.json()) == (status, {"error": text})


def test_deployment_has_the_shape_of_an_assignment(cast: Cast) -> None:
    deployment = make_assignment(
        cast.course,
        template=make_template(cast.ada),
        instructions="Argue.",
        custom_instructions="In class.",
        custom_notes="Mark kindly.",
        requirements={"minWords": 500, "citationStyle": "APA", "requiredSections": ["End"], "allowedResources": []},
        course_specific_requirements={"maxWords": 900, "minWords": None, "requiredSections": []},
        due_date=now() + timedelta(days=2, hours=1),
    )

    data = client_of(cast.ben).get(f"/api/assignments/{hex_id(deployment)}").json()["data"]

    assert data["instructions"] == "Argue.\n\nIn class."
    assert data["requirements"] == {
        "minWords": 500, "maxWords": 900, "citationStyle": "APA", "requiredSections": ["End"], "allowedResources": [],
    }  # fmt: skip
    assert (data["daysRemaining"], data["isOverdue"], data["versionControl"]["autoSaveInterval"]) == (3, False, 30)
    assert "Mark kindly." not in str(data)


def test_stored_nulls_are_served_as_defaults(cast: Cast) -> None:
    assignment = make_assignment(
        cast.course,
        requirements={"minWords": 3, "requiredSections": None},
        version_control_settings={"autoSaveInterval": None},
        learning_objectives=[None, {"_id": "a" * 24, "id": "lo1", "weight": 100, "assessmentCriteria": None}],
        grading_criteria={"enabled": True, "rubric": [None, {"_id": "b" * 24, "criteria": "Style", "points": 5}]},
    )

    data = client_of(cast.ben).get(f"/api/assignments/{hex_id(assignment)}").json()["data"]

    assert data["requirements"] == {"minWords": 3, "requiredSections": [], "allowedResources": []}
    assert data["versionControl"]["autoSaveInterval"] == 30
    assert data["learningObjectives"] == [{"_id": "a" * 24, "id": "lo1", "weight": 100, "assessmentCriteria": []}]
    assert data["grading"]["rubric"] == [{"_id": "b" * 24, "id": "b" * 24, "criteria": "Style", "points": 5}]


@pytest.mark.parametrize("name", ["ada", "ben"])
def test_queries_do_not_grow_with_the_rows(cast: Cast, assignment: Assignment, name: str) -> None:
    make_submission(assignment, cast.ben)
    user = getattr(cast, name)
    paths = [*course_lists(cast), f"/api/assignments/{hex_id(assignment)}"]
    paths += ["/api/assignments/my-assignments"] if name == "ada" else []
    few = [query_count(user, path) for path in paths]
    for number in range(29):
        student = make_user(f"student{number}")
        enroll(student, cast.course)
        make_submission(make_assignment(cast.course), student)

    assert [query_count(user, path) for path in paths] == few
    assert max(few) <= 3
