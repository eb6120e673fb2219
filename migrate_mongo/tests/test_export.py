"""The way back into dumps: what was imported comes out as it was, whole or not at all."""

from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from accounts.models import Role
from migrate_mongo import outgoing
from migrate_mongo.dump_files import DATABASE
from migrate_mongo.exceptions import ExportError
from migrate_mongo.export import ExportOptions, export_dump
from migrate_mongo.indexes import metadata_of
from migrate_mongo.models import ImportPart
from migrate_mongo.progress import LineMeter
from migrate_mongo.targets.dump import UNFINISHED, DirectoryTarget
from migrate_mongo.tests.conftest import Export, Import, Verify
from migrate_mongo.tests.dumps import classroom, write_dump
from migrate_mongo.tests.exported import documents, multiset
from migrate_mongo.tests.state import tables
from scribetree import testing


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
    ImportPart.objects.filter(collection="courses").update(is_finished=False)

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
