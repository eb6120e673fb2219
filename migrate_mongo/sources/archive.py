"""The archives of `mongodump --archive`, read once from beginning to end.

An archive holds the documents of its collections interleaved, in blocks, so that whoever reads it takes them in the
order of the file. Memory: one buffer of a megabyte, or of the largest document.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from struct import Struct
from typing import Any, BinaryIO, NamedTuple, TypeVar

import bson

from migrate_mongo.archive import MAGIC, TERMINATOR, checksum
from migrate_mongo.exceptions import SourceError
from migrate_mongo.extended_json import CODEC
from migrate_mongo.sources.files import reading
from migrate_mongo.sources.frames import BUFFER_BYTES, MAX_DOCUMENT

_SIZE = Struct("<i")
_MIN_DOCUMENT = 5

T = TypeVar("T")


class Namespace(NamedTuple):
    """A collection that an archive says it holds; the oplog of `mongodump --oplog` has no database."""

    database: str
    collection: str
    metadata: dict[str, Any]
    type: str


@dataclass
class _Progress:
    """How far a collection has been read; `expected` are those whose end must be there."""

    label: str
    expected: bool = True
    started: bool = False
    ended: bool = False
    crc: int = 0


class Archive:
    """Raises SourceError when the stream does not begin as an archive does. gzip is the caller's to unpack."""

    def __init__(self, stream: BinaryIO, name: str) -> None:
        self.name = name
        self._window = _Window(stream, name)
        magic = self._window.taken(len(MAGIC), "the number that archives begin with")
        if magic != MAGIC:
            raise SourceError(
                f"{name} is not an archive of mongodump: it begins with {magic.hex(' ')}, expected {MAGIC.hex(' ')}"
            )
        header = self._required("the archive's header")
        self.server_version = str(header.get("server_version", ""))
        self.tool_version = str(header.get("tool_version", ""))
        self.namespaces = list(self._prelude())
        self._progress = {known[:2]: _Progress(_label(*known[:2])) for known in self.namespaces}
        for known in self.namespaces:
            if known.type == "timeseries":
                # Its documents are in a collection of the server's own, or from 8.3 on in the series itself.
                self._progress[known[:2]].expected = False
                buckets = f"system.buckets.{known.collection}"
                self._progress[known.database, buckets] = _Progress(_label(known.database, buckets), expected=False)

    def documents(self) -> Iterator[tuple[str, str, bytes]]:
        """Database, collection and BSON of each document, in the order of the file; to be gone through once.

        Raises SourceError, with the place, for damage. The documents of a collection are proven when all have been
        read: its checksum stands behind them.
        """
        while not self._window.at_end():
            place = self._window.position
            header = self._required("the header of a block")
            database, collection = (self._field(header, key, str, place) for key in ("db", "collection"))
            progress = self._progress.get((database, collection))
            if progress is None:
                label = _label(database, collection)
                raise self._damage(place, "a block of a collection that the archive lists", f"one of {label}")
            if progress.ended:
                raise self._damage(place, f"no more of {progress.label} behind its end", "a block of it")
            progress.started = True
            if self._field(header, "EOF", bool, place):
                self._end(header, progress, place)
            else:
                for raw in self._window.frames(progress):
                    yield database, collection, raw
        self._check_ends()

    def _prelude(self) -> Iterator[Namespace]:
        seen = set()
        while True:
            place = self._window.position
            described = self._optional("the description of a collection")
            if described is None:
                return
            database, collection = (self._field(described, key, str, place) for key in ("db", "collection"))
            label = _label(database, collection)
            if label in seen:
                raise self._damage(place, "another collection", f"{label} again")
            seen.add(label)
            metadata = self._metadata(described, label, place)
            yield Namespace(database, collection, metadata, str(described.get("type") or "collection"))

    def _metadata(self, described: dict[str, Any], label: str, place: int) -> dict[str, Any]:
        text = described.get("metadata") or "{}"
        try:
            metadata = json.loads(text)
        except (TypeError, ValueError, RecursionError) as error:
            raise self._damage(place, f"metadata of {label} in JSON", str(error)) from error
        if not isinstance(metadata, dict):
            raise self._damage(place, f"metadata of {label}", f"{text[:40]}")
        return metadata

    def _end(self, header: dict[str, Any], progress: _Progress, place: int) -> None:
        crc = self._field(header, "CRC", int, place) % 2**64  # BSON has signed integers only
        behind = self._window.position
        if self._window.frame("the end of a block") is not None:
            raise self._damage(behind, f"nothing in the block that ends {progress.label}", "a document")
        if crc != progress.crc:
            raise self._damage(
                place, f"{crc:016x} as the checksum of {progress.label}", f"documents with {progress.crc:016x}"
            )
        progress.ended = True

    def _check_ends(self) -> None:
        unended = [
            progress.label
            for progress in self._progress.values()
            if not progress.ended and (progress.expected or progress.started)
        ]
        if unended:
            raise SourceError(
                f"{self.name} is truncated: it ends at byte {self._window.position:,}, "
                f"expected the end of {', '.join(unended)}"
            )

    def _required(self, what: str) -> dict[str, Any]:
        place = self._window.position
        found = self._optional(what)
        if found is None:
            raise self._damage(place, what, "the end of a block")
        return found

    def _optional(self, what: str) -> dict[str, Any] | None:
        """The next document, decoded; None for the end of a block."""
        place = self._window.position
        raw = self._window.frame(what)
        if raw is None:
            return None
        try:
            return bson.decode(raw, CODEC)
        except (bson.errors.BSONError, ValueError, RecursionError) as error:
            raise self._damage(place, what, f"no BSON: {error}") from error

    def _field(self, document: dict[str, Any], key: str, kind: type[T], place: int) -> T:
        value = document.get(key)
        if not isinstance(value, kind):
            raise self._damage(place, f"{key} as {kind.__name__}", repr(value)[:40])
        return value

    def _damage(self, place: int, expected: str, found: str) -> SourceError:
        return SourceError(f"{self.name} is damaged at byte {place:,}: expected {expected}, found {found}")


