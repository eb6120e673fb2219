"""A `mongodump` folder or archive, as a whole: it gets its name when everything is written."""

import os
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO, Protocol, Self

from migrate_mongo.archive import ArchiveWriter
from migrate_mongo.dump_files import created, packed, write_beside
from migrate_mongo.exceptions import ExportError

UNFINISHED = ".export_mongo.unfinished"
STANDARD_OUTPUT = "-"
_BUFFER_BYTES = 1 << 20

Write = Callable[[bytes], object]
Metadata = Mapping[str, dict[str, Any]]


class DumpTarget(Protocol):
    """Is entered for the writing; left with an error, nothing stays. Raises OSError as the file system does."""

    @property
    def label(self) -> str: ...

    def __enter__(self) -> Self: ...

    def __exit__(self, kind: type[BaseException] | None, *error: object) -> None: ...

    def collection(self, name: str) -> AbstractContextManager[Write]: ...


class DirectoryTarget:
    """`<folder>/<database>/`, made under another name in the folder. Raises ExportError when the folder is in use."""

    def __init__(self, folder: Path, database: str, metadata: Metadata, *, compress: bool) -> None:
        self.label = str(folder)
        self._folder = folder
        self._database = database
        self._metadata = metadata
        self._compress = compress
        # A killed export leaves this behind: a folder in a folder, which nothing takes for a dump.
        self._unfinished = folder / UNFINISHED
        if folder.exists() and (not folder.is_dir() or set(folder.iterdir()) - {self._unfinished}):
            raise ExportError(f"{folder} is not an empty folder")

    def __enter__(self) -> Self:
        if self._unfinished.exists():
            shutil.rmtree(self._unfinished)
        self._made.mkdir(parents=True)
        write_beside(self._made, self._metadata, compress=self._compress)
        return self

    def __exit__(self, kind: type[BaseException] | None, *error: object) -> None:
        if kind is None:
            self._made.rename(self._folder / self._database)
            self._unfinished.rmdir()
        else:
            shutil.rmtree(self._unfinished, ignore_errors=True)

    @property
    def _made(self) -> Path:
        return self._unfinished / self._database

    @contextmanager
    def collection(self, name: str) -> Iterator[Write]:
        with created(self._made / f"{name}.bson", compress=self._compress) as file:
            yield file.write


class ArchiveTarget:
    """A file, or standard output for `-`. Raises ExportError when the file is in use."""

    def __init__(self, name: str, database: str, metadata: Metadata, *, compress: bool) -> None:
        self.label = "standard output" if name == STANDARD_OUTPUT else name
        self._file = None if name == STANDARD_OUTPUT else Path(name)
        self._database = database
        self._metadata = metadata
        self._compress = compress
        self._open = ExitStack()
        if self._file is None and sys.stdout.isatty():
            raise ExportError("an archive is no text for a terminal: redirect standard output, or name a file")
        if self._file and self._file.exists() and (not self._file.is_file() or self._file.stat().st_size):
            raise ExportError(f"{name} exists already")
        if self._file and not self._file.absolute().parent.is_dir():
            raise ExportError(f"there is no folder {self._file.absolute().parent}")

    def __enter__(self) -> Self:
        with ExitStack() as opening:
            stream = opening.enter_context(self._stream())
            if self._compress:
                stream = opening.enter_context(packed(stream))
            self._writer = ArchiveWriter(stream, self._database, self._metadata)
            self._open = opening.pop_all()
        return self

    def __exit__(self, kind: type[BaseException] | None, *error: object) -> None:
        if kind is None:
            self._open.close()
            if self._file:
                self._unfinished.replace(self._file)
            return
        with suppress(OSError):  # what failed first is what counts
            self._open.close()
        if self._file:
            self._unfinished.unlink(missing_ok=True)

    def _stream(self) -> AbstractContextManager[BinaryIO]:
        if self._file:
            return created(self._unfinished, compress=False)
        # Not Python's own buffer, which it would try to write once more at its end when the reader has gone.
        return os.fdopen(os.dup(sys.stdout.fileno()), "wb", buffering=_BUFFER_BYTES)

    @property
    def _unfinished(self) -> Path:
        assert self._file
        return self._file.with_name(f".{self._file.name}.unfinished")

    def collection(self, name: str) -> AbstractContextManager[Write]:
        return self._writer.collection(name)
