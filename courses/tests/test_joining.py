"""Students join a course by its code, and leave it."""

from typing import Any

import pytest
from django.core.cache import caches
from django.test import override_settings

from accounts.models import User
from courses.models import Course, Enrollment
from scribetree.testing import Cast, client_of, enroll, hex_id, make_cast, make_user

pytestmark = pytest.mark.django_db

CODE = "ABC123"
JOIN = "/api/courses/enroll"


@pytest.fixture
def cast() -> Cast:
    cast = make_cast()
    Course.objects.update(enrollment_code=CODE, tags=["essay"])
    cast.course.refresh_from_db()
    return cast


@pytest.fixture
def dora() -> User:
    return make_user("dora")


def leave(course: Course) -> str:
    return f"/api/courses/{hex_id(course)}/unenroll"


@pytest.mark.parametrize("code", [CODE, "abc123", " \tABC123\ufeff"])
def test_student_joins(cast: Cast, dora: User, code: str) -> None:
    answer = client_of(dora).post(JOIN, {"enrollmentCode": code})

    assert answer.status_code == 200
    assert answer.json() == {
        "message": "Successfully enrolled in course",
        "course": {
            "_id": hex_id(cast.course),
            "title": "Ada's course",
            "description": "",
            "instructor": {
                "_id": hex_id(cast.ada),
                "firstName": "Ada",
                "lastName": "Test",
                "email": "ada@example.org",
            },
            "enrollmentCode": CODE,
            "tags": ["essay"],
        },
    }
    assert list(cast.course.enrollments.order_by("ordinal").values_list("student", "ordinal")) == [
        (cast.ben.pk, 0),
        (dora.pk, 1),
    ]


def test_first_student_is_the_first_of_the_list(cast: Cast, dora: User) -> None:
    Enrollment.objects.all().delete()

    client_of(dora).post(JOIN, {"enrollmentCode": CODE})

    assert Enrollment.objects.get().ordinal == 0


@pytest.mark.parametrize("changes", [{"status": "draft"}, {"max_students": 2}, {"max_students": None}])
def test_student_joins_whatever_else_the_course_says(cast: Cast, dora: User, changes: dict[str, Any]) -> None:
    Course.objects.update(**changes)

    assert client_of(dora).post(JOIN, {"enrollmentCode": CODE}).status_code == 200


@pytest.mark.parametrize("body", [None, {}, *({"enrollmentCode": code} for code in ("", "  ", None, 5, [CODE], {}))])
def test_code_is_required(cast: Cast, dora: User, body: Any) -> None:
    answer = client_of(dora).post(JOIN, body)

    assert (answer.status_code, answer.json()) == (400, {"error": "Enrollment code is required"})


@pytest.mark.parametrize(
    ("changes", "code"),
    [({}, "WRONG1"), ({}, "ABC12"), ({"is_active": False}, CODE), ({"enrollment_code": None}, CODE)],
)
def test_unknown_and_inactive_course_is_not_joined(cast: Cast, dora: User, changes: dict[str, Any], code: str) -> None:
    Course.objects.update(**changes)

    answer = client_of(dora).post(JOIN, {"enrollmentCode": code})

    assert (answer.status_code, answer.json()) == (404, {"error": "Course not found or inactive"})


def test_course_is_joined_once(cast: Cast) -> None:
    Course.objects.update(max_students=1)

    answer = client_of(cast.ben).post(JOIN, {"enrollmentCode": CODE})

    assert (answer.status_code, answer.json()) == (400, {"error": "Already enrolled in this course"})


def test_full_course_is_not_joined(cast: Cast, dora: User) -> None:
    Course.objects.update(max_students=1)

    answer = client_of(dora).post(JOIN, {"enrollmentCode": CODE})

    assert (answer.status_code, answer.json()) == (400, {"error": "Course is at maximum capacity"})
    assert cast.course.enrollments.count() == 1


@pytest.mark.parametrize("who", ["ada", "cleo", "omar"])
def test_only_students_join_and_leave(cast: Cast, who: str) -> None:
    client = client_of(getattr(cast, who))

    for path in (JOIN, leave(cast.course)):
        answer = client.post(path, {"enrollmentCode": CODE})

        assert (answer.status_code, answer.json()) == (403, {"error": "Insufficient permissions"})


def test_student_leaves(cast: Cast, dora: User) -> None:
    enroll(dora, cast.course, ordinal=1)
    Course.objects.update(is_active=False)

    answer = client_of(cast.ben).post(leave(cast.course))

    assert answer.status_code == 200
    assert answer.json() == {"message": "Successfully unenrolled from course"}
    assert [enrollment.student for enrollment in cast.course.enrollments.all()] == [dora]


def test_outsider_has_nothing_to_leave(cast: Cast, dora: User) -> None:
    answer = client_of(dora).post(leave(cast.course))

    assert (answer.status_code, answer.json()) == (400, {"error": "Not enrolled in this course"})


@pytest.mark.parametrize("course_id", ["66f1a2b3c4d5e6f708192a3b", "no-id", "a.b"])
def test_unknown_course_is_not_left(cast: Cast, course_id: str) -> None:
    answer = client_of(cast.ben).post(f"/api/courses/{course_id}/unenroll")

    assert (answer.status_code, answer.json()) == (404, {"error": "Course not found"})


def test_joining_and_leaving_changes_the_course(cast: Cast, dora: User) -> None:
    """Its students are a part of its document, which an export of changes has to notice."""
    moments = [cast.course.updated_at]

    for path in (JOIN, leave(cast.course)):
        client_of(dora).post(path, {"enrollmentCode": CODE})
        cast.course.refresh_from_db()
        moments.append(cast.course.updated_at)

    assert moments[0] < moments[1] < moments[2]


def test_refusal_leaves_the_course_as_it_is(cast: Cast, dora: User) -> None:
    before = cast.course.updated_at

    client_of(cast.ben).post(JOIN, {"enrollmentCode": CODE})
    client_of(dora).post(leave(cast.course))

    cast.course.refresh_from_db()
    assert cast.course.updated_at == before


@override_settings(THROTTLING=True)
def test_codes_are_not_guessed(cast: Cast, dora: User) -> None:
    caches["throttle"].clear()
    client = client_of(dora)

    statuses = [client.post(JOIN, {"enrollmentCode": f"GUESS{number}"}).status_code for number in range(11)]

    assert statuses == [404] * 10 + [429]
    assert client_of(make_user("eve")).post(JOIN, {"enrollmentCode": CODE}).status_code == 200
