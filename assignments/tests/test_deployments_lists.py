"""Lists of deployments: of an educator, of a course, of what is due."""

from datetime import timedelta
from typing import Any

import pytest

from accounts.models import Role
from assignments.models import Assignment, AssignmentStatus
from assignments.tests.answers import UNKNOWN, course_reference, name_of, query_count, reference, titles
from scribetree.api.fields import wire_date
from scribetree.fields import now
from scribetree.testing import (
    Cast,
    client_of,
    enroll,
    hex_id,
    make_assignment,
    make_cast,
    make_course,
    make_deployment,
    make_submission,
    make_template,
    make_user,
)

pytestmark = pytest.mark.django_db

BASE = "/api/course-assignments"
OWN, UPCOMING, SOON = f"{BASE}/my-assignments", f"{BASE}/upcoming/all", f"{BASE}/due-soon/all"


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def of_course(cast: Cast) -> str:
    return f"{BASE}/course/{hex_id(cast.course)}"


def deploy(cast: Cast, title: str, course: Any = None, **fields: Any) -> Assignment:
    course = course or cast.course
    return make_deployment(make_template(course.instructor, title=title, description="Why"), course, **fields)


def on_the_wire(deployment: Assignment, **others: Any) -> dict[str, Any]:
    key = hex_id(deployment.template)
    return {
        "_id": hex_id(deployment),
        "id": hex_id(deployment),
        "title": deployment.title,
        "type": "individual",
        "template": {
            "_id": key,
            "id": key,
            "title": deployment.title,
            "type": "individual",
            "description": deployment.description,
        },
        "course": course_reference(deployment.course),
        "instructor": hex_id(deployment.instructor),
        "allowLateSubmissions": True,
        "courseSpecificRequirements": {"requiredSections": [], "allowedResources": []},
        "stageDueDates": [],
        "status": deployment.status,
        "createdAt": wire_date(deployment.created_at),
        "updatedAt": wire_date(deployment.updated_at),
        "isOverdue": False,
        "daysRemaining": None,
        **others,
    }


def test_own_deployments_answer_whole(cast: Cast) -> None:
    deployment = deploy(cast, "Essay", custom_notes="Mind Ben.")
    make_submission(deployment, cast.ben)
    make_assignment(cast.course)

    shown = on_the_wire(deployment, submissionCount=1)
    noted = {**shown, "customNotes": "Mind Ben."}
    assert client_of(cast.ada).get(OWN).json() == {"success": True, "data": [noted]}
    assert client_of(cast.ben).get(f"{OWN}?status=published").json() == {"success": True, "data": [shown]}
    for name in ("cleo", "omar"):
        assert client_of(getattr(cast, name)).get(OWN).json() == {"success": True, "data": []}


def test_deployments_of_a_course_answer_whole(cast: Cast) -> None:
    deployment = deploy(cast, "Essay", custom_notes="Mind Ben.")
    make_submission(deployment, cast.ben)
    make_assignment(cast.course)
    deploy(cast, "Elsewhere", make_course(cast.ada))

    shown = on_the_wire(deployment, course=hex_id(cast.course), instructor=reference(cast.ada), submissionCount=1)
    shown["template"]["learningObjectives"] = []
    noted = {**shown, "customNotes": "Mind Ben."}
    for name, data in {"ada": [noted], "omar": [noted], "ben": [shown]}.items():
        assert client_of(getattr(cast, name)).get(of_course(cast)).json() == {"success": True, "data": data}


@pytest.mark.parametrize("path", [UPCOMING, SOON])
def test_due_deployments_answer_whole(cast: Cast, path: str) -> None:
    due = now() + timedelta(hours=25)
    deployment = deploy(cast, "Essay", custom_notes="Mind Ben.", due_date=due)

    shown = on_the_wire(deployment, instructor=name_of(cast.ada), dueDate=wire_date(due), daysRemaining=2)
    noted = {**shown, "customNotes": "Mind Ben."}
    for name, data in {"ada": [noted], "omar": [noted], "ben": [shown], "cleo": []}.items():
        assert client_of(getattr(cast, name)).get(path).json() == {"success": True, "data": data}


@pytest.mark.parametrize(
    ("who", "query", "expected"),
    [
        ("ada", "", {"draft", "published", "in_progress", "completed"}),
        ("ada", "status=archived", {"archived"}),
        ("ada", "status=published", {"published"}),
        ("ada", "status=nonsense", set()),
        ("ben", "", {"published"}),
        ("ben", "status=published", {"published"}),
        ("ben", "status=draft", {"published"}),
    ],
)
@pytest.mark.parametrize("kind", ["own", "course"])
def test_lists_show_each_role_its_statuses(cast: Cast, kind: str, who: str, query: str, expected: set[str]) -> None:
    for status in AssignmentStatus:
        deploy(cast, status, status=status)
    path = OWN if kind == "own" else of_course(cast)

    shown = titles(client_of(getattr(cast, who)).get(f"{path}?{query}"))

    assert set(shown) == expected


