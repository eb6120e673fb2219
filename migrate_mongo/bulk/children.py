"""Lists inside documents that become rows of their own, for many documents at once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha1
from typing import Any

from bson import ObjectId

from migrate_mongo.bulk.batch import Batch, Links, Places, Rows
from migrate_mongo.bulk.columns import load_rows, object_ids
from migrate_mongo.mappings.base import Child, Document, Members, RowMapping
from migrate_mongo.mappings.comments import COMMENT, COMMENT_KNOWN, REPLY, REPLY_KNOWN, Comments
from migrate_mongo.mappings.kinds import ABSENT
from scribetree.object_id import DERIVED, object_id_bytes_to_uuid_text


@dataclass(slots=True)
class Parents:
    """The documents, with their ids and the times of their creation in ms."""

    documents: list[Document]
    ids: list[bytes]
    created: list[int]
    places: Places


@dataclass(slots=True)
class _Elements:
    """Objects in lists: each with its place in its list, its document's id and place."""

    objects: list[Document]
    ordinals: list[int]
    owners: list[bytes]
    places: Places


def load_children(child: Child, parents: Parents, batch: Batch) -> list[Rows]:
    return _LOADERS[type(child)](child, parents, batch)


def _list_of(document: Document, source: str, place: int, batch: Batch) -> Sequence[Any]:
    elements = document.get(source, ABSENT)
    if type(elements) is list:
        return elements
    if elements is not ABSENT:
        batch.refuse([place])
    return ()


def _load_members(child: Members, parents: Parents, batch: Batch) -> list[Rows]:
    rows: list[tuple[Any, ...]] = []
    places: Places = []
    for document, owner, created, place in zip(
        parents.documents, parents.ids, parents.created, parents.places, strict=True
    ):
        elements = _list_of(document, child.source, place, batch)
        if not elements:
            continue
        if set(map(type, elements)) != {ObjectId}:
            batch.refuse([place])
            continue
        members = [element.binary for element in elements]
        if len(set(members)) < len(members) or (child.not_the and document.get(child.not_the) in elements):
            batch.refuse([place])
        prefix = DERIVED.bytes + object_id_bytes_to_uuid_text(owner) + b"/"
        for ordinal, member in enumerate(members):
            rows.append((_derived(prefix + object_id_bytes_to_uuid_text(member)), owner, member, created, ordinal))
            places.append(place)
    if not rows:
        return []
    names = ("id", child.parent, child.member, child.joined, "ordinal")
    columns: dict[str, Sequence[Any]] = dict(zip(names, zip(*rows, strict=True), strict=True))
    columns |= {column: [constant] * len(rows) for column, constant in child.constants.items()}
    batch.links.append(Links(("users",), columns[child.member], places))
    nothing = [None] * len(rows)
    return [Rows(child.table, [list(columns.get(column, nothing)) for column in child.table.columns], places)]


def _derived(name: bytes) -> bytes:
    """The UUIDv5 of a name with its namespace in front, as `derived_id` makes it."""
    digest = bytearray(sha1(name, usedforsecurity=False).digest()[:16])
    digest[6] = digest[6] & 0x0F | 0x50
    digest[8] = digest[8] & 0x3F | 0x80
    return bytes(digest)


def _load_comments(child: Comments, parents: Parents, batch: Batch) -> list[Rows]:
    comments = _Elements([], [], [], [])
    for document, owner, place in zip(parents.documents, parents.ids, parents.places, strict=True):
        _append(comments, _list_of(document, child.source, place, batch), owner, place, batch)
    rows = _load_elements(COMMENT, COMMENT_KNOWN, "id", comments, batch)
    index = child.table.index
    own_ids = [comment.get("_id") for comment in comments.objects]
    rows.columns[index["element_id"]] = object_ids(own_ids, comments.places, batch)

    replies, parent_ids = _Elements([], [], [], []), []
    for comment, key, owner, place in zip(
        comments.objects, rows.columns[index["id"]], comments.owners, comments.places, strict=True
    ):
        before = len(replies.objects)
        _append(replies, _list_of(comment, "replies", place, batch), owner, place, batch)
        parent_ids += [key] * (len(replies.objects) - before)
    below = _load_elements(REPLY, REPLY_KNOWN, "_id", replies, batch)
    below.columns[index["parent_id"]] = parent_ids
    return [rows, below]


def _append(elements: _Elements, found: Sequence[Any], owner: bytes, place: int, batch: Batch) -> None:
    for ordinal, element in enumerate(found):
        if type(element) is not dict:
            batch.refuse([place])
            continue
        elements.objects.append(element)
        elements.ordinals.append(ordinal)
        elements.owners.append(owner)
        elements.places.append(place)


def _load_elements(mapping: RowMapping, known: frozenset[str], key: str, found: _Elements, batch: Batch) -> Rows:
    rows = load_rows(mapping, known, found.objects, found.places, batch)
    index = mapping.table.index
    rows.columns[index["id"]] = object_ids([element.get(key) for element in found.objects], found.places, batch)
    rows.columns[index["submission_id"]] = found.owners
    rows.columns[index["ordinal"]] = found.ordinals
    rows.columns[index["updated_at"]] = rows.columns[index["created_at"]]
    return rows


_LOADERS: dict[type, Callable[..., list[Rows]]] = {Members: _load_members, Comments: _load_comments}
