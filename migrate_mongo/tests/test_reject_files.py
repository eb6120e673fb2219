"""Rejected documents go to files and come back, byte for byte unless somebody repaired them."""

import json
from pathlib import Path
from typing import Any

import bson
import pytest
from bson import json_util

from migrate_mongo import reject_files
from migrate_mongo.exceptions import LoadError, MigrateMongoError, SourceError
from migrate_mongo.mappings import MAPPINGS
from migrate_mongo.models import RejectedDocument
from migrate_mongo.progress import NoMeter
from migrate_mongo.quarantine import Selection
from migrate_mongo.reject_files import json_line, json_lines, read_replacements, write_bson, write_json
from migrate_mongo.retry import RetryOptions, RetryReport, retry
from migrate_mongo.sources import open_source
from migrate_mongo.tests.conftest import Import, Verify
from migrate_mongo.tests.dumps import course, oid, user, write_dump

UNREADABLE = bson.encode({"_id": oid(5), "email": "broken"}).replace(b"broken\0", b"brok\xff\xfe\0")


@pytest.fixture
def rejected(tmp_path: Path, import_dump: Import) -> Path:
    """Users 2 and 3 have no e-mail, 4 is there twice, one has the id 42, one cannot be read; course 10 waits for 3."""
    people = [user(1), {**user(2), "email": None}, {**user(3), "email": None}, user(4), user(4, firstName="Twin")]
    people += [{**user(6), "_id": 42}, UNREADABLE]
    dump = write_dump(tmp_path / "dump", {"users": people, "courses": [course(10, 3)]})
    import_dump(dump)
    return dump


def number_of(document_id: object) -> int:
    return RejectedDocument.objects.get(document_id=str(document_id)).pk


def load_from(file: Path, *numbers: int, **filters: Any) -> RetryReport:
    selection, replacements = read_replacements(file, Selection(numbers=numbers, **filters))
    return retry(selection, RetryOptions(replacements=replacements), NoMeter())


def write_lines(file: Path, *documents: Any) -> Path:
    file.write_text("".join(json.dumps(document) + "\n" for document in documents))
    return file


def repaired(number: int, **fields: Any) -> Any:
    """The user as JSON."""
    return json.loads(json_util.dumps(user(number, **fields), json_options=json_util.CANONICAL_JSON_OPTIONS))


def test_every_trap_comes_back_as_it_was(db: None, trapped_sample: Path, tmp_path: Path) -> None:
    with open_source(str(trapped_sample)) as source:
        raws = [
            raw
            for name in MAPPINGS
            for part in source.reader.survey(name).parts
            for _, raw in source.reader.documents(name, part.start, part.end)
        ]
    odd = [bson.encode({"$bson": b"x"}), bson.encode({"$oid": "x"}), bson.encode({"a": 1, "_id": 2}), b"", UNREADABLE]

    for raw in [*raws, *odd]:
        line = json_line(raw)
        file = tmp_path / "one.json"
        file.write_text(line)
        assert "\n" not in line
        assert list(reject_files._read(file)) == [raw]
    assert sum(json_line(raw).startswith('{"$bson"') for raw in raws) < 20


def test_what_was_not_repaired_is_rejected_again(rejected: Path, tmp_path: Path) -> None:
    assert write_json(Selection(), tmp_path / "out.json") == f"6 documents written to {tmp_path / 'out.json'}"

    report = load_from(tmp_path / "out.json")

    assert len(report.failures) == RejectedDocument.objects.count() == 6
    assert not RejectedDocument.objects.exclude(replacement=None).exists()


def test_files_are_for_their_owner_and_replace_none(rejected: Path, tmp_path: Path) -> None:
    file = tmp_path / "out.json"
    write_json(Selection(), file)

    assert file.stat().st_mode & 0o777 == 0o600
    with pytest.raises(LoadError, match=r"out\.json exists already"):
        write_json(Selection(), file)
    with pytest.raises(LoadError, match=r"cannot be written: No such file"):
        write_bson(Selection(), tmp_path / "nowhere" / "out.bson")


def test_a_file_that_does_not_become_whole_is_gone(rejected: Path, tmp_path: Path, monkeypatch: Any) -> None:
    def fail(raw: bytes) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr("migrate_mongo.reject_files.json_line", fail)

    with pytest.raises(KeyboardInterrupt):
        write_json(Selection(), tmp_path / "out.json")

    assert not (tmp_path / "out.json").exists()


def test_bson_is_what_was_rejected(rejected: Path, tmp_path: Path) -> None:
    file = tmp_path / "out.bson"

    said = write_bson(Selection(collections=("users",)), file)

    assert said == f"4 documents written to {file}; 1 left out, no BSON"
    rows = RejectedDocument.objects.filter(collection="users").exclude(reason="undecodable").order_by("pk")
    assert file.read_bytes() == b"".join(bytes(row.raw) for row in rows)
    assert len(load_from(file).failures) == 4


