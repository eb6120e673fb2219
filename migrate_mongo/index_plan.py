"""What takes the place of each index of the source, or why nothing does."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product, takewhile
from typing import Any

from django.db.models import F, Model

from migrate_mongo.mappings import MAPPINGS
from migrate_mongo.mappings.base import CollectionMapping, Column, Members, Reference
from migrate_mongo.mappings.comments import COMMENT, Comments
from migrate_mongo.mappings.kinds import Array, Bool, Choice, Group, Mixed, TextArray
from migrate_mongo.table_indexes import TableIndex, indexes_of

MAX_SHOWN = 120
SAME, COVERED, PARTLY, NONE = "same", "covered", "partly", "none"
_ORDER = (SAME, COVERED, PARTLY, NONE)


@dataclass(frozen=True)
class IndexPlan:
    """An index of MongoDB and its counterpart, which may be several: the rows of a reference to one of two tables.

    `verdict` says how much of it the counterpart does, `why` in what way. `is_warning`: something is not guarded or
    done any more that MongoDB did.
    """

    collection: str
    name: str
    fields: str
    properties: tuple[str, ...]
    verdict: str
    counterpart: str
    why: str
    is_warning: bool = False


@dataclass(frozen=True)
class _Place:
    """Where a field of a document is to be found: a column, or only the reason why not."""

    model: type[Model]
    column: str = ""
    why: str = ""
    is_coarse: bool = False  # few different values


@dataclass(frozen=True)
class _Match:
    verdict: str
    index: TableIndex | None
    why: str
    is_unique: bool = False  # as far as the fields of an index are unique, whatever its counterpart


def plan_indexes(metadata: Mapping[str, Mapping[str, Any]]) -> list[IndexPlan]:
    """Of a source's metadata, as the source has it or as `storable` made it; see also `unreadable`."""
    return [
        _plan(mapping, plain(index))
        for name, mapping in MAPPINGS.items()
        for index in metadata.get(name, {}).get("indexes") or ()
        if isinstance(index, dict) and isinstance(index.get("key"), dict | list) and index["key"]
    ]


