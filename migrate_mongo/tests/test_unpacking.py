"""What has to be unpacked before it is read shows how far that is."""

import gzip
import io
import os
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import bson
import pytest

from migrate_mongo.archive import ArchiveWriter
from migrate_mongo.progress import LineMeter
from migrate_mongo.sources import open_source

# whose text gzip cannot make much smaller than half
DOCUMENTS = [bson.encode({"_id": number, "content": os.urandom(400_000).hex()}) for number in range(5)]

Progress = Callable[[Path | str], list[str]]


@pytest.fixture
def progress(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Progress:
    """The lines that opening a source shows."""
    monkeypatch.setattr("migrate_mongo.progress.LINE_EVERY_SECONDS", 0)

    def opened(location: Path | str) -> list[str]:
        with LineMeter() as shown, open_source(str(location), meter=shown):
            return capsys.readouterr().err.splitlines()

    return opened


def archive() -> bytes:
    file = io.BytesIO()
    writer = ArchiveWriter(file, "school", {"documents": {}})
    with writer.collection("documents") as write:
        for raw in DOCUMENTS:
            write(raw)
    return file.getvalue()


def test_archive(progress: Progress, tmp_path: Path) -> None:
    (tmp_path / "dump.archive").write_bytes(archive())

    lines = progress(tmp_path / "dump.archive")

    assert len(lines) > 2
    assert lines[0].startswith(f"unpacking {tmp_path / 'dump.archive'}: ")
    assert lines[-1] == f"unpacking {tmp_path / 'dump.archive'}: 5 of 5 MB"


def test_packed_archive_counts_what_is_read_of_it(progress: Progress, tmp_path: Path) -> None:
    (tmp_path / "dump.archive.gz").write_bytes(gzip.compress(archive()))

    lines = progress(tmp_path / "dump.archive.gz")

    assert len(lines) > 1
    assert lines[-1] == f"unpacking {tmp_path / 'dump.archive.gz'}: 3 of 3 MB"


def test_a_pipe_counts_what_comes_out_of_it(progress: Progress, monkeypatch: pytest.MonkeyPatch) -> None:
    reading, writing = os.pipe()

    def write() -> None:
        with os.fdopen(writing, "wb") as pipe:
            pipe.write(archive())

    with ThreadPoolExecutor() as other, os.fdopen(reading, "rb") as pipe:
        monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=pipe))
        written = other.submit(write)
        lines = progress("-")
        written.result()

    assert lines[-1] == "unpacking standard input: 5 MB"


def test_packed_directory_and_exported_files(progress: Progress, tmp_path: Path) -> None:
    (tmp_path / "dump").mkdir()
    (tmp_path / "dump" / "documents.bson.gz").write_bytes(gzip.compress(b"".join(DOCUMENTS)))
    (tmp_path / "documents.json").write_text('{"_id": 1}')

    assert progress(tmp_path / "dump")[-1] == "unpacking documents.bson.gz: 3 of 3 MB"
    assert progress(tmp_path / "documents.json") == ["unpacking documents.json: 1 of 1 MB"]


def test_what_needs_no_unpacking_shows_nothing(progress: Progress, sample: Path) -> None:
    assert progress(sample) == []


def test_the_oplog_is_counted_by_collections(progress: Progress, tmp_path: Path) -> None:
    (tmp_path / "documents.bson").write_bytes(DOCUMENTS[0])
    (tmp_path / "oplog.bson").write_bytes(b"")

    assert progress(tmp_path) == ["applying the oplog: 1 of 1 collections"]
