"""The way back into dumps: what was imported comes out as it was, what was made since as the original made it."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from bson import ObjectId
from bson.datetime_ms import DatetimeMS
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Role, User
from courses.models import Enrollment
from migrate_mongo import outgoing, stored
from migrate_mongo.dump_files import DATABASE
from migrate_mongo.exceptions import ExportError
from migrate_mongo.export import ExportOptions, export_dump
from migrate_mongo.export_report import ExportReport
from migrate_mongo.indexes import metadata_of
from migrate_mongo.mappings import MAPPINGS
from migrate_mongo.models import ImportPart
from migrate_mongo.progress import LineMeter
from migrate_mongo.targets import dump_target
from migrate_mongo.targets.dump import UNFINISHED, DirectoryTarget
from migrate_mongo.tests.conftest import Import, Verify
from migrate_mongo.tests.dumps import CREATED, classroom, write_dump
from migrate_mongo.tests.exported import documents, multiset
from migrate_mongo.tests.state import tables
from scribetree import testing
from scribetree.fields import now
from scribetree.object_id import uuid_to_object_id

Export = Callable[..., ExportReport]


@pytest.fixture
def export(db: None, tmp_path: Path) -> Export:
    """Exports into the folder `out`, or the one that is named."""

    def run(folder: Path | None = None, *, compress: bool = False, **options: Any) -> ExportReport:
        choices = ExportOptions(**options)
        target = dump_target(str(folder or tmp_path / "out"), None, choices.only, archive=False, compress=compress)
        return export_dump(target, choices, LineMeter())

    return run


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out" / DATABASE


@pytest.mark.parametrize("compress", [False, True])
def test_what_was_imported_comes_out(
    import_dump: Import, export: Export, sample: Path, out: Path, compress: bool
) -> None:
    import_dump(sample)

    report = export(compress=compress)

    assert (report.status, report.totals["exported"]) == ("clean", 400)
    assert multiset(out) == multiset(sample)


def test_rejected_documents_come_out_as_they_were(
    import_dump: Import, export: Export, trapped_sample: Path, out: Path, tmp_path: Path
) -> None:
    rejected = import_dump(trapped_sample).totals["rejected"]

    report = export(with_rejected=True)
    without = export(tmp_path / "without")

    assert (report.status, report.totals["rejected"]) == ("clean", rejected)
    assert report.totals["exported"] + rejected == 900
    assert multiset(out) == multiset(trapped_sample)
    assert without.totals["rejected"] == 0
    missing = multiset(trapped_sample) - multiset(tmp_path / "without" / DATABASE)
    assert missing.total() == rejected


@pytest.mark.parametrize("compress", [False, True])
@pytest.mark.parametrize("name", ["dump", "dump-6k"])
def test_real_dumps_come_out(
    import_dump: Import, export: Export, real_data: Path, out: Path, name: str, compress: bool
) -> None:
    import_dump(real_data / name)

    assert export(with_rejected=True, compress=compress).status == "clean"

    assert multiset(out) == multiset(real_data / name / DATABASE)


@pytest.mark.parametrize("name", ["sample", "trapped_sample"])
def test_import_of_an_export_gives_the_same_rows(
    import_dump: Import, verify_dump: Verify, export: Export, request: pytest.FixtureRequest, out: Path, name: str
) -> None:
    import_dump(request.getfixturevalue(name))
    before = tables()

    export(with_rejected=True)
    import_dump(out, restart=True)

    assert tables() == before
    assert verify_dump(out).status == "clean"


def test_metadata_and_prelude_stand_beside_the_documents(import_dump: Import, export: Export, out: Path) -> None:
    import_dump(write_dump(out.parents[1] / "dump", classroom()))

    export(only=("courses", "users"))

    names = {file.name for file in out.iterdir()}
    assert names == {
        "prelude.json",
        *(f"{name}.{end}" for name in ("users", "courses") for end in ("bson", "metadata.json")),
    }
    assert '"unique":true' in (out / "users.metadata.json").read_text()
    assert {index["name"] for index in metadata_of("users")["indexes"]} == {"_id_", "email_1", "role_1"}


class TestRowsMadeSince:
    """In the original's shape: see what it writes in its own models."""

    def of(self, out: Path, row: Any, collection: str) -> dict[str, Any]:
        [found] = [found for found in documents(out, collection) if found["_id"] == uuid_to_object_id(row.pk)]
        return found

    def ms(self, moment: Any) -> DatetimeMS:
        return DatetimeMS(moment)

    def test_user(self, export: Export, out: Path) -> None:
        ada = testing.make_user("ada", Role.EDUCATOR)

        export()

        assert self.of(out, ada, "users") == {
            "_id": uuid_to_object_id(ada.pk),
            "email": "ada@example.org",
            "password": testing.PASSWORD_HASH.removeprefix("bcrypt$"),
            "firstName": "Ada",
            "lastName": "Test",
            "role": "educator",
            "profilePicture": None,
            "isVerified": False,
            "createdAt": self.ms(ada.created_at),
            "updatedAt": self.ms(ada.updated_at),
            "__v": 0,
        }

    def test_course_with_its_students_in_the_order_of_joining(self, export: Export, out: Path) -> None:
        ada = testing.make_user("ada", Role.EDUCATOR)
        course = testing.make_course(ada)
        students = [testing.make_user(f"s{number}") for number in range(4)]
        for place, student in enumerate(reversed(students)):
            testing.enroll(student, course, enrolled_at=now() + timedelta(seconds=place))

        export()

        found = self.of(out, course, "courses")
        assert found["students"] == [uuid_to_object_id(student.pk) for student in reversed(students)]
        assert found["instructor"] == uuid_to_object_id(ada.pk)
        assert found.keys() == {
            "_id",
            "title",
            "description",
            "instructor",
            "students",
            "isPublic",
            "settings",
            "status",
            "isActive",
            "tags",
            "createdAt",
            "updatedAt",
            "__v",
        }

    def test_deployment_holds_only_what_is_its_own(self, export: Export, out: Path) -> None:
        ada = testing.make_user("ada", Role.EDUCATOR)
        template = testing.make_template(ada)
        overrides = {"minWords": 100, "requiredSections": [], "allowedResources": []}
        deployed = testing.make_assignment(
            testing.make_course(ada), template=template, course_specific_requirements=overrides
        )

        export()

        assert documents(out, "assignments") == []
        found = self.of(out, deployed, "courseassignments")
        assert found["template"] == uuid_to_object_id(template.pk)
        assert found["courseSpecificRequirements"] == overrides
        assert "title" not in found

    def test_submission_with_comments_and_replies(self, export: Export, out: Path) -> None:
        cast = testing.make_cast()
        submission = testing.make_submission(testing.make_assignment(cast.course), cast.ben)
        comment = testing.make_comment(submission, cast.ada)
        reply = testing.make_comment(submission, cast.ben, parent=comment, content="What?")
        later = testing.make_comment(submission, cast.ada)

        export()

        found = self.of(out, submission, "assignmentsubmissions")
        assert [one["id"] for one in found["comments"]] == [uuid_to_object_id(comment.pk), uuid_to_object_id(later.pk)]
        assert found["comments"][0] == {
            "_id": uuid_to_object_id(comment.pk),
            "id": uuid_to_object_id(comment.pk),
            "author": uuid_to_object_id(cast.ada.pk),
            "content": "Say more.",
            "type": "comment",
            "resolved": False,
            "createdAt": self.ms(comment.created_at),
            "replies": [
                {
                    "_id": uuid_to_object_id(reply.pk),
                    "author": uuid_to_object_id(cast.ben.pk),
                    "content": "What?",
                    "createdAt": self.ms(reply.created_at),
                }
            ],
        }
        assert (found["grade"], found["aiInteractions"], found["__v"]) == ({"rubricScores": []}, [], 0)

    def test_versions_name_what_they_belong_to(self, export: Export, out: Path) -> None:
        cast = testing.make_cast()
        submission = testing.make_submission(testing.make_assignment(cast.course), cast.ben)
        document = testing.make_document(cast.ben)
        made = [testing.make_version(document), testing.make_version(submission)]

        export()

        assert [self.of(out, version, "documentversions")["document"] for version in made] == [
            uuid_to_object_id(document.pk),
            uuid_to_object_id(submission.pk),
        ]
        assert self.of(out, made[0], "documentversions")["diff"] == {"additions": [], "deletions": []}

    def test_session_and_notification(self, export: Export, out: Path) -> None:
        ben = testing.make_user("ben")
        session = testing.make_session(testing.make_document(ben))
        notification = testing.make_notification(ben)

        export()

        found = self.of(out, session, "writingsessions")
        assert (found["user"], found["snapshots"], found["__v"]) == (uuid_to_object_id(ben.pk), [], 0)
        told = self.of(out, notification, "notifications")
        assert told["intervention"] == {
            "severity": "info",
            "suggestedActions": [],
            "escalationRules": {"escalateTo": []},
        }
        assert {"sender", "readAt", "relatedMetrics"}.isdisjoint(told)

    def test_all_of_it_is_imported_again(
        self, import_dump: Import, verify_dump: Verify, export: Export, out: Path
    ) -> None:
        cast = testing.make_cast()
        submission = testing.make_submission(testing.make_assignment(cast.course), cast.ben)
        testing.make_comment(submission, cast.ada, parent=testing.make_comment(submission, cast.ada))
        document = testing.make_document(cast.ben, course=cast.course)
        testing.make_version(document)
        testing.make_session(document)
        testing.make_notification(cast.ben)

        export()
        connection.check_constraints()
        report = import_dump(out, restart=True)

        assert (report.totals["loaded"], report.totals["rejected"]) == (11, 0)
        assert verify_dump(out).status == "clean"