def test_one_repaired_document_of_an_exported_file(rejected: Path, verify_dump: Verify, tmp_path: Path) -> None:
    lines = [json.loads(line) for line in json_lines(Selection())]
    lines[1]["email"] = "three@school.test"

    report = load_from(write_lines(tmp_path / "out.json", *lines))

    assert report.loaded == {"users": 1, "courses": 1}
    reject = RejectedDocument.objects.get(document_id=str(oid(3)))
    assert reject.note == "Replaced by out.json, document 2."
    assert len(report.failures) == 4
    assert verify_dump(rejected).status == "clean"


@pytest.mark.parametrize("form", ["lines", "array", "pretty", "bson", "relaxed"])
def test_repaired_documents_may_be_written_in_any_form(rejected: Path, tmp_path: Path, form: str) -> None:
    people = [repaired(2), repaired(3)]
    file = tmp_path / "repaired"
    if form == "bson":
        file.write_bytes(bson.encode(user(2)) + bson.encode(user(3)))
    elif form == "relaxed":
        write_lines(file, *({**person, "__v": 0} for person in people))
    else:
        texts = {"lines": "\n".join(map(json.dumps, people)), "array": json.dumps(people)}
        file.write_text(texts.get(form) or "\n".join(json.dumps(person, indent=2) for person in people))

    assert load_from(file).loaded == {"users": 2, "courses": 1}


def test_the_same_file_again_changes_nothing(rejected: Path, tmp_path: Path) -> None:
    file = write_lines(tmp_path / "repaired.json", repaired(3))
    assert load_from(file).loaded.total() == 2

    again = load_from(file)

    assert (again.loaded.total(), again.failures) == (0, [])
    with pytest.raises(LoadError, match=r"document 1: \d+ is loaded already, and not as it is there"):
        load_from(write_lines(file, repaired(3, firstName="Other")))


def test_what_has_no_id_of_its_own_is_named_by_its_number(rejected: Path, tmp_path: Path) -> None:
    file = tmp_path / "repaired.json"
    unreadable = RejectedDocument.objects.get(reason="undecodable").pk

    with pytest.raises(LoadError, match=f"no rejected document has the _id {oid(6)}"):
        load_from(write_lines(file, repaired(6)))
    assert load_from(file, number_of(42)).loaded == {"users": 1}
    assert load_from(write_lines(file, repaired(5)), unreadable).loaded == {"users": 1}
    assert load_from(write_lines(file, repaired(7)), number_of(oid(4))).loaded == {"users": 1}
    with pytest.raises(LoadError, match=f"no rejected document has the _id {oid(8)}"):
        load_from(write_lines(file, repaired(8)), number_of(oid(2)))


def test_one_id_several_times_has_to_be_told_apart(import_dump: Import, tmp_path: Path) -> None:
    import_dump(write_dump(tmp_path / "dump", {"users": [user(1), user(1, bio="x"), user(1, bio="y")]}))
    file = write_lines(tmp_path / "repaired.json", repaired(1, bio="z"))
    numbers = list(RejectedDocument.objects.order_by("pk").values_list("pk", flat=True))

    with pytest.raises(
        LoadError, match=f"several have the _id {oid(1)}, say which it stands for: {numbers[0]}, {numbers[1]}"
    ):
        load_from(file)
    assert load_from(file, numbers[0]).failures[0].reason == "duplicate_id"


def test_filters_hold_for_files_too(import_dump: Import, tmp_path: Path) -> None:
    people = [user(1), {**user(2), "email": None}]
    import_dump(write_dump(tmp_path / "dump", {"users": people, "courses": [{**course(2, 1), "instructor": None}]}))
    file = write_lines(tmp_path / "repaired.json", repaired(2))

    with pytest.raises(LoadError, match="several have the _id"):
        load_from(file)
    assert load_from(file, collections=("users",)).loaded == {"users": 1}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "holds no documents"),
        ('{"_id": 1}\n{"_id": {"$oid": "x"}}\n', "line 2: no document: 'x' is not a valid ObjectId"),
        ('{"_id": 1\n', "no JSON"),
        ('{"$bson": {"$binary": {"base64": "AAAA", "subType": "00"}}}', "document 1 is no document"),
        ("\x10\0\0\0", "truncated"),
    ],
)
def test_files_that_cannot_be_used_are_told_in_one_line(
    rejected: Path, tmp_path: Path, content: str, message: str
) -> None:
    file = tmp_path / "repaired.json"
    file.write_text(content)

    with pytest.raises(MigrateMongoError, match=message):
        load_from(file)


def test_two_documents_for_one_are_refused(rejected: Path, tmp_path: Path) -> None:
    with pytest.raises(LoadError, match="document 2 stands for"):
        load_from(write_lines(tmp_path / "repaired.json", repaired(2), repaired(2, bio="x")))
    with pytest.raises(SourceError, match="cannot be read: No such file"):
        load_from(tmp_path / "nowhere.json")
