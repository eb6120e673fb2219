"""Educators create and change courses."""

from typing import Any

import pytest

from courses import services
from courses.models import Course
from courses.services import CODE_CHARACTERS, CODE_LENGTH, create_course
from scribetree.testing import Cast, client_of, enroll, hex_id, make_cast, make_course, make_user

pytestmark = pytest.mark.django_db

NEW = {"title": "Essays", "description": "How to write one"}
REQUIRED = "Title and description are required"


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def test_course_is_created_with_the_defaults(cast: Cast) -> None:
    answer = client_of(cast.cleo).post("/api/courses", {**NEW, "isPublic": True, "status": "published"})

    assert answer.status_code == 201
    row = Course.objects.get(instructor=cast.cleo)
    assert answer.json()["message"] == "Course created successfully"
    course = answer.json()["course"]
    dates = {name: course.pop(name) for name in ("createdAt", "updatedAt")}
    assert course == {
        "_id": hex_id(row),
        "title": "Essays",
        "description": "How to write one",
        "subject": "",
        "instructor": {"_id": hex_id(cast.cleo), "firstName": "Cleo", "lastName": "Test", "email": "cleo@example.org"},
        "students": [],
        "isPublic": False,
        "settings": {
            "allowSelfEnrollment": False,
            "requireApprovalToJoin": True,
            "allowStudentDiscussions": True,
            "gradingScale": "points",
        },
        "status": "draft",
        "isActive": True,
        "enrollmentCode": row.enrollment_code,
        "tags": [],
    }
    read = client_of(cast.cleo).get(f"/api/courses/{hex_id(row)}").json()["course"]
    assert read == {**course, **dates}


def test_course_is_created_with_all_that_is_taken(cast: Cast) -> None:
    body = {"title": "\ufeff Essays ", "description": " How\n", "subject": " English ", "maxStudents": "25"}

    answer = client_of(cast.ada).post("/api/courses", {**body, "tags": [" Verse ", 7, "verse"]})

    course = answer.json()["course"]
    assert (course["title"], course["description"], course["subject"]) == ("Essays", "How", "English")
    assert (course["maxStudents"], course["tags"]) == (25, ["verse", "7", "verse"])


@pytest.mark.parametrize("title", ["x" * 200, "😀" * 100, 2026])
def test_course_is_created_with_any_title_that_fits(cast: Cast, title: Any) -> None:
    answer = client_of(cast.ada).post("/api/courses", {**NEW, "title": title, "description": "y" * 1000})

    assert answer.status_code == 201
    assert answer.json()["course"]["title"] == str(title)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"title": None, "description": "x" * 1001}, REQUIRED),
        ({"title": "x" * 201, "description": " \ufeff"}, REQUIRED),
        ({"title": " "}, REQUIRED),
        ({"title": 0}, REQUIRED),
        ({"description": ""}, REQUIRED),
        ({"title": "x" * 201, "description": "x" * 1001}, "Title must be less than 200 characters"),
        ({"title": "😀" * 101}, "Title must be less than 200 characters"),
        ({"description": "x" * 1001, "maxStudents": 0}, "Description must be less than 1000 characters"),
        ({"title": {"$ne": 1}}, "title: must be text"),
        ({"subject": "x" * 101}, "subject: is longer than 100 characters"),
        ({"maxStudents": 0}, "maxStudents: must be at least 1"),
        ({"maxStudents": 1001}, "maxStudents: must be at most 1000"),
        ({"maxStudents": 1.5}, "maxStudents: must be a whole number"),
        ({"maxStudents": "many"}, "maxStudents: must be a number"),
        ({"maxStudents": []}, "maxStudents: must be a number"),
        ({"tags": "verse"}, "tags: must be a list"),
        ({"tags": ["verse", {}]}, "tags.1: must be text"),
    ],
)
def test_course_is_not_created_with(cast: Cast, changes: dict[str, Any], error: str) -> None:
    answer = client_of(cast.ada).post("/api/courses", {**NEW, **changes})

    assert (answer.status_code, answer.json()) == (400, {"error": error})
    assert Course.objects.count() == 1


def test_course_is_not_created_from_nothing(cast: Cast) -> None:
    answer = client_of(cast.ada).post("/api/courses")

    assert (answer.status_code, answer.json()) == (400, {"error": REQUIRED})


