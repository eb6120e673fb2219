"""Damaged documents: whatever bytes are flipped, nothing crashes and every byte is accounted for."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command

from migrate_mongo.mappings import MAPPINGS
from migrate_mongo.pipeline import ImportOptions, run_import
from migrate_mongo.progress import LineMeter
from migrate_mongo.scratch import SCHEMA, scratch_schema
from migrate_mongo.sources import Reader, open_source
from migrate_mongo.sources.frames import fault_of
from migrate_mongo.tests.conftest import Import, Verify

DOCUMENTS = 20_000
SEED = 4
ID = slice(9, 21)  # of a document that begins with its ObjectId


def documents_of(reader: Reader, collection: str) -> list[bytes]:
    parts = reader.survey(collection).parts
    return [raw for part in parts for _, raw in reader.documents(collection, part.start, part.end)]


def mutated(raws: list[bytes], count: int, dice: random.Random) -> Iterator[bytes]:
    """So many documents, each with up to three bytes changed, anywhere: also in its length. Most have a new `_id`."""
    for _ in range(count):
        raw = bytearray(dice.choice(raws))
        if dice.random() < 0.95:
            raw[ID] = dice.randbytes(12)
        for _ in range(dice.choice((1, 1, 2, 3))):
            raw[dice.randrange(len(raw))] = dice.choice((0, 1, 0x7F, 0x80, 0xFF, dice.randrange(256)))
        yield bytes(raw)


@pytest.fixture(scope="module")
def mutated_dump(sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample, with mutations of its documents behind the sound ones."""
    folder = tmp_path_factory.mktemp("mutated")
    dice = random.Random(SEED)
    with open_source(str(sample)) as source:
        for name in MAPPINGS:
            raws = documents_of(source.reader, name)
            (folder / f"{name}.bson").write_bytes(b"".join([*raws, *mutated(raws, DOCUMENTS // len(MAPPINGS), dice)]))
    return folder


def test_every_byte_of_mutated_documents_is_accounted_for(
    import_dump: Import, verify_dump: Verify, mutated_dump: Path
) -> None:
    with open_source(str(mutated_dump), salvage=True) as source, scratch_schema():
        predicted = run_import(source, ImportOptions(workers=1, schema=SCHEMA, profiles=True), LineMeter())
        expected = predicted.totals, list(predicted.findings())

    report = import_dump(mutated_dump, salvage=True)

    totals = report.totals
    assert (totals, list(report.findings())) == expected
    assert totals["read"] == totals["loaded"] + totals["rejected"]
    assert totals["loaded"] > 400
    with open_source(str(mutated_dump), salvage=True) as source:
        for name in MAPPINGS:
            frames = documents_of(source.reader, name)
            assert report.collections[name]["read"] == len(frames)
            held = b"".join(fault.data if (fault := fault_of(raw)) else raw for raw in frames)
            assert held == (mutated_dump / f"{name}.bson").read_bytes()
    proof = verify_dump(mutated_dump, salvage=True)
    assert (proof.totals.missing, proof.totals.different, proof.totals.extra) == (0, 0, 0)
    assert proof.totals.rejected == totals["rejected"]
    assert (proof.status, proof.totals.compared) == ("clean", totals["read"])

    with pytest.raises(SystemExit) as left:
        call_command("rejected_mongo", "retry", "--all")
    assert left.value.code == 2
    # Some load now: what they excluded, or was excluded by, has given way to another since.
    proof = verify_dump(mutated_dump, salvage=True)
    assert (proof.status, proof.totals.matching + proof.totals.rejected) == ("clean", totals["read"])