def test_passwords_that_the_original_cannot_verify_are_counted(export: Export) -> None:
    testing.make_user("ada")
    testing.make_user("ben", password="argon2$argon2id$v=19$m=1,t=1,p=1$c29tZXNhbHQ$aGFzaA")

    report = export()

    assert (report.status, report.notes["password_resets"]) == ("clean", 1)
    assert any(line.startswith("1 accounts need a password reset in the original") for line in report.lines())


def test_versions_without_content_are_counted(export: Export) -> None:
    testing.make_version(testing.make_document(testing.make_user("ben")), content="")

    assert any(line.startswith("1 versions have no content") for line in export().lines())


class TestSince:
    @pytest.fixture
    def cast(self, db: None) -> testing.Cast:
        """Everybody, all of it older than a day."""
        cast = testing.make_cast()
        with connection.cursor() as cursor:
            for table in ("users", "courses"):
                cursor.execute(f"UPDATE {table} SET created_at = '2025-01-01Z', updated_at = '2025-01-01Z'")
            cursor.execute("UPDATE course_enrollments SET enrolled_at = '2025-01-01Z'")
        return cast

    def exported(self, export: Export, out: Path) -> dict[str, list[ObjectId]]:
        export(since=now() - timedelta(days=1))
        found = {name: [document["_id"] for document in documents(out, name)] for name in MAPPINGS}
        return {name: ids for name, ids in found.items() if ids}

    def test_nothing_is_new(self, cast: testing.Cast, export: Export, out: Path) -> None:
        assert self.exported(export, out) == {}

    def test_changed_row(self, cast: testing.Cast, export: Export, out: Path) -> None:
        User.objects.filter(pk=cast.ben.pk).update(first_name="Benjamin")

        assert self.exported(export, out) == {"users": [uuid_to_object_id(cast.ben.pk)]}

    def test_new_member(self, cast: testing.Cast, export: Export, out: Path) -> None:
        Enrollment.objects.create(course=cast.course, student=cast.cleo)

        assert self.exported(export, out) == {"courses": [uuid_to_object_id(cast.course.pk)]}

    def test_changed_comment_and_new_version(self, cast: testing.Cast, export: Export, out: Path) -> None:
        submission = testing.make_submission(
            testing.make_assignment(cast.course, created_at=CREATED, updated_at=CREATED),
            cast.ben,
            created_at=CREATED,
            updated_at=CREATED,
        )
        testing.make_comment(submission, cast.ada, created_at=CREATED)
        testing.make_version(submission, version=1, created_at=CREATED)
        version = testing.make_version(submission, version=2)

        assert self.exported(export, out) == {
            "assignmentsubmissions": [uuid_to_object_id(submission.pk)],
            "documentversions": [uuid_to_object_id(version.pk)],
        }


