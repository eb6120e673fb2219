"""What becomes of documents, one batch at a time or all in one."""

from itertools import permutations
from pathlib import Path
from typing import Any

import bson
import pytest
from bson import ObjectId
from django.db import DatabaseError, connection

from accounts.models import User
from assignments.models import Assignment, AssignmentSubmission, AssignmentTemplate, SubmissionComment
from courses.models import Course, Enrollment
from documents.models import Document, DocumentVersion
from migrate_mongo.models import RejectedDocument
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
from scribetree.object_id import uuid_to_object_id


def rejects() -> list[tuple[str, str, str, str]]:
    return list(RejectedDocument.objects.order_by("pk").values_list("collection", "document_id", "reason", "path"))


def findings(report: Any) -> dict[tuple[str, str, str], int]:
    return {(row["collection"], row["path"], row["kind"]): row["count"] for row in report.findings()}


def test_a_broken_document_stops_no_other(import_dump: Import, tmp_path: Path) -> None:
    broken = bson.encode({"_id": oid(2), "email": "broken"}).replace(b"broken\0", b"brok\xff\xfe\0")
    dump = write_dump(tmp_path, {"users": [user(1), broken, user(3)]})

    report = import_dump(dump)

    assert report.totals == {"read": 3, "loaded": 2, "rejected": 1}
    [reject] = RejectedDocument.objects.all()
    assert (reject.reason, bytes(reject.raw)) == ("undecodable", broken)
    assert "not valid BSON" in reject.message


def test_a_constraint_rejects_only_the_document_that_breaks_it(import_dump: Import, tmp_path: Path) -> None:
    people = [user(number) for number in range(1, 40)]
    people[20]["email"] = "USER3@school.test"

    import_dump(write_dump(tmp_path, {"users": people}))

    assert User.objects.count() == 38
    assert rejects() == [("users", str(oid(21)), "constraint", "email")]
    assert "users_email_unique" in RejectedDocument.objects.get().message


def test_one_id_twice_loads_the_first(import_dump: Import, verify_dump: Verify, tmp_path: Path) -> None:
    dump = write_dump(tmp_path, {"users": [user(1), user(1, firstName="Other"), user(1)]})

    report = import_dump(dump)

    assert User.objects.get().first_name == "Uma"
    assert [reason for _, _, reason, _ in rejects()] == ["duplicate_id", "duplicate_id"]
    assert report.totals == {"read": 3, "loaded": 1, "rejected": 2}
    totals = verify_dump(dump).totals
    assert (totals.matching, totals.rejected, totals.different) == (1, 2, 0)


def test_a_rejection_reaches_what_refers_to_it(import_dump: Import, tmp_path: Path) -> None:
    dump = write_dump(
        tmp_path,
        classroom(
            assignments=[assignment(20, 99, 1)],
            assignmentsubmissions=[submission(30, 20, 2)],
            documents=[document(40, 2, submission=oid(30))],
            documentversions=[version(50, 30, 1), version(51, 40, 1)],
        ),
    )

    report = import_dump(dump)

    assert [(collection, path) for collection, _, _, path in rejects()] == [
        ("assignments", "course"),
        ("assignmentsubmissions", "assignment"),
        ("documentversions", "document"),
    ]
    assert Document.objects.get().submission is None
    assert findings(report) == {("documents", "submission", "dangling_reference"): 1}


def test_a_version_belongs_to_a_document_or_a_submission(
    import_dump: Import, verify_dump: Verify, tmp_path: Path
) -> None:
    dump = write_dump(
        tmp_path,
        classroom(
            assignmentsubmissions=[submission(30, 20, 2)],
            documents=[document(40, 2)],
            documentversions=[version(50, 30, 1), version(51, 40, 1)],
        ),
    )

    import_dump(dump)

    assert DocumentVersion.objects.get(submission=str(oid(30))).document is None
    assert DocumentVersion.objects.get(document=str(oid(40))).submission is None
    assert verify_dump(dump).status == "clean"


