"""The files of a `mongodump` folder, as they are written: documents, and beside them prelude and metadata."""

import gzip
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, cast

DATABASE = "github-for-writers"  # the original's, where nobody says otherwise
SERVER_VERSION = "7.0.14"  # of the generation that the original ran on; mongorestore warns of another
TOOL_VERSION = "scribetree"
_BUFFER_BYTES = 1 << 20


@contextmanager
def created(file: Path, *, compress: bool) -> Iterator[BinaryIO]:
    """A new file, which is on the disk when it is closed; `compress` adds `.gz` to its name."""
    with (file.with_name(f"{file.name}.gz") if compress else file).open("wb", buffering=_BUFFER_BYTES) as stream:
        if compress:
            with packed(stream) as archive:
                yield archive
        else:
            yield stream
        stream.flush()
        os.fsync(stream.fileno())


def packed(stream: BinaryIO) -> BinaryIO:
    """Neither name nor time stand in the header: the same documents are the same bytes."""
    return cast(BinaryIO, gzip.GzipFile(filename="", mode="wb", fileobj=stream, mtime=0, compresslevel=6))


def write_beside(folder: Path, metadata: Mapping[str, dict[str, Any]], *, compress: bool) -> None:
    """Writes prelude and metadata of the collections into the database's folder."""
    prelude = {"ServerVersion": SERVER_VERSION, "ToolVersion": TOOL_VERSION}
    names = {f"{collection}.metadata.json": value for collection, value in metadata.items()}
    for name, value in {"prelude.json": prelude, **names}.items():
        with created(folder / name, compress=compress) as file:
            file.write(json_bytes(value))


def json_bytes(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()
