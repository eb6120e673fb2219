"""The commands as a person runs them: in a process, with an exit code, and never a traceback."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection

from accounts.models import User
from migrate_mongo.models import ImportRun, RunStatus
from migrate_mongo.tests.conftest import Import
from migrate_mongo.tests.dumps import classroom, user, write_dump

ROOT = Path(__file__).resolve().parents[2]


def run(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), *map(str, arguments)],
        env={**os.environ, "SCRIBETREE_TESTING": "1", **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def one_line(done: subprocess.CompletedProcess[str]) -> str:
    assert "Traceback" not in done.stderr
    [line] = [
        line
        for line in done.stderr.splitlines()
        if line.startswith(("CommandError: ", "Configuration error: ", "manage.py "))
    ]
    return line


def import_here(*arguments: object) -> int:
    """The exit code of an import in this process."""
    try:
        call_command("import_mongo", *map(str, arguments), "--workers", "1")
    except SystemExit as left:
        return int(left.code or 0)
    return 0


def verify_here(*arguments: object) -> int:
    try:
        call_command("verify_mongo", *map(str, arguments), "--workers", "1")
    except SystemExit as left:
        return int(left.code or 0)
    return 0


def test_a_clean_import_and_its_reports(
    db: None, sample: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert import_here(sample, "--report", tmp_path / "import.json") == 0
    imported = capsys.readouterr().out
    assert verify_here(sample, "--report", tmp_path / "verify.json") == 0
    verified = capsys.readouterr().out

    assert "clean: 400 of 400 documents loaded in" in imported
    assert "clean: 400 of 400 documents are in PostgreSQL, value for value" in verified
    report = json.loads((tmp_path / "import.json").read_text())
    assert report["status"] == "clean"
    assert report["seconds"] > 0
    assert report["totals"] == {"read": 400, "loaded": 400, "rejected": 0}
    assert report["collections"]["users"] == {"read": 20, "loaded": 20, "rejected": 0}
    assert report["rejects"] == []
    assert {"collection", "path", "kind", "count", "samples"} == set(report["findings"][0])
    proof = json.loads((tmp_path / "verify.json").read_text())
    counts = {"compared": 400, "matching": 400, "different": 0, "missing": 0, "extra": 0, "rejected": 0}
    assert (proof["status"], proof["totals"]) == ("clean", counts)
    assert set(proof["collections"]["users"]) == set(counts)
    assert proof["differences"] == []


def test_an_import_with_rejects(db: None, trapped_sample: Path, tmp_path: Path) -> None:
    assert import_here(trapped_sample, "--report", tmp_path / "import.json") == 2
    assert import_here(trapped_sample, "--report", tmp_path / "again.json") == 2
    assert verify_here(trapped_sample) == 0

    report = json.loads((tmp_path / "import.json").read_text())
    assert report["status"] == "rejects"
    for counts in [report["totals"], *report["collections"].values()]:
        assert counts["loaded"] + counts["rejected"] == counts["read"]
    assert len(report["rejects"]) == report["totals"]["rejected"] > 50
    assert {"collection", "id", "reason", "path", "message"} == set(report["rejects"][0])
    assert json.loads((tmp_path / "again.json").read_text()) == report


def test_a_verify_with_mismatches(import_dump: Import, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    dump = write_dump(tmp_path / "dump", classroom())
    import_dump(dump)
    User.objects.filter(email="user2@school.test").update(first_name="Eve")

    assert verify_here(dump, "--only", "users", "--report", tmp_path / "verify.json") == 2

    assert "firstName: source Uma, PostgreSQL Eve" in capsys.readouterr().out
    difference, edited = json.loads((tmp_path / "verify.json").read_text())["differences"]
    assert (difference["path"], difference["source"], difference["target"]) == ("firstName", "Uma", "Eve")
    assert edited["path"] == "updatedAt"


def test_a_failed_import_is_reported_with_what_is_done(db: None, trapped_sample: Path, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="more than --max-rejects 0"):
        import_here(trapped_sample, "--max-rejects", "0", "--report", tmp_path / "report.json")

    report = json.loads((tmp_path / "report.json").read_text())
    assert report["status"] == "failed"
    assert "--max-rejects" in report["error"]
    assert report["totals"]["read"] > 0
    assert ImportRun.objects.get().status == RunStatus.FAILED


def test_a_source_that_fails_is_reported(db: None, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="does not exist"):
        import_here(tmp_path / "nowhere", "--report", tmp_path / "report.json")
    with pytest.raises(CommandError, match="does not exist"):
        verify_here(tmp_path / "nowhere", "--report", tmp_path / "verify.json")

    report = json.loads((tmp_path / "report.json").read_text())
    assert (report["status"], report["rejects"]) == ("failed", [])
    assert json.loads((tmp_path / "verify.json").read_text())["status"] == "failed"


def test_the_report_needs_a_folder(db: None, sample: Path) -> None:
    with pytest.raises(CommandError, match="there is no folder"):
        import_here(sample, "--report", "/nowhere/report.json")


def test_an_interrupt_is_one_line(db: None, sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("migrate_mongo.pipeline._load", interrupt)

    with pytest.raises(CommandError, match="stopped; what is committed stays"):
        import_here(sample)


def test_a_database_that_fails_is_one_line(
    db: None, sample: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*arguments: object) -> None:
        raise OperationalError("server closed\nthe connection")

    monkeypatch.setattr("migrate_mongo.pipeline._load", fail)

    with pytest.raises(CommandError, match="the database failed: server closed the connection"):
        import_here(sample, "--report", tmp_path / "report.json")


@pytest.mark.parametrize("command", ["import_mongo", "verify_mongo"])
def test_wrong_arguments_are_one_line(command: str, tmp_path: Path) -> None:
    unknown = run(command, tmp_path, "--only", "recipes")

    assert unknown.returncode == 2
    assert "unknown collection 'recipes'; there are users, courses" in one_line(unknown)


def test_numbers_out_of_range_are_one_line(tmp_path: Path) -> None:
    assert "'0' is no whole number above 0" in one_line(run("import_mongo", tmp_path, "--batch-size", "0"))
    assert "'many' is no whole number" in one_line(run("import_mongo", tmp_path, "--max-rejects", "many"))


def test_a_database_that_is_down_is_one_line(tmp_path: Path) -> None:
    dump = write_dump(tmp_path, {"users": [user(1)]})
    url = "postgresql://ops:pa%2Fss@127.0.0.1:1/school"

    for command in ("import_mongo", "verify_mongo"):
        done = run(command, dump, "--report", tmp_path / "report.json", DATABASE_URL=url)

        assert done.returncode == 1
        assert "the database failed: " in one_line(done)
        assert "pa/ss" not in done.stderr + done.stdout
        assert "pa%2Fss" not in done.stderr + done.stdout
        assert json.loads((tmp_path / "report.json").read_text())["status"] == "failed"


@pytest.mark.django_db(transaction=True)
def test_a_database_without_tables_is_told_to_migrate(tmp_path: Path) -> None:
    dump = write_dump(tmp_path, {"users": [user(1)]})
    with connection.cursor() as cursor:
        cursor.execute("CREATE DATABASE bare_import_test")
    parameters = connection.get_connection_params()
    try:
        done = run(
            "import_mongo",
            dump,
            DATABASE_URL=f"postgresql://{parameters['user']}@/bare_import_test?host={parameters['host']}",
        )
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP DATABASE bare_import_test WITH (FORCE)")

    assert done.returncode == 1
    assert "run `python manage.py migrate` first" in one_line(done)


def test_a_report_has_a_known_form(tmp_path: Path) -> None:
    done = run("import_mongo", tmp_path, "--report", tmp_path / "report.pdf")

    assert done.returncode == 2
    assert "ends neither in .html nor in .json" in one_line(done)


def test_a_report_in_both_forms_at_once(
    db: None, sample: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = [tmp_path / "report.html", tmp_path / "report.JSON"]

    for command in (import_here, verify_here):
        assert command(sample, "--report", files[0], "--report", files[1]) == 0

        assert capsys.readouterr().out.endswith(f"the report is in {files[0]}\nthe report is in {files[1]}\n")
        assert files[0].read_text().startswith("<!doctype html>")
        assert json.loads(files[1].read_text())["status"] == "clean"


def test_a_report_that_cannot_be_written_is_one_line(db: None, sample: Path, tmp_path: Path) -> None:
    (tmp_path / "report.html").mkdir()

    with pytest.raises(CommandError, match=r"the report cannot be written: .*Is a directory"):
        import_here(sample, "--report", tmp_path / "report.html")


@pytest.mark.django_db(transaction=True)
def test_a_dry_run_writes_its_report_and_nothing_else(
    trapped_sample: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = [tmp_path / "dry.html", tmp_path / "dry.json"]
    assert import_here(trapped_sample, "--dry-run", "--report", files[0], "--report", files[1]) == 2
    told = capsys.readouterr().out.splitlines()
    assert User.objects.count() == ImportRun.objects.count() == 0

    assert import_here(trapped_sample, "--report", tmp_path / "real.json") == 2

    assert told[0] == "dry run: nothing was written"
    assert told[-3].startswith("prediction: an import into empty tables would load ")
    assert 'id="profiles"' in files[0].read_text()
    dry, real = (json.loads(file.read_text()) for file in (files[1], tmp_path / "real.json"))
    assert (dry["dry_run"], real["dry_run"]) == (True, False)
    assert dry["profiles"]["users"]["paths"]["email"]["types"]
    same = ("status", "totals", "collections", "findings", "rejects", "relations", "awaited", "indexes", "fingerprint")
    assert {name: dry[name] for name in same} == {name: real[name] for name in same}


@pytest.mark.django_db(transaction=True)
def test_a_dry_run_that_fails_reports_itself_and_no_import(trapped_sample: Path, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="more than --max-rejects 0"):
        import_here(trapped_sample, "--max-rejects", "0")
    with pytest.raises(CommandError, match="more than --max-rejects 3"):
        import_here(trapped_sample, "--dry-run", "--max-rejects", "3", "--report", tmp_path / "dry.json")
    with pytest.raises(CommandError, match="does not exist"):
        import_here(trapped_sample.parent / "nowhere", "--dry-run", "--report", tmp_path / "none.json")

    dry, none = (json.loads((tmp_path / name).read_text()) for name in ("dry.json", "none.json"))
    assert (dry["status"], dry["dry_run"], dry["settings"]["max_rejects"]) == ("failed", True, 3)
    assert dry["totals"]["rejected"] == len(dry["rejects"]) > 3
    assert (none["status"], none["dry_run"], none["totals"]["read"]) == ("failed", True, 0)


@pytest.mark.parametrize("ending", ["html", "json"])
def test_a_report_has_no_credentials(db: None, tmp_path: Path, ending: str) -> None:
    uri = "mongodb://grace:pa%2Fss@127.0.0.1:1/school?serverSelectionTimeoutMS=50"
    for number, command in enumerate((import_here, verify_here)):
        file = tmp_path / f"{number}.{ending}"

        with pytest.raises(CommandError, match=r"^mongodb://127\.0\.0\.1:1"):
            command(uri, "--report", file)

        assert "mongodb://127.0.0.1:1" in file.read_text()
        assert "grace" not in file.read_text()
        assert "pa%2Fss" not in file.read_text()
        assert "pa/ss" not in file.read_text()
