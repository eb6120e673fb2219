"""Rejected documents are loaded after all, with those that wait for them, or dismissed; the ledger follows."""

import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import bson
import psycopg
import pytest
from django.db import connection, transaction

from accounts.models import User
from courses.models import Course
from documents.models import DocumentVersion
from migrate_mongo.exceptions import LoadError
from migrate_mongo.foreign_keys import add_foreign_keys, drop_foreign_keys
from migrate_mongo.models import Finding, ImportPart, ImportRun, RejectedDocument, RejectStatus, RunStatus
from migrate_mongo.pipeline import ImportOptions, Policies, run_import
from migrate_mongo.progress import LineMeter, NoMeter
from migrate_mongo.quarantine import Selection, dismiss, with_parents
from migrate_mongo.retry import Failure, Replacement, RetryOptions, RetryReport, retry
from migrate_mongo.sources import open_source
from migrate_mongo.tests.conftest import Import, Verify
from migrate_mongo.tests.dumps import (
    assignment,
    classroom,
    course,
    document,
    oid,
    submission,
    user,
    version,
    write_dump,
)
from migrate_mongo.tests.state import tables
from scribetree.object_id import object_id_to_uuid

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENT = {**os.environ, "SCRIBETREE_TESTING": "1", "DJANGO_SETTINGS_MODULE": "scribetree.settings"}


def load(*numbers: int) -> RetryReport:
    return retry(Selection(numbers=numbers), RetryOptions(), NoMeter())


def load_instead(replacements: dict[int, dict[str, Any] | bytes], **options: Any) -> RetryReport:
    made = {
        number: Replacement(raw if isinstance(raw, bytes) else bson.encode(raw), "Replaced by a test.")
        for number, raw in replacements.items()
    }
    return retry(Selection(numbers=tuple(made)), RetryOptions(replacements=made, **options), NoMeter())


def number_of(object_id: bson.ObjectId) -> int:
    return RejectedDocument.objects.get(document_id=str(object_id)).pk


def statuses() -> dict[str, str]:
    return dict(RejectedDocument.objects.values_list("document_id", "status"))


def counts() -> dict[str, tuple[int, int]]:
    return {part.collection: (part.loaded, part.rejected) for part in ImportPart.objects.all()}


@pytest.fixture
def family(tmp_path: Path, import_dump: Import) -> Path:
    """User 3 has no e-mail; a course, an assignment, a submission and its version wait for each other."""
    dump = write_dump(
        tmp_path / "dump",
        classroom(
            users=[user(1), user(2), {**user(3), "email": None}],
            courses=[course(10, 3), course(11, 1, students=[oid(3), oid(2)])],
            assignments=[assignment(20, 10, 1)],
            assignmentsubmissions=[submission(30, 20, 3)],
            documents=[document(40, 2, course=oid(10))],
            documentversions=[version(50, 30, 1)],
        ),
    )
    assert import_dump(dump).totals["rejected"] == 5
    return dump


def test_a_document_that_loads_takes_along_what_waits_for_it(
    family: Path, import_dump: Import, verify_dump: Verify
) -> None:
    report = load_instead({number_of(oid(3)): user(3)})

    assert report.failures == []
    assert report.loaded == {
        "users": 1,
        "courses": 1,
        "assignments": 1,
        "assignmentsubmissions": 1,
        "documentversions": 1,
    }
    assert report.relinked == {("courses", "students[]"): 1, ("documents", "course"): 1}
    assert set(statuses().values()) == {RejectStatus.LOADED}
    assert {rejected for _, rejected in counts().values()} == {0}
    assert ImportRun.objects.get().status == RunStatus.CLEAN
    assert DocumentVersion.objects.get().submission_id == object_id_to_uuid(oid(30))
    assert not Finding.objects.exists()
    verified = verify_dump(family)
    assert (verified.status, verified.totals.matching, verified.totals.rejected) == ("clean", 8, 1)
    again = import_dump(family)
    assert (again.status, again.totals["rejected"], list(again.rejects())) == ("clean", 0, [])


def test_what_fails_again_says_why(family: Path) -> None:
    before = tables()

    report = retry(Selection(), RetryOptions(), NoMeter())

    assert report.exit_code == 2
    assert [failure.document_id for failure in report.failures] == [str(oid(place)) for place in (3, 10, 20, 30, 50)]
    assert report.failures[0][1:] == ("users", str(oid(3)), "missing_value", "email is missing")
    assert tables() == before
    assert ImportRun.objects.get().status == RunStatus.REJECTS


