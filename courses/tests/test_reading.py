"""Lists of courses and single ones: who gets which, and what they get."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Role, User
from courses.models import Course
from scribetree.fields import now
from scribetree.testing import Cast, client_of, enroll, hex_id, make_cast, make_course, make_user

pytestmark = pytest.mark.django_db

LISTS = ("/api/courses", "/api/courses/my-courses")
MOMENT = datetime(2026, 11, 22, 7, 14, 21, 164000, UTC)


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def reference(user: User) -> dict[str, str]:
    return {**classmate(user), "email": user.email}


def classmate(user: User) -> dict[str, str]:
    return {"_id": hex_id(user), "firstName": user.first_name, "lastName": user.last_name}


def titles(answer: Any) -> list[str]:
    return [course["title"] for course in answer.json()["data"]]


@pytest.mark.parametrize("path", LISTS)
def test_list_answers_whole_courses(cast: Cast, path: str) -> None:
    Course.objects.update(
        description="How to", subject="English", max_students=30, start_date=MOMENT, end_date=MOMENT,
        enrollment_code="ABC123", tags=["essay"], created_at=MOMENT, updated_at=MOMENT,
    )  # fmt: skip

    answer = client_of(cast.ada).get(path)

    assert answer.status_code == 200
    assert answer.json() == {
        "success": True,
        "data": [
            {
                "_id": hex_id(cast.course),
                "title": "Ada's course",
                "description": "How to",
                "subject": "English",
                "instructor": reference(cast.ada),
                "students": [reference(cast.ben)],
                "isPublic": False,
                "maxStudents": 30,
                "startDate": "2026-11-22T07:14:21.164Z",
                "endDate": "2026-11-22T07:14:21.164Z",
                "settings": {
                    "allowSelfEnrollment": False,
                    "requireApprovalToJoin": True,
                    "allowStudentDiscussions": True,
                    "gradingScale": "points",
                },
                "status": "published",
                "isActive": True,
                "enrollmentCode": "ABC123",
                "tags": ["essay"],
                "createdAt": "2026-11-22T07:14:21.164Z",
                "updatedAt": "2026-11-22T07:14:21.164Z",
            }
        ],
        "totalCount": 1,
    }


def test_list_leaves_out_what_was_never_set(cast: Cast) -> None:
    course = client_of(cast.ada).get("/api/courses").json()["data"][0]

    assert {"subject", "maxStudents", "startDate", "endDate", "enrollmentCode"}.isdisjoint(course)


@pytest.mark.parametrize("path", LISTS)
def test_list_depends_on_the_role(cast: Cast, path: str) -> None:
    make_course(cast.cleo, title="Cleo's course")
    hidden = make_course(cast.ada, title="Hidden", is_active=False)
    enroll(cast.ben, hidden)

    assert titles(client_of(cast.ada).get(path)) == ["Hidden", "Ada's course"]
    assert titles(client_of(cast.ben).get(path)) == ["Ada's course"]
    assert titles(client_of(cast.cleo).get(path)) == ["Cleo's course"]
    assert titles(client_of(cast.omar).get(path)) == ["Hidden", "Cleo's course", "Ada's course"]
    assert titles(client_of(make_user("dora")).get(path)) == []


def test_list_follows_the_role_in_force(cast: Cast) -> None:
    client = client_of(cast.ada)
    User.objects.filter(pk=cast.ada.pk).update(role=Role.STUDENT)

    assert titles(client.get("/api/courses")) == []


def test_students_see_names_of_classmates_and_no_addresses(cast: Cast) -> None:
    dora = make_user("dora")
    enroll(dora, cast.course, ordinal=1)

    for_student = client_of(cast.ben).get("/api/courses").json()["data"][0]
    for_admin = client_of(cast.omar).get("/api/courses").json()["data"][0]

    assert for_student["students"] == [classmate(cast.ben), classmate(dora)]
    assert for_student["instructor"] == reference(cast.ada)
    assert for_admin["students"] == [reference(cast.ben), reference(dora)]


def test_students_stand_in_the_order_of_their_enrolment(cast: Cast) -> None:
    early, late = make_user("late"), make_user("early")
    enroll(late, cast.course, ordinal=2)
    enroll(early, cast.course, ordinal=1)

    course = client_of(cast.ada).get("/api/courses").json()["data"][0]

    assert course["students"] == [reference(cast.ben), reference(early), reference(late)]


def test_list_is_newest_first_and_then_by_id(cast: Cast) -> None:
    Course.objects.update(created_at=MOMENT)
    for title, age in (("B", 0), ("C", 0), ("Newest", -1)):
        make_course(cast.ada, title=title, created_at=MOMENT - timedelta(days=age))

    assert titles(client_of(cast.ada).get("/api/courses")) == ["Newest", "C", "B", "Ada's course"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("search=poe%20ENGLISH", ["Poems"]),
        ("search=nothing", []),
        ("status=draft", ["Poems"]),
        ("status=unknown", []),
        ("isActive=false", ["Poems"]),
        ("isActive=true", ["Ada's course"]),
        ("tag=Verse", ["Poems"]),
        ("", ["Poems", "Ada's course"]),
    ],
)
def test_list_is_filtered(cast: Cast, query: str, found: list[str]) -> None:
    make_course(cast.ada, title="Poems", subject="English", status="draft", is_active=False, tags=["verse", "rhyme"])

    assert titles(client_of(cast.ada).get(f"/api/courses?{query}")) == found


def test_list_is_paged_on_request(cast: Cast) -> None:
    for number in range(4):
        make_course(cast.ada, title=f"Course {number}")

    answer = client_of(cast.ada).get("/api/courses?page=2&limit=2")

    assert titles(answer) == ["Course 1", "Course 0"]
    assert answer.json()["totalCount"] == 5
    assert answer.json()["pagination"] == {"page": 2, "limit": 2, "total": 5, "pages": 3}


@pytest.mark.parametrize("path", [*LISTS, "/api/courses/enrolled"])
def test_list_costs_the_same_for_any_rows(cast: Cast, path: str) -> None:
    client = client_of(cast.ben)

    with CaptureQueriesContext(
        connection,
    ) as few:
        client.get(path)
    for number in range(29):
        course = make_course(make_user(f"teacher{number}", Role.EDUCATOR))
        enroll(cast.ben, course)
        enroll(cast.cleo, course)
    with CaptureQueriesContext(connection) as many:
        client.get(path)

    assert len(few) == len(many) == 3


def test_enrolled_lists_a_students_active_courses(cast: Cast) -> None:
    enroll(cast.ben, make_course(cast.ada, title="Hidden", is_active=False))
    make_course(cast.cleo, title="Cleo's course")

    answer = client_of(cast.ben).get("/api/courses/enrolled")

    assert list(answer.json()) == ["courses"]
    (course,) = answer.json()["courses"]
    assert (course["title"], course["instructor"]) == ("Ada's course", reference(cast.ada))
    assert course["students"] == [classmate(cast.ben)]


@pytest.mark.parametrize("who", ["ada", "omar"])
def test_enrolled_is_for_students(cast: Cast, who: str) -> None:
    answer = client_of(getattr(cast, who)).get("/api/courses/enrolled")

    assert (answer.status_code, answer.json()) == (403, {"error": "Insufficient permissions"})


@pytest.mark.parametrize("who", ["ada", "ben", "omar"])
def test_course_is_read_by_its_people_and_admins(cast: Cast, who: str) -> None:
    Course.objects.update(is_active=False)

    answer = client_of(getattr(cast, who)).get(f"/api/courses/{hex_id(cast.course)}")

    assert answer.status_code == 200
    course = answer.json()["course"]
    assert (course["_id"], course["instructor"]) == (hex_id(cast.course), reference(cast.ada))
    assert course["students"] == [classmate(cast.ben) if who == "ben" else reference(cast.ben)]


def test_course_is_read_by_its_former_educator(cast: Cast) -> None:
    User.objects.filter(pk=cast.ada.pk).update(role=Role.STUDENT)

    answer = client_of(cast.ada).get(f"/api/courses/{cast.course.pk}")

    assert answer.json()["course"]["students"] == [reference(cast.ben)]


@pytest.mark.parametrize("who", ["cleo", "dora"])
def test_course_is_closed_to_others(cast: Cast, who: str) -> None:
    outsider = cast.cleo if who == "cleo" else make_user("dora")

    answer = client_of(outsider).get(f"/api/courses/{hex_id(cast.course)}")

    assert (answer.status_code, answer.json()) == (403, {"error": "Access denied"})


@pytest.mark.parametrize(
    "course_id", ["c0ffee00-0000-8000-8000-0000002c51be", "66f1a2b3c4d5e6f708192a3b", "no-id", "a.b", "%00", "%C3%A9"]
)
def test_unknown_course_is_not_found(cast: Cast, course_id: str) -> None:
    answer = client_of(cast.omar).get(f"/api/courses/{course_id}")

    assert (answer.status_code, answer.json()) == (404, {"error": "Course not found"})


def test_course_costs_the_same_for_any_students(cast: Cast) -> None:
    client, path = client_of(cast.ben), f"/api/courses/{hex_id(cast.course)}"

    with CaptureQueriesContext(connection) as few:
        client.get(path)
    for number in range(29):
        enroll(make_user(f"student{number}"), cast.course)
    with CaptureQueriesContext(connection) as many:
        client.get(path)

    assert len(few) == len(many) == 3


@pytest.mark.parametrize("who", ["ada", "omar"])
def test_courses_of_an_educator_are_a_bare_array(cast: Cast, who: str) -> None:
    other = make_course(cast.ada, title="Another", is_active=False, created_at=now() + timedelta(seconds=1))
    make_course(cast.cleo)

    answer = client_of(getattr(cast, who)).get(f"/api/courses/educator/{hex_id(cast.ada)}")

    assert answer.json() == [
        {"id": hex_id(other), "title": "Another"},
        {"id": hex_id(cast.course), "title": "Ada's course"},
    ]


@pytest.mark.parametrize("who", ["ben", "cleo"])
def test_courses_of_an_educator_are_closed_to_others(cast: Cast, who: str) -> None:
    answer = client_of(getattr(cast, who)).get(f"/api/courses/educator/{hex_id(cast.ada)}")

    assert (answer.status_code, answer.json()) == (403, {"error": "Access denied"})


@pytest.mark.parametrize(
    "user_id", ["c0ffee00-0000-8000-8000-0000002c51be", "66f1a2b3c4d5e6f708192a3b", "no-id", "a.b"]
)
def test_courses_of_an_unknown_educator_are_not_found(cast: Cast, user_id: str) -> None:
    answer = client_of(cast.ada).get(f"/api/courses/educator/{user_id}")

    assert (answer.status_code, answer.json()) == (404, {"error": "User not found"})
