"""Collections as files of plain BSON: those of a dump, or those that another form was unpacked into."""

import gzip
import os
import tempfile
import zlib
from bisect import bisect
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from io import BufferedReader
from mmap import ACCESS_READ, MADV_DONTNEED, PAGESIZE, mmap
from pathlib import Path
from stat import S_ISREG
from types import TracebackType
from typing import IO, BinaryIO, cast

from bson import ObjectId

from migrate_mongo.exceptions import SourceError
from migrate_mongo.progress import Meter, NoMeter
from migrate_mongo.sources.base import PART_BYTES, Part, Survey
from migrate_mongo.sources.frames import BUFFER_BYTES, ends, salvaged_frames

GZIP_MAGIC = b"\x1f\x8b"
LANDMARK_BYTES = 64 * 1024
_MEGABYTE = 1_000_000
_ID_ELEMENT = b"\x07_id\0"


@dataclass(frozen=True)
class FileReader:
    """Places are bytes from the beginning of a collection's file. `names` are the files' names for people."""

    files: dict[str, str]
    names: dict[str, str]
    salvage: bool = False

    def survey(self, collection: str) -> Survey:
        digest = blake2b(digest_size=16)
        parts: list[Part] = []
        start = end = documents = 0
        with self._opened(collection) as (data, stream, name):
            found = (end for end, _ in salvaged_frames(data, name, 0)) if self.salvage else ends(data, stream, name, 0)
            for end in found:
                documents += 1
                if end - start >= PART_BYTES:
                    parts.append(Part(str(start), str(end), documents))
                    digest.update(data[start:end])
                    _let_go(data, start, end)
                    start, documents = end, 0
            if documents:
                parts.append(Part(str(start), str(end), documents))
                digest.update(data[start:end])
        return Survey(parts, digest.hexdigest())

    def documents(self, collection: str, start: str = "0", end: str | None = None) -> Iterator[tuple[str, bytes]]:
        last = None if end is None else int(end)
        for place, raw in self._frames(collection, int(start)):
            yield str(place), raw
            if last is not None and place >= last:
                return

    def find(self, collection: str, object_id: ObjectId) -> Iterator[bytes]:
        element = _ID_ELEMENT + object_id.binary
        with self._opened(collection) as (data, _, name):
            hit = data.find(element)
            landmarks = _landmarks(self.files[collection], name, self.salvage) if hit >= 0 else []
            while hit >= 0:
                beginning = landmarks[bisect(landmarks, hit) - 1]
                for end, raw in self._frames(collection, beginning):
                    if beginning == hit - 4:  # else it is the `_id` of something inside a document
                        yield raw
                    if end > hit:
                        break
                    beginning = end
                hit = data.find(element, hit + 1)

    def _frames(self, collection: str, start: int) -> Iterator[tuple[int, bytes]]:
        with self._opened(collection) as (data, stream, name):
            if self.salvage:
                yield from salvaged_frames(data, name, start)
                return
            for end in ends(data, stream, name, start):
                yield end, data[start:end]
                start = end

    @contextmanager
    def _opened(self, collection: str) -> Iterator[tuple[mmap | bytes, BinaryIO, str]]:
        """The file's bytes, the file, and its name for people; an empty one for a collection that there is not."""
        file, name = self.files.get(collection, os.devnull), self.names.get(collection, collection)
        with reading(name), open(file, "rb", buffering=BUFFER_BYTES) as stream, mapped(stream) as data:
            yield data, stream, name


@contextmanager
def mapped(stream: BinaryIO) -> Iterator[mmap | bytes]:
    """The bytes of the file, without reading those that nobody looks at."""
    if not os.fstat(stream.fileno()).st_size:
        yield b""
        return
    with mmap(stream.fileno(), 0, access=ACCESS_READ) as data:
        yield data


