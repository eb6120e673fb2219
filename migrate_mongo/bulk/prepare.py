"""From raw documents to rows ready to be sent, without the database."""

from collections.abc import Generator
from dataclasses import dataclass, field
from itertools import repeat
from typing import cast

import bson
from bson.codec_options import DatetimeConversion

from migrate_mongo.bulk.batch import Batch, Rows
from migrate_mongo.bulk.children import Parents, load_children
from migrate_mongo.bulk.columns import load_rows, object_ids
from migrate_mongo.bulk.encoding import encode_columns
from migrate_mongo.decoding import UNDECODABLE, is_exact
from migrate_mongo.extended_json import CODEC
from migrate_mongo.mappings.base import CollectionMapping, Document

# A chunk's objects fit into the processor's cache, and the next one takes their memory over.
CHUNK = 100
_DAY = 24 * 60 * 60 * 1000
CODEC_OF_BULK = CODEC.with_options(datetime_conversion=DatetimeConversion.DATETIME_AUTO)


@dataclass(slots=True)
class Prepared:
    """A batch of documents: the ids of those that can be read, and the encoded rows of those that are regular.

    `days`, in ms, are those on which its sessions start.
    """

    mapping: CollectionMapping
    raws: list[bytes]
    batch: Batch = field(default_factory=Batch)
    ids: list[tuple[bytes, int]] = field(default_factory=list)
    rows: list[Rows] = field(default_factory=list)
    days: set[int] = field(default_factory=set)

    @property
    def has_regular(self) -> bool:
        return len(self.batch.irregular) < len(self.raws)


def prepare(mapping: CollectionMapping, raws: list[bytes]) -> Prepared:
    steps = prepare_in_steps(mapping, raws)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return cast(Prepared, end.value)


def prepare_in_steps(mapping: CollectionMapping, raws: list[bytes]) -> Generator[None, None, Prepared]:
    """The same, with pauses of the caller's choice."""
    prepared = Prepared(mapping, raws)
    if mapping.copied is not None:
        prepared.batch.refuse(range(len(raws)))
        return prepared
    for start in range(0, len(raws), CHUNK):
        _prepare_chunk(prepared, start, raws[start : start + CHUNK])
        yield
    return prepared


def _prepare_chunk(prepared: Prepared, start: int, raws: list[bytes]) -> None:
    mapping, batch = prepared.mapping, prepared.batch
    places = list(range(start, start + len(raws)))
    try:
        documents = bson.decode_all(b"".join(raws), CODEC_OF_BULK)
    except UNDECODABLE:
        documents, places = _readable(raws, start, batch)
    else:
        if list(map(bson.encode, documents, repeat(False), repeat(CODEC_OF_BULK))) != raws:
            batch.refuse(place for place, raw in enumerate(raws, start) if not is_exact(documents[place - start], raw))
    ids = object_ids([document.get("_id") for document in documents], places, batch)
    prepared.ids += zip(ids, places, strict=True)
    rows = load_rows(mapping, mapping.known, documents, places, batch)
    rows.columns[mapping.table.index["id"]] = ids
    parents = Parents(documents, ids, rows.columns[mapping.table.index["created_at"]], places)
    found = [rows]
    for child in mapping.children:
        found += load_children(child, parents, batch)
    if mapping.collection == "writingsessions":
        starts = rows.columns[mapping.table.index["start_time"]]
        prepared.days |= {start // _DAY * _DAY for start in starts if start is not None}
    for rows in found:
        _keep_regular(rows, batch)
        rows.columns = encode_columns(rows, batch)
    prepared.rows += found


def _readable(raws: list[bytes], start: int, batch: Batch) -> tuple[list[Document], list[int]]:
    documents, places = [], []
    for place, raw in enumerate(raws, start):
        try:
            documents.append(bson.decode(raw, CODEC_OF_BULK))
        except UNDECODABLE:
            batch.refuse([place])
            continue
        places.append(place)
        if not is_exact(documents[-1], raw):
            batch.refuse([place])
    return documents, places


def _keep_regular(rows: Rows, batch: Batch) -> None:
    """Others cannot be encoded."""
    if batch.irregular.isdisjoint(rows.places):
        return
    kept = [index for index, place in enumerate(rows.places) if place not in batch.irregular]
    rows.columns = [[column[index] for index in kept] for column in rows.columns]
    rows.places = [rows.places[index] for index in kept]