class TestMemory:
    def sizes(self, name: str) -> list[int]:
        return [len(batch.documents) for batch in outgoing.outgoing(MAPPINGS[name])]

    def test_batches_end_at_their_size(self, db: None, monkeypatch: pytest.MonkeyPatch) -> None:
        for number in range(25):
            testing.make_user(f"user{number}")
        monkeypatch.setattr(stored, "BATCH_ROWS", 10)

        assert self.sizes("users") == [10, 10, 5]

    def test_batches_end_at_their_weight(self, db: None, monkeypatch: pytest.MonkeyPatch) -> None:
        ben = testing.make_user("ben")
        for size in (9000, 100, 100, 9000, 20_000, 100):
            testing.make_document(ben, content="x" * size)
        monkeypatch.setattr(stored, "BATCH_BYTES", 15_000)

        assert self.sizes("documents") == [3, 1, 1, 1]

    def test_comments_weigh_too(self, db: None, monkeypatch: pytest.MonkeyPatch) -> None:
        cast = testing.make_cast()
        for _ in range(3):
            submission = testing.make_submission(testing.make_assignment(cast.course), cast.ben)
            testing.make_comment(submission, cast.ada, content="x" * 9000)
        monkeypatch.setattr(stored, "BATCH_BYTES", 15_000)

        assert self.sizes("assignmentsubmissions") == [1, 1, 1]

    @pytest.mark.parametrize("rows", [1, 30])
    def test_queries_do_not_grow_with_rows(self, db: None, rows: int) -> None:
        cast = testing.make_cast()
        for number in range(rows):
            submission = testing.make_submission(testing.make_assignment(cast.course), cast.ben)
            for _ in range(3):
                testing.make_comment(submission, cast.ada)
            testing.add_submission_collaborator(submission, testing.make_user(f"friend{number}"))

        with CaptureQueriesContext(connection) as queries:
            assert self.sizes("assignmentsubmissions") == [rows]

        # ids, a weight and the rows of each of three tables, and no more ids
        assert len(queries) == 1 + 3 + 3 + 1

    def test_documents_come_in_the_order_of_their_ids(
        self, import_dump: Import, sample: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        import_dump(sample)
        monkeypatch.setattr(stored, "BATCH_ROWS", 7)

        for mapping in MAPPINGS.values():
            keys = [key for batch in outgoing.outgoing(mapping) for key in batch.documents]

            assert keys == sorted(keys)
            assert len(keys) == stored.count(mapping)


def change(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(statement)
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("UPDATE documents SET metadata = '{\"lastEditedAt\": \"someday\"}' WHERE title = 'Odd'", "no document can be"),
        ("UPDATE documents SET metadata = '{\"wordCount\": 1e400}' WHERE title = 'Odd'", "its row cannot be read"),
        ("UPDATE documents SET created_at = 'infinity' WHERE title = 'Odd'", "its row cannot be read"),
        (f"UPDATE documents SET metadata = '{{\"wordCount\": {10**19}}}' WHERE title = 'Odd'", "no document can be"),
        ("UPDATE documents SET id = gen_random_uuid() WHERE title = 'Odd'", "its key is no ObjectId"),
    ],
)
def test_what_no_document_can_be_made_of_is_listed(export: Export, out: Path, statement: str, message: str) -> None:
    ben = testing.make_user("ben")
    for title in ("One", "Odd", "Other"):
        testing.make_document(ben, title=title)
    change(statement)

    report = export()

    assert (report.status, report.exit_code, report.totals["failed"]) == ("incomplete", 2, 1)
    assert message in report.faults[0]["message"]
    assert sorted(document["title"] for document in documents(out, "documents")) == ["One", "Other"]