def _let_go(data: mmap | bytes, start: int, end: int) -> None:
    """The bytes are not looked at again soon: their pages are not to count as this process's memory."""
    if isinstance(data, mmap):
        first = start // PAGESIZE * PAGESIZE
        data.madvise(MADV_DONTNEED, first, end // PAGESIZE * PAGESIZE - first)


@cache
def _landmarks(file: str, name: str, salvage: bool) -> list[int]:
    """Where some documents of a file begin, one in every LANDMARK_BYTES."""
    found = [0]
    for place, _ in FileReader({name: file}, {name: name}, salvage=salvage)._frames(name, 0):
        if place - found[-1] >= LANDMARK_BYTES:
            found.append(place)
    return found


class Spool:
    """Room for collections to be unpacked into, so that several processes can read each of them from any place.

    The files have no names: other processes reach them through this one, and the kernel removes them when it ends.
    """

    def __init__(self, meter: Meter | None = None) -> None:
        self.meter = meter or NoMeter()
        self._files: dict[str, IO[bytes]] = {}
        self._written = 0
        self._tell: Callable[[], object] | None = None

    def __enter__(self) -> "Spool":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for file in self._files.values():
            file.close()

    def write(self, collection: str, data: bytes) -> None:
        """Raises SourceError when there is no room."""
        if collection not in self._files:
            self._files[collection] = tempfile.TemporaryFile(buffering=BUFFER_BYTES)  # noqa: SIM115 closed on exit
        with _writing():
            self._files[collection].write(data)
        before, self._written = self._written, self._written + len(data)
        if self._tell and before // BUFFER_BYTES != self._written // BUFFER_BYTES:
            self._tell()

    @contextmanager
    def unpacking(self, name: str, packed: BinaryIO) -> Iterator[None]:
        """Shows how far this file has been read; of a stream that ends nobody knows where, how much came out of it."""
        task, size, began = f"unpacking {name}", _size(packed), self._written
        self.meter.expect(task, None if size is None else _megabytes(size), unit="MB")
        self._tell = lambda: self.meter.reach(
            task, _megabytes(self._written - began) if size is None else packed.tell() // _MEGABYTE
        )
        try:
            yield
        finally:
            self._tell = None
        self.meter.reach(task, _megabytes(self._written - began if size is None else size))

    def replace(self, collection: str, documents: Iterable[bytes]) -> None:
        """Puts the documents, which may come from the collection's own file, in its place."""
        old = self._files.pop(collection, None)
        self._files[collection] = tempfile.TemporaryFile(buffering=BUFFER_BYTES)  # noqa: SIM115 closed on exit
        for raw in documents:
            self.write(collection, raw)
        if old is not None:
            old.close()

    def paths(self) -> dict[str, str]:
        """By collection, where every process of this user finds it."""
        with _writing():
            for file in self._files.values():
                file.flush()
        return {name: f"/proc/{os.getpid()}/fd/{file.fileno()}" for name, file in self._files.items()}


def _size(stream: BinaryIO) -> int | None:
    try:
        status = os.fstat(stream.fileno())
    except OSError:
        return None
    return status.st_size if S_ISREG(status.st_mode) else None


def _megabytes(size: int) -> int:
    return -(-size // _MEGABYTE)


@contextmanager
def _writing() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        folder = tempfile.gettempdir()
        raise SourceError(
            f"the source cannot be unpacked in {folder}: {error.strerror}; "
            "set TMPDIR to a folder with room for all its documents, uncompressed"
        ) from error


@contextmanager
def reading(name: str) -> Iterator[None]:
    """Raises SourceError, with the file's name, for what goes wrong inside."""
    try:
        yield
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise SourceError(f"{name} is a damaged gzip file: {error}") from error
    except OSError as error:
        raise SourceError(f"{name} cannot be read: {error.strerror}") from error


def is_gzip(file: Path) -> bool:
    with reading(file.name), file.open("rb") as stream:
        return stream.read(2) == GZIP_MAGIC


@contextmanager
def unzipped(packed: BinaryIO) -> Iterator[BinaryIO]:
    """The stream, or what is packed in it: gzip is recognised by its first bytes, not by a name."""
    stream = cast("BufferedReader", packed)  # as files and standard input are
    if not stream.peek(2).startswith(GZIP_MAGIC):
        yield stream
        return
    with gzip.open(stream) as plain:
        yield cast("BinaryIO", plain)
