"""Looks up the references of a batch of documents, and fills them in."""

from collections import defaultdict
from collections.abc import Iterable

from bson import ObjectId
from django.db import connection

from migrate_mongo.exceptions import Dangling
from migrate_mongo.mappings.base import Loaded
from migrate_mongo.mappings.notes import Link, Missing, Notes, dotted
from migrate_mongo.rows import uuid_array
from scribetree.object_id import uuid_to_object_id


def existing_ids(table: str, ids: Iterable[ObjectId]) -> set[ObjectId]:
    wanted = set(ids)
    if not wanted:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT id FROM "{table}" WHERE id = ANY(%s::uuid[])', [uuid_array(wanted)])
        return {uuid_to_object_id(key) for (key,) in cursor}


def missing_targets(batch: list[Loaded]) -> dict[str, set[ObjectId]]:
    """The ids that the batch refers to and that do not exist, by table."""
    wanted: dict[str, set[bytes]] = defaultdict(set)
    for loaded in batch:
        for *_, notes in loaded.noted:
            for link in notes.links:
                for table in link.columns:
                    wanted[table].add(link.object_id.binary)
    missing = {}
    with connection.cursor() as cursor:
        for table, ids in wanted.items():
            cursor.execute(
                f"SELECT wanted FROM unnest(%s::uuid[]) AS wanted "
                f'WHERE NOT EXISTS (SELECT FROM "{table}" WHERE id = wanted)',
                [uuid_array(ids)],
            )
            missing[table] = {uuid_to_object_id(key) for (key,) in cursor}
    return missing


def settle(loaded: Loaded, missing: dict[str, set[ObjectId]]) -> None:
    """Fills in the references of one document. Raises Rejected when a required one has no target."""
    for *_, notes in loaded.noted:
        for link in notes.links:
            for table, column in link.columns.items():
                if not missing[table] or link.object_id not in missing[table]:
                    if link.row is not None and column is not None:
                        link.row[column] = link.object_id
                    break
            else:
                _settle_missing(link, notes, loaded)


def _settle_missing(link: Link, notes: Notes, loaded: Loaded) -> None:
    is_refused = link.missing is not Missing.TELL and "dangling_reference" in notes.refused
    if link.missing is Missing.REJECT or is_refused:
        raise Dangling(dotted(notes.prefix + link.path), link.object_id, tuple(link.columns))
    if link.missing is Missing.TELL:
        notes.find("dangling_reference", link.path)
        return
    notes.keep("dangling_reference", link.path, notes.originals.get(link.path, link.original or link.object_id))
    if link.missing is Missing.DROP:
        for rows in loaded.rows.values():
            rows[:] = [row for row in rows if row is not link.row]
