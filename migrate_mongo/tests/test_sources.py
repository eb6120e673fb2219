import gzip
import shutil
from pathlib import Path

import bson
import pytest

from migrate_mongo.exceptions import SourceError
from migrate_mongo.sources import Reader, base, batches, files, open_source
from migrate_mongo.tests.dumps import classroom, oid, user, write_dump


def ids(reader: Reader, collection: str) -> list[object]:
    parts = reader.survey(collection).parts
    return [bson.decode(raw)["_id"] for part in parts for _, raw in reader.documents(collection, part.start, part.end)]


@pytest.fixture
def dump(tmp_path: Path) -> Path:
    return write_dump(tmp_path / "dump" / "school", classroom())


def test_the_folder_of_the_database_or_the_one_above_is_taken(dump: Path) -> None:
    for folder in (dump, dump.parent):
        with open_source(str(folder)) as source:
            assert source.label == str(dump)
            assert ids(source.reader, "users") == [oid(1), oid(2), oid(3), oid(4)]


def test_gzip_is_recognised_by_its_content(dump: Path) -> None:
    with open_source(str(dump)) as plain:
        survey = plain.reader.survey("users")
    raw = (dump / "users.bson").read_bytes()
    (dump / "users.bson").unlink()
    (dump / "users.bson.gz").write_bytes(gzip.compress(raw))
    (dump / "courses.bson").write_bytes(gzip.compress((dump / "courses.bson").read_bytes()))

    with open_source(str(dump)) as source:
        assert source.reader.survey("users").digest == survey.digest
        assert ids(source.reader, "courses") == [oid(10)]


def test_only_collections_are_taken_for_collections(dump: Path) -> None:
    (dump / "prelude.json").write_text("{}")
    (dump / "users.metadata.json").write_text("{}")
    (dump / "system.views.bson").write_bytes(bson.encode({"_id": 1}))
    (dump / "grades%2F2025.bson").write_bytes(bson.encode({"_id": 1}))

    with open_source(str(dump.parent)) as source:
        assert sorted(source.collections) == ["assignments", "courses", "users"]
        assert source.unknown == ["grades/2025"]
        assert source.reader.survey("notifications").documents == 0


def test_parts_cover_a_collection_without_gap(dump: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "PART_BYTES", 300)
    with open_source(str(dump)) as source:
        parts = source.reader.survey("users").parts

        assert len(parts) > 1
        assert [part.start for part in parts] == ["0", *(part.end for part in parts[:-1])]
        assert ids(source.reader, "users") == [oid(1), oid(2), oid(3), oid(4)]


def test_batches_end_at_their_size_and_weight(dump: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    documents = [(str(number), bson.encode(user(number))) for number in (1, 2, 3, 4)]

    by_size = [(batch.place, len(batch.raws), batch.is_last) for batch in batches(documents, 3)]
    monkeypatch.setattr(base, "BATCH_BYTES", 1)
    by_weight = [(batch.place, len(batch.raws), batch.is_last) for batch in batches(documents, 3)]

    assert by_size == [("3", 3, False), ("4", 1, True)]
    assert by_weight == [("1", 1, False), ("2", 1, False), ("3", 1, False), ("4", 1, True)]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (bson.encode(user(1))[:-5], "users.bson is truncated: the document at byte 0 has"),
        (bson.encode(user(1)) + b"\x20\0", "users.bson is truncated: it ends within the size"),
        (b"not a dump at all, but text", "users.bson is not BSON at byte 0: no document can have"),
        (bson.encode({"_id": 1})[:-1] + b"\x01", "users.bson is not BSON at byte 0: the document does not end"),
        (gzip.compress(bson.encode(user(1)) * 50, mtime=0)[:-20], "users.bson is a damaged gzip file"),
    ],
    ids=["cut", "cut in a size", "text", "no end", "gzip cut"],
)
def test_damage_is_told_with_its_place(dump: Path, content: bytes, message: str) -> None:
    (dump / "users.bson").write_bytes(content)

    with pytest.raises(SourceError, match=message), open_source(str(dump)) as source:
        source.reader.survey("users")


def test_what_is_no_dump_is_refused(tmp_path: Path, dump: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    other = write_dump(tmp_path / "other", {"recipes": [{"_id": 1}]})
    shutil.copytree(dump, dump.parent / "copy")
    twice = write_dump(tmp_path / "twice", {"users": [user(1)]})
    (twice / "users.bson.gz").write_bytes(b"")

    for path, message in [
        (tmp_path / "nowhere", "does not exist"),
        (dump / "users.bson", "is a file, but neither an archive"),
        (empty, "holds no .bson files"),
        (other, "holds none of the collections users, courses"),
        (dump.parent, r"holds several databases \(copy, school\)"),
        (twice, "holds the collection users twice"),
    ]:
        with pytest.raises(SourceError, match=message), open_source(str(path)):
            pass
