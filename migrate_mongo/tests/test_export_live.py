"""The way back to a live server, here one that is made up: what is written when, and what after a kill."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from accounts.models import User
from courses.models import Course
from migrate_mongo import export_live, stored
from migrate_mongo.exceptions import ExportError
from migrate_mongo.export import ExportOptions
from migrate_mongo.export_report import ExportReport
from migrate_mongo.mappings import MAPPINGS
from migrate_mongo.models import ExportCheckpoint, ImportRun
from migrate_mongo.progress import LineMeter
from migrate_mongo.tests.conftest import Import
from migrate_mongo.tests.dumps import CREATED, classroom, course, document, oid, user, write_dump
from migrate_mongo.tests.exported import comparable, multiset
from migrate_mongo.tests.made_up_server import Killed, MadeUpServer
from scribetree import testing
from scribetree.fields import now
from scribetree.object_id import uuid_to_object_id


@pytest.fixture
def server() -> MadeUpServer:
    return MadeUpServer()


@pytest.fixture
def told() -> list[str]:
    return []


Export = Callable[..., ExportReport]


@pytest.fixture
def export(db: None, server: MadeUpServer, told: list[str], monkeypatch: pytest.MonkeyPatch) -> Export:
    # The test's own transaction is always open, so that nothing is older than it.
    monkeypatch.setattr(export_live, "_BEGINNING", "SELECT clock_timestamp()")
    monkeypatch.setattr(export_live, "CLOCKS_DIFFER", timedelta(0))

    def run(**options: Any) -> ExportReport:
        return export_live.export_live(server, ExportOptions(**options), LineMeter(), told.append)  # type: ignore[arg-type]

    return run


def kill_at(count: int) -> Callable[[str, Any], None]:
    left = iter(range(count))

    def before_write(collection: str, key: Any) -> None:
        if next(left, None) is None:
            raise Killed

    return before_write


@pytest.fixture
def imported(import_dump: Import, sample: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The sample, in small batches."""
    import_dump(sample)
    monkeypatch.setattr(stored, "BATCH_ROWS", 7)
    return sample


def contents(server: MadeUpServer) -> set[tuple[str, object]]:
    return {
        (name, comparable(MAPPINGS[name].canonical(found))) for name in MAPPINGS for found in server.documents(name)
    }


def test_everything_is_there_afterwards(imported: Path, server: MadeUpServer, export: Export) -> None:
    report = export()

    assert (report.status, report.totals["exported"], report.totals["again"]) == ("clean", 400, 0)
    assert contents(server) == set(multiset(imported))
    assert server.indexes == list(MAPPINGS)
    assert not ExportCheckpoint.objects.exists()


def test_batches_are_bounded(imported: Path, server: MadeUpServer, export: Export) -> None:
    export()

    assert max(len(keys) for _, keys in server.writes) == 7


def test_killed_export_goes_on_where_it_was(
    imported: Path, server: MadeUpServer, export: Export, told: list[str]
) -> None:
    server.before_write = kill_at(150)
    with pytest.raises(Killed):
        export()
    before, server.writes = {name: set(server.written(name)) for name in MAPPINGS}, []
    assert ExportCheckpoint.objects.count() > 1

    server.before_write = lambda collection, key: None
    report = export()

    assert (report.status, report.totals["exported"]) == ("clean", 400)
    assert contents(server) == set(multiset(imported))
    assert all(before[name].isdisjoint(server.written(name)) for name in MAPPINGS)
    assert sum(len(server.written(name)) for name in MAPPINGS) < 260
    assert told[0] == "users: goes on where an export stopped, after 20 documents"
    assert not ExportCheckpoint.objects.exists()


def test_killed_at_any_batch_it_ends_the_same(imported: Path, server: MadeUpServer, export: Export) -> None:
    for _ in range(6):
        server.before_write = kill_at(60)
        with pytest.raises(Killed):
            export()
    server.before_write = lambda collection, key: None

    assert export().totals["exported"] == 400
    assert contents(server) == set(multiset(imported))


def test_checkpoints_are_those_of_the_same_export(imported: Path, server: MadeUpServer, export: Export) -> None:
    server.before_write = kill_at(50)
    with pytest.raises(Killed):
        export(since=CREATED - timedelta(days=10_000))
    server.before_write, server.writes = lambda collection, key: None, []

    export()
    assert sum(len(server.written(name)) for name in MAPPINGS) == 400
    server.label = "mongodb://other/school"
    export()

    assert set(ExportCheckpoint.objects.values_list("options", flat=True)) == {"since 1997-10-14T08:30:15.123000+00:00"}


def test_emptied_server_is_filled_anew(imported: Path, server: MadeUpServer, export: Export, told: list[str]) -> None:
    server.before_write = kill_at(150)
    with pytest.raises(Killed):
        export()
    server.before_write = lambda collection, key: None
    server.kept = {name: {} for name in MAPPINGS}

    assert export().status == "clean"

    assert contents(server) == set(multiset(imported))
    assert told == []