def storable(metadata: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """The metadata with the fields of each index in a list: jsonb does not keep the order of an object's keys."""
    return {name: _storable(held) for name, held in metadata.items()}


def unreadable(metadata: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Why the metadata of a collection cannot be read, where that is so."""
    return {name: str(held["unreadable"]) for name, held in metadata.items() if "unreadable" in held}


def plain(value: Any) -> Any:
    """The value with its numbers as numbers, which may be canonical Extended JSON."""
    if isinstance(value, list):
        return [plain(element) for element in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1 and (key := next(iter(value))) in ("$numberInt", "$numberLong", "$numberDouble"):
        number = float(value[key])
        return int(number) if number.is_integer() else number
    return {key: plain(inner) for key, inner in value.items()}


def shown(value: Any) -> str:
    """A setting of MongoDB in little space."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= MAX_SHOWN else f"{text[: MAX_SHOWN - 1]}…"


def _storable(held: Any) -> dict[str, Any]:
    if isinstance(held, dict):
        options, indexes = held.get("options") or {}, held.get("indexes") or []
        if isinstance(options, dict) and isinstance(indexes, list):
            return {**held, "indexes": [_with_pairs(index) for index in indexes if isinstance(index, dict)]}
    return {"unreadable": "it is not what mongodump writes"}


def _with_pairs(index: Mapping[str, Any]) -> dict[str, Any]:
    key = index.get("key")
    return {**index, "key": [list(pair) for pair in key.items()]} if isinstance(key, dict) else dict(index)


def _plan(mapping: CollectionMapping, index: dict[str, Any]) -> IndexPlan:
    key: dict[str, Any] = dict(index["key"])
    matches = _text_matches(mapping, index, key) if "text" in key.values() else list(_matches(mapping, key))
    counterparts = [match.index for match in matches if match.index is not None]
    unguarded = bool(index.get("unique")) and not all(match.is_unique for match in matches)
    reasons = [match.why for match in matches if match.why]
    reasons += [reason for counterpart in counterparts for reason in _limits(counterpart)]
    reasons += _differences(index, counterparts)
    if unguarded:
        reasons.append("nothing keeps these values unique any more")
    return IndexPlan(
        collection=mapping.collection,
        name=str(index.get("name", "")),
        fields=", ".join(_field(name, kind) for name, kind in _fields(index, key)),
        properties=tuple(_properties(index)),
        verdict=max((match.verdict for match in matches), key=_ORDER.index),
        counterpart=" and ".join(dict.fromkeys(counterpart.name for counterpart in counterparts)),
        why="; ".join(dict.fromkeys(reasons)),
        is_warning=unguarded or "expireAfterSeconds" in index,
    )


def _fields(index: dict[str, Any], key: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """The fields of an index with their kinds; those of a text index stand in its weights."""
    for name, kind in key.items():
        if kind == "text":
            yield from ((field, kind) for field in sorted(index.get("weights") or [name]))
        elif name != "_ftsx":
            yield name, kind


def _field(name: str, kind: Any) -> str:
    return f"{name} ({kind})" if isinstance(kind, str) else f"-{name}" if kind == -1 else name


def _properties(index: dict[str, Any]) -> Iterator[str]:
    yield from (name for name in ("unique", "sparse", "hidden") if index.get(name))
    if "partialFilterExpression" in index:
        yield f"partial: {shown(index['partialFilterExpression'])}"
    if "expireAfterSeconds" in index:
        yield f"TTL {index['expireAfterSeconds']} s"
    if "collation" in index:
        yield f"collation {shown(index['collation'])}"


def _limits(counterpart: TableIndex) -> Iterator[str]:
    if counterpart.note:
        yield counterpart.note
    if counterpart.condition:
        yield f"only for rows with {counterpart.condition}"


def _differences(index: dict[str, Any], counterparts: list[TableIndex]) -> Iterator[str]:
    if "expireAfterSeconds" in index:
        yield "MongoDB deletes documents by it when their time has come; nothing deletes rows"
    if not counterparts:
        return
    if "partialFilterExpression" in index and not any(counterpart.condition for counterpart in counterparts):
        yield "holds all rows"
    if index.get("unique") and index.get("sparse"):
        yield "any number of rows may have NULL"
    if "collation" in index:
        yield "compares text as the database does"


def _matches(mapping: CollectionMapping, key: dict[str, Any]) -> Iterator[_Match]:
    """One, or one for each of the two tables that a reference may lead to."""
    special = next((kind for kind in key.values() if isinstance(kind, str) and kind != "hashed"), None)
    if special is not None or any("$**" in name for name in key):
        yield _Match(NONE, None, f"there is nothing here like MongoDB's kind {special or 'wildcard'}")
        return
    for places in product(*(list(_places(mapping, name)) for name in key)):
        yield _best(list(key), places)


def _best(fields: list[str], places: tuple[_Place, ...]) -> _Match:
    """Of the indexes of one table: the first one that has a column for any of the fields."""
    model = next((place.model for place in places if place.column), None)
    if model is None:
        return _Match(NONE, None, places[0].why)
    beside = zip(fields, places, strict=True)
    columns = {place.column: field for field, place in beside if place.column and place.model is model}
    indexes = indexes_of(model)
    wanted = tuple(columns)
    is_whole = len(wanted) == len(fields)
    is_unique = any(index.is_unique and columns.keys() >= set(index.columns) for index in indexes)
    if is_whole:
        for index in (index for index in indexes if index.columns == wanted):
            return _Match(SAME, index, "", is_unique)
        for index in (index for index in indexes if index.columns[: len(wanted)] == wanted):
            return _Match(COVERED, index, "its first columns are these", is_unique)
    found = {index: list(takewhile(columns.__contains__, index.columns)) for index in indexes}
    index = max(indexes, key=lambda index: (wanted[0] in found[index][:1], len(found[index])))
    names = [columns[column] for column in found[index]]
    if not names:
        why = f"no index begins with {' or '.join(columns.values())}"
        is_coarse = all(place.is_coarse for place in places)
        return _Match(NONE, None, f"{why}: few different values" if is_coarse else why, is_unique)
    rest = [field for field in fields if field not in names]
    how = (
        f"finds by {', '.join(names)}, then compares {', '.join(rest)}"
        if rest
        else "its columns stand in another order"
    )
    return _Match(PARTLY, index, how, is_unique)


def _places(mapping: CollectionMapping, path: str) -> Iterator[_Place]:
    head, _, rest = path.partition(".")
    if path == "_id":
        yield _Place(mapping.model, "id")
        return
    for entry in (entry for entry in mapping.columns if entry.source == head):
        yield from _entry_places(mapping.model, entry, path, rest)
        return
    for child in (child for child in mapping.children if child.source == head):
        if isinstance(child, Members):
            yield _Place(child.model, child.member)
            return
        found = [entry for entry in COMMENT.columns if isinstance(child, Comments) and entry.source == rest]
        if found:
            yield from _entry_places(COMMENT.model, found[0], path, "")
            return
    why = mapping.dropped.get(path)
    yield _Place(mapping.model, why=f"{path} is not kept: {why}" if why else f"no model declares {path}")


def _entry_places(model: type[Model], entry: Column | Reference, path: str, rest: str) -> Iterator[_Place]:
    if isinstance(entry, Reference):
        yield from (_Place(model, column) for column in entry.columns.values())
    elif rest or (isinstance(entry.kind, Group | Array | Mixed) and not isinstance(entry.kind, TextArray)):
        yield _Place(model, why=f"{path} is inside the JSON of {entry.column}, which has no index")
    else:
        yield _Place(model, entry.column, is_coarse=isinstance(entry.kind, Bool | Choice))


def _text_matches(mapping: CollectionMapping, index: dict[str, Any], key: dict[str, Any]) -> list[_Match]:
    wanted = [name for name, kind in _fields(index, key) if kind == "text"]
    for candidate in indexes_of(mapping.model):
        expression = getattr(mapping.model._meta.get_field(candidate.columns[0]), "expression", None)
        if candidate.is_gin and expression is not None:
            searched = {str(part.name) for part in expression.flatten() if isinstance(part, F)}  # type: ignore[attr-defined]
            missing = [name for name in wanted if name not in searched]
            why = f"without {', '.join(missing)}" if missing else "full text"
            return [_Match(PARTLY if missing else SAME, candidate, why)]
    return [_Match(NONE, None, "there is no index for full text")]
