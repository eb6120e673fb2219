"""What an import tells, on a terminal and as JSON."""

import json
from pathlib import Path
from typing import Any

import pytest

from migrate_mongo.mappings import MAPPINGS
from migrate_mongo.models import ImportPart, ImportRun
from migrate_mongo.pipeline import Policies
from migrate_mongo.report import ImportReport
from migrate_mongo.report_text import MOST_FINDINGS, MOST_REJECTS, WIDTH
from migrate_mongo.tests.conftest import Import, Verify
from migrate_mongo.tests.dumps import assignment, classroom, course, document, oid, user, write_dump


def written(report: ImportReport, folder: Path) -> dict[str, Any]:
    report.write(folder / "report.json")
    told: dict[str, Any] = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    return told


def lines(report: ImportReport) -> list[str]:
    return [line.strip() for block in report.lines() for line in block.split("\n")]


def flawed_classroom() -> dict[str, Any]:
    """A user without e-mail (5), a course of hers (11), an assignment there (21), and two values that do not fit."""
    return classroom(
        users=[user(1), user(2), user(3, bio=None), {**user(5), "email": None}],
        courses=[course(10, 1), course(11, 5)],
        documents=[document(40, 2, course=oid(11)), document(41, 2, mood="blue"), document(42, 5)],
    )


def test_the_json_has_it_all(import_dump: Import, verify_dump: Verify, tmp_path: Path) -> None:
    dump = write_dump(tmp_path / "dump", flawed_classroom())
    import_dump(dump, batch_size=7, policies=Policies(on_nul="reject"))
    verify_dump(dump)

    told = written(ImportReport.of_run(ImportRun.objects.get()), tmp_path)

    assert told["totals"] == {"read": 10, "loaded": 7, "rejected": 3}
    assert told["collections"]["documents"] == {"read": 3, "loaded": 2, "rejected": 1}
    assert told["expected"]["documents"] == 3
    assert told["bytes"] == sum(file.stat().st_size for file in dump.glob("*.bson"))
    assert (told["status"], told["kind"], told["dry_run"]) == ("rejects", "mongodump directory", False)
    assert told["policies"] == {"on_nul": "reject", "on_dangling": "null"}
    assert told["settings"]["batch_size"] == 7
    assert {"PostgreSQL", "Django"} < set(told["versions"])
    assert told["notes"][0].startswith("not one point in time")
    assert told["finished_at"] >= told["started_at"] > "2020"
    assert told["verification"]["status"] == "clean"
    assert told["verification"]["collections"]["documents"]["matching"] == 2
    assert [(entry["collection"], entry["path"], entry["kind"], entry["count"]) for entry in told["findings"]] == [
        ("documents", "course", "dangling_reference", 1),
        ("documents", "mood", "unknown_field", 1),
        ("users", "bio", "stored_null", 1),
    ]
    assert [(entry["collection"], entry["id"], entry["reason"]) for entry in told["rejects"]] == [
        ("users", str(oid(5)), "missing_value"),
        ("courses", str(oid(11)), "dangling_reference"),
        ("documents", str(oid(42)), "dangling_reference"),
    ]
    assert told["awaited"] == [{"collection": "users", "id": str(oid(5)), "reason": "missing_value", "waiting": 2}]
    [relation] = [
        entry for entry in told["relations"] if (entry["collection"], entry["path"]) == ("documents", "course")
    ]
    assert (relation["total"], relation["dangling"], relation["empty"]) == (1, 1, 1)
    assert {pace["collection"] for pace in told["paces"]} == {"users", "courses", "assignments", "documents"}


def test_a_report_made_later_is_the_same(import_dump: Import, trapped_sample: Path, tmp_path: Path) -> None:
    first = written(import_dump(trapped_sample), tmp_path)

    again = written(ImportReport.of_run(ImportRun.objects.get()), tmp_path)

    assert again == first
    assert len(first["rejects"]) == first["totals"]["rejected"] > 50


def test_a_report_without_a_run_has_nothing_to_look_up(tmp_path: Path) -> None:
    report = ImportReport(status="failed", source="dump", error="it is not there")

    told = written(report, tmp_path)

    assert (told["findings"], told["rejects"], told["relations"], told["awaited"]) == ([], [], [], [])
    assert lines(report)[-1] == "failed: 0 of 0 documents loaded in 0.00 s"


def test_the_terminal_shows_a_table_and_what_matters(import_dump: Import, tmp_path: Path) -> None:
    report = import_dump(write_dump(tmp_path, {**flawed_classroom(), "recipes": [{"_id": 1}]}))

    told = lines(report)

    assert told[0].split() == ["collection", "read", "loaded", "rejected"]
    assert told[1].split() == ["users", "4", "3", "1"]
    assert told[11].split() == ["all", "10", "7", "3"]
    assert "note: not imported: recipes (no collection of Scribe Tree)" in told
    assert "3 documents rejected. What is rejected is kept whole; the reasons:" in told
    assert f"1  courses.instructor  dangling_reference  such as {oid(11)}" in told
    assert f"1  users.email         missing_value       such as {oid(5)}" in told
    assert f"rejected only because another document is: 2, of which 2 because of {oid(5)} of users" in told
    assert f"1  documents.mood    unknown_field       such as {oid(41)}" in told
    assert "dangling_reference 1, stored_null 1, unknown_field 1" in told
    assert told[-1].startswith("rejects: 7 of 10 documents loaded in ")
    assert told[-1].endswith(" a second")


