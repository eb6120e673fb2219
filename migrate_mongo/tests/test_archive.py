"""Archives are what `mongodump --archive` writes."""

import gzip
import io
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import bson
import pytest

from migrate_mongo.archive import FORMAT_VERSION, MAGIC, TERMINATOR, ArchiveWriter, checksum, signed
from migrate_mongo.dump_files import DATABASE
from migrate_mongo.exceptions import ExportError
from migrate_mongo.export import ExportOptions, export_dump
from migrate_mongo.indexes import metadata_of
from migrate_mongo.progress import LineMeter
from migrate_mongo.targets.dump import ArchiveTarget
from migrate_mongo.tests.conftest import Import
from migrate_mongo.tests.exported import raw_documents
from scribetree import testing

Block = tuple[dict[str, Any], list[bytes]]


def blocks(data: bytes) -> Iterator[Block]:
    """The prelude, then each block: a header and raw documents."""
    assert data[:4] == MAGIC
    position, found = 4, []
    while position < len(data):
        if data[position : position + 4] == TERMINATOR:
            position += 4
            yield bson.decode(found[0]), found[1:]
            found = []
            continue
        size = int.from_bytes(data[position : position + 4], "little")
        found.append(data[position : position + size])
        position += size
    assert found == [], "it ends in a terminator"


def contents(data: bytes) -> dict[str, list[bytes]]:
    """By collection, with the checksums checked."""
    _, *rest = blocks(data)
    found: dict[str, list[bytes]] = {}
    for header, documents in rest:
        raws = found.setdefault(header["collection"], [])
        raws += documents
        if header["EOF"]:
            assert documents == []
            assert header["CRC"] == signed(checksum(b"".join(raws)))
    return found


def written(collections: dict[str, list[bytes]]) -> bytes:
    stream = io.BytesIO()
    writer = ArchiveWriter(stream, "school", {name: {"indexes": [], "collectionName": name} for name in collections})
    for name, raws in collections.items():
        with writer.collection(name) as write:
            for raw in raws:
                write(raw)
    return stream.getvalue()


def test_checksum_is_the_one_of_go() -> None:
    assert checksum(b"123456789") == checksum(b"6789", checksum(b"12345")) == 0x995DC9BBDF1939FA
    assert (signed(1), signed(0x995DC9BBDF1939FA)) == (1, 0x995DC9BBDF1939FA - 2**64)


@pytest.mark.parametrize("name", ["dump.archive", "dump.archive.gz", "dump-6k.archive.gz"])
def test_what_mongodump_wrote_is_understood(real_data: Path, name: str) -> None:
    data = (real_data / "formats" / name).read_bytes()
    folder = real_data / ("dump-6k" if "6k" in name else "dump") / DATABASE

    found = contents(gzip.decompress(data) if name.endswith(".gz") else data)

    assert len(found) == 10
    assert all(sorted(raws) == sorted(raw_documents(folder, name)) for name, raws in found.items())


def test_what_mongodump_wrote_is_written_the_same(real_data: Path) -> None:
    original = (real_data / "formats" / "dump.archive").read_bytes()
    (header, described), *rest = blocks(original)

    (our_header, ours), *our_blocks = blocks(written(contents(original)))

    assert (header.keys(), header["version"]) == (our_header.keys(), our_header["version"])
    shapes = [[(key, type(value)) for key, value in bson.decode(raw).items()] for raw in (described[0], ours[0])]
    assert shapes[0] == shapes[1]
    eofs = [{(head["collection"], head["CRC"]) for head, _ in found if head["EOF"]} for found in (rest, our_blocks)]
    assert eofs[0] == eofs[1]
    heads = [[(key, type(value)) for key, value in found[0][0].items()] for found in (rest, our_blocks)]
    assert heads[0] == heads[1]


def test_prelude_names_version_and_collections() -> None:
    (header, described), *_ = blocks(written({"users": [], "courses": []}))

    assert (header["version"], header["concurrent_collections"]) == (FORMAT_VERSION, 1)
    assert [bson.decode(raw)["collection"] for raw in described] == ["users", "courses"]
    assert bson.decode(described[0])["metadata"] == '{"indexes":[],"collectionName":"users"}'


def test_empty_collection_has_its_blocks() -> None:
    _, *rest = blocks(written({"users": []}))

    assert [(header["EOF"], header["CRC"]) for header, _ in rest] == [(False, 0), (True, 0)]


@pytest.mark.parametrize("compress", [False, True])
def test_export_into_an_archive(import_dump: Import, sample: Path, tmp_path: Path, compress: bool) -> None:
    import_dump(sample)
    file = tmp_path / "out.archive"
    target = ArchiveTarget(str(file), "school", {"users": metadata_of("users")}, compress=compress)

    report = export_dump(target, ExportOptions(only=("users",)), LineMeter())

    data = gzip.decompress(file.read_bytes()) if compress else file.read_bytes()
    (_, described), *rest = blocks(data)
    assert report.totals["exported"] == 20
    assert {bson.decode(raw)["db"] for raw in described} == {header["db"] for header, _ in rest} == {"school"}
    ids = [
        [bson.decode(raw)["_id"] for raw in raws] for raws in (contents(data)["users"], raw_documents(sample, "users"))
    ]
    assert ids[0] == sorted(ids[1])
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize("compress", [False, True])
def test_export_to_standard_output(db: None, capfdbinary: pytest.CaptureFixture[bytes], compress: bool) -> None:
    testing.make_user("ada")
    target = ArchiveTarget("-", "school", {"users": metadata_of("users")}, compress=compress)

    export_dump(target, ExportOptions(only=("users",)), LineMeter())

    data = capfdbinary.readouterr().out
    assert len(contents(gzip.decompress(data) if compress else data)["users"]) == 1


@pytest.mark.parametrize("compress", [False, True])
def test_reader_that_leaves_is_one_error(db: None, monkeypatch: pytest.MonkeyPatch, compress: bool) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as output:
        monkeypatch.setattr("sys.stdout", output)
        target = ArchiveTarget("-", "school", {"users": metadata_of("users")}, compress=compress)

        with pytest.raises(ExportError, match="standard output cannot be written: Broken pipe"):
            export_dump(target, ExportOptions(only=("users",)), LineMeter())


def test_failed_archive_leaves_nothing(db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("migrate_mongo.export._write_rows", fail)
    target = ArchiveTarget(str(tmp_path / "out.archive"), "school", {}, compress=True)

    with pytest.raises(ExportError, match="No space left"):
        export_dump(target, ExportOptions(), LineMeter())
    assert list(tmp_path.iterdir()) == []


def test_killed_archive_has_another_name_and_is_begun_anew(db: None, tmp_path: Path) -> None:
    file = tmp_path / "out.archive"
    killed = ArchiveTarget(str(file), "school", {}, compress=False).__enter__()
    assert not file.exists()

    export_dump(ArchiveTarget(str(file), "school", {}, compress=False), ExportOptions(), LineMeter())

    assert list(tmp_path.iterdir()) == [file]
    assert killed.label == str(file)


def test_targets_that_are_in_use_or_nowhere_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "full").write_text("precious")
    (tmp_path / "folder").mkdir()
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)

    for name, message in [
        (str(tmp_path / "full"), "full exists already"),
        (str(tmp_path / "folder"), "folder exists already"),
        (str(tmp_path / "nowhere" / "file"), "there is no folder"),
        ("-", "no text for a terminal"),
    ]:
        with pytest.raises(ExportError, match=message):
            ArchiveTarget(name, "school", {}, compress=False)
