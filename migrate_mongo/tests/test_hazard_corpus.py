"""Every hazard of docs/hazards.md that a file can carry, through import, dry run, retry, proof and the way back."""

import re
from collections import defaultdict
from pathlib import Path

import pytest
from django.core.management import call_command

from migrate_mongo.models import Finding, RejectedDocument
from migrate_mongo.pipeline import ImportOptions, run_import
from migrate_mongo.progress import LineMeter
from migrate_mongo.scratch import SCHEMA, scratch_schema
from migrate_mongo.sources import open_source
from migrate_mongo.tests.conftest import Export, Import, Verify
from migrate_mongo.tests.hazard_corpus import Outcome, cases, id_of, write_corpus
from migrate_mongo.tests.state import tables

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_corpus(tmp_path_factory.mktemp("corpus"))


def outcomes() -> dict[tuple[str, str], set[Outcome]]:
    """What the ledger says of each document."""
    found: dict[tuple[str, str], set[Outcome]] = defaultdict(set)
    for finding in Finding.objects.all():
        for document_id in finding.samples:
            found[finding.collection, document_id].add((finding.kind, finding.path))
    for reject in RejectedDocument.objects.all():
        found[reject.collection, reject.document_id].add((f"rejected: {reject.reason}", reject.path))
    return found


def test_each_case_ends_as_it_should(import_dump: Import, corpus: Path, subtests: pytest.Subtests) -> None:
    import_dump(corpus, salvage=True)

    found = outcomes()
    for case in cases():
        with subtests.test(f"{case.hazard} {id_of(case) or 'undecodable'}"):
            assert found[case.collection, id_of(case)] == set(case.outcome)
    rejected = sum(any("rejected" in kind for kind, _ in case.outcome) for case in cases())
    assert RejectedDocument.objects.count() == rejected


def test_nothing_is_unaccounted_for(import_dump: Import, verify_dump: Verify, corpus: Path) -> None:
    report = import_dump(corpus, salvage=True)

    totals = report.totals
    assert totals["read"] == totals["loaded"] + totals["rejected"] == len(list(cases())) + 7
    proof = verify_dump(corpus, salvage=True)
    assert (proof.status, proof.totals.rejected) == ("clean", totals["rejected"])


def test_the_dry_run_says_the_same(import_dump: Import, corpus: Path) -> None:
    with open_source(str(corpus), salvage=True) as source, scratch_schema():
        run_import(source, ImportOptions(workers=1, schema=SCHEMA, profiles=True), LineMeter())
        predicted = outcomes()

    import_dump(corpus, salvage=True)

    assert predicted == outcomes()


def test_a_retry_loses_nothing(import_dump: Import, verify_dump: Verify, corpus: Path) -> None:
    import_dump(corpus, salvage=True)
    before = tables()

    with pytest.raises(SystemExit) as left:
        call_command("rejected_mongo", "retry", "--all")

    assert left.value.code == 2
    assert tables() == before
    assert verify_dump(corpus, salvage=True).status == "clean"


def test_the_way_back_gives_every_document(
    import_dump: Import, verify_dump: Verify, export: Export, out: Path, corpus: Path
) -> None:
    import_dump(corpus, salvage=True)
    before = outcomes()

    report = export(with_rejected=True)

    # Only the bytes that are no document at all have no place in a dump.
    assert [fault["message"] for fault in report.faults] == ["20 bytes that are no BSON, which no dump can hold"]
    import_dump(out, restart=True)
    assert {key: found for key, found in outcomes().items() if key[1]} == {
        key: found for key, found in before.items() if key[1]
    }
    assert verify_dump(out).status == "clean"


def test_the_page_has_every_hazard_and_its_test() -> None:
    page = (ROOT / "docs" / "hazards.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| (H\d+) \|.*\| `([\w./:]+)` \|$", page, re.MULTILINE))

    assert set(rows) >= {f"H{number}" for number in range(14, 43)}
    assert {case.hazard for case in cases()} <= set(rows)
    for place in rows.values():
        file, _, test = place.partition("::")
        assert f"def {test}(" in (ROOT / "migrate_mongo" / "tests" / file).read_text(encoding="utf-8"), place
