import gzip
import json
import multiprocessing
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from django.db import connection

from accounts.models import User
from migrate_mongo.exceptions import LoadError, MigrateMongoError, SourceError
from migrate_mongo.mappings import MAPPINGS
from migrate_mongo.models import ImportPart, ImportRun
from migrate_mongo.pipeline import ImportOptions, run_import
from migrate_mongo.progress import BarMeter, LineMeter
from migrate_mongo.sample import write_sample_dump
from migrate_mongo.sources import open_source
from migrate_mongo.tests.conftest import Import, Verify
from migrate_mongo.tests.dumps import classroom, document, user, write_dump
from migrate_mongo.tests.state import tables

ROOT = Path(__file__).resolve().parents[2]


def test_a_clean_source_is_loaded_whole(import_dump: Import, verify_dump: Verify, sample: Path) -> None:
    report = import_dump(sample)

    assert (report.status, report.exit_code) == ("clean", 0)
    assert report.totals == {"read": 400, "loaded": 400, "rejected": 0}
    assert ImportRun.objects.get().finished_at is not None
    verified = verify_dump(sample)
    assert verified.status == "clean"
    assert verified.totals.matching == 400


def test_a_second_run_changes_nothing(import_dump: Import, trapped_sample: Path) -> None:
    first = import_dump(trapped_sample)
    before = tables()

    second = import_dump(trapped_sample)

    assert tables() == before
    assert second.totals == first.totals
    assert second.exit_code == first.exit_code == 2


def test_the_same_dump_packed_is_the_same_source(import_dump: Import, sample: Path, tmp_path: Path) -> None:
    import_dump(sample)
    for file in sample.glob("*.bson"):
        (tmp_path / f"{file.name}.gz").write_bytes(gzip.compress(file.read_bytes()))

    report = import_dump(tmp_path)

    assert report.totals["loaded"] == 400
    assert ImportRun.objects.count() == 1


