"""The metadata of an exported collection: the indexes of the original's models, and those that its source had."""

from collections.abc import Iterator, Mapping
from typing import Any

from migrate_mongo.index_plan import plain
from migrate_mongo.indexes import metadata_of
from migrate_mongo.models import ImportRun

# Of servers before 4.4, and refused by later ones.
_OUTDATED = ("ns",)


def metadata_to_write(collection: str) -> dict[str, Any]:
    """What stands in the collection's `.metadata.json`. An index of the source is written as it was there."""
    described = metadata_of(collection)
    theirs = list(_of_the_source(collection))
    names, keys = [index.get("name") for index in theirs], [_fields(index) for index in theirs]
    ours = [index for index in described["indexes"] if index["name"] not in names and _fields(index) not in keys]
    return {**described, "indexes": sorted([*ours, *theirs], key=lambda index: index["name"] != "_id_")}


def _of_the_source(collection: str) -> Iterator[dict[str, Any]]:
    run = ImportRun.objects.order_by("started_at", "pk").last()
    held: Mapping[str, Any] = (run.details.get("metadata", {}) if run else {}).get(collection, {})
    for index in held.get("indexes") or ():
        if isinstance(index.get("name"), str) and isinstance(index.get("key"), list) and index["key"]:
            yield {name: value for name, value in index.items() if name not in _OUTDATED} | {"key": dict(index["key"])}


def _fields(index: Mapping[str, Any]) -> list[tuple[str, Any]]:
    return list(plain(index["key"]).items())
