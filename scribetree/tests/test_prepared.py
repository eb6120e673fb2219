import pytest
from django.db import connection
from django.db.models import F, Prefetch
from django.test.utils import CaptureQueriesContext

from courses.models import Course, Enrollment
from scribetree.object_id import new_id
from scribetree.prepared import Prepared
from scribetree.testing import make_cast, make_course

pytestmark = pytest.mark.django_db

TAUGHT = Prepared(
    lambda course_id, instructor_id: (
        Course.objects.defer("extra")
        .annotate(teacher=F("instructor__first_name"))
        .filter(pk=course_id, instructor=instructor_id, tags=["a", "100 %"])
    )
)


def test_prepared_query_finds_what_the_queryset_would() -> None:
    cast = make_cast()
    first, second = (make_course(cast.ada, tags=["a", "100 %"], settings={"x": n}) for n in range(2))

    for course in (first, second, first):
        found = TAUGHT.first(course.pk, cast.ada.pk)
        assert (found, found.settings, found.tags, found.teacher) == (course, course.settings, course.tags, "Ada")
    assert TAUGHT.first(first.pk, cast.cleo.pk) is None
    assert TAUGHT.first(new_id(), cast.ada.pk) is None


def test_prepared_query_is_one_and_leaves_deferred_columns_out() -> None:
    cast = make_cast()
    course = make_course(cast.ada, tags=["a", "100 %"])

    with CaptureQueriesContext(connection) as captured:
        found = TAUGHT.first(course.pk, cast.ada.pk)

    assert len(captured) == 1
    assert found.get_deferred_fields() == {"extra"}


LISTED = Prepared(
    lambda instructor_id: Course.objects.select_related("instructor").filter(instructor=instructor_id).order_by("title")
)


def test_prepared_list_has_the_joined_rows() -> None:
    cast = make_cast()
    make_course(cast.ada, title="A first one")
    make_course(cast.cleo)

    with CaptureQueriesContext(connection) as captured:
        found = [(course.title, course.instructor.first_name) for course in LISTED.all(cast.ada.pk)]

    assert found == [("A first one", "Ada"), ("Ada's course", "Ada")]
    assert len(captured) == 1
    assert [course.title for course in LISTED.all(cast.cleo.pk)] == ["Essays"]


WITH_STUDENTS = Prepared(
    lambda instructor_id: (
        Course.objects.filter(instructor=instructor_id)
        .order_by("title")
        .prefetch_related(Prefetch("enrollments", Enrollment.objects.order_by("ordinal"), "students_in_order"))
    )
)


def test_prepared_list_brings_what_refers_to_its_rows() -> None:
    cast = make_cast()
    make_course(cast.ada, title="A first one")

    with CaptureQueriesContext(connection) as captured:
        found = WITH_STUDENTS.all(cast.ada.pk)

    assert [[row.student_id for row in course.students_in_order] for course in found] == [[], [cast.ben.pk]]
    assert len(captured) == 2
    assert WITH_STUDENTS.all(new_id()) == []


TITLES = Prepared(lambda ids: Course.objects.filter(id__any=ids).order_by("title").values_list("title", "settings"))


def test_prepared_values_are_of_any_number_of_ids() -> None:
    cast = make_cast()
    courses = [make_course(cast.ada, title=title, settings={"n": 1e300}) for title in "ab"]

    assert TITLES.all([course.pk for course in courses]) == [("a", {"n": 1e300}), ("b", {"n": 1e300})]
    assert TITLES.all([]) == []


def test_prepared_rows_are_those_of_the_orm() -> None:
    cast = make_cast()

    (found,) = LISTED.all(cast.ada.pk)
    (asked,) = LISTED.make(cast.ada.pk)

    for one, other in ((found, asked), (found.instructor, asked.instructor)):
        assert {**vars(one), "_state": None} == {**vars(other), "_state": None}
        assert (one._state.adding, one._state.db) == (other._state.adding, other._state.db)
