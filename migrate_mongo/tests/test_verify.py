"""Every kind of fault that could stand between the source and PostgreSQL is found."""

import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

from migrate_mongo.tests.conftest import Import, Verify
from migrate_mongo.tests.dumps import CREATED, classroom, course, document, oid, submission, user, version, write_dump
from migrate_mongo.verify import differences
from migrate_mongo.verify_report import MAX_VALUE_CHARACTERS, VerifyReport


def change(statement: str) -> None:
    with connection.cursor() as cursor:
        # as a person with psql and too many rights could
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(statement)
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")


@pytest.fixture
def dump(tmp_path: Path, import_dump: Import) -> Path:
    """An imported school with a bit of everything."""
    comment = {"_id": oid(60), "id": oid(61), "author": oid(1), "content": "Why?", "createdAt": CREATED, "replies": []}
    folder = write_dump(
        tmp_path,
        classroom(
            users=[user(1), user(2), user(3), user(4), {**user(5), "email": None}],
            courses=[course(10, 1, students=[oid(2), oid(3)], tags=["a"], settings={"gradingScale": "letter"})],
            assignmentsubmissions=[submission(30, 20, 2, comments=[comment], collaborators=[oid(3)])],
            documents=[document(40, 2)],
            documentversions=[version(50, 40, 1, content="one two")],
        ),
    )
    assert import_dump(folder).totals["rejected"] == 1
    return folder


FAULTS = {
    "UPDATE users SET first_name = 'Eve' WHERE email = 'user2@school.test'": ("users", "firstName", "Uma", "Eve"),
    "UPDATE users SET bio = '' WHERE email = 'user2@school.test'": ("users", "bio", "absent", ""),
    "UPDATE users SET profile_picture = 'x' WHERE email = 'user2@school.test'": (
        "users",
        "profilePicture",
        "None",
        "x",
    ),
    "UPDATE users SET created_at = created_at + interval '1 ms' WHERE email = 'user2@school.test'": (
        "users",
        "createdAt",
        f"DatetimeMS({int(CREATED.timestamp() * 1000)})",
        f"DatetimeMS({int(CREATED.timestamp() * 1000) + 1})",
    ),
    'UPDATE courses SET settings = settings || \'{"gradingScale": "points"}\'': (
        "courses",
        "settings.gradingScale",
        "letter",
        "points",
    ),
    "UPDATE courses SET settings = settings || '{\"new\": true}'": ("courses", "settings.new", "absent", "True"),
    "UPDATE courses SET settings = settings || '{\"allowSelfEnrollment\": 0}'": (
        "courses",
        "settings.allowSelfEnrollment",
        "False",
        "0",
    ),
    "UPDATE courses SET tags = '{a,b}'": ("courses", "tags[1]", "absent", "b"),
    'UPDATE courses SET extra = \'{"original": {"x": 5}}\'': ("courses", "x", "absent", "5"),
    "DELETE FROM course_enrollments WHERE ordinal = 1": ("courses", "students[1]", f"ObjectId('{oid(3)}')", "absent"),
    "UPDATE course_enrollments SET ordinal = 7 WHERE ordinal = 0": (
        "courses",
        "students[0]",
        f"ObjectId('{oid(2)}')",
        f"ObjectId('{oid(3)}')",
    ),
    "DELETE FROM submission_collaborators": (
        "assignmentsubmissions",
        "collaborators[0]",
        f"ObjectId('{oid(3)}')",
        "absent",
    ),
    "UPDATE submission_comments SET content = 'How?'": ("assignmentsubmissions", "comments[0].content", "Why?", "How?"),
    "UPDATE document_versions SET content = 'one three'": ("documentversions", "content", "one two", "one three"),
    "UPDATE document_versions SET document_id = NULL, submission_id = (SELECT id FROM assignment_submissions)": (
        "documentversions",
        "document",
        f"ObjectId('{oid(40)}')",
        f"ObjectId('{oid(30)}')",
    ),
}


@pytest.mark.parametrize("statement", FAULTS)
def test_a_changed_row_is_found(dump: Path, verify_dump: Verify, statement: str) -> None:
    assert verify_dump(dump).status == "clean"

    change(statement)

    report = verify_dump(dump)
    collection, path, source, target = FAULTS[statement]
    assert report.exit_code == 2
    assert report.collections[collection].different == report.totals.different == 1
    found = {key: value for key, value in report.differences[0].items() if key != "id"}
    assert found == {"collection": collection, "path": path, "source": source, "target": target}


def test_a_deleted_row_is_missing(dump: Path, verify_dump: Verify) -> None:
    change("DELETE FROM document_versions")

    report = verify_dump(dump)

    assert (report.totals.missing, report.exit_code) == (1, 2)
    assert report.differences == [
        {"collection": "documentversions", "id": str(oid(50)), "path": "", "source": "a document", "target": "no row"}
    ]


def test_a_row_without_a_document_is_extra(dump: Path, verify_dump: Verify) -> None:
    change(
        "INSERT INTO users (email, password_hash, first_name, last_name, role, is_verified)"
        " VALUES ('new@school.test', '', '', '', 'student', false)"
    )
    change("UPDATE document_versions SET id = gen_random_uuid()")

    report = verify_dump(dump)

    assert (report.totals.extra, report.totals.missing, report.exit_code) == (2, 1, 2)
    assert {difference["target"] for difference in report.differences} == {"a row", "no row"}


