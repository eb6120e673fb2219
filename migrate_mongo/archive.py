"""The file that `mongodump --archive` writes: https://github.com/mongodb/mongo-tools, common/archive.

A magic number; a prelude of BSON documents (header, then one of each collection) and a terminator; then blocks, each a
header that names the collection, documents, and a terminator. The last block of a collection has no documents, `EOF`,
and the checksum of all its documents.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, BinaryIO

import bson
import fastcrc
from bson.int64 import Int64

from migrate_mongo.dump_files import SERVER_VERSION, TOOL_VERSION, json_bytes

MAGIC = bytes.fromhex("6de29981")
TERMINATOR = b"\xff\xff\xff\xff"
FORMAT_VERSION = "0.1"


def checksum(data: bytes, before: int = 0) -> int:
    """CRC-64/XZ, which Go calls ECMA, of what stood `before` and the data."""
    return int(fastcrc.crc64.xz(data, before))


def signed(crc: int) -> int:
    """As a BSON int64 holds it."""
    return crc - (1 << 64) if crc >> 63 else crc


class ArchiveWriter:
    def __init__(self, stream: BinaryIO, database: str, metadata: Mapping[str, dict[str, Any]]) -> None:
        """`metadata` is that of each collection that will follow: a reader misses those that do not."""
        self._stream = stream
        self._database = database
        header = {
            "concurrent_collections": 1,
            "version": FORMAT_VERSION,
            "server_version": SERVER_VERSION,
            "tool_version": TOOL_VERSION,
        }
        stream.write(MAGIC + bson.encode(header))
        for collection, value in metadata.items():
            text = json_bytes(value).decode()
            described = {"db": database, "collection": collection, "metadata": text, "size": 0, "type": "collection"}
            stream.write(bson.encode(described))
        stream.write(TERMINATOR)

    @contextmanager
    def collection(self, name: str) -> Iterator[Callable[[bytes], None]]:
        """Gives what writes one document."""
        crc = 0

        def write(raw: bytes) -> None:
            nonlocal crc
            crc = checksum(raw, crc)
            self._stream.write(raw)

        self._stream.write(self._header(name))
        yield write
        self._stream.write(TERMINATOR + self._header(name, ended=True, crc=crc) + TERMINATOR)

    def _header(self, collection: str, *, ended: bool = False, crc: int = 0) -> bytes:
        return bson.encode({"db": self._database, "collection": collection, "EOF": ended, "CRC": Int64(signed(crc))})