def _label(database: str, collection: str) -> str:
    return f"{database}.{collection}" if database else collection


class _Window:
    """The stretch of the stream that is in memory, and the place that reading has come to."""

    def __init__(self, stream: BinaryIO, name: str) -> None:
        self._stream = stream
        self._name = name
        self._buffer = b""
        self._at = 0
        self._base = 0  # where the buffer begins in the stream

    @property
    def position(self) -> int:
        return self._base + self._at

    def at_end(self) -> bool:
        return not self._fill(1)

    def taken(self, size: int, what: str) -> bytes:
        if not self._fill(size):
            raise SourceError(
                f"{self._name} is truncated: {what} at byte {self.position:,} has {size:,} bytes, "
                f"but the archive ends after {len(self._buffer) - self._at:,} of them"
            )
        data = self._buffer[self._at : self._at + size]
        self._at += size
        return data

    def frame(self, what: str) -> bytes | None:
        """The next document; None for the end of a block. Raises SourceError for anything else."""
        place = self.position
        head = self.taken(4, f"the size of {what}")
        if head == TERMINATOR:
            return None
        size = _SIZE.unpack(head)[0]
        if not _MIN_DOCUMENT <= size <= MAX_DOCUMENT:
            raise SourceError(
                f"{self._name} is damaged at byte {place:,}: expected {what}, found an impossible size, {size:,} bytes"
            )
        self._at -= len(head)
        raw = self.taken(size, what)
        if raw[-1]:
            raise SourceError(
                f"{self._name} is damaged at byte {place:,}: expected {what} of {size:,} bytes with a zero at its end, "
                f"found {raw[-1]:02x} there"
            )
        return raw

    def frames(self, progress: _Progress) -> Iterator[bytes]:
        """The documents up to the end of the block; `progress` gets their checksum."""
        while True:
            buffer, start, end = self._buffer, self._at, len(self._buffer)
            at = start
            # What lies in the buffer whole goes the short way, anything else the one that can tell what it is.
            while at + 4 <= end:
                stop = at + _SIZE.unpack_from(buffer, at)[0]
                if not at + _MIN_DOCUMENT <= stop <= end or buffer[stop - 1]:
                    break
                yield buffer[at:stop]
                at = stop
            progress.crc = checksum(buffer[start:at], progress.crc)
            self._at = at
            raw = self.frame("a document")
            if raw is None:
                return
            progress.crc = checksum(raw, progress.crc)
            yield raw

    def _fill(self, size: int) -> bool:
        """Whether `size` bytes are in memory now; the stream has ended when not."""
        missing = size - (len(self._buffer) - self._at)
        if missing <= 0:
            return True
        chunks = [self._buffer[self._at :]]
        with reading(self._name):
            while missing > 0 and (chunk := self._stream.read(max(missing, BUFFER_BYTES))):
                chunks.append(chunk)
                missing -= len(chunk)
        self._base += self._at
        self._at = 0
        self._buffer = b"".join(chunks)
        return missing <= 0