def test_what_is_too_large_for_mongodb_is_listed(export: Export, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outgoing, "MAX_DOCUMENT_BYTES", 2000)
    ben = testing.make_user("ben")
    large = testing.make_document(ben, content="x" * 2000)
    testing.make_document(ben)

    report = export()

    assert [fault["id"] for fault in report.faults] == [testing.hex_id(large)]
    assert len(documents(out, "documents")) == 1


def test_an_unfinished_import_is_refused(import_dump: Import, export: Export, sample: Path) -> None:
    import_dump(sample)
    ImportPart.objects.filter(collection="courses").update(position=0)

    with pytest.raises(ExportError, match="the import of courses is not finished"):
        export()
    assert export(only=("users",)).status == "clean"


class TestTarget:
    def test_folder_that_holds_something_is_refused(self, export: Export, tmp_path: Path) -> None:
        (tmp_path / "precious.txt").touch()

        for target in (tmp_path, tmp_path / "precious.txt"):
            with pytest.raises(ExportError, match="is not an empty folder"):
                export(target)

    def test_failed_export_leaves_nothing(self, export: Export, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def fail(*arguments: object) -> None:
            raise OSError(28, "No space left on device")

        testing.make_user("ben")
        monkeypatch.setattr("migrate_mongo.export._write_rejected", fail)

        with pytest.raises(ExportError, match="out cannot be written: No space left on device"):
            export(with_rejected=True)
        assert list(out.parent.iterdir()) == []

    def test_interrupted_export_leaves_nothing(
        self, export: Export, out: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def interrupt(*arguments: object) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr("migrate_mongo.export._write_rows", interrupt)

        with pytest.raises(ExportError, match="stopped; nothing is left"):
            export()
        assert list(out.parent.iterdir()) == []

    def test_killed_export_looks_like_nothing_and_is_begun_anew(
        self, import_dump: Import, export: Export, sample: Path, out: Path
    ) -> None:
        import_dump(sample)
        killed = DirectoryTarget(out.parent, DATABASE, {}, compress=False).__enter__()
        with killed.collection("users") as write:
            write(b"half")
        assert [path.name for path in out.parent.iterdir()] == [UNFINISHED]
        assert list(out.parent.glob("*/*.bson")) == list(out.parent.glob("*.bson")) == []

        assert export().status == "clean"

        assert [path.name for path in out.parent.iterdir()] == [DATABASE]
        assert multiset(out) == multiset(sample)


@pytest.mark.django_db(transaction=True)
def test_a_dump_is_of_one_moment(tmp_path: Path) -> None:
    ada = testing.make_user("ada", Role.EDUCATOR)
    testing.make_course(ada, title="Before")

    class Meddler(DirectoryTarget):
        def collection(self, name: str) -> Any:
            if name == "courses":
                other = connection.copy()
                with other.cursor() as cursor:
                    cursor.execute("UPDATE courses SET title = 'After'")
                other.close()
            return super().collection(name)

    target = Meddler(tmp_path / "out", DATABASE, {}, compress=False)
    export_dump(target, ExportOptions(), LineMeter())

    assert [found["title"] for found in documents(tmp_path / "out" / DATABASE, "courses")] == ["Before"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT title FROM courses")
        assert cursor.fetchall() == [("After",)]
