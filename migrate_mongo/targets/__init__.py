"""Where documents go: a `mongodump` folder, an archive, a live server."""

from collections.abc import Iterable
from pathlib import Path

from django.conf import settings

from migrate_mongo.dump_files import DATABASE
from migrate_mongo.exceptions import ExportError
from migrate_mongo.mongo_uri import SCHEMES, parse_mongo_uri
from migrate_mongo.source_indexes import metadata_to_write
from migrate_mongo.targets.dump import STANDARD_OUTPUT, ArchiveTarget, DirectoryTarget, DumpTarget
from migrate_mongo.targets.server import ServerTarget

LIVE = "live"


def is_server(name: str) -> bool:
    return name == LIVE or name.startswith(SCHEMES)


def server_target(name: str, database: str | None) -> ServerTarget:
    uri = settings.EXPORT_MONGODB_URI if name == LIVE else name
    if not uri:
        raise ExportError("EXPORT_MONGODB_URI is not set")
    return ServerTarget(parse_mongo_uri(uri, database))


def dump_target(
    name: str, database: str | None, collections: Iterable[str], *, archive: bool, compress: bool
) -> DumpTarget:
    metadata = {collection: metadata_to_write(collection) for collection in collections}
    if archive:
        return ArchiveTarget(name, database or DATABASE, metadata, compress=compress)
    if name == STANDARD_OUTPUT:
        raise ExportError("only an archive can go to standard output: add --archive")
    return DirectoryTarget(Path(name), database or DATABASE, metadata, compress=compress)
