import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from scribetree.testing import make_cast, make_course
from scribetree.updates import update_row

pytestmark = pytest.mark.django_db


def test_update_writes_its_columns_and_brings_the_new_date_back() -> None:
    course = make_cast().course
    other = make_course(course.instructor)
    before = course.updated_at

    with CaptureQueriesContext(connection) as captured:
        update_row(course, title="New", tags=["a"])

    assert len(captured) == 1
    assert course.updated_at > before
    values = course.title, course.tags, course.description, course.updated_at
    course.refresh_from_db()
    assert values == (course.title, course.tags, course.description, course.updated_at)
    assert (course.title, course.tags) == ("New", ["a"])
    date = other.updated_at
    other.refresh_from_db()
    assert (other.title, other.updated_at) == ("Essays", date)


def test_update_of_nothing_touches_the_row() -> None:
    course = make_cast().course
    before = course.updated_at

    update_row(course)

    assert course.updated_at > before
    moved = course.updated_at
    course.refresh_from_db()
    assert course.updated_at == moved
