"""Every trap of the sample is loaded, loaded with its finding, or rejected with its reason."""

import json
from pathlib import Path
from typing import Any

import pytest

from migrate_mongo.models import Finding, RejectedDocument
from migrate_mongo.tests.conftest import Import, Verify


def by_name(traps: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    named: dict[str, list[dict[str, Any]]] = {}
    for trap in traps:
        named.setdefault(trap["name"], []).append(trap)
    return named


def test_each_trap_ends_as_it_should(
    import_dump: Import, verify_dump: Verify, trapped_sample: Path, subtests: pytest.Subtests
) -> None:
    import_dump(trapped_sample)
    traps = json.loads((trapped_sample.parent / "hazards.json").read_text())
    findings = {(row.collection, row.path, row.kind): row.samples for row in Finding.objects.all()}
    rejects = {(row.collection, row.document_id, row.reason, row.path) for row in RejectedDocument.objects.all()}
    rejected_ids = {(collection, document_id) for collection, document_id, _, _ in rejects}

    for name, entries in by_name(traps).items():
        with subtests.test(name):
            for trap in entries:
                document_id = "" if trap["kind"] == "undecodable" else trap["id"]
                if trap["outcome"] == "rejected":
                    assert (trap["collection"], document_id, trap["kind"], trap["path"]) in rejects
                elif trap["outcome"] == "finding":
                    assert trap["id"] in findings[trap["collection"], trap["path"], trap["kind"]]
                else:
                    assert (trap["collection"], trap["id"]) not in rejected_ids

    assert RejectedDocument.objects.count() == sum(trap["outcome"] == "rejected" for trap in traps)
    report = verify_dump(trapped_sample)
    assert report.status == "clean"
    assert report.totals.rejected == RejectedDocument.objects.count()
