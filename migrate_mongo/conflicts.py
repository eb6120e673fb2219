"""Which of several documents that exclude each other is loaded, the same whatever the number of workers.

Of two that a unique constraint excludes it is the one with the smaller `_id`; of several with one `_id`, which only
files can hold, the first. When the other one is there already, loaded from another part, it gives way: its collection
is not finished, so nothing refers to it yet.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from itertools import chain
from typing import Any

from bson import ObjectId
from django.db import connection
from django.db.models import F, Q, UniqueConstraint, Value
from django.db.models.lookups import Exact

from migrate_mongo.decoding import Undecodable, decode
from migrate_mongo.extended_json import same
from migrate_mongo.mappings.base import CollectionMapping, Document, Loaded
from migrate_mongo.models import RejectedDocument
from migrate_mongo.references import missing_targets, settle
from migrate_mongo.rows import uuid_array
from migrate_mongo.stored import child_rows, document_rows
from migrate_mongo.tables import Row
from scribetree.object_id import object_id_to_uuid, uuid_to_object_id

Find = Callable[[ObjectId], Iterator[bytes]]


@dataclass(frozen=True)
class Evicted:
    """A document whose rows were taken out again, and what had been found in it, by path and kind."""

    id: ObjectId
    raw: bytes
    findings: list[tuple[str, str]]


def make_way_for(mapping: CollectionMapping, document: Document, constraint: str, find: Find) -> Evicted | None:
    """Takes out the document that keeps this one from being loaded, if that one is the greater of the two.

    What is not in the source stays: the application has written it.
    """
    loaded = _settled(mapping, document)
    rival = _rival(mapping, loaded, constraint)
    if rival is None or rival <= loaded.id:
        return None
    raw = _loaded_one(mapping, rival, find(rival))
    return None if raw is None else _evict(mapping, rival, raw)


def make_way_for_first(mapping: CollectionMapping, raw: bytes, object_id: ObjectId, find: Find) -> Evicted | None:
    """Takes out a document of the same `_id` that comes later in the source."""
    found = find(object_id)
    if next(found, b"") != raw:
        return None
    there = _loaded_one(mapping, object_id, chain([raw], found))
    return None if there in (None, raw) else _evict(mapping, object_id, there)


def _settled(mapping: CollectionMapping, document: Document) -> Loaded:
    loaded = mapping.load(document)
    settle(loaded, missing_targets([loaded]))
    return loaded


def _rival(mapping: CollectionMapping, loaded: Loaded, name: str) -> ObjectId | None:
    """The `_id` of the row that has what the constraint wants to be unique."""
    constraint: Any = next((known for known in mapping.model._meta.constraints if known.name == name), None)
    if not isinstance(constraint, UniqueConstraint):
        return None
    row: Row = loaded.rows[mapping.table.name][0]
    fields: dict[str, Any] = {field.name: field for field in mapping.model._meta.concrete_fields}

    def value(field: str) -> Any:
        held = row[mapping.table.index[str(fields[field].column)]]
        return object_id_to_uuid(held) if isinstance(held, ObjectId) else held

    if constraint.fields:
        same: list[Any] = [Q(**{field: value(field)}) for field in constraint.fields]
    else:
        expressions: Any = constraint.expressions
        names = {part.name for expression in expressions for part in expression.flatten() if isinstance(part, F)}  # type: ignore[attr-defined]
        replaced: Any = {F(name): Value(value(name), fields[name]) for name in names}
        same = [Exact(part, part.replace_expressions(replaced)) for part in expressions]
    rows = mapping.model._default_manager.filter(*same).values_list("pk", flat=True)
    key = (rows.filter(constraint.condition) if constraint.condition else rows).first()
    return None if key is None else uuid_to_object_id(key)


def _loaded_one(mapping: CollectionMapping, object_id: ObjectId, raws: Iterable[bytes]) -> bytes | None:
    """Of the source's documents of one `_id`, the one that the rows are of."""
    ids = uuid_array([object_id])
    row = document_rows(mapping, ids).get(object_id)
    if row is None:
        return None
    rebuilt = mapping.rebuild(row, child_rows(mapping, ids).get(object_id, {}))
    equal = [raw for raw in raws if _is_same(mapping, raw, rebuilt)]
    digests = [sha256(raw).digest() for raw in equal]
    rejects = RejectedDocument.objects.not_loaded().filter(collection=mapping.collection, digest__in=digests)
    left = Counter(digests)
    left.subtract(bytes(digest) for digest in rejects.values_list("digest", flat=True))
    # Of equal ones it is one that is not rejected: of the same bytes there can be several.
    return next((raw for raw, digest in zip(equal, digests, strict=True) if left[digest] > 0), None)


def _is_same(mapping: CollectionMapping, raw: bytes, rebuilt: Document) -> bool:
    with suppress(Undecodable):
        return same(mapping.canonical(decode(raw)), rebuilt)
    return False


def _evict(mapping: CollectionMapping, object_id: ObjectId, raw: bytes) -> Evicted:
    loaded = _settled(mapping, decode(raw))
    key = object_id_to_uuid(object_id)
    with connection.cursor() as cursor:
        for child in mapping.children:
            cursor.execute(f'DELETE FROM "{child.table.name}" WHERE {child.parent} = %s', [key])
        cursor.execute(f'DELETE FROM "{mapping.table.name}" WHERE id = %s', [key])
    return Evicted(object_id, raw, list(loaded.findings()))
