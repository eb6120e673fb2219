"""Documents for property tests, made from the mappings' own description of a collection."""

from functools import cache
from typing import Any

from bson import Binary, Decimal128, Int64, ObjectId, Regex, Timestamp
from bson.datetime_ms import DatetimeMS
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from migrate_mongo.mappings.base import CollectionMapping, Column, Members, Reference
from migrate_mongo.mappings.comments import COMMENT, REPLY
from migrate_mongo.mappings.kinds import (
    Array,
    Bool,
    Choice,
    Group,
    Id,
    Integer,
    Kind,
    Mixed,
    Moment,
    Number,
    Text,
)
from migrate_mongo.mappings.notes import Missing

texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=12)
object_ids = st.binary(min_size=12, max_size=12).map(ObjectId)
dates = st.integers(-62_135_596_800_000, 253_402_300_799_999).map(DatetimeMS)
far_dates = st.integers(-(2**63), 2**63 - 1).map(DatetimeMS)
numbers = st.one_of(
    st.integers(-(2**31), 2**31 - 1),
    st.integers(-(2**63), 2**63 - 1).map(Int64),
    st.floats(),
)


@cache
def bson_values() -> SearchStrategy[Any]:
    """Any value that a document can hold."""
    strange = st.sampled_from([Regex("a+", "i"), Timestamp(3, 4), Decimal128("12.50"), Binary(b"x", 132), b"y"])
    leaves = st.one_of(st.none(), st.booleans(), numbers, texts, object_ids, far_dates, strange)
    keys = st.sampled_from(["a", "b", "a.b", "$oid", "$date", "_id", ""])
    return st.recursive(
        leaves,
        lambda inner: st.one_of(st.lists(inner, max_size=2), st.dictionaries(keys, inner, max_size=2)),
        max_leaves=3,
    )


@cache
def fitting(kind: Kind) -> SearchStrategy[Any]:
    """Values as the original's ODM writes them."""
    if isinstance(kind, Group):
        return some_of({key: values(inner) for key, inner in kind.fields.items()})
    if isinstance(kind, Array):
        return st.lists(values(kind.item), max_size=2)
    if isinstance(kind, Choice):
        return st.sampled_from(sorted(kind.choices))
    simple: list[tuple[type[Kind], SearchStrategy[Any]]] = [
        (Text, texts),
        (Bool, st.booleans()),
        (Integer, st.integers(-3, 40)),
        (Number, numbers),
        (Moment, dates),
        (Id, object_ids),
        (Mixed, bson_values()),
    ]
    return next(strategy for kind_class, strategy in simple if isinstance(kind, kind_class))


@cache
def values(kind: Kind) -> SearchStrategy[Any]:
    """Mostly values that fit, sometimes null, sometimes anything."""
    return st.one_of(fitting(kind), fitting(kind), st.none(), bson_values())


def some_of(fields: dict[str, SearchStrategy[Any]], most: int = 4) -> SearchStrategy[dict[str, Any]]:
    """A dictionary with a few of the fields, and now and then an undeclared one."""
    fields = {**fields, **dict.fromkeys(["unheard", "a.b", "$x", "0", "a/b", "~"], bson_values())}
    keys = st.lists(st.sampled_from(sorted(fields)), max_size=most, unique=True)
    return keys.flatmap(lambda chosen: st.fixed_dictionaries({key: fields[key] for key in chosen}))


def columns(entries: tuple[Column | Reference, ...]) -> dict[str, SearchStrategy[Any]]:
    references = st.one_of(object_ids, object_ids.map(str), bson_values())
    return {entry.source: values(entry.kind) if isinstance(entry, Column) else references for entry in entries}


@cache
def documents(mapping: CollectionMapping) -> SearchStrategy[dict[str, Any]]:
    """A document of the collection; what the importer requires is there, anything else may be missing or wrong."""
    fields = columns(mapping.columns) | {child.source: children(child) for child in mapping.children}
    required: dict[str, SearchStrategy[Any]] = {"_id": object_ids, "__v": st.just(0)}
    for entry in mapping.columns:
        if isinstance(entry, Reference) and entry.missing is Missing.REJECT:
            required[entry.source] = object_ids
        elif isinstance(entry, Column) and entry.kind.required:
            required[entry.source] = fitting(entry.kind)
    return st.builds(lambda some, needed: {**some, **needed}, some_of(fields), st.fixed_dictionaries(required))


def children(child: Any) -> SearchStrategy[Any]:
    pool = st.sampled_from([ObjectId(bytes([number]) * 12) for number in range(4)])
    if isinstance(child, Members):
        return st.one_of(st.lists(st.one_of(pool, pool, pool.map(str), bson_values()), max_size=5), bson_values())
    reply = some_of(columns(REPLY.columns) | {"_id": pool})
    replies = st.lists(st.one_of(reply, bson_values()), max_size=2)
    ids = st.one_of(pool, st.none(), texts)
    comment = some_of(columns(COMMENT.columns) | {"id": ids, "_id": ids, "replies": replies})
    return st.one_of(st.lists(st.one_of(comment, comment, bson_values()), max_size=3), bson_values())
