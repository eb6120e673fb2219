"""What happens at once, in threads with connections of their own."""

import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import User
from courses import services
from courses.models import Course
from scribetree.testing import Cast, at_once, client_of, enroll, hex_id, make_cast, make_user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cast() -> Cast:
    cast = make_cast()
    Course.objects.update(enrollment_code="ABC123")
    return cast


def outcomes_of(*requests: Callable[[], Any]) -> Counter[tuple[int, str]]:
    return Counter((answer.status_code, answer.json().get("error", "")) for answer in at_once(*requests))


def join(student: User) -> Callable[[], Any]:
    return lambda: client_of(student).post("/api/courses/enroll", {"enrollmentCode": "ABC123"})


def leave(student: User, course: Course) -> Callable[[], Any]:
    return lambda: client_of(student).post(f"/api/courses/{hex_id(course)}/unenroll")


def test_course_takes_no_more_students_than_it_has_seats(cast: Cast) -> None:
    Course.objects.update(max_students=3)
    students = [make_user(f"student{number}") for number in range(6)]

    outcomes = outcomes_of(*map(join, students))

    assert outcomes == {(200, ""): 2, (400, "Course is at maximum capacity"): 4}
    assert sorted(cast.course.enrollments.values_list("ordinal", flat=True)) == [0, 1, 2]


def test_student_joins_once(cast: Cast) -> None:
    outcomes = outcomes_of(*[join(make_user("dora"))] * 5)

    assert outcomes == {(200, ""): 1, (400, "Already enrolled in this course"): 4}


def test_student_leaves_once(cast: Cast) -> None:
    enroll(make_user("dora"), cast.course, ordinal=1)

    outcomes = outcomes_of(*[leave(cast.ben, cast.course)] * 5)

    assert outcomes == {(200, ""): 1, (400, "Not enrolled in this course"): 4}
    assert cast.course.enrollments.count() == 1


def test_seats_that_are_left_are_taken(cast: Cast) -> None:
    Course.objects.update(max_students=1)
    dora = make_user("dora")

    outcomes = outcomes_of(leave(cast.ben, cast.course), join(dora))

    assert outcomes[200, ""] + outcomes[400, "Course is at maximum capacity"] == 2
    assert cast.course.enrollments.count() == outcomes[200, ""] - 1


def test_changes_of_different_fields_all_stay(cast: Cast) -> None:
    changes = ({"title": "Poems"}, {"description": "Rhyme"}, {"maxStudents": 7}, {"tags": ["a"]}, {"isActive": False})
    path = f"/api/courses/{hex_id(cast.course)}"

    outcomes = outcomes_of(*[lambda body=body: client_of(cast.ada).put(path, body) for body in changes])

    assert outcomes == {(200, ""): 5}
    course = Course.objects.get()
    assert (course.title, course.description, course.max_students) == ("Poems", "Rhyme", 7)
    assert (course.tags, course.is_active) == (["a"], False)


def test_courses_created_at_once_have_codes_of_their_own(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """All threads draw the same codes first, so that they collide."""
    drawn, codes = threading.local(), ("SAME01", "SAME02", "SAME03", "SAME04")

    def new_code() -> str:
        drawn.count = getattr(drawn, "count", -1) + 1
        return codes[drawn.count]

    monkeypatch.setattr(services, "new_code", new_code)
    body = {"title": "Essays", "description": "How to"}

    outcomes = outcomes_of(*[lambda: client_of(cast.cleo).post("/api/courses", body)] * 4)

    assert outcomes == {(201, ""): 4}
    assert set(Course.objects.filter(instructor=cast.cleo).values_list("enrollment_code", flat=True)) == set(codes)
