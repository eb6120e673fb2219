"""What becomes of a value where there is a choice."""

from pathlib import Path

import pytest

from documents.models import Document
from migrate_mongo.exceptions import LoadError
from migrate_mongo.models import RejectedDocument
from migrate_mongo.pipeline import Policies
from migrate_mongo.tests.conftest import Import, Verify
from migrate_mongo.tests.dumps import classroom, course, document, oid, submission, write_dump

REJECT_NUL = Policies(on_nul="reject")
REJECT_DANGLING = Policies(on_dangling="reject")


def rejects() -> list[tuple[str, str, str]]:
    return list(RejectedDocument.objects.order_by("pk").values_list("document_id", "reason", "path"))


@pytest.fixture
def with_nul(tmp_path: Path) -> Path:
    comment = {"_id": oid(60), "id": oid(61), "author": oid(1), "content": "a\0b", "createdAt": None}
    return write_dump(
        tmp_path,
        classroom(
            documents=[document(40, 2, content="a\0b"), document(41, 2)],
            assignmentsubmissions=[submission(30, 20, 2, comments=[comment])],
        ),
    )


def test_text_with_nul_is_loaded_without_it(import_dump: Import, verify_dump: Verify, with_nul: Path) -> None:
    report = import_dump(with_nul)

    assert report.totals["rejected"] == 0
    assert Document.objects.get(pk=str(oid(40))).content == "ab"
    found = {
        (finding["collection"], finding["path"]) for finding in report.findings() if finding["kind"] == "nul_removed"
    }
    assert found == {("documents", "content"), ("assignmentsubmissions", "comments[].content")}
    assert verify_dump(with_nul).status == "clean"


def test_text_with_nul_can_be_refused(import_dump: Import, verify_dump: Verify, with_nul: Path) -> None:
    import_dump(with_nul, policies=REJECT_NUL)

    assert rejects() == [
        (str(oid(30)), "nul_removed", "comments[].content"),
        (str(oid(40)), "nul_removed", "content"),
    ]
    assert verify_dump(with_nul).totals.rejected == 2


def test_optional_references_to_nothing_can_be_refused(
    import_dump: Import, verify_dump: Verify, tmp_path: Path
) -> None:
    dump = write_dump(
        tmp_path,
        {
            **classroom(documents=[document(40, 2, course=oid(99)), document(41, 2)]),
            "courses": [course(10, 1), course(11, 1, students=[oid(2), oid(98)])],
        },
    )

    report = import_dump(dump, policies=REJECT_DANGLING)

    assert rejects() == [
        (str(oid(11)), "dangling_reference", "students[]"),
        (str(oid(40)), "dangling_reference", "course"),
    ]
    assert list(RejectedDocument.objects.order_by("pk").values_list("missing_id", flat=True)) == [
        str(oid(98)),
        str(oid(99)),
    ]
    assert [finding for finding in report.findings() if finding["kind"] == "dangling_reference"] == []
    assert verify_dump(dump).status == "clean"


def test_an_import_goes_on_under_its_own_policies(import_dump: Import, with_nul: Path) -> None:
    import_dump(with_nul, only=("users",), policies=REJECT_NUL)

    with pytest.raises(LoadError, match="begun with --on-nul reject --on-dangling null: go on with the same options"):
        import_dump(with_nul)
