"""Folders: those that `mongodump` writes, and those with the files of `mongoexport`."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from migrate_mongo.exceptions import SourceError
from migrate_mongo.mappings import MAPPINGS
from migrate_mongo.sources.base import Source
from migrate_mongo.sources.exported import ExportedFile
from migrate_mongo.sources.files import FileReader, Spool, is_gzip, reading, unzipped
from migrate_mongo.sources.frames import BUFFER_BYTES
from migrate_mongo.sources.oplog import Oplog

FUZZY = (
    "not one point in time: the collections were read one after the other, so that documents may refer to others "
    "that were made or removed meanwhile. A dump with --oplog, or no writes while it is taken, avoids that"
)
_DUMP = ".bson"
_EXPORT = ".json"


def open_directory(path: Path, spool: Spool, *, salvage: bool) -> Source:
    """The dump of a database in a folder or the one above it, or else a folder of exported files."""
    below = {folder: _files(folder, _DUMP) for folder in sorted(path.iterdir()) if folder.is_dir()}
    own = _files(path, _DUMP)
    if own.keys() - {"oplog"}:
        return _dump(path, own, spool, salvage=salvage)
    found = {folder: files for folder, files in below.items() if files}
    if not found:
        exported = _files(path, _EXPORT)
        if exported.keys() & MAPPINGS.keys():
            return open_exported(path, exported, spool)
        raise SourceError(f"{path} holds no .bson files; expected the folder that mongodump wrote")
    ours = [folder for folder, files in found.items() if files.keys() & MAPPINGS.keys()] or list(found)
    if len(ours) > 1:
        names = ", ".join(folder.name for folder in ours)
        raise SourceError(f"{path} holds several databases ({names}); name the folder of one of them")
    return _dump(ours[0], found[ours[0]], spool, salvage=salvage)


def _dump(folder: Path, files: dict[str, Path], spool: Spool, *, salvage: bool) -> Source:
    require_ours(folder, files)
    ours = {name: file for name, file in files.items() if name in MAPPINGS}
    names = {name: file.name for name, file in ours.items()}
    packed = {name for name, file in ours.items() if is_gzip(file)}
    for name in sorted(packed):
        unpack(ours[name], name, spool, salvage=salvage)
    oplog = next((file for place in (folder, folder.parent) for file in _files(place, _DUMP, "oplog").values()), None)
    plain = {name: str(file) for name, file in ours.items()} | spool.paths()
    reader = FileReader(plain, names, salvage=salvage)
    if oplog is not None:
        names |= apply_oplog(_plain_oplog(oplog, spool), oplog.name, folder.name, reader, spool)
        reader = FileReader({name: path for name, path in spool.paths().items() if name in MAPPINGS}, names)
    return Source(
        label=str(folder),
        kind=f"mongodump directory{', gzip' if packed else ''}{', with oplog' if oplog else ''}",
        reader=reader,
        collections=frozenset(reader.files),
        unknown=sorted(files.keys() - ours.keys() - {"oplog"}),
        notes=[] if oplog else [FUZZY],
        metadata=_metadata(folder),
    )


def require_ours(place: object, names: Mapping[str, Any]) -> None:
    if not names.keys() & MAPPINGS.keys():
        raise SourceError(f"{place} holds none of the collections {', '.join(MAPPINGS)}")


def open_exported(place: Path, files: dict[str, Path], spool: Spool) -> Source:
    """Files of `mongoexport`, each named after its collection."""
    source = Source(
        label=str(place),
        kind="mongoexport files",
        reader=FileReader({}, {}),
        collections=frozenset(files.keys() & MAPPINGS.keys()),
        unknown=sorted(files.keys() - MAPPINGS.keys()),
        notes=[FUZZY, "exported files hold no indexes and no options"],
    )
    for collection in sorted(source.collections):
        file = files[collection]
        with _opened(file, spool) as stream:
            exported = ExportedFile(stream, file.name)
            for raw in exported.documents():
                spool.write(collection, raw)
        for (path, kind), notice in exported.relaxed.items():
            source.notices[collection, path, kind] = notice
    if source.notices:
        source.notes.append(
            "relaxed Extended JSON does not say how wide its numbers were: export with --jsonFormat=canonical"
        )
    source.reader = FileReader(spool.paths(), {name: files[name].name for name in spool.paths()})
    return source


def unpack(file: Path, collection: str, spool: Spool, *, salvage: bool) -> None:
    """Raises SourceError for a damaged gzip file, unless what can be read of it is to be salvaged."""
    spool.write(collection, b"")  # an empty one is there too
    try:
        with _opened(file, spool) as stream:
            while data := stream.read(BUFFER_BYTES):
                spool.write(collection, data)
    except SourceError:
        if not salvage:
            raise


def _plain_oplog(file: Path, spool: Spool) -> str:
    if not is_gzip(file):
        return str(file)
    unpack(file, "oplog", spool, salvage=False)
    return spool.paths()["oplog"]


def apply_oplog(oplog_file: str, name: str, database: str, reader: FileReader, spool: Spool) -> dict[str, str]:
    """Writes every collection anew, as it was when the oplog ends; returns their names for people."""
    oplog = Oplog(oplog_file, name, database)
    collections = [name for name in MAPPINGS if name in reader.files or name in oplog.collections]
    spool.meter.expect("applying the oplog", len(collections), unit="collections")
    for count, collection in enumerate(collections, 1):
        documents = (raw for _, raw in reader.documents(collection))
        applied = oplog.apply(collection, documents)
        spool.replace(collection, applied)
        spool.meter.reach("applying the oplog", count)
    return {name: f"{name}, with the oplog applied," for name in collections}


@contextmanager
def _opened(file: Path, spool: Spool | None = None) -> Iterator[Any]:
    with (
        reading(file.name),
        file.open("rb", buffering=BUFFER_BYTES) as packed,
        unzipped(packed) as stream,
        spool.unpacking(file.name, packed) if spool else nullcontext(),
    ):
        yield stream


def _files(folder: Path, ending: str, *only: str) -> dict[str, Path]:
    """The folder's files of that kind by collection; `system.*` are the server's own."""
    files: dict[str, Path] = {}
    for file in sorted(folder.iterdir()):
        name = file.name.removesuffix(".gz").removesuffix(ending)
        if name in (file.name, file.name.removesuffix(".gz")) or not file.is_file() or _is_no_collection(name):
            continue
        collection = unquote(name)
        if only and collection not in only:
            continue
        if collection in files:
            raise SourceError(f"{folder} holds the collection {collection} twice, plain and gzip")
        files[collection] = file
    return files


def _is_no_collection(name: str) -> bool:
    return name.startswith("system.") or name.endswith(".metadata") or name in ("prelude", "hazards", "quirks")


def _metadata(folder: Path) -> dict[str, Mapping[str, Any]]:
    """What stands in the `.metadata.json` files; one that cannot be read says so instead."""
    found: dict[str, Mapping[str, Any]] = {}
    for file in sorted(folder.iterdir()):
        name = file.name.removesuffix(".gz")
        if name.endswith(".metadata.json") and (collection := unquote(name.removesuffix(".metadata.json"))) in MAPPINGS:
            try:
                with _opened(file) as stream:
                    found[collection] = json.loads(stream.read())
            except (SourceError, ValueError) as error:
                found[collection] = {"unreadable": str(error)}
    return found