def test_an_import_goes_on_where_it_was(import_dump: Import, sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import_dump(sample)
    undisturbed = tables()
    broken_after = 6

    def fail(*arguments: object) -> None:
        nonlocal broken_after
        broken_after -= 1
        if not broken_after:
            raise LoadError("the lights went out")

    import_dump(sample, restart=True, only=("users",), batch_size=50)
    with monkeypatch.context() as patched:
        patched.setattr("migrate_mongo.workers._stop_at", fail)
        with pytest.raises(LoadError, match="lights"):
            import_dump(sample, batch_size=20)
    assert 0 < sum(part.read for part in ImportPart.objects.all()) < 400

    report = import_dump(sample, batch_size=30)

    assert report.totals == {"read": 400, "loaded": 400, "rejected": 0}
    assert tables() == undisturbed


def test_another_source_is_refused_until_restart(import_dump: Import, sample: Path, tmp_path: Path) -> None:
    other = write_dump(tmp_path, classroom())
    import_dump(other)

    with pytest.raises(LoadError, match=r"holds an import of another source .* --restart"):
        import_dump(sample)
    assert User.objects.count() == 4

    report = import_dump(sample, restart=True)

    assert report.totals["loaded"] == 400
    assert not User.objects.filter(email="user1@school.test").exists()


def test_only_some_collections_in_their_order(import_dump: Import, sample: Path) -> None:
    with pytest.raises(LoadError, match="courses refers to users, not imported yet"):
        import_dump(sample, only=("courses",))

    import_dump(sample, only=("users", "courses"))
    assert ImportRun.objects.get().finished_at is None

    report = import_dump(sample)
    assert report.totals["loaded"] == 400


def test_a_collection_may_come_before_an_empty_one_that_it_refers_to(import_dump: Import, tmp_path: Path) -> None:
    dump = write_dump(tmp_path, {"users": [user(1)], "documents": [document(40, 1)]})

    assert import_dump(dump).totals["loaded"] == 2


def test_too_many_rejects_stop_the_run(import_dump: Import, trapped_sample: Path) -> None:
    with pytest.raises(LoadError, match=r"documents are rejected, more than --max-rejects 3"):
        import_dump(trapped_sample, max_rejects=3, batch_size=1)

    assert import_dump(trapped_sample).status == "rejects"


def test_a_damaged_source_is_known_before_anything_is_written(import_dump: Import, tmp_path: Path) -> None:
    dump = write_dump(tmp_path, classroom())
    (dump / "assignments.bson").write_bytes((dump / "assignments.bson").read_bytes()[:-3])

    with pytest.raises(SourceError, match=r"assignments\.bson is truncated"):
        import_dump(dump)

    assert User.objects.count() == ImportRun.objects.count() == 0


def test_unknown_and_missing_collections_are_told(import_dump: Import, tmp_path: Path) -> None:
    dump = write_dump(tmp_path, classroom(recipes=[{"_id": 1}]))

    report = import_dump(dump)

    assert report.skipped["recipes"] == "no collection of Scribe Tree"
    assert report.skipped["notifications"] == "not in the source"
    assert "users" not in report.skipped


def test_updated_at_is_what_the_source_says(import_dump: Import, sample: Path) -> None:
    import_dump(sample)

    with connection.cursor() as cursor:
        for mapping in MAPPINGS.values():
            if "updated_at" in mapping.table.columns:
                cursor.execute(
                    f"SELECT count(*) FROM \"{mapping.table.name}\" WHERE updated_at > now() - interval '1 hour'"
                )
                assert cursor.fetchone() == (0,)


@pytest.mark.django_db(transaction=True)
def test_processes_share_the_work(sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("migrate_mongo.sources.files.PART_BYTES", 50_000)
    with open_source(str(sample)) as source:
        run_import(source, ImportOptions(workers=1), LineMeter())
        alone = tables()

        report = run_import(source, ImportOptions(workers=3, restart=True, batch_size=40), LineMeter())

    assert report.status == "clean"
    assert ImportPart.objects.count() > len(MAPPINGS)
    assert tables() == alone


@pytest.mark.django_db(transaction=True)
def test_a_killed_worker_leaves_its_part_to_the_others(tmp_path: Path) -> None:
    write_sample_dump(tmp_path / "dump", documents=6000, seed=3)
    killed: list[int] = []

    class KillingMeter(LineMeter):
        def reach(self, task: str, done: int) -> None:
            workers = multiprocessing.active_children()
            if done and workers and not killed:
                killed.append(workers[0].pid or 0)
                workers[0].kill()

    with open_source(str(tmp_path / "dump")) as source:
        report = run_import(source, ImportOptions(workers=2, batch_size=50), KillingMeter())

    assert killed
    assert report.totals == {"read": 6000, "loaded": 6000, "rejected": 0}


@pytest.mark.django_db(transaction=True)
def test_a_failure_in_a_process_is_told_in_one_line(trapped_sample: Path) -> None:
    with (
        open_source(str(trapped_sample)) as source,
        pytest.raises(MigrateMongoError, match="more than --max-rejects 2"),
    ):
        run_import(source, ImportOptions(workers=2, max_rejects=2), LineMeter())


@pytest.mark.django_db(transaction=True)
def test_tables_are_not_emptied_under_a_running_import(sample: Path) -> None:
    parameters = {**connection.get_connection_params(), "cursor_factory": psycopg.Cursor}
    with psycopg.connect(**parameters) as other, open_source(str(sample)) as source:
        other.execute("SELECT pg_advisory_lock_shared(hashtext('migrate_mongo import ' || current_schema()))")

        with pytest.raises(LoadError, match="another import is running"):
            run_import(source, ImportOptions(workers=1, restart=True), LineMeter())


def test_progress_goes_to_stderr(db: None, sample: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with open_source(str(sample)) as source, LineMeter() as lines:
        run_import(source, ImportOptions(workers=1), lines)
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "documentversions: " in printed.err

    with open_source(str(sample)) as source, BarMeter() as bars:
        run_import(source, ImportOptions(workers=1, restart=True), bars)
    assert "reading the source" in capsys.readouterr().err


def test_long_tasks_show_a_line_now_and_then(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("migrate_mongo.progress.LINE_EVERY_SECONDS", 0)
    with LineMeter() as lines:
        lines.expect("users", 10)
        lines.reach("users", 4)
        lines.reach("users", 4)
        lines.reach("users", 10)

    assert capsys.readouterr().err == "users: 4 of 10 documents\nusers: 10 of 10 documents\n"


def test_tasks_that_end_nobody_knows_when_show_how_far_they_are(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("migrate_mongo.progress.LINE_EVERY_SECONDS", 0)
    with LineMeter() as lines, BarMeter() as bars:
        for meter in (lines, bars):
            meter.expect("unpacking standard input", None, unit="MB")
            meter.reach("unpacking standard input", 1234)

    assert "unpacking standard input: 1,234 MB\n" in capsys.readouterr().err


def test_a_second_command_joins_the_run(tmp_path: Path, own_database: dict[str, str]) -> None:
    write_sample_dump(tmp_path / "dump", documents=8000, seed=3)
    arguments = [sys.executable, str(ROOT / "manage.py"), "import_mongo", str(tmp_path / "dump"), "--batch-size", "50"]
    reports = [tmp_path / name for name in ("one.json", "other.json")]

    commands = [
        subprocess.Popen(
            [*arguments, "--workers", "1", "--report", str(report)], env=own_database, stdout=-3, stderr=-3
        )
        for report in reports
    ]

    assert [command.wait(120) for command in commands] == [0, 0]
    for report in reports:
        assert json.loads(report.read_text())["totals"] == {"read": 8000, "loaded": 8000, "rejected": 0}
    with psycopg.connect(own_database["DATABASE_URL"]) as outside:
        assert outside.execute("SELECT count(*) FROM import_runs").fetchone() == (1,)
        assert outside.execute("SELECT count(*) FROM users").fetchone() == (136,)
