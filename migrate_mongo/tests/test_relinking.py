"""What a document lost because another was rejected comes back when that one is loaded after all."""

import random
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import bson
import pytest
from django.db import connection

from accounts.models import User
from assignments.models import AssignmentSubmission, SubmissionComment
from courses.models import Course, Enrollment
from documents.models import Document
from migrate_mongo.mappings import MAPPINGS
from migrate_mongo.mappings.base import Reference
from migrate_mongo.mappings.notes import Missing
from migrate_mongo.models import Finding, ImportRun, RejectedDocument, RunStatus
from migrate_mongo.places import places_leading_to
from migrate_mongo.progress import NoMeter
from migrate_mongo.quarantine import Selection
from migrate_mongo.relinking import relink
from migrate_mongo.retry import Replacement, RetryOptions, RetryReport, retry
from migrate_mongo.tests.conftest import Import, Verify
from migrate_mongo.tests.dumps import (
    CREATED,
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

Source = dict[str, list[dict[str, Any]]]


def school() -> Source:
    """Two of each kind, with every reference that there is; text instead of ids where the original wrote it too."""
    template = {key: value for key, value in assignment(15, 0, 2).items() if key != "course"}
    deployment = {"_id": oid(21), "template": oid(15), "course": oid(10), "instructor": oid(1), "createdAt": CREATED}
    session = {"document": oid(40), "user": oid(2), "startTime": CREATED, "createdAt": CREATED}
    return {
        "users": [user(1, role="educator"), user(2), user(3), user(4)],
        "courses": [course(10, 1, students=[oid(2), oid(4), str(oid(2)), oid(3)]), course(11, 4, students=[oid(2)])],
        "assignmenttemplates": [template],
        "assignments": [assignment(20, 10, 1), assignment(22, 11, 4)],
        "courseassignments": [{**deployment, "updatedAt": CREATED}],
        "assignmentsubmissions": [
            submission(30, 20, 3, **inside_submission()),
            submission(31, 22, 3, collaborators=[str(oid(2)).upper(), oid(99), None, oid(2)]),
            submission(32, 20, 2),
        ],
        "documents": [
            document(40, 3, course=oid(10), assignment=oid(20), submission=oid(30), collaborators=[oid(2), oid(4)]),
            document(41, 3, course=str(oid(11)), assignment=oid(22), submission=oid(31)),
            document(42, 2, metadata={"lastEditedAt": CREATED, "lastEditedBy": oid(4)}),
        ],
        "documentversions": [version(50, 40, 1, author=oid(2)), version(51, 30, 1, author=oid(3))],
        "writingsessions": [{"_id": oid(60), **session, "updatedAt": CREATED}],
        "notifications": [notification(70, 3, 2), notification(71, 2, 4)],
    }


def inside_submission() -> dict[str, Any]:
    replies = [
        {"_id": oid(102), "author": oid(2), "content": "Because.", "createdAt": CREATED},
        {"_id": oid(103), "author": oid(77), "content": "No.", "createdAt": CREATED},
    ]
    said = {"content": "Why?", "createdAt": CREATED}
    return {
        "collaborators": [oid(4), oid(2), oid(2)],
        "comments": [
            {"_id": oid(100), "id": oid(101), "author": oid(2), **said, "replies": replies},
            {"_id": oid(104), "id": oid(105), "author": str(oid(2)), **said},
            {"_id": oid(106), "id": oid(107), "author": oid(4), **said},
        ],
        "collaboration": {"lastActiveAt": CREATED, "activeUsers": [oid(2), oid(78), oid(2)]},
        "majorMilestones": [{"version": 1, "timestamp": CREATED, "author": oid(2)}],
        "grade": {"score": 5, "gradedBy": oid(4)},
        "analytics": {"collaborationMetrics": {"contributorStats": [{"user": oid(2)}, {"user": oid(79)}]}},
    }


def notification(number: int, recipient: int, sender: int) -> dict[str, Any]:
    return {
        "_id": oid(number),
        "recipient": oid(recipient),
        "sender": oid(sender),
        "type": "comment_added",
        "category": "student_progress",
        "title": "A comment",
        "message": "Someone said something.",
        "context": {
            "course": oid(10),
            "assignment": oid(20),
            "submission": oid(30),
            "document": oid(40),
            "writingSession": oid(60),
        },
        "intervention": {"escalationRules": {"escalateTo": [oid(2), oid(4)]}, "resolvedBy": oid(2)},
        "relatedMetrics": {"student": oid(2)},
        "createdAt": CREATED,
        "updatedAt": CREATED,
    }


def broken(document: dict[str, Any]) -> dict[str, Any]:
    """As no collection takes it."""
    deep: Any = 1
    for _ in range(250):
        deep = {"a": deep}
    return {**document, "deep": deep}


def outcome() -> dict[str, list[str]]:
    return {name: rows for name, rows in tables().items() if name != "import_rejects"}


def repair(source: Source, rejects: Iterable[RejectedDocument] | None = None) -> RetryReport:
    """Loads documents that are rejected by themselves, all unless it is said which, as the source has them."""
    sound = {document["_id"]: document for documents in source.values() for document in documents}
    replacements = {
        reject.pk: Replacement(bson.encode(sound[bson.ObjectId(reject.document_id)]), "repaired")
        for reject in rejects or RejectedDocument.objects.filter(reason="too_deep")
    }
    return retry(Selection(numbers=tuple(replacements)), RetryOptions(replacements=replacements), NoMeter())


BREAKABLE = [(name, number) for name, documents in school().items() for number in range(len(documents))]


@pytest.mark.parametrize(("collection", "place"), BREAKABLE)
def test_a_repair_leaves_what_a_sound_source_would_have(
    import_dump: Import, verify_dump: Verify, tmp_path: Path, collection: str, place: int
) -> None:
    import_dump(write_dump(tmp_path / "sound", school()))
    expected = outcome()
    source = school()
    source[collection][place] = broken(source[collection][place])
    dump = write_dump(tmp_path / "broken", source)
    assert import_dump(dump, restart=True).totals["rejected"] > 0
    assert outcome() != expected

    report = repair(school())

    assert report.failures == []
    assert outcome() == expected
    assert ImportRun.objects.get().status == RunStatus.CLEAN
    verified = verify_dump(dump)
    assert (verified.status, verified.totals.rejected, verified.totals.extra) == ("clean", 1, 0)
    assert import_dump(dump).totals["rejected"] == 0


@pytest.mark.parametrize("seed", range(5))
def test_repairs_in_any_order_leave_what_a_sound_source_would_have(
    import_dump: Import, verify_dump: Verify, tmp_path: Path, seed: int
) -> None:
    import_dump(write_dump(tmp_path / "sound", school()))
    expected = outcome()
    dice = random.Random(seed)
    source = school()
    for collection, place in dice.sample(BREAKABLE, 7):
        source[collection][place] = broken(source[collection][place])
    dump = write_dump(tmp_path / "broken", source)
    import_dump(dump, restart=True)

    while broken_ones := list(RejectedDocument.objects.open().filter(reason="too_deep")):
        repair(school(), [dice.choice(broken_ones)])

    assert RejectedDocument.objects.not_loaded().count() == 0
    assert outcome() == expected
    assert verify_dump(dump).status == "clean"


def test_every_place_of_a_reference_is_known() -> None:
    for name, mapping in MAPPINGS.items():
        places = {
            table for table in mapping.refers_to for place in places_leading_to(table) if place.collection == name
        }
        required = {
            table
            for entry in mapping.columns
            if isinstance(entry, Reference) and entry.missing is Missing.REJECT
            for table in entry.columns
        }

        assert places | required == mapping.refers_to


def losing_classroom(tmp_path: Path, **fields: Any) -> Path:
    """User 3 is rejected, a member of course 10 and the author of a comment."""
    comment = {"_id": oid(100), "id": oid(101), "author": oid(3), "content": "Why?", "createdAt": CREATED}
    people = [user(1, role="educator"), user(2), broken(user(3))]
    return write_dump(
        tmp_path,
        classroom(
            users=people,
            courses=[course(10, 1, students=[oid(2), oid(3)])],
            assignmentsubmissions=[submission(30, 20, 2, comments=[comment])],
            documents=[document(40, 2, course=oid(10))],
            **fields,
        ),
    )


def test_a_row_that_the_application_has_made_meanwhile_stays(import_dump: Import, tmp_path: Path) -> None:
    import_dump(losing_classroom(tmp_path))
    User.objects.create(pk=object_id_to_uuid(oid(3)), email="user3@school.test", password="x")
    Enrollment.objects.create(course_id=str(oid(10)), student_id=str(oid(3)), ordinal=9)
    other = User.objects.get(pk=str(oid(2)))
    SubmissionComment.objects.update(author=other)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL scribetree.keep_updated_at = 'off'")
    before = Course.objects.get().updated_at

    relinked = relink(ImportRun.objects.get().pk, "users", [oid(3)])

    assert relinked == {("courses", "students[]"): 1}
    assert Enrollment.objects.get(student=str(oid(3))).ordinal == 9
    assert Course.objects.get().extra is None
    assert SubmissionComment.objects.get().author == other
    assert Course.objects.get().updated_at >= before
    assert [finding.path for finding in Finding.objects.filter(kind="dangling_reference")] == ["comments[].author"]


def test_what_is_given_back_is_no_edit(import_dump: Import, tmp_path: Path) -> None:
    import_dump(losing_classroom(tmp_path))

    repair({"users": [user(3)]})

    assert Course.objects.get().updated_at == CREATED
    assert AssignmentSubmission.objects.get().updated_at == CREATED
    assert SubmissionComment.objects.get().updated_at == CREATED


def test_other_losses_of_a_document_stay_findings(import_dump: Import, tmp_path: Path) -> None:
    people = [user(1), broken(user(2)), broken(user(3))]
    courses = [course(10, 1, students=[oid(2), oid(3), oid(2)]), course(11, 1, students=[oid(2)])]
    import_dump(write_dump(tmp_path, {"users": people, "courses": courses}))
    assert found("students[]") == (3, [str(oid(10)), str(oid(11))])

    repair({"users": [user(2)]}, RejectedDocument.objects.filter(document_id=str(oid(2))))

    assert found("students[]") == (1, [str(oid(10))])
    assert list(Enrollment.objects.order_by("course", "ordinal").values_list("ordinal", flat=True)) == [0, 0]
    assert Course.objects.get(pk=str(oid(10))).extra == {
        "original": {"students/1": {"$oid": str(oid(3))}, "students/2": {"$oid": str(oid(2))}}
    }


def test_more_losses_than_samples(import_dump: Import, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("loader", "relinking", "ledger"):
        monkeypatch.setattr(f"migrate_mongo.{module}.SAMPLES", 2)
    notes = [document(number, 1, course=oid(10 + number % 2)) for number in range(40, 50)]
    courses = [broken(course(10, 1)), broken(course(11, 1))]
    import_dump(write_dump(tmp_path, {"users": [user(1)], "courses": courses, "documents": notes}))
    Finding.objects.filter(path="course").update(samples=[str(oid(40)), str(oid(41))])

    report = repair({"courses": [course(10, 1)]}, RejectedDocument.objects.filter(document_id=str(oid(10))))

    assert report.relinked == {("documents", "course"): 5}
    assert found("course") == (5, [str(oid(41)), str(oid(43))])
    assert Document.objects.filter(course=str(oid(10)), extra__isnull=True).count() == 5
    assert Document.objects.filter(course=None).count() == 5


def found(path: str) -> tuple[int, list[str]]:
    finding = Finding.objects.get(path=path, kind="dangling_reference")
    return finding.count, finding.samples
