"""`export_mongo` as a person runs it: exit codes, reports, one line for a failure, and no secret anywhere."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from pymongo.errors import AutoReconnect, BulkWriteError, OperationFailure

from documents.models import Document
from migrate_mongo.dump_files import DATABASE
from migrate_mongo.exceptions import ExportError
from migrate_mongo.export_report import ExportReport
from migrate_mongo.mongo_uri import parse_mongo_uri
from migrate_mongo.targets.server import WAITS, ServerTarget
from migrate_mongo.tests.conftest import Import
from migrate_mongo.tests.exported import documents, multiset
from migrate_mongo.tests.state import database_url
from migrate_mongo.tests.test_commands import one_line, run
from scribetree import testing

NOBODY = "mongodb://ada:s3cret@127.0.0.1:1/school?serverSelectionTimeoutMS=100"


def export_here(*arguments: object) -> int:
    """The exit code of an export in this process."""
    try:
        call_command("export_mongo", *map(str, arguments))
    except SystemExit as left:
        return int(left.code or 0)
    return 0


def test_a_clean_export_and_its_report(
    import_dump: Import, sample: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import_dump(sample)

    assert export_here(tmp_path / "out", "--report", tmp_path / "export.json", "--database", "school") == 0

    shown = capsys.readouterr()
    report = json.loads((tmp_path / "export.json").read_text())
    assert f"clean: 400 documents written to {tmp_path / 'out'} in" in shown.out
    assert "exporting users: 20 of 20 documents" in shown.err
    assert (report["status"], report["target"], report["error"]) == ("clean", str(tmp_path / "out"), "")
    assert report["totals"] == {
        "exported": 400,
        "rejected": 0,
        "again": 0,
        "failed": 0,
        "deleted": 0,
        "extra": 0,
        "missing": 0,
    }
    assert report["collections"]["users"]["exported"] == 20
    assert report["notes"] == {"password_resets": 0, "empty_versions": 0}
    assert multiset(tmp_path / "out" / "school") == multiset(sample)


def test_an_export_that_lacks_something(db: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = testing.make_document(testing.make_user("ben"))
    Document.objects.update(metadata={"lastEditedAt": "someday"})

    assert export_here(tmp_path / "out", "--report", tmp_path / "export.json") == 2

    [fault] = json.loads((tmp_path / "export.json").read_text())["faults"]
    assert (fault["collection"], fault["id"]) == ("documents", testing.hex_id(document))
    assert f"  documents {testing.hex_id(document)}: no document can be made" in capsys.readouterr().out


def test_many_faults_are_counted(db: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ben = testing.make_user("ben")
    for _ in range(23):
        testing.make_document(ben)
    Document.objects.update(metadata={"lastEditedAt": "someday"})

    assert export_here(tmp_path / "out") == 2

    assert "  and 3 more; --report FILE lists 23 of them" in capsys.readouterr().out


def test_the_list_of_faults_ends_somewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("migrate_mongo.export_report.MAX_FAULTS", 2)
    report = ExportReport("somewhere")

    for number in range(5):
        report.fail("users", str(number), "x" * 1000)

    assert (len(report.faults), report.unlisted, report.totals["failed"]) == (2, 3, 5)
    assert len(report.faults[0]["message"]) < 1000


def test_options_reach_the_export(import_dump: Import, trapped_sample: Path, tmp_path: Path) -> None:
    import_dump(trapped_sample)

    assert export_here(tmp_path / "all", "--only", "users", "courses", "--with-rejected", "--gzip") == 0
    assert export_here(tmp_path / "none", "--only", "users", "--since", "2999-01-01") == 0

    assert len(list((tmp_path / "all" / DATABASE).glob("*.bson.gz"))) == 2
    assert documents(tmp_path / "none" / DATABASE, "users") == []


def test_report_does_not_get_into_the_archive(db: None, capfd: pytest.CaptureFixture[str]) -> None:
    testing.make_user("ben")

    assert export_here("-", "--archive", "--gzip", "--only", "users") == 0

    assert "clean: 1 documents written to standard output in" in capfd.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-"], "only an archive can go to standard output: add --archive"),
        (["out", "--delete-extra"], "--delete-extra is for a server"),
        ([NOBODY, "--gzip"], "--archive and --gzip are for dumps"),
        ([NOBODY, "--archive"], "--archive and --gzip are for dumps"),
        (["live"], "EXPORT_MONGODB_URI is not set"),
        (["mongodb://ada:s3/cret@localhost/school"], "the MongoDB URI cannot be read"),
        (["mongodb://ada:s3cret@localhost"], "names no database"),
        (["mongodb://ada:s3cret@localhost:bad/school"], r"the MongoDB URI cannot be used \(\w+\)"),
        ([NOBODY], r"^mongodb://127\.0\.0\.1:1/school cannot be reached: 127\.0\.0\.1:1: .*refused"),
    ],
)
def test_what_cannot_be_is_one_line(db: None, tmp_path: Path, arguments: list[str], message: str) -> None:
    report = tmp_path / "report.json"

    with pytest.raises(CommandError, match=message) as error:
        export_here(*arguments, "--report", report)

    assert json.loads(report.read_text())["status"] == "failed"
    assert "s3" not in str(error.value) + report.read_text()


def test_live_is_the_server_of_the_environment(db: None, settings: Any) -> None:
    settings.EXPORT_MONGODB_URI = NOBODY

    with pytest.raises(CommandError, match=r"^mongodb://127\.0\.0\.1:1/other cannot be reached"):
        export_here("live", "--database", "other")


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("--only", "recipes", "unknown collection 'recipes'"),
        ("--since", "yesterday", "'yesterday' is no time in ISO 8601"),
        ("--database", "a/b", "'a/b' is no name of a MongoDB database"),
    ],
)
def test_wrong_arguments_are_one_line(tmp_path: Path, option: str, value: str, message: str) -> None:
    done = run("export_mongo", tmp_path, option, value)

    assert done.returncode == 2
    assert message in one_line(done)


def test_a_database_that_is_down_is_one_line(tmp_path: Path) -> None:
    done = run("export_mongo", tmp_path / "out", DATABASE_URL="postgresql://ops:pa%2Fss@127.0.0.1:1/school")

    assert done.returncode == 1
    assert "the database failed: " in one_line(done)
    assert not (tmp_path / "out").exists()


@pytest.mark.django_db(transaction=True)
def test_secrets_stay_out_of_every_output() -> None:
    shown = [
        run("export_mongo", NOBODY, DATABASE_URL=database_url()),
        run("export_mongo", "live", "--traceback", DATABASE_URL=database_url(), EXPORT_MONGODB_URI=NOBODY),
    ]

    assert [done.returncode for done in shown] == [1, 1]
    assert all("cannot be reached" in done.stderr for done in shown)
    assert all("s3cret" not in done.stdout + done.stderr for done in shown)


class TestServer:
    @pytest.fixture
    def server(self, monkeypatch: pytest.MonkeyPatch, waits: list[int]) -> ServerTarget:
        monkeypatch.setattr("migrate_mongo.targets.server.sleep", waits.append)
        server = ServerTarget(parse_mongo_uri(NOBODY))
        server.__exit__(None, None, None)
        return server

    @pytest.fixture
    def waits(self) -> list[int]:
        return []

    def test_lost_connections_are_waited_for(
        self, server: ServerTarget, waits: list[int], caplog: pytest.LogCaptureFixture
    ) -> None:
        outcomes = iter([AutoReconnect("lost by s3cret"), AutoReconnect("lost"), "done"])

        def action() -> str:
            outcome = next(outcomes)
            if isinstance(outcome, Exception):
                raise outcome
            return outcome

        assert (server.patiently(action), waits) == ("done", [1, 2])
        assert caplog.messages == [
            "mongodb://127.0.0.1:1/school cannot be reached (lost by ***); once more in 1 s",
            "mongodb://127.0.0.1:1/school cannot be reached (lost); once more in 2 s",
        ]

    def test_patience_ends(self, server: ServerTarget, waits: list[int]) -> None:
        def action() -> None:
            raise AutoReconnect("lost by s3cret")

        with pytest.raises(ExportError, match=r"^mongodb://127\.0\.0\.1:1/school cannot be reached: lost by \*\*\*$"):
            server.patiently(action)
        assert waits == list(WAITS)

    def test_refusals_are_told_without_secrets(self, server: ServerTarget) -> None:
        with pytest.raises(ExportError, match=r"refuses: not authorized as \*\*\*$"), server_that_exits(server):
            raise OperationFailure("not authorized as s3cret, full error: {...}")

    def test_what_is_not_kept_ends_the_export(self, server: ServerTarget, monkeypatch: pytest.MonkeyPatch) -> None:
        def fail(*arguments: object, **options: object) -> None:
            raise BulkWriteError({"writeErrors": [], "writeConcernErrors": [{"errmsg": "waiting timed out"}]})

        monkeypatch.setattr("pymongo.collection.Collection.bulk_write", fail)

        with pytest.raises(ExportError, match="cannot keep what it is given"):
            server.write("users", [(1, b"\x05\0\0\0\0")])


class server_that_exits:  # noqa: N801 as `ServerTarget` is left, without its being entered
    def __init__(self, server: ServerTarget) -> None:
        self.server = server

    def __enter__(self) -> None: ...

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> None:
        self.server.__exit__(kind, error, traceback)