def test_a_new_reason_takes_the_place_of_the_old_one(family: Path) -> None:
    User.objects.create(pk=object_id_to_uuid(oid(3)), email="three@school.test", password="x")
    course = RejectedDocument.objects.filter(collection="courses")
    Course.objects.filter(pk=str(oid(11))).update(enrollment_code="AB")
    course.update(raw=bson.encode({**bson.decode(bytes(course.get().raw)), "enrollmentCode": "AB"}))

    report = load(number_of(oid(10)))

    assert report.exit_code == 2
    reject = course.get()
    assert (reject.reason, reject.path, reject.missing_id) == ("constraint", "enrollmentCode", "")
    assert "courses_enrollment_code_unique" in reject.message
    assert reject.status == RejectStatus.OPEN


def test_the_same_retry_goes_on_after_a_stop(family: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    number = number_of(oid(3))

    def stop(*arguments: object) -> None:
        if RejectedDocument.objects.filter(collection="courses", status=RejectStatus.LOADED).exists():
            raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("migrate_mongo.retry.require_alone", stop)
        with pytest.raises(KeyboardInterrupt):
            load_instead({number: user(3)})
    assert statuses()[str(oid(10))] == RejectStatus.LOADED
    assert statuses()[str(oid(20))] == RejectStatus.OPEN

    report = load_instead({number: user(3)})

    assert report.loaded == {"assignments": 1, "assignmentsubmissions": 1, "documentversions": 1}
    assert set(statuses().values()) == {RejectStatus.LOADED}


def test_a_failure_in_the_middle_leaves_no_half_state(family: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before, before_counts = tables(), counts()

    def fail(*arguments: object) -> None:
        raise LoadError("the lights went out")

    monkeypatch.setattr("migrate_mongo.retry.relink", fail)
    with pytest.raises(LoadError, match="lights"):
        load_instead({number_of(oid(3)): user(3)})

    assert (tables(), counts()) == (before, before_counts)
    assert set(statuses().values()) == {RejectStatus.OPEN}


@pytest.mark.django_db(transaction=True)
def test_a_retry_that_is_killed_leaves_no_half_state(tmp_path: Path) -> None:
    people = [{**user(number), "email": None} for number in range(1, 4)]
    dump = write_dump(tmp_path, {"users": people, "courses": [course(10, 1)]})
    with open_source(str(dump)) as source:
        run_import(source, ImportOptions(workers=1), NoMeter())
    before, before_counts = tables(), counts()
    made = {number_of(oid(number)): bson.encode(user(number)) for number in range(1, 4)}
    program = (
        "import os, signal, django\n"
        "django.setup()\n"
        "from django.db import connection\n"
        f"connection.settings_dict['NAME'] = {connection.settings_dict['NAME']!r}\n"
        "from migrate_mongo import retry\n"
        "from migrate_mongo.tests.test_quarantine import load_instead\n"
        "retry.relink = lambda *arguments: os.kill(os.getpid(), signal.SIGKILL)\n"
        f"load_instead({made!r})\n"
    )

    done = subprocess.run([sys.executable, "-c", program], env=ENVIRONMENT, cwd=ROOT, check=False)

    assert done.returncode == -signal.SIGKILL
    assert (tables(), counts()) == (before, before_counts)
    assert set(statuses().values()) == {RejectStatus.OPEN}
    assert load_instead(made).loaded == {"users": 3, "courses": 1}


def test_documents_that_are_repaired_stand_for_the_rejected_ones(
    import_dump: Import, verify_dump: Verify, tmp_path: Path
) -> None:
    broken = bson.encode({"_id": oid(2), "email": "broken"}).replace(b"broken\0", b"brok\xff\xfe\0")
    people = [user(1), broken, {**user(3), "_id": 42}, user(4), user(4, firstName="Twin"), user(4)]
    dump = write_dump(tmp_path, {"users": people})
    import_dump(dump)
    numbers = list(RejectedDocument.objects.order_by("pk").values_list("pk", flat=True))
    repaired = [user(2), user(3), user(5, firstName="Twin")]

    report = load_instead(dict(zip(numbers, repaired, strict=False)))

    assert (report.loaded["users"], report.failures) == (3, [])
    reject = RejectedDocument.objects.get(pk=numbers[0])
    assert (bytes(reject.raw), bson.decode(bytes(reject.replacement or b""))) == (
        broken,
        bson.decode(bson.encode(user(2))),
    )
    assert reject.note == "Replaced by a test."
    verified = verify_dump(dump)
    totals = verified.totals
    assert (totals.matching, totals.rejected, totals.different, totals.missing, totals.extra) == (2, 4, 0, 0, 0)
    assert "  note: instead of 3 of the rejected, PostgreSQL has what they were repaired to" in verified.lines()


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("UPDATE users SET first_name = 'Eve' WHERE email = 'user2@school.test'", {"different": 1}),
        ("DELETE FROM users WHERE email = 'user2@school.test'", {"missing": 1}),
        ("UPDATE users SET id = new_object_id() WHERE email = 'user2@school.test'", {"missing": 1, "extra": 1}),
        ("UPDATE import_rejects SET raw = '\\x00'", {"different": 1}),
    ],
)
def test_a_repaired_document_has_to_be_what_postgresql_has(
    import_dump: Import, verify_dump: Verify, tmp_path: Path, statement: str, expected: dict[str, int]
) -> None:
    dump = write_dump(tmp_path, {"users": [user(1), {**user(2), "email": None}]})
    import_dump(dump)
    load_instead({number_of(oid(2)): user(2)})
    assert verify_dump(dump).status == "clean"

    with connection.cursor() as cursor:
        cursor.execute(statement)

    report = verify_dump(dump)
    assert report.status == "mismatches"
    found = vars(report.totals)
    assert {kind: found[kind] for kind in ("different", "missing", "extra") if found[kind]} == expected
    assert found["compared"] == sum(found[kind] for kind in ("matching", "different", "missing", "rejected"))


