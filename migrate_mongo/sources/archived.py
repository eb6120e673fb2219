"""The archive of a `mongodump --archive`, from a file or standard input, unpacked into a spool."""

from collections.abc import Mapping
from typing import Any, BinaryIO

from migrate_mongo.exceptions import SourceError
from migrate_mongo.mappings import MAPPINGS
from migrate_mongo.sources.archive import Archive
from migrate_mongo.sources.base import Source
from migrate_mongo.sources.directory import FUZZY, apply_oplog, require_ours
from migrate_mongo.sources.files import FileReader, Spool, reading, unzipped

OPLOG = "oplog"


def open_archive(packed: BinaryIO, name: str, spool: Spool, database: str | None, *, salvage: bool) -> Source:
    """Reads the archive to its end, so that its checksums are known to be right before anything is written."""
    notes = []
    with spool.unpacking(name, packed), reading(name), unzipped(packed) as stream:
        is_gzip = stream is not packed
        archive = Archive(stream, name)
        found = _collections(archive, name, database)
        try:
            for place, collection, raw in archive.documents():
                if (place, collection) in found:
                    spool.write(collection, raw)
        except (SourceError, EOFError) as error:
            if not salvage:
                raise
            notes.append(f"the archive is damaged, and was salvaged up to there: {error}")
    files = spool.paths()
    names = dict.fromkeys(files, name)
    oplog = files.pop(OPLOG, None)
    if oplog is None:
        notes.append(FUZZY)
    else:
        chosen = next(place for place, _ in found if place)
        names |= apply_oplog(oplog, f"the oplog of {name}", chosen, FileReader(files, names), spool)
        files = {collection: path for collection, path in spool.paths().items() if collection in MAPPINGS}
    metadata = {collection: held for (place, collection), held in found.items() if place}
    return Source(
        label=name,
        kind=f"mongodump archive{', gzip' if is_gzip else ''}{', with oplog' if oplog else ''}",
        reader=FileReader(files, names),
        collections=frozenset(metadata),
        unknown=sorted(
            f"{space.database}.{space.collection}"
            for space in archive.namespaces
            if (space.database, space.collection) not in found and not space.collection.startswith("system.")
        ),
        notes=notes,
        metadata=metadata,
    )


def _collections(archive: Archive, name: str, database: str | None) -> dict[tuple[str, str], Mapping[str, Any]]:
    """Metadata by namespace, of the database's collections that are ours, and of the oplog."""
    ours = [space for space in archive.namespaces if space.collection in MAPPINGS and space.type != "view"]
    databases = sorted({space.database for space in ours})
    if database is not None:
        ours = [space for space in ours if space.database == database]
    elif len(databases) > 1:
        raise SourceError(f"{name} holds several databases ({', '.join(databases)}): choose one with --database")
    require_ours(name, {space.collection: space for space in ours})
    found: dict[tuple[str, str], Mapping[str, Any]] = {
        (space.database, space.collection): space.metadata for space in ours
    }
    return found | {("", OPLOG): {}}
