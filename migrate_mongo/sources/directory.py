"""Where documents come from: a `mongodump` directory, plain or gzip."""

import gzip
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import BinaryIO, cast
from urllib.parse import unquote

from migrate_mongo.exceptions import SourceError
from migrate_mongo.mappings import MAPPINGS

_MAX_DOCUMENT = 16 * 1024 * 1024 + 16 * 1024  # what a server stores at most
_BUFFER_BYTES = 1024 * 1024
_GZIP_MAGIC = b"\x1f\x8b"
BATCH_BYTES = 4 * 1024 * 1024
PART_BYTES = 2 * 1024 * 1024


@dataclass(frozen=True)
class Part:
    """A stretch of a collection that can be read on its own, from byte to byte of the uncompressed file."""

    start: int
    end: int
    documents: int


@dataclass(frozen=True)
class Survey:
    """What one collection holds; `digest` is over all its bytes."""

    parts: list[Part]
    digest: str

    @property
    def documents(self) -> int:
        return sum(part.documents for part in self.parts)


class DumpSource:
    """A folder of `<collection>.bson` files, or the folder above it. Raises SourceError for anything else."""

    def __init__(self, path: str) -> None:
        self.folder = _database_folder(Path(path))
        files = _collection_files(self.folder)
        self.files = {name: file for name, file in files.items() if name in MAPPINGS}
        self.unknown = sorted(files.keys() - self.files.keys())
        if not self.files:
            raise SourceError(f"{self.folder} holds none of the collections {', '.join(MAPPINGS)}")
        self.label = str(self.folder)

    def survey(self, collection: str) -> Survey:
        """Walks through the collection once. Raises SourceError when a file is truncated or is no BSON."""
        digest = blake2b(digest_size=16)
        parts: list[Part] = []
        start = end = documents = 0
        splits = collection in self.files and not _is_gzip(self.files[collection])
        for end, raw in self.documents(collection):
            digest.update(raw)
            documents += 1
            if splits and end - start >= PART_BYTES:
                parts.append(Part(start, end, documents))
                start, documents = end, 0
        if documents:
            parts.append(Part(start, end, documents))
        return Survey(parts, digest.hexdigest())

    def documents(self, collection: str, start: int = 0, end: int | None = None) -> Iterator[tuple[int, bytes]]:
        """Each document's BSON between two bytes of the uncompressed file, after the position behind it."""
        if collection not in self.files:
            return
        file = self.files[collection]
        with _opened(file) as stream:
            stream.seek(start)
            for position, raw in _frames(stream, file.name, start):
                yield position, raw
                if position == end:
                    return


def batches(documents: Iterable[tuple[int, bytes]], size: int) -> Iterator[tuple[int, list[bytes]]]:
    """Documents in batches of at most `size` and about BATCH_BYTES, each after the position behind it."""
    raws: list[bytes] = []
    weight = position = 0
    for position, raw in documents:
        raws.append(raw)
        weight += len(raw)
        if len(raws) >= size or weight >= BATCH_BYTES:
            yield position, raws
            raws, weight = [], 0
    if raws:
        yield position, raws


def _frames(stream: BinaryIO, name: str, position: int) -> Iterator[tuple[int, bytes]]:
    while head := stream.read(4):
        size = int.from_bytes(head, "little", signed=True)
        if len(head) < 4:
            raise SourceError(f"{name} is truncated: it ends within the size of the document at byte {position:,}")
        if not 5 <= size <= _MAX_DOCUMENT:
            raise SourceError(f"{name} is not BSON at byte {position:,}: no document can have {size:,} bytes")
        body = stream.read(size - 4)
        if len(body) < size - 4:
            raise SourceError(
                f"{name} is truncated: the document at byte {position:,} has {size:,} bytes, "
                f"but the file ends after {len(body) + 4:,} of them"
            )
        if body[-1]:
            raise SourceError(f"{name} is not BSON at byte {position:,}: the document does not end in a zero byte")
        position += size
        yield position, head + body


@contextmanager
def _opened(file: Path) -> Iterator[BinaryIO]:
    try:
        with file.open("rb", buffering=_BUFFER_BYTES) as stream:
            if not _is_gzip(file):
                yield stream
                return
            with gzip.open(stream) as unzipped:
                yield cast(BinaryIO, unzipped)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise SourceError(f"{file.name} is a damaged gzip file: {error}") from error
    except OSError as error:
        raise SourceError(f"{file.name} cannot be read: {error.strerror}") from error


def _is_gzip(file: Path) -> bool:
    """A gzip file is unzipped from its beginning, so it is not read in parts."""
    with file.open("rb") as stream:
        return stream.read(2) == _GZIP_MAGIC


def _database_folder(path: Path) -> Path:
    if not path.exists():
        raise SourceError(f"{path} does not exist")
    if not path.is_dir():
        raise SourceError(f"{path} is a file; expected the folder that mongodump wrote")
    below = [folder for folder in sorted(path.iterdir()) if folder.is_dir() and _collection_files(folder)]
    own = _collection_files(path).keys() - {"oplog"}
    if own or not below:
        if not own:
            raise SourceError(f"{path} holds no .bson files; expected the folder that mongodump wrote")
        return path
    ours = [folder for folder in below if _collection_files(folder).keys() & MAPPINGS.keys()] or below
    if len(ours) > 1:
        names = ", ".join(folder.name for folder in ours)
        raise SourceError(f"{path} holds several databases ({names}); name the folder of one of them")
    return ours[0]


def _collection_files(folder: Path) -> dict[str, Path]:
    """The collections of a database's folder; `system.*` are the server's own."""
    files: dict[str, Path] = {}
    for file in sorted(folder.iterdir()):
        name, dot, ending = file.name.partition(".bson")
        if not dot or ending not in ("", ".gz") or not file.is_file() or name.startswith("system."):
            continue
        collection = unquote(name)
        if collection in files:
            raise SourceError(f"{folder} holds the collection {collection} twice, plain and gzip")
        files[collection] = file
    return files
