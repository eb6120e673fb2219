"""Where documents come from, whatever form they are in: it is recognised by looking at it."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from migrate_mongo.archive import MAGIC
from migrate_mongo.exceptions import SourceError
from migrate_mongo.mappings import MAPPINGS
from migrate_mongo.mongo_uri import SCHEMES, label
from migrate_mongo.progress import Meter
from migrate_mongo.sources.archived import open_archive
from migrate_mongo.sources.base import Batch, Part, Reader, Source, Survey, batches
from migrate_mongo.sources.directory import open_directory, open_exported
from migrate_mongo.sources.files import Spool, reading, unzipped
from migrate_mongo.sources.frames import BUFFER_BYTES
from migrate_mongo.sources.server import open_server
from migrate_mongo.sources.surveys import fingerprint, survey

STANDARD_INPUT = "-"


__all__ = (
    "Batch",
    "Part",
    "Reader",
    "Source",
    "Survey",
    "batches",
    "fingerprint",
    "open_source",
    "printable",
    "survey",
)


@contextmanager
def open_source(
    location: str, *, database: str | None = None, salvage: bool = False, meter: Meter | None = None
) -> Iterator[Source]:
    """A server's URI, a folder, a file, or `-` for standard input.

    What cannot be read from any place, such as an archive, is unpacked first, as `meter` shows. `salvage` reads on
    behind damage. Raises SourceError when it is none of what the sources are, or cannot be read.
    """
    with Spool(meter) as spool:
        if location.startswith(SCHEMES):
            with open_server(location, database) as source:
                yield source
        elif location == STANDARD_INPUT:
            yield open_archive(sys.stdin.buffer, "standard input", spool, database, salvage=salvage)
        else:
            yield _open_path(Path(location), spool, database, salvage=salvage)


def printable(location: str) -> str:
    """The location without secrets."""
    return label(location) if location.startswith(SCHEMES) else location


def _open_path(path: Path, spool: Spool, database: str | None, *, salvage: bool) -> Source:
    if not path.exists():
        raise SourceError(f"{path} does not exist")
    if path.is_dir():
        return open_directory(path, spool, salvage=salvage)
    with reading(path.name), path.open("rb", buffering=BUFFER_BYTES) as packed, unzipped(packed) as stream:
        beginning = stream.read(4)
    if beginning == MAGIC:
        with path.open("rb", buffering=BUFFER_BYTES) as archive:
            return open_archive(archive, str(path), spool, database, salvage=salvage)
    if beginning.lstrip(b"\xef\xbb\xbf \r\n\t")[:1] in (b"{", b"[") and path.name.partition(".")[0] in MAPPINGS:
        return open_exported(path, {path.name.partition(".")[0]: path}, spool)
    raise SourceError(
        f"{path} is a file, but neither an archive of mongodump nor one of mongoexport named after its collection"
    )