@pytest.mark.parametrize("who", ["ben", "omar"])
@pytest.mark.parametrize("method", ["post", "put"])
def test_course_is_written_by_educators_only(cast: Cast, who: str, method: str) -> None:
    path = "/api/courses" if method == "post" else f"/api/courses/{hex_id(cast.course)}"

    answer = getattr(client_of(getattr(cast, who)), method)(path, {})

    assert (answer.status_code, answer.json()) == (403, {"error": "Insufficient permissions"})


def test_codes_have_six_characters() -> None:
    codes = {services.new_code() for _ in range(200)}

    assert len(codes) == 200
    assert all(len(code) == CODE_LENGTH == 6 and set(code) <= set(CODE_CHARACTERS) for code in codes)


def test_code_that_is_taken_is_drawn_again(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    make_course(cast.ada, enrollment_code="TAKEN1")
    codes = iter(["TAKEN1", "TAKEN1", "FREE01"])
    monkeypatch.setattr(services, "new_code", lambda: next(codes))

    course = create_course(instructor=cast.ada, title="Essays", description="How to")

    assert Course.objects.get(pk=course.pk).enrollment_code == "FREE01"


def test_course_is_changed(cast: Cast) -> None:
    before = cast.course.updated_at
    body = {"title": " Poems ", "description": " Rhyme ", "maxStudents": "40", "tags": ["A "], "isActive": "no"}

    answer = client_of(cast.ada).put(
        f"/api/courses/{hex_id(cast.course)}", {**body, "subject": "X", "status": "archived"}
    )

    assert answer.status_code == 200
    assert answer.json()["message"] == "Course updated successfully"
    course = answer.json()["course"]
    assert course == client_of(cast.ada).get(f"/api/courses/{hex_id(cast.course)}").json()["course"]
    assert (course["title"], course["description"], course["maxStudents"]) == ("Poems", "Rhyme", 40)
    assert (course["tags"], course["isActive"], course["status"]) == (["a"], False, "published")
    assert "subject" not in course
    assert [student["email"] for student in course["students"]] == ["ben@example.org"]
    cast.course.refresh_from_db()
    assert cast.course.updated_at > before


def test_limit_of_students_is_cleared_by_null(cast: Cast) -> None:
    Course.objects.update(max_students=3)

    answer = client_of(cast.ada).put(f"/api/courses/{hex_id(cast.course)}", {"maxStudents": None})

    assert "maxStudents" not in answer.json()["course"]
    cast.course.refresh_from_db()
    assert cast.course.max_students is None


def test_limit_of_students_may_be_below_their_number(cast: Cast) -> None:
    enroll(make_user("dora"), cast.course)

    answer = client_of(cast.ada).put(f"/api/courses/{hex_id(cast.course)}", {"maxStudents": 1})

    assert answer.json()["course"]["maxStudents"] == 1


@pytest.mark.parametrize("body", [None, {}, {"unknown": 1}])
def test_course_stays_when_nothing_is_said(cast: Cast, body: Any) -> None:
    before = Course.objects.values().get()

    answer = client_of(cast.ada).put(f"/api/courses/{hex_id(cast.course)}", body)

    assert answer.status_code == 200
    assert Course.objects.values().get() == before


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"title": None}, REQUIRED),
        ({"title": "  "}, REQUIRED),
        ({"description": ""}, REQUIRED),
        ({"title": "x" * 201}, "Title must be less than 200 characters"),
        ({"description": "x" * 1001}, "Description must be less than 1000 characters"),
        ({"maxStudents": 0}, "maxStudents: must be at least 1"),
        ({"maxStudents": "text"}, "maxStudents: must be a number"),
        ({"tags": "verse"}, "tags: must be a list"),
        ({"tags": None}, "tags: This field may not be null."),
        ({"isActive": "perhaps"}, "isActive: must be true or false"),
    ],
)
def test_course_is_not_changed_to(cast: Cast, body: dict[str, Any], error: str) -> None:
    before = Course.objects.values().get()

    answer = client_of(cast.ada).put(f"/api/courses/{hex_id(cast.course)}", body)

    assert (answer.status_code, answer.json()) == (400, {"error": error})
    assert Course.objects.values().get() == before


def test_course_is_looked_for_before_anything_else(cast: Cast) -> None:
    client = client_of(cast.cleo)

    unknown = client.put("/api/courses/no-id", {"title": ""})
    other = client.put(f"/api/courses/{hex_id(cast.course)}", {"title": ""})

    assert (unknown.status_code, unknown.json()) == (404, {"error": "Course not found"})
    assert (other.status_code, other.json()) == (403, {"error": "Access denied"})
