"""Which of several documents that exclude each other is loaded does not depend on who comes first."""

from itertools import permutations
from pathlib import Path

import pytest

from accounts.models import User
from migrate_mongo.models import RejectedDocument
from migrate_mongo.tests.conftest import Import, Verify
from migrate_mongo.tests.dumps import classroom, course, document, oid, user, version, write_dump
from migrate_mongo.tests.state import tables
from scribetree.object_id import uuid_to_object_id

ORDERS = list(permutations([31, 32, 33]))


@pytest.fixture(autouse=True)
def parts_of_one_document(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("migrate_mongo.sources.files.PART_BYTES", 1)


def rejected() -> list[tuple[str, str]]:
    return sorted(RejectedDocument.objects.values_list("document_id", "reason"))


@pytest.mark.parametrize("order", ORDERS)
def test_of_one_address_the_smallest_id_is_loaded(
    import_dump: Import, verify_dump: Verify, tmp_path: Path, order: tuple[int, ...]
) -> None:
    people = [user(number, email="Same@school.test" if number == 32 else "same@school.test") for number in order]
    dump = write_dump(tmp_path, {"users": people})

    report = import_dump(dump)

    assert [uuid_to_object_id(row.pk) for row in User.objects.all()] == [oid(31)]
    assert rejected() == [(str(oid(32)), "constraint"), (str(oid(33)), "constraint")]
    assert report.totals == {"read": 3, "loaded": 1, "rejected": 2}
    # what was found in the one that gave way is not counted any more
    assert [finding for finding in report.findings() if finding["kind"] == "normalised"] == []
    assert verify_dump(dump).status == "clean"


@pytest.mark.parametrize("order", ORDERS)
def test_of_one_number_the_smallest_id_is_loaded(
    import_dump: Import, verify_dump: Verify, tmp_path: Path, order: tuple[int, ...]
) -> None:
    versions = [version(number, 40, 1, author=oid(99)) for number in order]
    dump = write_dump(tmp_path, classroom(documents=[document(40, 2)], documentversions=versions))

    report = import_dump(dump)

    assert rejected() == [(str(oid(32)), "constraint"), (str(oid(33)), "constraint")]
    [finding] = [found for found in report.findings() if found["kind"] == "dangling_reference"]
    assert (finding["count"], finding["samples"]) == (1, [str(oid(31))])
    assert {reject.message for reject in RejectedDocument.objects.all()} == {
        'duplicate key value violates unique constraint "document_versions_document_unique" (SQLSTATE 23505). '
        f"Key (document_id, version)=({RejectedDocument.objects.first().message.partition('=(')[2].partition(',')[0]}"
        ", 1) already exists."
    }
    assert verify_dump(dump).status == "clean"


@pytest.mark.parametrize("order", ORDERS)
def test_members_go_with_the_one_that_gives_way(
    import_dump: Import, verify_dump: Verify, tmp_path: Path, order: tuple[int, ...]
) -> None:
    courses = [course(number, 1, enrollmentCode="SAME", students=[oid(2), oid(3)]) for number in order]
    dump = write_dump(tmp_path, {**classroom(), "courses": courses, "assignments": []})

    import_dump(dump)

    assert rejected() == [(str(oid(32)), "constraint"), (str(oid(33)), "constraint")]
    assert len(tables()["course_enrollments"]) == 2
    assert verify_dump(dump).status == "clean"


def test_of_one_id_the_first_of_the_file_is_loaded_whatever_part_is_read_first(
    import_dump: Import, verify_dump: Verify, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copies = [user(31, firstName=name, email=f"{name}@school.test") for name in ("one", "two", "three")]
    dump = write_dump(tmp_path, {"users": copies})
    import_dump(dump)
    in_order = tables()

    with monkeypatch.context() as patched:
        patched.setattr("migrate_mongo.workers.NEXT_PART", "id DESC")
        import_dump(dump, restart=True)

    assert tables() == in_order
    assert User.objects.get().first_name == "one"
    assert rejected() == [(str(oid(31)), "duplicate_id")] * 2
    assert verify_dump(dump).status == "clean"