def test_checkpoints_end_with_another_import(
    imported: Path, server: MadeUpServer, export: Export, told: list[str]
) -> None:
    server.before_write = kill_at(150)
    with pytest.raises(Killed):
        export()
    server.before_write, server.writes = lambda collection, key: None, []
    ImportRun.objects.update(started_at=now() + timedelta(seconds=1))

    assert export().status == "clean"

    assert told == []
    assert len(server.written("users")) == 20


def test_what_changes_meanwhile_is_written_again(server: MadeUpServer, export: Export) -> None:
    cast = testing.make_cast()

    def meddle(collection: str, key: Any) -> None:
        if collection == "courses" and not User.objects.filter(email="new@example.org").exists():
            testing.make_user("new")
            User.objects.filter(pk=cast.ben.pk).update(first_name="Benjamin")
            testing.enroll(cast.omar, cast.course)

    server.before_write = meddle
    report = export()

    names = {found["email"]: found["firstName"] for found in server.documents("users")}
    assert (names["ben@example.org"], names["new@example.org"]) == ("Benjamin", "New")
    assert len(server.documents("courses")[0]["students"]) == 2
    assert (report.status, report.totals["exported"]) == ("clean", 5)
    assert (report.counts("users").again, report.counts("courses").again) == (2, 1)


def test_what_changes_before_the_end_is_written_though_it_was_killed(server: MadeUpServer, export: Export) -> None:
    cast = testing.make_cast()
    server.before_write = kill_at(5)
    export()
    server.before_write = kill_at(4)
    with pytest.raises(Killed):
        export()
    User.objects.filter(pk=cast.ben.pk).update(first_name="Benjamin")

    server.before_write = lambda collection, key: None
    export()

    assert {found["firstName"] for found in server.documents("users")} == {"Ada", "Benjamin", "Cleo", "Omar"}