def test_a_deployment_gets_its_templates_content(import_dump: Import, verify_dump: Verify, tmp_path: Path) -> None:
    template = {**assignment(5, 0, 1, requirements={"minWords": 250}, grading=None), "title": "Template"}
    deployment = {
        "_id": oid(21),
        "template": oid(5),
        "course": oid(10),
        "instructor": oid(1),
        "createdAt": CREATED,
        "updatedAt": CREATED,
    }
    del template["course"]
    dump = write_dump(tmp_path, classroom(assignmenttemplates=[template], courseassignments=[deployment]))

    import_dump(dump)

    deployed, source = Assignment.objects.get(pk=str(oid(21))), AssignmentTemplate.objects.get()
    assert deployed.title == "Template"
    assert (
        deployed.requirements
        == source.requirements
        == {"minWords": 250, "requiredSections": [], "allowedResources": []}
    )
    assert deployed.grading_criteria == source.grading_criteria
    assert verify_dump(dump).status == "clean"


def test_members_are_rows_in_order_and_the_rest_is_kept(
    import_dump: Import, verify_dump: Verify, tmp_path: Path
) -> None:
    students = [oid(3), None, oid(2), oid(3), oid(77), str(oid(4)), "nobody"]
    dump = write_dump(tmp_path, classroom(courses=[course(10, 1, students=students)]))

    report = import_dump(dump)

    rows = Enrollment.objects.order_by("ordinal")
    assert [(row.ordinal, uuid_to_object_id(row.student_id)) for row in rows] == [(0, oid(3)), (2, oid(2)), (5, oid(4))]
    assert {row.enrolled_at for row in rows} == {CREATED}
    assert sorted(Course.objects.get().extra["original"]) == ["students/1", "students/3", "students/4", "students/6"]
    assert {kind for _, _, kind in findings(report)} == {
        "null_element",
        "duplicate_reference",
        "dangling_reference",
        "cast",
        "uncastable",
    }
    assert verify_dump(dump).status == "clean"


def test_a_member_that_is_text_and_leads_nowhere_is_kept_as_it_is(
    import_dump: Import, verify_dump: Verify, tmp_path: Path
) -> None:
    dump = write_dump(tmp_path, classroom(courses=[course(10, 1, students=[str(oid(77)).upper()])]))

    import_dump(dump)

    assert Course.objects.get().extra == {"original": {"students/0": str(oid(77)).upper()}}
    assert verify_dump(dump).status == "clean"


def test_imported_pairs_have_the_ids_that_the_application_gives(import_dump: Import, tmp_path: Path) -> None:
    import_dump(write_dump(tmp_path, classroom(courses=[course(10, 1, students=[oid(2)])])))

    imported = Enrollment.objects.get()
    Enrollment.objects.all().delete()
    made = Enrollment.objects.create(course_id=imported.course_id, student_id=imported.student_id)

    assert made.pk == imported.pk


@pytest.mark.parametrize("order", list(permutations([31, 32, 33])))
@pytest.mark.parametrize("batch_size", [1, 100])
def test_of_several_submissions_the_last_saved_is_live_in_any_order(
    import_dump: Import, verify_dump: Verify, tmp_path: Path, order: tuple[int, ...], batch_size: int
) -> None:
    saved = {31: 10, 32: 30, 33: 20}
    submissions = [submission(number, 20, 2, lastSavedAt=CREATED.replace(minute=saved[number])) for number in order]
    dump = write_dump(tmp_path, classroom(assignmentsubmissions=submissions))

    report = import_dump(dump, batch_size=batch_size)

    live = AssignmentSubmission.objects.get(superseded_by=None)
    assert uuid_to_object_id(live.pk) == oid(32)
    assert {row.superseded_by_id for row in AssignmentSubmission.objects.exclude(pk=live.pk)} == {live.pk}
    assert {row.updated_at for row in AssignmentSubmission.objects.all()} == {CREATED}
    assert findings(report) == {("assignmentsubmissions", "_id", "superseded"): 2}
    assert verify_dump(dump).status == "clean"


