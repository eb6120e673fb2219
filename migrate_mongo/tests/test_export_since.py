"""`--since` takes what was written later, rows of lists included, and what was loaded after all."""

from datetime import timedelta
from pathlib import Path

import bson
import pytest
from bson import ObjectId
from django.db import connection

from accounts.models import User
from courses.models import Enrollment
from migrate_mongo.mappings import MAPPINGS
from migrate_mongo.models import RejectedDocument
from migrate_mongo.progress import NoMeter
from migrate_mongo.quarantine import Selection
from migrate_mongo.retry import Replacement, RetryOptions, retry
from migrate_mongo.tests.conftest import Export, Import
from migrate_mongo.tests.dumps import CREATED, course, oid, user, write_dump
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


def test_rejected_documents_that_were_loaded_after_all(
    import_dump: Import, export: Export, out: Path, tmp_path: Path
) -> None:
    nameless = {**user(3), "email": None}
    dump = {"users": [user(1, role="educator"), user(2), nameless, nameless | {"_id": "a text"}]}
    import_dump(write_dump(tmp_path / "dump", {**dump, "courses": [course(10, 3)]}))
    [first, second] = RejectedDocument.objects.filter(collection="users").order_by("pk")
    replacements = {first.pk: user(3), second.pk: user(4)}
    made = {number: Replacement(bson.encode(raw), "Repaired.") for number, raw in replacements.items()}
    assert exported(export, out) == {}

    retry(Selection(numbers=tuple(made)), RetryOptions(replacements=made), NoMeter())
    export(tmp_path / "again", since=now() - timedelta(days=1))

    again = tmp_path / "again" / out.name
    assert {name: [found["_id"] for found in documents(again, name)] for name in ("users", "courses")} == {
        "users": [oid(3), oid(4)],
        "courses": [oid(10)],
    }


def test_those_that_were_loaded_before_are_left_out(
    import_dump: Import, export: Export, out: Path, tmp_path: Path
) -> None:
    import_dump(write_dump(tmp_path / "dump", {"users": [user(1, email=None)]}))
    [number] = RejectedDocument.objects.values_list("pk", flat=True)
    made = {number: Replacement(bson.encode(user(1)), "Repaired.")}
    retry(Selection(numbers=(number,)), RetryOptions(replacements=made), NoMeter())
    RejectedDocument.objects.update(settled_at=now() - timedelta(days=2))

    assert exported(export, out) == {}