def test_a_replacement_that_fails_leaves_the_reason_of_the_original(family: Path) -> None:
    number = number_of(oid(3))

    report = load_instead({number: {**user(3), "email": "user2@school.test"}})

    assert [(failure.number, failure.reason) for failure in report.failures] == [(number, "constraint")]
    reject = RejectedDocument.objects.get(pk=number)
    assert (reject.reason, reject.replacement, reject.note) == ("missing_value", None, "")


def test_policies_are_those_of_the_import_unless_others_are_given(
    import_dump: Import, verify_dump: Verify, tmp_path: Path
) -> None:
    policies = Policies(on_nul="reject", on_dangling="reject")
    people = [user(1, firstName="U\0ma"), user(2)]
    dump = write_dump(tmp_path, {"users": people, "courses": [course(10, 2, students=[oid(1), oid(9)])]})
    import_dump(dump, policies=policies)

    assert retry(Selection(), RetryOptions(), NoMeter()).loaded.total() == 0
    assert retry(Selection(), RetryOptions(on_nul="replace"), NoMeter()).loaded == {"users": 1, "courses": 0}
    assert retry(Selection(), RetryOptions(on_dangling="null"), NoMeter()).loaded == {"courses": 1}

    assert User.objects.get(pk=str(oid(1))).first_name == "Uma"
    kinds = Finding.objects.order_by("kind").values_list("kind", "count")
    assert list(kinds) == [("dangling_reference", 1), ("nul_removed", 1)]
    assert verify_dump(dump).status == "clean"


def test_rejected_ones_are_told_apart_by_reason_and_collection(family: Path) -> None:
    assert [row.document_id for row in Selection(reasons=("missing_value",)).rows()] == [str(oid(3))]
    assert [row.document_id for row in Selection(collections=("courses", "users")).rows()] == [
        str(oid(3)),
        str(oid(10)),
    ]
    assert list(Selection(statuses=("loaded",)).rows()) == []
    with pytest.raises(LoadError, match="there is no rejected document 998, 999"):
        Selection(numbers=(999, number_of(oid(3)), 998)).rows()


def test_it_is_said_what_waits_for_what(family: Path) -> None:
    waits = {reject.document_id: parent and parent.document_id for reject, parent in with_parents(Selection().rows())}

    assert waits == {
        str(oid(3)): None,
        str(oid(10)): str(oid(3)),
        str(oid(20)): str(oid(10)),
        str(oid(30)): str(oid(20)),
        str(oid(50)): str(oid(30)),
    }


