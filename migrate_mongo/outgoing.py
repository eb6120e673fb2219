"""What an export writes: documents made of rows again, and rejected documents as they were."""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import bson
from bson import ObjectId
from django.db import DataError

from migrate_mongo.decoding import decode
from migrate_mongo.edits import Present, doubtful, forget_overtaken, is_noted
from migrate_mongo.exceptions import Rejected
from migrate_mongo.extended_json import CODEC, from_extended_json, same
from migrate_mongo.mappings.base import ChildRows, CollectionMapping, Document
from migrate_mongo.models import RejectedDocument, RejectStatus
from migrate_mongo.references import existing_ids
from migrate_mongo.rows import key_of
from migrate_mongo.stored import (
    EVERYTHING,
    REBUILD_FAULTS,
    Condition,
    among,
    array,
    changed_since,
    child_rows,
    document_rows,
    either,
    id_batches,
)
from migrate_mongo.tables import Row
from scribetree.object_id import object_id_to_uuid

MAX_DOCUMENT_BYTES = 16 * 1024 * 1024
# Every model of the original has it; what it counted is not kept.
VERSION_KEY = {"__v": 0}


@dataclass
class Outgoing:
    """Documents as BSON, by key, and why others could not be made; `last` is the key of the last of all."""

    last: UUID
    documents: dict[UUID, bytes] = field(default_factory=dict)
    faults: dict[UUID, str] = field(default_factory=dict)


def outgoing(
    mapping: CollectionMapping, condition: Condition = EVERYTHING, after: UUID | None = None
) -> Iterator[Outgoing]:
    """The collection's documents, in the order of their ids, in batches that need little memory."""
    for ids in id_batches(mapping, condition, after):
        batch = Outgoing(ids[-1])
        _make(mapping, ids, batch)
        yield batch


def written_since(mapping: CollectionMapping, moment: datetime) -> Condition:
    """Documents that were written later, and rejected ones that were loaded after all; those are as old as they say."""
    return either(changed_since(mapping, moment), among(_loaded_since(mapping.collection, moment)))


def _loaded_since(collection: str, moment: datetime) -> Iterator[UUID]:
    loaded = RejectedDocument.objects.filter(collection=collection, status=RejectStatus.LOADED, settled_at__gt=moment)
    for name, replacement in loaded.values_list("document_id", "replacement").iterator():
        yield object_id_to_uuid(bson.decode(bytes(replacement), CODEC)["_id"] if replacement else ObjectId(name))


def _make(mapping: CollectionMapping, ids: list[UUID], batch: Outgoing) -> None:
    literal = array(ids)
    try:
        rows, children = document_rows(mapping, literal), child_rows(mapping, literal)
    except (ValueError, DataError) as error:  # PostgreSQL can hold a number or date that Python cannot
        if len(ids) == 1:
            batch.faults[ids[0]] = f"its row cannot be read: {error}"
            return
        for key in ids:
            _make(mapping, [key], batch)
        return
    noted = {key for key, row in rows.items() if is_noted(mapping, row, children.get(key, {}))}
    present = _present(mapping, [(rows[key], children.get(key, {})) for key in noted])
    for key in ids:
        known = key_of(key)
        if known not in rows:
            continue  # deleted since the ids were read
        row, lists = rows[known], children.get(known, {})
        try:
            if known in noted:
                forget_overtaken(mapping, row, lists, present)
            batch.documents[key] = encoded(mapping, row, lists)
        except (*REBUILD_FAULTS, Rejected, OverflowError, RecursionError) as error:
            batch.faults[key] = f"no document can be made of its row: {error}"


def _present(mapping: CollectionMapping, noted: list[tuple[Row, ChildRows]]) -> Present:
    """Which of the ids that their originals name have a row."""
    named: dict[str, set[ObjectId]] = defaultdict(set)
    for row, lists in noted:
        with suppress(*REBUILD_FAULTS):  # the same is raised, and told, where the document is made
            for table, object_id in doubtful(mapping, row, lists):
                named[table].add(object_id)
    return {table: frozenset(existing_ids(table, ids)) for table, ids in named.items()}


def encoded(mapping: CollectionMapping, row: Row, children: ChildRows) -> bytes:
    """The document with all the paths that the original would have stored. Raises for rows that do not make one."""
    rebuilt = mapping.canonical(mapping.rebuild(row, children))
    if (own := _own_bytes(mapping, row, rebuilt)) is not None:
        return own
    document = rebuilt | VERSION_KEY
    _date(mapping, document, row[mapping.table.index["extra"]])
    if not isinstance(document["_id"], ObjectId):
        raise ValueError("its key is no ObjectId")
    raw = bson.encode(document, codec_options=CODEC)
    if len(raw) > MAX_DOCUMENT_BYTES:
        raise ValueError(f"it has {len(raw):,} bytes, more than MongoDB stores")
    return raw


def _date(mapping: CollectionMapping, document: Document, extra: Any) -> None:
    """The original writes a date inside a group with the group; rows that the application made may do without."""
    for source, key in mapping.dates_inside:
        group = document.get(source)
        if isinstance(group, dict) and key not in group and f"{source}/{key}" not in (extra or {}).get("absent", ()):
            group[key] = document["updatedAt"]


def _own_bytes(mapping: CollectionMapping, row: Row, rebuilt: Document) -> bytes | None:
    """Of a document that decoding alone had changed, its bytes as they were, unless it has been edited since."""
    extra: Any = row[mapping.table.index["extra"]]
    if not extra or "bson" not in extra:
        return None
    raw = bytes(from_extended_json(extra["bson"]))
    return raw if same(mapping.canonical(decode(raw)), rebuilt) else None


def rejected(collection: str) -> Iterator[RejectedDocument]:
    """One by one, as each may be large."""
    kept = RejectedDocument.objects.not_loaded().filter(collection=collection)
    for key in kept.order_by("pk").values_list("pk", flat=True):
        yield kept.get(pk=key)