def test_the_terminal_shows_the_most_frequent_and_says_how_many_more(import_dump: Import, trapped_sample: Path) -> None:
    report = import_dump(trapped_sample)

    told = lines(report)

    samples = [line for line in told if " such as " in line]
    assert len(samples) == MOST_REJECTS + MOST_FINDINGS
    assert (
        f"and {len(report.reject_groups) - MOST_REJECTS:,} more places: --report FILE.json lists every document" in told
    )
    [more] = [line for line in told if "says what the words mean" in line]
    assert more.startswith(f"and {report.places - MOST_FINDINGS:,} more places")
    counts = [int(line.split()[0].replace(",", "")) for line in samples]
    assert counts[:MOST_REJECTS] == sorted(counts[:MOST_REJECTS], reverse=True)
    assert counts[MOST_REJECTS:] == sorted(counts[MOST_REJECTS:], reverse=True)
    assert max(map(len, told)) <= WIDTH + 30


def test_an_import_of_some_collections_says_what_is_left(import_dump: Import, tmp_path: Path) -> None:
    report = import_dump(write_dump(tmp_path, classroom()), only=("users",))

    assert report.unfinished == ["courses", "assignments"]
    assert "note: not read to their end: courses, assignments" in lines(report)


def test_a_prediction_is_told_as_one(import_dump: Import, tmp_path: Path) -> None:
    dump = write_dump(tmp_path, flawed_classroom())

    report = import_dump(dump, schema="public", profiles=True)

    told = lines(report)
    assert told[0] == "dry run: nothing was written"
    assert told[-1] == (
        "prediction: an import into empty tables would load 7 of 10 documents, and reject 3 (exit code 2)"
    )
    assert report.profiles["users"]["documents"] == 4


def test_lost_guards_are_told(import_dump: Import, tmp_path: Path) -> None:
    dump = write_dump(tmp_path, classroom())
    index = {"key": {"title": 1}, "name": "title_1", "unique": True}
    metadata = {"indexes": [index], "options": {"capped": True}}
    (dump / "courses.metadata.json").write_text(json.dumps(metadata))
    (dump / "users.metadata.json").write_text("no json")

    told = lines(import_dump(dump))

    assert "courses (title): no index begins with title; nothing keeps these values unique any more" in told
    assert "courses, capped: a table keeps all its rows: nothing deletes the oldest" in told
    assert any(line.startswith("the metadata of users cannot be read: ") for line in told)


def test_waiting_is_told_through_others_and_within_a_collection_only(import_dump: Import, tmp_path: Path) -> None:
    """Assignment 21 waits for course 11, which waits for user 5; that document 5 is rejected too is chance."""
    dump = flawed_classroom()
    dump["assignments"] = [assignment(21, 11, 1)]
    dump["documents"] = [document(5, 99), document(6, 98)]
    report = import_dump(write_dump(tmp_path, dump))

    assert [(entry.collection, entry.id, entry.waiting) for entry in report.awaited] == [("users", str(oid(5)), 2)]


def test_the_slowest_parts_are_those_with_the_fewest_documents_a_second(
    import_dump: Import, sample: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("migrate_mongo.sources.files.PART_BYTES", 20_000)
    import_dump(sample)
    parts = list(ImportPart.objects.filter(read__gt=0).order_by("pk"))
    assert len(parts) > len(MAPPINGS)
    for number, part in enumerate(parts):
        ImportPart.objects.filter(pk=part.pk).update(seconds=part.read / (100 - number), largest=number)
    ImportPart.objects.filter(pk=parts[-1].pk).update(seconds=0.05)  # too short to tell
    report = ImportReport.of_run(ImportRun.objects.get())

    slowest = report.slowest_parts

    expected = [part for part in parts[:-1] if part.read / (100 - parts.index(part)) >= 0.1][-5:][::-1]
    assert [(pace.collection, pace.part) for pace in slowest] == [(part.collection, part.number) for part in expected]
    assert [round(pace.documents_per_second or 0) for pace in slowest] == [100 - parts.index(part) for part in expected]
    assert sum(pace.documents for pace in report.paces) == report.totals["read"]
    seconds = [pace.seconds for pace in report.paces]
    assert seconds == sorted(seconds, reverse=True)


def test_ids_that_are_no_object_ids_are_in_the_json_as_they_are(import_dump: Import, tmp_path: Path) -> None:
    odd: list[Any] = [{**user(6), "_id": 'a"\n<b>'}, {**user(7), "_id": {"$oid": 1}}, {**user(8), "_id": 2.5}]
    report = import_dump(write_dump(tmp_path / "dump", {"users": odd}))

    told = written(report, tmp_path)

    assert [entry["id"] for entry in told["rejects"]] == ['a"\n<b>', '{"$oid": 1}', "2.5"]
