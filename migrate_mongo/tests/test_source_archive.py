import gzip
import io
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO, cast

import bson
import pytest
from bson import Int64
from hypothesis import given
from hypothesis import strategies as st

from migrate_mongo.archive import MAGIC, TERMINATOR, checksum
from migrate_mongo.exceptions import SourceError
from migrate_mongo.sources.archive import Archive, Namespace
from migrate_mongo.sources.frames import BUFFER_BYTES

HEADER = {"concurrent_collections": 4, "version": "0.1", "server_version": "7.0.5", "tool_version": "100.9.4"}
USERS = [bson.encode({"_id": number, "name": "Uma"}) for number in range(3)]
COURSES = [bson.encode({"_id": number, "title": "Rhetoric"}) for number in range(2)]
OPLOG = [bson.encode({"op": "n"})]


def listed(collection: str, database: str = "school", metadata: str = "{}", kind: str = "collection") -> bytes:
    return bson.encode({"db": database, "collection": collection, "metadata": metadata, "size": 0, "type": kind})


def block(collection: str, raws: Iterable[bytes], database: str = "school") -> bytes:
    header = {"db": database, "collection": collection, "EOF": False, "CRC": Int64(0)}
    return bson.encode(header) + b"".join(raws) + TERMINATOR


def end(collection: str, raws: Iterable[bytes], database: str = "school", crc: int | None = None) -> bytes:
    crc = checksum(b"".join(raws)) if crc is None else crc
    signed = crc - 2**64 if crc >= 2**63 else crc
    return bson.encode({"db": database, "collection": collection, "EOF": True, "CRC": Int64(signed)}) + TERMINATOR


PRELUDE = MAGIC + bson.encode(HEADER) + listed("users", metadata='{"indexes":[]}') + listed("courses") + TERMINATOR
BLOCKS = (
    block("users", USERS[:2])
    + block("courses", COURSES)
    + end("courses", COURSES)
    + block("users", USERS[2:])
    + end("users", USERS)
)
ARCHIVE = PRELUDE + BLOCKS


class Dripping(io.BytesIO):
    """A pipe, which gives less than it is asked for."""

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(min(size or 0, 7))


def opened(data: bytes) -> Archive:
    return Archive(io.BytesIO(data), "dump.archive")


def contents(stream: BinaryIO) -> dict[tuple[str, str], list[bytes]]:
    found = defaultdict(list)
    for database, collection, raw in Archive(stream, "dump.archive").documents():
        found[database, collection].append(raw)
    return dict(found)


def test_documents_come_in_the_order_of_the_file() -> None:
    archive = opened(ARCHIVE)

    found = [(collection, raw) for database, collection, raw in archive.documents() if database == "school"]

    assert found == [
        *(("users", raw) for raw in USERS[:2]),
        *(("courses", raw) for raw in COURSES),
        ("users", USERS[2]),
    ]
    assert archive.namespaces == [
        Namespace("school", "users", {"indexes": []}, "collection"),
        Namespace("school", "courses", {}, "collection"),
    ]
    assert (archive.server_version, archive.tool_version) == ("7.0.5", "100.9.4")


def test_a_slow_pipe_gives_the_same() -> None:
    assert contents(Dripping(ARCHIVE)) == contents(io.BytesIO(ARCHIVE))


def test_documents_larger_than_the_buffer_are_whole() -> None:
    raws = [bson.encode({"_id": number, "text": "x" * size}) for number, size in enumerate([BUFFER_BYTES * 3, 5, 9])]

    data = MAGIC + bson.encode(HEADER) + listed("users") + TERMINATOR + block("users", raws) + end("users", raws)

    assert contents(io.BytesIO(data)) == {("school", "users"): raws}


def test_the_oplog_has_no_database() -> None:
    prelude = MAGIC + bson.encode(HEADER) + listed("oplog", "", "") + TERMINATOR
    data = prelude + block("oplog", OPLOG, "") + end("oplog", OPLOG, "")

    assert contents(io.BytesIO(data)) == {("", "oplog"): OPLOG}


@pytest.mark.parametrize("collection", ["system.buckets.weather", "weather"])
def test_the_documents_of_a_time_series_may_be_in_its_buckets(collection: str) -> None:
    prelude = MAGIC + bson.encode(HEADER) + listed("weather", kind="timeseries") + TERMINATOR

    data = prelude + block(collection, USERS) + end(collection, USERS)

    assert contents(io.BytesIO(data)) == {("school", collection): USERS}


def test_an_archive_of_nothing_is_empty() -> None:
    assert contents(io.BytesIO(MAGIC + bson.encode(HEADER) + TERMINATOR)) == {}


