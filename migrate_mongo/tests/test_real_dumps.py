"""Dumps of the original application, where SCRIBETREE_TEST_DATA names their folder."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import authenticate

from migrate_mongo.models import Finding, RejectedDocument
from migrate_mongo.tests.conftest import Import, Verify

SEED_COUNTS = {
    "users": 8,
    "courses": 3,
    "assignments": 1,
    "assignmentsubmissions": 3,
    "documents": 3,
    "documentversions": 3,
    "writingsessions": 7,
}


@pytest.mark.parametrize("folder", ["dump", "formats/dump-gzip"])
def test_the_seed_data_is_clean(import_dump: Import, verify_dump: Verify, real_data: Path, folder: str) -> None:
    report = import_dump(real_data / folder)

    assert (report.exit_code, report.totals["rejected"]) == (0, 0)
    loaded = {name: counts["loaded"] for name, counts in report.collections.items() if counts["loaded"]}
    assert loaded == SEED_COUNTS
    assert verify_dump(real_data / folder).status == "clean"


def test_imported_passwords_log_in(import_dump: Import, real_data: Path) -> None:
    import_dump(real_data / "dump")

    assert authenticate(username="Admin@university.edu", password="password123") is not None
    assert authenticate(username="admin@university.edu", password="password124") is None


def test_the_large_dump_has_its_rejects_and_no_others(
    import_dump: Import, verify_dump: Verify, real_data: Path
) -> None:
    report = import_dump(real_data / "dump-6k")

    assert (report.exit_code, report.totals) == (2, {"read": 5953, "loaded": 5885, "rejected": 68})
    rejected = Counter(RejectedDocument.objects.values_list("collection", flat=True))
    assert rejected == {
        "assignments": 1,
        "courseassignments": 1,
        "assignmentsubmissions": 14,
        "documentversions": 21,
        "writingsessions": 26,
        "notifications": 5,
    }
    nulled = Finding.objects.filter(collection="documents", kind="dangling_reference")
    assert dict(nulled.exclude(path="collaborators[]").values_list("path", "count")) == {
        "course": 5,
        "submission": 4,
        "assignment": 1,
    }
    proof = verify_dump(real_data / "dump-6k")
    assert (proof.status, proof.totals.matching, proof.totals.rejected) == ("clean", 5885, 68)


# What the importer calls each kind of quirk; the kinds that are missing here are stored exactly.
KINDS = {
    "field outside the schema": "unknown_field",
    "field outside the schema: documents.chapter, lesson": "cast",
    "null object": "stored_null",
    "null date": "stored_null",
    "null number": "stored_null",
    "dangling reference": "dangling_reference",
    "duplicate entry": "duplicate_reference",
    "NUL character": "nul_removed",
    "fractional number: courses.maxStudents": "fraction",
    "fractional number: writingsessions.duration": "fraction",
    "older shape: comments without id, empty position": "derived",
}


def test_every_quirk_is_stored_exactly_or_told_with_its_ids(
    import_dump: Import, verify_dump: Verify, real_data: Path
) -> None:
    import_dump(real_data / "dump-6k")
    quirks: dict[str, Any] = json.loads((real_data / "dump-6k" / "quirks.json").read_text())["quirks"]
    rejected = set(RejectedDocument.objects.values_list("collection", "document_id"))
    told: dict[tuple[str, str], set[str]] = {}
    for finding in Finding.objects.all():
        told.setdefault((finding.collection, finding.kind), set()).update(finding.samples)

    for name, quirk in quirks.items():
        kind = KINDS.get(name) or KINDS.get(name.partition(":")[0])
        for document_id in quirk["examples"]:
            if kind is not None and (quirk["collection"], document_id) not in rejected:
                stored_exactly = kind == "stored_null" and name.endswith("assignmentsubmissions.grade")
                assert stored_exactly or document_id in told[quirk["collection"], kind], name
    assert verify_dump(real_data / "dump-6k").totals.different == 0