def comment(number: int, author: int, **fields: Any) -> dict[str, Any]:
    return {
        "_id": oid(number),
        "id": oid(number + 1),
        "author": oid(author),
        "content": "Why?",
        "createdAt": CREATED,
        **fields,
    }


@pytest.mark.parametrize("order", list(permutations([31, 32, 33])))
@pytest.mark.parametrize("batch_size", [1, 100])
def test_of_copies_the_smallest_submission_keeps_the_comments_id(
    import_dump: Import, verify_dump: Verify, tmp_path: Path, order: tuple[int, ...], batch_size: int
) -> None:
    reply = {"_id": oid(60), "author": oid(3), "content": "Because.", "createdAt": CREATED}
    shared = [comment(50, 1, replies=[reply]), comment(52, 1)]
    submissions = [submission(number, 20, number - 29, comments=shared) for number in order]
    dump = write_dump(tmp_path, classroom(assignmentsubmissions=submissions))

    report = import_dump(dump, batch_size=batch_size)

    owner = SubmissionComment.objects.get(pk=str(oid(51)))
    assert uuid_to_object_id(owner.submission_id) == oid(31)
    assert SubmissionComment.objects.count() == 9
    for answer in SubmissionComment.objects.exclude(parent=None).select_related("parent"):
        assert answer.parent.submission_id == answer.submission_id
    assert findings(report) == {
        ("assignmentsubmissions", "comments[].id", "id_collision"): 4,
        ("assignmentsubmissions", "comments[].replies[]._id", "id_collision"): 2,
    }
    assert verify_dump(dump).status == "clean"


def test_comments_without_a_usable_id_are_told_apart(import_dump: Import, verify_dump: Verify, tmp_path: Path) -> None:
    no_id = {key: value for key, value in comment(50, 1).items() if key != "id"}
    nameless = {"author": oid(1), "content": "Who?", "replies": [{"content": "Me."}]}
    comments = [no_id, comment(60, 1, id=oid(50)), comment(70, 1, id=None), nameless, nameless, None, "text"]
    dump = write_dump(tmp_path, classroom(assignmentsubmissions=[submission(30, 20, 2, comments=comments)]))

    import_dump(dump)

    assert SubmissionComment.objects.filter(parent=None).count() == 5
    assert verify_dump(dump).status == "clean"


@pytest.mark.parametrize("batch_size", [1, 7, 1000])
def test_where_a_batch_ends_changes_nothing(
    import_dump: Import, trapped_sample: Path, batch_size: int, request: pytest.FixtureRequest
) -> None:
    import_dump(trapped_sample, batch_size=batch_size)

    found = tables()
    expected = request.config.stash.setdefault(_STATE, found)
    assert found == expected


_STATE = pytest.StashKey[dict[str, list[str]]]()


def test_a_document_nested_too_deep_is_rejected(import_dump: Import, tmp_path: Path) -> None:
    deep: Any = 1
    for _ in range(250):
        deep = {"a": deep}
    dump = write_dump(tmp_path, {"users": [user(1, prefs=deep), user(2)]})

    report = import_dump(dump)

    assert report.totals == {"read": 2, "loaded": 1, "rejected": 1}
    assert rejects() == [("users", str(oid(1)), "too_deep", "prefs")]


def test_a_fault_that_is_not_in_the_data_is_raised(import_dump: Import, tmp_path: Path) -> None:
    dump = write_dump(tmp_path, {"users": [user(1)]})
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE users RENAME COLUMN bio TO biography")

    with pytest.raises(DatabaseError, match="bio"):
        import_dump(dump)


def test_ids_that_are_no_object_ids_are_printed_as_people_write_them(import_dump: Import, tmp_path: Path) -> None:
    odd = [{**user(1), "_id": value} for value in (7, "ines", None, {"a": ObjectId("67c2c5000000000000000001")})]

    import_dump(write_dump(tmp_path, {"users": odd}))

    assert [document_id for _, document_id, _, _ in rejects()] == [
        "7",
        "ines",
        "null",
        '{"a": {"$oid": "67c2c5000000000000000001"}}',
    ]