FIRST = len(PRELUDE)
SECOND = FIRST + len(block("users", USERS[:2]))
CRC = f"{checksum(b''.join(USERS)):016x}"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "is truncated: the number that archives begin with at byte 0 has 4 bytes, but the archive ends after 0"),
        (b"PK\x03\x04" + ARCHIVE, "is not an archive of mongodump: it begins with 50 4b 03 04, expected 6d e2 99 81"),
        (MAGIC + TERMINATOR, "is damaged at byte 4: expected the archive's header, found the end of a block"),
        (PRELUDE[:-4], f"is truncated: the size of the description of a collection at byte {FIRST - 4} has 4 bytes"),
        (PRELUDE, f"is truncated: it ends at byte {FIRST}, expected the end of school.users, school.courses"),
        (ARCHIVE[: SECOND + 20], f"is truncated: the header of a block at byte {SECOND} has 63 bytes, .* after 20"),
        (ARCHIVE[:SECOND], f"is truncated: it ends at byte {SECOND}, expected the end of school.users, school.courses"),
        (
            PRELUDE[:-4] + listed("users") + TERMINATOR + BLOCKS,
            f"at byte {FIRST - 4}: expected another collection, found school.users again",
        ),
        (
            MAGIC + bson.encode(HEADER) + listed("users", metadata='{"options":') + TERMINATOR,
            "expected metadata of school.users in JSON, found Expecting value",
        ),
        (
            MAGIC + bson.encode(HEADER) + listed("users", metadata="[1]") + TERMINATOR,
            r"expected metadata of school.users, found \[1\]",
        ),
        (
            PRELUDE + block("grades", []),
            f"at byte {FIRST}: expected a block of a collection that the archive lists, found one of school.grades",
        ),
        (
            PRELUDE + bson.encode({"db": "school", "collection": "users"}) + TERMINATOR,
            f"at byte {FIRST}: expected EOF as bool, found None",
        ),
        (PRELUDE + TERMINATOR, f"at byte {FIRST}: expected the header of a block, found the end of a block"),
        (
            PRELUDE + block("users", [b"\x10\0\0\0\x10a\0\0\0\0\0\0\0\0\0\x01"]),
            "expected a document of 16 bytes with a zero at its end, found 01 there",
        ),
        (PRELUDE + block("users", [b"\x04\0\0\0"]), "expected a document, found an impossible size, 4 bytes"),
        (
            PRELUDE + block("users", [b"\0\0\0\x7f"]),
            "expected a document, found an impossible size, 2,130,706,432 byte",
        ),
        (
            PRELUDE + block("users", USERS) + end("users", USERS)[:-4] + USERS[0] + TERMINATOR,
            "expected nothing in the block that ends school.users, found a document",
        ),
        (
            PRELUDE + block("users", USERS) + end("users", USERS) + block("users", USERS),
            "expected no more of school.users behind its end, found a block of it",
        ),
        (
            PRELUDE + block("users", USERS) + end("users", USERS, crc=5),
            f"expected 0000000000000005 as the checksum of school.users, found documents with {CRC}",
        ),
        (PRELUDE + b"\x06\0\0\0\x7f\0", f"at byte {FIRST}: expected the header of a block, found no BSON"),
    ],
    ids=[
        "empty",
        "zip",
        "no header",
        "cut in the prelude",
        "cut behind the prelude",
        "cut in a block's header",
        "cut between blocks",
        "listed twice",
        "broken metadata",
        "metadata of another kind",
        "unknown collection",
        "header without EOF",
        "block without header",
        "document without end",
        "size too small",
        "size too large",
        "document in an end",
        "block behind the end",
        "checksum",
        "broken BSON",
    ],
)
def test_damage_is_told_with_its_place(data: bytes, message: str) -> None:
    with pytest.raises(SourceError, match=f"^dump.archive .*{message}"):
        contents(io.BytesIO(data))


def test_a_cut_gzip_file_is_damage_too() -> None:
    packed = io.BytesIO(gzip.compress(ARCHIVE)[:-12])

    with gzip.open(packed) as stream, pytest.raises(SourceError, match=r"dump\.archive is a damaged gzip file"):
        contents(cast("BinaryIO", stream))


@given(st.integers(0, len(ARCHIVE) - 1))
def test_a_cut_archive_is_never_taken_for_a_whole_one(length: int) -> None:
    with pytest.raises(SourceError):
        contents(io.BytesIO(ARCHIVE[:length]))


@given(st.integers(0, len(ARCHIVE) - 1), st.integers(1, 255))
def test_a_changed_byte_is_found_or_does_not_matter(place: int, change: int) -> None:
    data = bytearray(ARCHIVE)
    data[place] ^= change

    try:
        found = contents(io.BytesIO(bytes(data)))
    except SourceError:
        return

    assert found == {("school", "users"): USERS, ("school", "courses"): COURSES}


@given(st.binary())
def test_anything_behind_the_magic_is_told_as_a_source_error(data: bytes) -> None:
    with pytest.raises(SourceError):
        contents(io.BytesIO(MAGIC + data))


@pytest.mark.parametrize(
    ("file", "folder"),
    [("dump.archive", "dump"), ("dump.archive.gz", "dump"), ("dump-6k.archive.gz", "dump-6k")],
)
def test_real_archives_hold_what_the_dump_holds(real_data: Path, file: str, folder: str) -> None:
    packed = real_data / "formats" / file
    with cast("BinaryIO", gzip.open(packed) if packed.suffix == ".gz" else packed.open("rb")) as stream:
        found = {collection: b"".join(raws) for (_, collection), raws in contents(stream).items()}

    files = {path.stem: path.read_bytes() for path in (real_data / folder).glob("*/*.bson")}
    assert found == {collection: data for collection, data in files.items() if data}
