import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from courses.models import Course
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
