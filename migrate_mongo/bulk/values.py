"""Each kind's `load` for the values of many documents at once.

They return what `load` stores for each value; where that would note or refuse anything, the document is irregular and
its value counts for nothing. None stays None. Objects in JSON are changed in place.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, partial
from itertools import chain
from math import isfinite
from typing import Any

from bson import ObjectId
from bson.int64 import Int64

from migrate_mongo.bulk.batch import Batch, Links, Places
from migrate_mongo.exceptions import Rejected
from migrate_mongo.mappings.kinds import (
    ABSENT,
    Array,
    Bool,
    Choice,
    Date,
    Element,
    Group,
    Id,
    Integer,
    Kind,
    Mixed,
    Moment,
    Number,
    Text,
    TextArray,
)
from migrate_mongo.mappings.notes import Notes

Types = set[type]
Loader = Callable[[Any, list[Any], Types, Places, Batch], list[Any]]

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 bson decodes dates as UTC without saying so
_MILLISECOND = timedelta(milliseconds=1)
_MAX_LEVELS = 20
_NOTHING = {type(None)}


class _Refused:
    """Stands for what is stored where an absent or null path makes a document irregular."""


REFUSED: Any = _Refused()


def load(kind: Kind, values: list[Any], places: Places, batch: Batch, types: Types | None = None) -> list[Any]:
    types = types or set(map(type, values))
    if types <= _NOTHING:
        return values
    loader: Loader = _LOADERS.get(type(kind), _one_by_one)
    return loader(kind, values, types, places, batch)


def stored_without_notes(store: Callable[[Notes], Any]) -> Any:
    """What it stores, or REFUSED when it has something to note."""
    notes = Notes(0, 0)
    try:
        stored = store(notes)
    except Rejected:
        return REFUSED
    return REFUSED if notes.findings or notes.originals or notes.absent or notes.links else stored


def _one_by_one(kind: Kind, values: list[Any], _: Types, places: Places, batch: Batch) -> list[Any]:
    stored = [None if value is None else stored_without_notes(partial(kind.load, value, path=())) for value in values]
    if REFUSED in stored:
        batch.refuse(place for value, place in zip(stored, places, strict=True) if value is REFUSED)
    return stored


def _as_is(*expected: type) -> Loader:
    """NUL in text is looked for where it is encoded."""

    fitting = {*expected, type(None)}

    def load_as_is(_: Kind, values: list[Any], types: Types, places: Places, batch: Batch) -> list[Any]:
        return values if types.issubset(fitting) else batch.fit(values, places, expected)

    return load_as_is


def _choice(kind: Choice, values: list[Any], types: Types, places: Places, batch: Batch) -> list[Any]:
    if types != {str}:
        values = batch.fit(values, places, {str})
    if not {*kind.choices, None}.issuperset(values):
        batch.refuse(place for value, place in zip(values, places, strict=True) if value not in kind.choices)
    return values


def _number(_: Kind, values: list[Any], types: Types, places: Places, batch: Batch) -> list[Any]:
    if types == {int}:
        return values
    values = batch.fit(values, places, {int, float, Int64})
    batch.refuse(
        place for value, place in zip(values, places, strict=True) if type(value) is float and not isfinite(value)
    )
    return [value if type(value) is int or value is None else _shortest(value) for value in values]


def _shortest(number: float | Int64) -> float | int:
    if type(number) is Int64 or (number.is_integer() and abs(number) < 2**53):  # type: ignore[union-attr]
        return int(number)
    return number


def _integer(kind: Integer, values: list[Any], types: Types, places: Places, batch: Batch) -> list[Any]:
    numbers = _number(kind, values, types, places, batch)
    whole = batch.fit(numbers, places, {int})
    batch.refuse(
        place
        for number, place in zip(whole, places, strict=True)
        if number is not None and not kind.minimum <= number <= kind.maximum
    )
    return whole


def _moment(_: Kind, values: list[Any], types: Types, places: Places, batch: Batch) -> list[Any]:
    if types == {datetime}:
        return [(value - _EPOCH) // _MILLISECOND for value in values]
    values = batch.fit(values, places, {datetime})
    return [None if value is None else (value - _EPOCH) // _MILLISECOND for value in values]


def _date(_: Kind, values: list[Any], types: Types, places: Places, batch: Batch) -> list[Any]:
    if types != {datetime}:
        values = batch.fit(values, places, {datetime})
    return [None if value is None else value.isoformat(timespec="milliseconds") + "Z" for value in values]


def _id(kind: Id, values: list[Any], types: Types, places: Places, batch: Batch) -> list[Any]:
    if types != {ObjectId}:
        values = batch.fit(values, places, {ObjectId})
    ids = [None if value is None else value.binary for value in values]
    if kind.to is not None:
        batch.links.append(Links((kind.to,), ids, places))
    return [None if value is None else value.hex() for value in ids]


def _mixed(_: Kind, values: list[Any], __: Types, places: Places, batch: Batch) -> list[Any]:
    stored = [_plain(value, _MAX_LEVELS) for value in values]
    batch.refuse(place for value, place in zip(stored, places, strict=True) if value is REFUSED)
    return stored


def _plain(value: Any, levels: int) -> Any:
    """As `extended_json.plain` for what JSON has a type for, else REFUSED."""
    if value is None or type(value) in (str, int, bool):
        return value
    if type(value) is float and isfinite(value):
        return _shortest(value)
    if not levels or type(value) not in (list, dict) or (type(value) is dict and any(key[:1] == "$" for key in value)):
        return REFUSED
    inner = [_plain(element, levels - 1) for element in (value.values() if type(value) is dict else value)]
    if REFUSED in inner:
        return REFUSED
    return dict(zip(value, inner, strict=True)) if type(value) is dict else inner


def _array(kind: Array, values: list[Any], types: Types, places: Places, batch: Batch) -> list[Any]:
    if types != {list}:
        values = batch.fit(values, places, {list})
    lists = [value or () for value in values]
    elements = list(chain.from_iterable(lists))
    if kind.item.as_is is not None and {kind.item.as_is, type(None)}.issuperset(map(type, elements)):
        return values
    inner = [place for place, elements in zip(places, lists, strict=True) for _ in elements]
    stored = load(kind.item, elements, inner, batch)
    if stored is elements:
        return values
    following = iter(stored)
    return [None if value is None else [next(following) for _ in value] for value in values]


def _text_array(kind: TextArray, values: list[Any], types: Types, places: Places, batch: Batch) -> list[Any]:
    stored = _array(kind, values, types, places, batch)
    batch.refuse(place for value, place in zip(stored, places, strict=True) if value and None in value)
    return stored


@dataclass(frozen=True, slots=True)
class _Member:
    """A path of a group, with the types that stay as they are, and what is stored where it is absent."""

    key: str
    kind: Kind
    as_is: frozenset[type]
    absent: Any

    def load(self, groups: list[Any], held: list[Any], places: Places, batch: Batch) -> int:
        """Stores what the objects hold here in them; returns how many held something."""
        lacking = [index for index, value in enumerate(held) if value is ABSENT]
        for index in lacking:
            held[index] = None
        stored = load(self.kind, held, places, batch)
        if stored is not held:
            for group, value in zip(groups, stored, strict=True):
                if value is not None:
                    group[self.key] = value
        if self.absent is REFUSED:
            batch.refuse(places[index] for index in lacking)
        elif self.absent is not ABSENT:
            for index in lacking:
                groups[index][self.key] = self.absent
        return len(held) - len(lacking)


@cache
def _members(kind: Group) -> list[_Member]:
    return [
        _Member(
            key,
            item,
            frozenset({item.as_is, type(None)} if item.as_is else ()),
            stored_without_notes(partial(item.absent, path=())),
        )
        for key, item in kind.fields.items()
    ]


def _group(kind: Group, values: list[Any], types: Types, places: Places, batch: Batch) -> list[Any]:
    groups, inner = values, places
    if types != {dict}:
        values = batch.fit(values, places, {dict})
        groups = [value for value in values if value is not None]
        inner = [place for value, place in zip(values, places, strict=True) if value is not None]
    unseen = sum(map(len, groups))
    for member in _members(kind):
        held = [group.get(member.key, ABSENT) for group in groups]
        unseen -= len(held) if member.as_is.issuperset(map(type, held)) else member.load(groups, held, inner, batch)
    if unseen:
        batch.refuse(
            place for group, place in zip(groups, inner, strict=True) if not kind.fields.keys() >= group.keys()
        )
    return values


_LOADERS: dict[type[Kind], Loader] = {
    Text: _as_is(str),
    Bool: _as_is(bool),
    Choice: _choice,
    Number: _number,
    Integer: _integer,
    Moment: _moment,
    Date: _date,
    Id: _id,
    Mixed: _mixed,
    Array: _array,
    TextArray: _text_array,
    Group: _group,
    Element: _group,
}
