"""`--since` takes what was written later, rows of lists included."""

from datetime import timedelta
from pathlib import Path

import pytest
from bson import ObjectId
from django.db import connection

from accounts.models import User
from courses.models import Enrollment
from migrate_mongo.mappings import MAPPINGS
from migrate_mongo.tests.conftest import Export
from migrate_mongo.tests.dumps import CREATED
from migrate_mongo.tests.exported import documents
from scribetree import testing
from scribetree.fields import now
from scribetree.object_id import uuid_to_object_id


@pytest.fixture
def cast(db: None) -> testing.Cast:
    """Everybody, all of it older than a day."""
    cast = testing.make_cast()
    with connection.cursor() as cursor:
        for table in ("users", "courses"):
            cursor.execute(f"UPDATE {table} SET created_at = '2025-01-01Z', updated_at = '2025-01-01Z'")
        cursor.execute("UPDATE course_enrollments SET enrolled_at = '2025-01-01Z'")
    return cast


def exported(export: Export, out: Path) -> dict[str, list[ObjectId]]:
    export(since=now() - timedelta(days=1))
    found = {name: [document["_id"] for document in documents(out, name)] for name in MAPPINGS}
    return {name: ids for name, ids in found.items() if ids}


def test_nothing_is_new(cast: testing.Cast, export: Export, out: Path) -> None:
    assert exported(export, out) == {}


def test_changed_row(cast: testing.Cast, export: Export, out: Path) -> None:
    User.objects.filter(pk=cast.ben.pk).update(first_name="Benjamin")

    assert exported(export, out) == {"users": [uuid_to_object_id(cast.ben.pk)]}


def test_new_member(cast: testing.Cast, export: Export, out: Path) -> None:
    Enrollment.objects.create(course=cast.course, student=cast.cleo)

    assert exported(export, out) == {"courses": [uuid_to_object_id(cast.course.pk)]}


def test_changed_comment_and_new_version(cast: testing.Cast, export: Export, out: Path) -> None:
    submission = testing.make_submission(
        testing.make_assignment(cast.course, created_at=CREATED, updated_at=CREATED),
        cast.ben,
        created_at=CREATED,
        updated_at=CREATED,
    )
    testing.make_comment(submission, cast.ada, created_at=CREATED)
    testing.make_version(submission, version=1, created_at=CREATED)
    version = testing.make_version(submission, version=2)

    assert exported(export, out) == {
        "assignmentsubmissions": [uuid_to_object_id(submission.pk)],
        "documentversions": [uuid_to_object_id(version.pk)],
    }
