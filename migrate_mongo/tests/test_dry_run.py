"""A dry run says what the import will do, and does nothing."""

from pathlib import Path

import pytest
from django.db import connection

from migrate_mongo.models import ImportRun
from migrate_mongo.pipeline import ImportOptions, Policies, run_import
from migrate_mongo.progress import LineMeter
from migrate_mongo.scratch import SCHEMA, scratch_schema
from migrate_mongo.sources import open_source
from migrate_mongo.tests.conftest import Import
from migrate_mongo.tests.dumps import classroom, course, document, oid, user, write_dump
from migrate_mongo.tests.state import tables

Outcome = tuple[object, list[object], list[object]]


def rehearse(folder: Path, **options: object) -> Outcome:
    with open_source(str(folder)) as source, scratch_schema():
        chosen = ImportOptions(**{"workers": 1, **options, "schema": SCHEMA, "profiles": True})
        report = run_import(source, chosen, LineMeter())
        return report.totals, list(report.findings()), sorted(map(str, report.rejects()))


def load(folder: Path, **options: object) -> Outcome:
    with open_source(str(folder)) as source:
        report = run_import(source, ImportOptions(**{"workers": 1, **options}), LineMeter())
        return report.totals, list(report.findings()), sorted(map(str, report.rejects()))


@pytest.fixture(params=["sample", "trapped_sample"])
def folder(request: pytest.FixtureRequest) -> Path:
    return request.getfixturevalue(request.param)


def test_it_predicts_rejects_and_findings(db: None, folder: Path) -> None:
    assert rehearse(folder) == load(folder)


@pytest.mark.parametrize("policies", [Policies(on_nul="reject"), Policies(on_dangling="reject")])
def test_it_predicts_them_under_every_policy(db: None, trapped_sample: Path, policies: Policies) -> None:
    assert rehearse(trapped_sample, policies=policies) == load(trapped_sample, policies=policies)


@pytest.mark.django_db(transaction=True)
def test_it_predicts_what_several_workers_do(trapped_sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("migrate_mongo.sources.files.PART_BYTES", 20_000)

    predicted = rehearse(trapped_sample, workers=3, batch_size=20)

    assert predicted == load(trapped_sample, workers=2, batch_size=50)


def test_it_writes_nothing(import_dump: Import, folder: Path, tmp_path: Path) -> None:
    import_dump(write_dump(tmp_path, classroom()))
    before = tables()

    rehearse(folder)

    assert tables() == before
    assert ImportRun.objects.count() == 1
    assert schemas() == []


def test_what_a_killed_one_left_is_removed(db: None, sample: Path) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE SCHEMA {SCHEMA}")
        cursor.execute(f"CREATE TABLE {SCHEMA}.users (id int)")

    assert rehearse(sample)[0] == {"read": 400, "loaded": 400, "rejected": 0}
    assert schemas() == []


def schemas() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nspname FROM pg_namespace WHERE nspname = %s", [SCHEMA])
        return [name for (name,) in cursor]


def test_it_tells_what_the_documents_look_like(db: None, tmp_path: Path) -> None:
    people = [user(1, role="educator"), user(2, bio="Öß"), user(3, bio=None)]
    students = [oid(2), oid(3), str(oid(3))]
    dump = write_dump(
        tmp_path,
        {"users": people, "courses": [course(10, 1, students=students)], "documents": [document(40, 2)]},
    )

    with open_source(str(dump)) as source, scratch_schema():
        options = ImportOptions(workers=1, schema=SCHEMA, profiles=True)
        profiles = run_import(source, options, LineMeter()).profiles

    users, courses = profiles["users"]["paths"], profiles["courses"]["paths"]
    assert users["bio"] == {"types": {"string": 1, "null": 1}, "null": 0.5, "absent": 0.3333, "longest": 2}
    assert users["email"]["types"] == {"string": 3}
    assert users["isVerified"]["absent"] == 0
    assert courses["students"]["longest"] == 3
    assert courses["students[]"]["types"] == {"objectId": 2, "string": 1}
    assert profiles["documents"]["paths"]["metadata.lastEditedAt"]["types"] == {"date": 1}
    assert profiles["documents"]["deepest"] == {"levels": 2, "id": str(oid(40))}
    assert profiles["users"]["documents"] == 3
    assert profiles["users"]["largest"]["bytes"] > 100