def test_a_row_that_no_document_can_be_made_from_is_different(dump: Path, verify_dump: Verify) -> None:
    change('UPDATE documents SET metadata = \'{"lastEditedAt": "someday"}\'')

    report = verify_dump(dump)

    assert report.totals.different == 1
    assert "no document can be made" in report.differences[0]["target"]


def test_a_rejected_document_must_be_kept_whole(dump: Path, verify_dump: Verify) -> None:
    assert verify_dump(dump).totals.rejected == 1

    change("UPDATE import_rejects SET raw = '\\x00'")

    report = verify_dump(dump)
    assert (report.totals.rejected, report.totals.missing) == (0, 1)


def test_an_orphan_is_found(dump: Path, verify_dump: Verify) -> None:
    change("DELETE FROM users WHERE email = 'user4@school.test'")
    change("UPDATE documents SET author_id = new_object_id()")

    report = verify_dump(dump, only=("courses",))

    assert report.totals.different == 0
    assert report.integrity["documents.author_id -> users"] == 1
    assert report.exit_code == 2
    assert any("documents.author_id -> users: 1 rows refer to nothing" in line for line in report.lines())


def test_undecodable_documents_count_as_rejected_or_missing(
    import_dump: Import, verify_dump: Verify, tmp_path: Path
) -> None:
    broken = b"\x0c\0\0\0\x08a\0\x02\0\0\0\0"[:11] + b"\0"
    dump = write_dump(tmp_path, {"users": [user(1), broken]})
    before = verify_dump(dump)
    assert (before.totals.missing, before.totals.rejected) == (2, 0)

    import_dump(dump)

    after = verify_dump(dump)
    assert (after.totals.matching, after.totals.rejected, after.status) == (1, 1, "clean")


def test_numbers_that_the_source_computed_are_computed_again(
    import_dump: Import, verify_dump: Verify, tmp_path: Path
) -> None:
    metadata = {"wordCount": 2, "characterCount": 6, "readingTime": 1}
    wrong = {**metadata, "wordCount": 9}
    session = {
        "document": oid(40),
        "user": oid(2),
        "startTime": CREATED,
        "endTime": CREATED.replace(minute=40),
        "duration": 600,
        "activity": {"wordsAdded": 100, "totalPauseTime": 60},
        "productivity": {"wordsPerMinute": 10, "focusScore": 90},
        "createdAt": CREATED,
        "updatedAt": CREATED,
    }
    dump = write_dump(
        tmp_path,
        classroom(
            documents=[document(40, 2)],
            documentversions=[
                version(50, 40, 1, content="one two", metadata=metadata),
                version(51, 40, 2, content="one two", metadata=wrong),
            ],
            writingsessions=[
                {"_id": oid(70), **session},
                {"_id": oid(71), **session, "duration": 5},
                {"_id": oid(72), **session, "endTime": None},
                {"_id": oid(73), **session, "activity": {"wordsAdded": "many"}},
                {"_id": oid(74), **session, "activity": None},
            ],
        ),
    )
    import_dump(dump)

    report = verify_dump(dump)

    assert report.status == "clean"
    assert report.recomputed["documentversions.metadata.wordCount"] == {
        "checked": 2,
        "differing": 1,
        "samples": [str(oid(51))],
    }
    assert report.recomputed["documentversions.metadata.readingTime"]["differing"] == 0
    assert report.recomputed["writingsessions.duration"] == {"checked": 2, "differing": 1, "samples": [str(oid(71))]}
    assert report.recomputed["writingsessions.productivity.focusScore"]["checked"] == 2
    assert any("documentversions.metadata.wordCount is not what" in line for line in report.lines())


def test_the_list_of_differences_ends_somewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("migrate_mongo.verify_report.MAX_DIFFERENCES", 30)
    report = VerifyReport("somewhere")

    for number in range(40):
        report.differ("users", str(number), "bio", "x" * 1000, number)

    assert (len(report.differences), report.unlisted) == (30, 10)
    assert len(report.differences[0]["source"]) < MAX_VALUE_CHARACTERS + 40
    assert "  and 20 more; --report FILE.json lists 30 of them" in list(report.lines())


def test_differences_name_every_leaf() -> None:
    source = {"a": [1, {"b": True}], "c": None, "d": 1}
    target = {"a": [1.0, {"b": 1}, 2], "d": 1}

    found = [(path, repr(left), repr(right)) for path, left, right in differences(source, target)]

    assert found == [("a[1].b", "True", "1"), ("a[2]", "absent", "2"), ("c", "None", "absent")]


def test_verify_does_not_touch_the_loader() -> None:
    program = (
        "import sys, django; django.setup(); import migrate_mongo.verify; "
        "print([name for name in sys.modules if name.startswith('migrate_mongo.') "
        "and name.split('.')[1] in "
        "('loader', 'pg_copy', 'pipeline', 'workers', 'settlements', 'references', 'ledger')])"
    )
    environment = {"SCRIBETREE_TESTING": "1", "DJANGO_SETTINGS_MODULE": "scribetree.settings", "PATH": ""}
    root = Path(__file__).resolve().parents[2]
    arguments = [sys.executable, "-c", program]
    done = subprocess.run(arguments, cwd=root, env=environment, capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"