def test_dismissed_ones_stay_rejected_unless_they_are_named(family: Path, verify_dump: Verify) -> None:
    number = number_of(oid(10))

    assert dismiss([number], " nobody misses it ") == 1

    reject = RejectedDocument.objects.get(pk=number)
    assert (reject.status, reject.note) == (RejectStatus.DISMISSED, "nobody misses it")
    assert reject.settled_at is not None
    assert load_instead({number_of(oid(3)): user(3)}).loaded == {"users": 1}
    assert retry(Selection(), RetryOptions(), NoMeter()).loaded.total() == 0
    assert (verify_dump(family).status, verify_dump(family).totals.rejected) == ("clean", 5)
    assert ImportRun.objects.get().status == RunStatus.REJECTS

    assert load(number).loaded.total() == 4
    assert RejectedDocument.objects.get(pk=number).status == RejectStatus.LOADED


def test_dismissing_needs_a_note_and_a_rejected_document(family: Path) -> None:
    number = number_of(oid(3))

    with pytest.raises(LoadError, match="a note has to say why"):
        dismiss([number], "  ")
    with pytest.raises(LoadError, match="there is no rejected document 999"):
        dismiss([999, number], "x")
    load_instead({number: user(3)})
    with pytest.raises(LoadError, match=f"loaded already: {number}"):
        dismiss([number], "x")

    assert RejectStatus.DISMISSED not in statuses().values()


def test_an_import_has_to_be_finished_first(import_dump: Import, tmp_path: Path) -> None:
    people = [{**user(number), "email": None} for number in range(1, 5)]
    import_dump(write_dump(tmp_path, {"users": people, "courses": [course(10, 1)]}), only=("users",))
    ImportPart.objects.filter(collection="users").update(is_finished=False)

    with pytest.raises(LoadError, match="the import of users is not finished"):
        retry(Selection(), RetryOptions(), NoMeter())

    ImportPart.objects.filter(collection="users").update(is_finished=True)
    drop_foreign_keys()
    with pytest.raises(LoadError, match="an import was stopped before its end"):
        retry(Selection(), RetryOptions(), NoMeter())

    add_foreign_keys()
    assert load_instead({number_of(oid(1)): user(1)}).loaded == {"users": 1}


@pytest.mark.django_db(transaction=True)
def test_retry_and_imports_keep_out_of_each_others_way(tmp_path: Path) -> None:
    dump = write_dump(tmp_path, {"users": [user(1), {**user(2), "email": None}]})
    parameters = {**connection.get_connection_params(), "cursor_factory": psycopg.Cursor}
    lock = "hashtext('migrate_mongo import ' || current_schema())"
    with open_source(str(dump)) as source:
        run_import(source, ImportOptions(workers=1), NoMeter())
        with psycopg.connect(**parameters) as other:
            other.execute(f"SELECT pg_advisory_lock_shared({lock})")
            with pytest.raises(LoadError, match="another import is running"):
                retry(Selection(), RetryOptions(), NoMeter())
        with transaction.atomic(), psycopg.connect(**parameters) as other:
            retry(Selection(), RetryOptions(), NoMeter())
            assert other.execute(f"SELECT pg_try_advisory_lock({lock})").fetchone() == (False,)

        report = run_import(source, ImportOptions(workers=1, restart=True), NoMeter())

    assert report.totals == {"read": 2, "loaded": 1, "rejected": 1}


def test_retrying_everything_of_a_trapped_sample_changes_nothing(
    import_dump: Import, verify_dump: Verify, trapped_sample: Path
) -> None:
    import_dump(trapped_sample)
    before, before_counts = tables(), counts()

    report = retry(Selection(), RetryOptions(), LineMeter())

    assert report.loaded.total() == 0
    assert len(report.failures) == RejectedDocument.objects.count() > 50
    assert (tables(), counts()) == (before, before_counts)
    verified = verify_dump(trapped_sample)
    assert (verified.status, verified.totals.rejected) == ("clean", len(report.failures))


def test_a_report_says_what_came_of_it_in_few_lines() -> None:
    failures = [Failure(number, "users", "", "undecodable", "no BSON") for number in range(25)]

    lines = list(RetryReport(Counter(users=3), Counter({("courses", "students[]"): 2}), failures).lines())

    assert len(lines) == 24
    assert lines[19:] == [
        "19 users: undecodable: no BSON",
        "and 5 more, see `rejected_mongo list`",
        "courses.students[]: 2 given back",
        "users                          3 loaded        25 still rejected",
        "3 documents loaded, 25 still rejected",
    ]
