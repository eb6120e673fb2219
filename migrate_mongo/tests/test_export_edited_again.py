"""What was imported, edited and exported is imported again as it was; and dates that nobody wrote get written."""

from pathlib import Path

from bson.datetime_ms import DatetimeMS
from django.db import connection

from accounts.models import User
from analytics.models import WritingSession
from assignments.models import Assignment, AssignmentSubmission, AssignmentTemplate
from courses.models import Course
from documents.models import Document, DocumentVersion
from migrate_mongo.mappings import MAPPINGS
from migrate_mongo.tests.conftest import Export, Import, Verify
from migrate_mongo.tests.dumps import classroom, document, oid, submission, write_dump
from migrate_mongo.tests.exported import documents
from notifications.models import Notification
from scribetree.object_id import object_id_to_uuid

EDITS = {
    User: {"first_name": "Uma", "bio": None},
    Course: {"tags": ["new"], "max_students": 5},
    AssignmentTemplate: {"tags": ["new"], "usage_count": 7},
    Assignment: {"max_collaborators": 3, "due_date": None},
    AssignmentSubmission: {"content": "Rewritten.", "grade": {"score": 5, "rubricScores": []}},
    Document: {"course": None, "title": "Renamed"},
    DocumentVersion: {"author": None},
    WritingSession: {"duration": 60},
    Notification: {"tags": [], "read_at": None},
}


def rows() -> dict[str, list[str]]:
    """All columns but `extra`, whose notes are fewer after an edit."""
    found = {}
    with connection.cursor() as cursor:
        for name in dict.fromkeys(table.name for mapping in MAPPINGS.values() for table in mapping.tables):
            cursor.execute(f"SELECT (to_jsonb(main) - 'extra')::text FROM \"{name}\" AS main ORDER BY 1")
            found[name] = [text for (text,) in cursor.fetchall()]
    return found


def let_time_pass() -> None:
    """The import, in the same transaction, has had `updated_at` stay as it is."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL scribetree.keep_updated_at = 'off'")


def test_edited_rows_are_imported_again_as_they_were(
    import_dump: Import, verify_dump: Verify, export: Export, trapped_sample: Path, out: Path
) -> None:
    import_dump(trapped_sample)
    let_time_pass()
    for model, values in EDITS.items():
        model._default_manager.update(**values)
    before = rows()
    connection.check_constraints()

    assert export(with_rejected=True).status == "clean"
    import_dump(out, restart=True)

    assert rows() == before
    assert verify_dump(out).status == "clean"


def test_to_the_proof_an_edit_is_a_difference(import_dump: Import, verify_dump: Verify, tmp_path: Path) -> None:
    dump = write_dump(tmp_path / "dump", classroom(documents=[document(30, 2, title="a\0b", settings=None)]))
    import_dump(dump)
    assert verify_dump(dump).status == "clean"

    Document.objects.update(content="Corrupted.")

    assert {difference["path"] for difference in verify_dump(dump).differences} == {"content", "updatedAt"}


def test_dates_that_were_made_up_are_written_once_their_document_is_edited(
    import_dump: Import, export: Export, out: Path, tmp_path: Path
) -> None:
    undated = submission(40, 20, 2, collaboration={"isCollaborative": True})
    del undated["lastSavedAt"]
    import_dump(write_dump(tmp_path / "dump", classroom(assignmentsubmissions=[undated])))
    stored = AssignmentSubmission.objects.get()

    export()
    assert "lastSavedAt" not in documents(out, "assignmentsubmissions")[0]
    let_time_pass()
    AssignmentSubmission.objects.update(title="Edited")
    export(tmp_path / "again")

    [found] = documents(tmp_path / "again" / out.name, "assignmentsubmissions")
    assert found["lastSavedAt"] == DatetimeMS(stored.last_saved_at)
    assert found["collaboration"] == {
        "isCollaborative": True,
        "activeUsers": [],
        "lastActiveAt": DatetimeMS(stored.last_saved_at),
        "conflictResolution": "auto",
    }


def test_a_reference_that_led_nowhere_gives_way_to_another(
    import_dump: Import, export: Export, out: Path, tmp_path: Path
) -> None:
    texts = [document(number, 2, course=str(oid(10))) for number in (30, 31)]
    dangling = [document(number, 2, course=oid(99)) for number in (32, 33)]
    import_dump(write_dump(tmp_path / "dump", classroom(documents=[*texts, *dangling])))

    Document.objects.filter(pk=object_id_to_uuid(oid(31))).update(course=None)
    Document.objects.filter(pk=object_id_to_uuid(oid(33))).update(course=object_id_to_uuid(oid(10)))
    export()

    assert [found.get("course") for found in documents(out, "documents")] == [str(oid(10)), None, oid(99), oid(10)]