def test_lists_are_newest_first(cast: Cast) -> None:
    for age, title in enumerate(["New", "Old"]):
        deploy(cast, title, created_at=now() - timedelta(days=age))

    for path in (OWN, of_course(cast)):
        assert titles(client_of(cast.ada).get(path)) == ["New", "Old"]
        assert titles(client_of(cast.ben).get(path)) == ["New", "Old"]


def test_own_deployments_of_one_course(cast: Cast) -> None:
    other = make_course(cast.ada)
    enroll(cast.ben, other)
    deploy(cast, "Here")
    deploy(cast, "There", other)

    for name in ("ada", "ben"):
        assert titles(client_of(getattr(cast, name)).get(f"{OWN}?course={hex_id(other)}")) == ["There"]
        assert titles(client_of(getattr(cast, name)).get(f"{OWN}?course={UNKNOWN}")) == []


def test_students_see_deployments_of_their_courses_only(cast: Cast) -> None:
    deploy(cast, "Elsewhere", make_course(cast.cleo), due_date=now() + timedelta(days=1))

    for path in (OWN, UPCOMING, SOON):
        assert titles(client_of(cast.ben).get(path)) == []


@pytest.mark.parametrize(
    ("key", "who", "status", "text"),
    [
        (UNKNOWN, "omar", 404, "Course not found"),
        ("nonsense", "ben", 404, "Course not found"),
        (None, "cleo", 403, "Access denied to this course"),
        (None, "dora", 403, "Access denied to this course"),
    ],
)
def test_deployments_of_a_course_are_for_its_members(
    cast: Cast, key: str | None, who: str, status: int, text: str
) -> None:
    user = make_user("dora") if who == "dora" else getattr(cast, who)

    answer = client_of(user).get(f"{BASE}/course/{key}" if key else of_course(cast))

    assert (answer.status_code, answer.json()) == (status, {"error": text})


def test_what_is_due_is_published_and_still_to_come(cast: Cast) -> None:
    moment = now()
    deploy(cast, "Next week", due_date=moment + timedelta(days=8))
    deploy(cast, "Tomorrow", due_date=moment + timedelta(days=1))
    deploy(cast, "Yesterday", due_date=moment - timedelta(days=1))
    deploy(cast, "Never")
    for status in set(AssignmentStatus) - {AssignmentStatus.PUBLISHED}:
        deploy(cast, status, due_date=moment + timedelta(days=1), status=status)
    make_assignment(cast.course, due_date=moment + timedelta(days=1))

    for name in ("ada", "ben", "omar"):
        client = client_of(getattr(cast, name))
        assert titles(client.get(UPCOMING)) == titles(client.get(f"{UPCOMING}?days=1")) == ["Tomorrow", "Next week"]
        assert titles(client.get(SOON)) == titles(client.get(f"{SOON}?days=7")) == ["Tomorrow"]
        assert titles(client.get(f"{SOON}?days=9")) == ["Tomorrow", "Next week"]
        assert titles(client.get(f"{SOON}?days=2147483647")) == ["Tomorrow", "Next week"]
        assert titles(client.get(f"{SOON}?course={UNKNOWN}")) == []


@pytest.mark.parametrize("query", ["days=soon", "days=0", "days=-1", "days=1.5", "course=nonsense", "page=x"])
def test_what_is_due_soon_refuses_parameters_that_are_none(cast: Cast, query: str) -> None:
    answer = client_of(cast.ben).get(f"{SOON}?{query}")

    assert answer.status_code == 400
    assert list(answer.json()) == ["error"]


@pytest.mark.parametrize("who", ["ada", "ben"])
def test_lists_cost_the_same_for_any_rows(cast: Cast, who: str) -> None:
    user, paths = getattr(cast, who), (OWN, UPCOMING, SOON, of_course(cast))
    deploy(cast, "First", due_date=now() + timedelta(days=1))

    few = [query_count(user, path) for path in paths]
    for number in range(29):
        deployment = deploy(cast, "More", due_date=now() + timedelta(days=1))
        make_submission(deployment, make_user(f"student{number}", Role.STUDENT))
    many = [query_count(user, path) for path in paths]

    assert few == many == [2, 2, 2, 3]
    assert len(titles(client_of(user).get(OWN))) == 30


def test_lists_page(cast: Cast) -> None:
    for number in range(3):
        deploy(cast, f"Essay {number}", created_at=now() + timedelta(seconds=number))

    answer = client_of(cast.ada).get(f"{OWN}?page=2&limit=2").json()

    assert titles(client_of(cast.ada).get(f"{OWN}?page=2&limit=2")) == ["Essay 0"]
    assert answer["pagination"] == {"page": 2, "limit": 2, "total": 3, "pages": 2}


def test_lists_are_searched(cast: Cast) -> None:
    deploy(cast, "Haiku", due_date=now() + timedelta(days=1))
    deploy(cast, "Essay", due_date=now() + timedelta(days=1))

    for path in (OWN, of_course(cast), UPCOMING, SOON):
        for name in ("ada", "ben"):
            assert titles(client_of(getattr(cast, name)).get(f"{path}?search=haiku why")) == ["Haiku"]
