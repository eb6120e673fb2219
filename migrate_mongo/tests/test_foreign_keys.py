"""Foreign keys are put aside for a load into empty tables, and always come back."""

from pathlib import Path

import pytest
from django.db import connection

from migrate_mongo import pipeline
from migrate_mongo.exceptions import LoadError
from migrate_mongo.foreign_keys import add_foreign_keys, drop_foreign_keys, missing_foreign_keys
from migrate_mongo.tests.conftest import Import, Verify
from migrate_mongo.tests.dumps import classroom, document, write_dump

_DEFINITIONS = """
    SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE contype = 'f' AND convalidated ORDER BY 1, 2
"""


def definitions() -> list[tuple[str, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(_DEFINITIONS)
        return cursor.fetchall()


@pytest.mark.django_db
def test_they_come_back_as_they_were() -> None:
    before = definitions()

    drop_foreign_keys()
    assert len(missing_foreign_keys()) == 28
    add_foreign_keys()

    assert missing_foreign_keys() == []
    assert definitions() == before


def test_they_are_kept_where_there_are_rows(import_dump: Import, tmp_path: Path) -> None:
    import_dump(write_dump(tmp_path, classroom()))

    drop_foreign_keys()

    assert missing_foreign_keys() == []


def test_an_import_puts_them_aside_and_back(
    import_dump: Import, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    missing: list[int] = []
    monkeypatch.setattr(pipeline, "_analyze", lambda: missing.append(len(missing_foreign_keys())))
    load = pipeline.Workers.load

    def watched(*arguments: object) -> None:
        missing.append(len(missing_foreign_keys()))
        load(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(pipeline.Workers, "load", watched)
    import_dump(write_dump(tmp_path, classroom()))

    assert missing == [28, 0]


@pytest.mark.parametrize("next_run_has_work", [True, False])
def test_after_a_kill_the_next_run_adds_them(
    import_dump: Import, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, next_run_has_work: bool
) -> None:
    class Killed(BaseException):
        pass

    def kill(*_: object) -> None:
        raise Killed

    dump = write_dump(tmp_path, classroom(documents=[document(40, 2)]))
    with monkeypatch.context() as patched:
        patched.setattr(pipeline, "add_foreign_keys", kill)
        if next_run_has_work:
            patched.setattr(pipeline.Workers, "load", kill)
        with pytest.raises(Killed):
            import_dump(dump)
        assert missing_foreign_keys()

    import_dump(dump)

    assert missing_foreign_keys() == []


def test_rows_that_refer_to_nothing_are_told(import_dump: Import, tmp_path: Path) -> None:
    dump = write_dump(tmp_path, classroom(documents=[document(40, 2)]))
    drop_foreign_keys()
    import_dump(dump, only=("users", "courses"))
    assert missing_foreign_keys() == []
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE courses DROP CONSTRAINT courses_instructor_id_f5e3e077_fk_users_id")
        cursor.execute("SET LOCAL session_replication_role = replica; DELETE FROM users")
        cursor.execute("SET LOCAL session_replication_role = origin")

    with pytest.raises(LoadError, match="courses has rows that refer to nothing"):
        add_foreign_keys()


def test_the_proof_misses_those_that_a_killed_import_left_out(
    import_dump: Import, verify_dump: Verify, tmp_path: Path
) -> None:
    dump = write_dump(tmp_path, classroom())
    import_dump(dump)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        [name, *_] = [name for _, name, _ in definitions() if "course_id" in name]
        cursor.execute(f'ALTER TABLE assignments DROP CONSTRAINT "{name}"')

    report = verify_dump(dump)

    assert (report.status, report.missing_keys) == ("mismatches", [name])
    assert any(name in line for line in report.lines())