class TestExtra:
    @pytest.fixture(autouse=True)
    def dump(self, import_dump: Import, tmp_path: Path) -> None:
        import_dump(write_dump(tmp_path, classroom(users=[user(1), user(2), user(3), user(4), user(5, email=None)])))

    @pytest.fixture(autouse=True)
    def strangers(self, server: MadeUpServer) -> None:
        server.put("users", user(5, email=None), user(100), user(101))
        server.put("courses", {"_id": "by hand"})

    def test_are_counted_and_stay(self, server: MadeUpServer, export: Export, told: list[str]) -> None:
        report = export()

        assert (report.status, report.counts("users").extra, report.counts("courses").extra) == ("clean", 2, 1)
        assert "3 documents there have no row in PostgreSQL; --delete-extra deletes such" in list(report.lines())
        assert (len(server.documents("users")), told) == (7, [])

    def test_are_deleted_when_told_to_and_not_before_it_is_said(
        self, server: MadeUpServer, export: Export, told: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        said: list[list[str]] = []
        delete = server.delete
        monkeypatch.setattr(server, "delete", lambda *rest: (said.append(list(told)), delete(*rest))[1])

        report = export(delete_extra=True)

        assert told == [
            "users: deletes 2 documents there that PostgreSQL does not have",
            "courses: deletes 1 documents there that PostgreSQL does not have",
        ]
        assert said == [told[:1], told]
        assert (report.totals["deleted"], report.totals["extra"], report.status) == (3, 0, "clean")
        assert {found["_id"] for found in server.documents("users")} == {oid(number) for number in range(1, 6)}

    def test_rejected_documents_are_none(self, server: MadeUpServer, export: Export) -> None:
        export(delete_extra=True)

        assert server.holds("users", oid(5))

    def test_of_other_collections_stay(self, server: MadeUpServer, export: Export) -> None:
        export(delete_extra=True, only=("users",))

        assert len(server.documents("courses")) == 1


class TestRefused:
    def test_is_tried_again_at_the_end(self, server: MadeUpServer, export: Export) -> None:
        cast = testing.make_cast()
        refusals = iter(["E11000 duplicate key"])

        def refuse_once(collection: str, key: Any) -> str | None:
            return next(refusals, None) if key == uuid_to_object_id(cast.ben.pk) else None

        server.before_write = refuse_once
        report = export()

        assert (report.status, report.counts("users").exported, report.counts("users").again) == ("clean", 3, 1)
        assert server.holds("users", uuid_to_object_id(cast.ben.pk))

    def test_is_listed_when_it_stays_so(self, server: MadeUpServer, export: Export) -> None:
        cast = testing.make_cast()
        server.before_write = lambda collection, key: (
            "E11000 duplicate key" if key == uuid_to_object_id(cast.ben.pk) else None
        )

        report = export()

        assert (report.status, report.exit_code) == ("incomplete", 2)
        assert report.faults == [
            {"collection": "users", "id": testing.hex_id(cast.ben), "message": "E11000 duplicate key"}
        ]
        assert (report.totals["failed"], report.totals["missing"], report.totals["exported"]) == (1, 1, 4)
        assert "1 documents of PostgreSQL are not there" in list(report.lines())

    def test_is_remembered_over_a_kill(self, server: MadeUpServer, export: Export) -> None:
        cast = testing.make_cast()

        def refuse_then_kill(collection: str, key: Any) -> str | None:
            if collection == "courses":
                raise Killed
            return "busy" if key == uuid_to_object_id(cast.ben.pk) else None

        server.before_write = refuse_then_kill
        with pytest.raises(Killed):
            export()
        server.before_write = lambda collection, key: None

        assert export().status == "clean"
        assert server.holds("users", uuid_to_object_id(cast.ben.pk))

    def test_too_often_ends_the_export(
        self, server: MadeUpServer, export: Export, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        testing.make_cast()
        monkeypatch.setattr(export_live, "MAX_REFUSED", 3)
        server.before_write = lambda collection, key: "Document failed validation"

        with pytest.raises(ExportError, match=r"more than 3 documents of users .* such as .*: Document failed"):
            export()


class TestRejected:
    def test_come_as_they_were(self, import_dump: Import, server: MadeUpServer, export: Export, tmp_path: Path) -> None:
        odd = {"_id": {"a": 1}, "email": "x@school.test"}
        import_dump(write_dump(tmp_path, {"users": [user(1), user(2, email=None), odd]}))

        report = export(with_rejected=True)

        assert (report.status, report.totals["rejected"]) == ("clean", 2)
        kept = server.documents("users")
        assert odd in kept
        assert [found["email"] for found in kept if found["_id"] == oid(2)] == [None]
        assert report.totals["extra"] == 0

    def test_that_cannot_be_written_are_listed(
        self, import_dump: Import, server: MadeUpServer, export: Export, tmp_path: Path
    ) -> None:
        broken = b"\x0c\0\0\0\x08a\0\x02\0\0\0\0"[:11] + b"\0"
        twice = user(1, email="other@school.test")
        import_dump(write_dump(tmp_path, {"users": [user(1), twice, {"email": "no id"}, broken]}))

        report = export(with_rejected=True)

        assert sorted(fault["message"] for fault in report.faults) == [
            "rejected at the import: no _id can be read in it",
            "rejected at the import: no _id can be read in it",
            "rejected at the import: the document that was loaded has the same _id",
        ]
        assert [found["email"] for found in server.documents("users")] == ["user1@school.test"]
        assert report.exit_code == 2


def test_what_the_server_loses_is_missed(server: MadeUpServer, export: Export) -> None:
    testing.make_cast()
    write = server.write
    server.write = lambda collection, documents: write(collection, documents[1:])  # type: ignore[method-assign]

    report = export()

    assert (report.status, report.totals["missing"]) == ("incomplete", 2)


def test_index_that_cannot_be_made_is_listed(server: MadeUpServer, export: Export) -> None:
    server.index_faults = {"email_1": "duplicate key"}

    report = export()

    assert report.faults == [{"collection": "users", "id": "index email_1", "message": "duplicate key"}]


def test_only_what_changed_since(server: MadeUpServer, export: Export) -> None:
    ada, ben = testing.make_user("ada", updated_at=CREATED), testing.make_user("ben")
    server.put("users", user(1, _id=uuid_to_object_id(ada.pk)))

    report = export(since=now() - timedelta(hours=1))

    assert server.written("users") == [uuid_to_object_id(ben.pk)]
    assert (report.status, report.totals["exported"]) == ("clean", 1)


def test_deployments_and_assignments_are_told_apart(server: MadeUpServer, export: Export) -> None:
    ada = testing.make_user("ada")
    testing.make_assignment(testing.make_course(ada))
    testing.make_assignment(testing.make_course(ada), template=testing.make_template(ada))

    report = export()

    assert (report.counts("assignments").exported, report.counts("courseassignments").exported) == (1, 1)
    assert (report.totals["extra"], report.totals["missing"]) == (0, 0)
    assert Course.objects.count() == len(server.documents("courses"))


def test_rows_that_make_no_document_are_listed_once(
    import_dump: Import, server: MadeUpServer, export: Export, tmp_path: Path
) -> None:
    import_dump(write_dump(tmp_path, classroom(courses=[course(10, 1)], documents=[document(40, 2)])))
    stored_document = testing.Document.objects.get()
    stored_document.metadata = {"lastEditedAt": "someday"}
    stored_document.save()

    report = export()

    assert [(fault["collection"], fault["id"]) for fault in report.faults] == [("documents", str(oid(40)))]
    assert (report.totals["missing"], report.exit_code) == (1, 2)
