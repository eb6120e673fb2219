"""The kinds of value that a path of a document can hold, each with its way in and its way back.

`load` takes a value of the source that is neither absent nor null and returns what is stored; where that is not
exactly the value, the original goes into the notes. `rebuild` is the way back. Wrong types are cast as the
original's ODM cast them when it read; what it could not cast it left out.
"""

from collections.abc import Callable, Mapping
from typing import Any

from bson import ObjectId
from bson.datetime_ms import DatetimeMS
from bson.int64 import Int64
from django.db.models import TextChoices

from migrate_mongo.exceptions import Rejected
from migrate_mongo.extended_json import bson_number, from_extended_json, plain
from migrate_mongo.mappings.notes import Link, Missing, Notes, Path, dotted, refuse_deep
from migrate_mongo.transforms import (
    MAX_MS,
    MIN_MS,
    cast_bool,
    cast_ms,
    cast_number,
    cast_object_id,
    cast_text,
    iso_to_ms,
    ms_to_iso,
)


class Absent:
    """Stands for a path that the document does not have."""

    def __repr__(self) -> str:
        return "absent"


ABSENT: Any = Absent()


class Kind:
    """`default` is what an absent path counts as; `fallback` fills a column that needs some value.

    Values of the type `as_is` are stored as they are, text without NUL; callers may save themselves the call.
    """

    name = ""
    as_is: type | None = None

    def __init__(self, *, default: Any = ABSENT, fallback: Any = ABSENT, required: bool = False) -> None:
        self.default = default
        self.fallback = default if fallback is ABSENT else fallback
        self.required = required

    def load(self, value: Any, notes: Notes, path: Path) -> Any:
        raise NotImplementedError

    def rebuild(self, stored: Any) -> Any:
        return stored

    def absent(self, notes: Notes, path: Path) -> Any:
        """What is stored for an absent path; ABSENT for nothing."""
        return self.default

    def constant_default(self) -> Any:
        """What an absent path counts as; ABSENT when it is not the same as any value."""
        return self.default

    def filled(self, value: Any) -> Any:
        """The value with the absent paths inside it filled by their defaults."""
        return value

    def describe(self) -> str:
        return self.name

    def refers_to(self) -> set[str]:
        """The tables that ids inside it lead to."""
        return set()

    def misfit(self, value: Any, cast: Any, notes: Notes, path: Path) -> Any:
        """A value of the wrong type: cast where it can be (`cast` is not None), else replaced."""
        if cast is not None:
            stored = self.load(cast, notes, path)
            notes.keep("cast", path, value)
            return stored
        if self.required:
            raise Rejected("missing_value", dotted(path), f"{dotted(path)} holds {value!r:.80}, no {self.name}")
        notes.keep("uncastable", path, value)
        return self.fallback


class Text(Kind):
    name = "text"
    as_is: type | None = str

    def load(self, value: Any, notes: Notes, path: Path) -> Any:
        if type(value) is not str:
            return self.misfit(value, cast_text(value), notes, path)
        if "\0" in value:
            notes.keep("nul_removed", path, value)
            return value.replace("\0", "")
        return value


class Choice(Text):
    """Text out of a list; anything else counts as the fallback."""

    name = "choice"
    as_is = None

    def __init__(self, choices: type[TextChoices], *, default: Any = ABSENT, fallback: Any = ABSENT) -> None:
        super().__init__(default=default, fallback=fallback)
        self.choices = frozenset(choices.values)

    def load(self, value: Any, notes: Notes, path: Path) -> Any:
        if type(value) is str and value in self.choices:
            return value
        notes.keep("outside_enum", path, value)
        return self.fallback


class Bool(Kind):
    name = "boolean"
    as_is = bool

    def load(self, value: Any, notes: Notes, path: Path) -> Any:
        return value if type(value) is bool else self.misfit(value, cast_bool(value), notes, path)


class Number(Kind):
    """A number in JSON; an integral double is written as an integer."""

    name = "number"
    as_is: type | None = int

    def load(self, value: Any, notes: Notes, path: Path) -> Any:
        if type(value) is int:
            return value
        if type(value) is float:
            if value.is_integer():
                return int(value) if abs(value) < 2**53 else value
            if value - value == 0:
                return value
            notes.keep("non_finite", path, value)
            return self.fallback
        if type(value) is Int64:
            return int(value)
        return self.misfit(value, cast_number(value), notes, path)

    def rebuild(self, stored: Any) -> Any:
        return bson_number(stored)


class Integer(Number):
    """A number in an integer column of the given range."""

    name = "integer"
    as_is = None

    def __init__(self, minimum: int = 0, maximum: int = 2**31 - 1, **options: Any) -> None:
        super().__init__(**options)
        self.minimum = minimum
        self.maximum = maximum

    def load(self, value: Any, notes: Notes, path: Path) -> Any:
        number = super().load(value, notes, path)
        if type(number) is int and self.minimum <= number <= self.maximum:
            return number
        if type(number) not in (int, float):
            return number
        whole = min(max(int(number), self.minimum), self.maximum)
        notes.keep("fraction" if whole == int(number) else "out_of_range", path, value)
        return whole


class Moment(Kind):
    """A date in a column, as milliseconds since 1970; `derived` when an absent one was the time of reading."""

    name = "date"

    def __init__(self, *, derived: Callable[[Notes], int] | None = None, **options: Any) -> None:
        super().__init__(**options)
        self.derived = derived

    def load(self, value: Any, notes: Notes, path: Path) -> Any:
        if type(value) is not DatetimeMS:
            return self.misfit(value, cast_ms(value), notes, path)
        moment = int(value)
        if MIN_MS <= moment <= MAX_MS:
            return moment
        notes.keep("out_of_range", path, value)
        return MIN_MS if moment < MIN_MS else MAX_MS

    def absent(self, notes: Notes, path: Path) -> Any:
        if self.derived is None:
            return self.default
        notes.miss("derived", path)
        return self.derived(notes)

    def misfit(self, value: Any, cast: Any, notes: Notes, path: Path) -> Any:
        stored = super().misfit(value, cast, notes, path)
        return self.derived(notes) if stored is ABSENT and self.derived else stored

    def rebuild(self, stored: Any) -> Any:
        return DatetimeMS(stored)

    def describe(self) -> str:
        return f"{self.name}, derived when absent" if self.derived else self.name


class Date(Moment):
    """A date in JSON, as ISO 8601."""

    def load(self, value: Any, notes: Notes, path: Path) -> Any:
        if type(value) is DatetimeMS and MIN_MS <= (moment := int(value)) <= MAX_MS:
            return ms_to_iso(moment)
        moment = super().load(value, notes, path)
        return ms_to_iso(moment) if type(moment) is int else moment

    def absent(self, notes: Notes, path: Path) -> Any:
        moment = super().absent(notes, path)
        return moment if moment is ABSENT else ms_to_iso(moment)

    def rebuild(self, stored: Any) -> Any:
        return DatetimeMS(iso_to_ms(stored))


class Id(Kind):
    """An ObjectId in JSON, as 24 hex digits; `to` is the table that it refers to."""

    name = "id"

    def __init__(self, to: str | None = None) -> None:
        super().__init__()
        self.to = to

    def load(self, value: Any, notes: Notes, path: Path) -> Any:
        if type(value) is not ObjectId:
            return self.misfit(value, cast_object_id(value), notes, path)
        if self.to is not None:
            notes.links.append(Link(path, value, {self.to: None}, Missing.TELL))
        return str(value)

    def rebuild(self, stored: Any) -> Any:
        return ObjectId(stored)

    def refers_to(self) -> set[str]:
        return {self.to} if self.to else set()

    def describe(self) -> str:
        return f"id of {self.to}" if self.to else self.name


class Mixed(Kind):
    """Any value, as JSON, with Extended JSON for the types that JSON lacks."""

    name = "anything"

    def load(self, value: Any, notes: Notes, path: Path) -> Any:
        refuse_deep(value, path)
        return plain(value)

    def rebuild(self, stored: Any) -> Any:
        return from_extended_json(stored)


class Array(Kind):
    """A list in JSON. Null elements stay."""

    name = "list"

    def __init__(self, item: Kind, **options: Any) -> None:
        super().__init__(**options)
        self.item = item

    def load(self, value: Any, notes: Notes, path: Path) -> Any:
        if type(value) is not list:
            return self.misfit(value, [value], notes, path)
        stored = []
        for index, element in enumerate(value):
            loaded = None if element is None else self.item.load(element, notes, (*path, index))
            stored.append(None if loaded is ABSENT else loaded)
        return stored

    def absent(self, notes: Notes, path: Path) -> Any:
        return self.default if self.default is ABSENT else list(self.default)

    def rebuild(self, stored: Any) -> Any:
        return [None if element is None else self.item.rebuild(element) for element in stored]

    def filled(self, value: Any) -> Any:
        if type(value) is not list:
            return value
        return [self.item.filled(element) for element in value]

    def refers_to(self) -> set[str]:
        return self.item.refers_to()

    def describe(self) -> str:
        return f"list of {self.item.describe()}"


class TextArray(Array):
    """A list in a text[] column, without its null elements."""

    def load(self, value: Any, notes: Notes, path: Path) -> Any:
        stored = super().load(value, notes, path)
        if None in stored:
            notes.originals[path] = value
            notes.find("null_element", (*path, 0))
            return [element for element in stored if element is not None]
        return stored


class Group(Kind):
    """An object in JSON with the paths that are declared; others stay in place, as findings."""

    name = "group"

    def __init__(self, fields: Mapping[str, Kind], *, default: Any = None) -> None:
        """A group counts as filled with its defaults when it is absent, unless `default` is ABSENT."""
        self.fields = fields
        self.entries = [(key, kind, kind.as_is) for key, kind in fields.items()]
        self.fills = default is None
        super().__init__(default=ABSENT)
        if self.fills:
            self.default = self.filled({})

    def load(self, value: Any, notes: Notes, path: Path) -> Any:
        if type(value) is not dict:
            notes.keep("uncastable", path, value)
            return self._nothing(notes, path)
        stored: dict[str, Any] = {}
        unseen = len(value)
        for key, kind, as_is in self.entries:
            element: Any = value.get(key, ABSENT)
            if element is ABSENT:
                element = kind.absent(notes, (*path, key))
                if element is not ABSENT:
                    stored[key] = element
                continue
            unseen -= 1
            kept = element is None or (type(element) is as_is and not (as_is is str and "\0" in element))  # type: ignore[operator]
            if kept or (element := kind.load(element, notes, (*path, key))) is not ABSENT:
                stored[key] = element
        if unseen:
            for key in value.keys() - self.fields.keys():
                notes.find("unknown_field", (*path, key))
                stored[key] = UNDECLARED.load(value[key], notes, (*path, key))
        return stored

    def absent(self, notes: Notes, path: Path) -> Any:
        return self.load({}, notes, path) if self.fills else ABSENT

    def _nothing(self, notes: Notes, path: Path) -> Any:
        """The defaults, for a group that the document has as something else (kept whole in the notes)."""
        return self.load({}, Notes(notes.moment, notes.born), path) if self.fills else ABSENT

    def rebuild(self, stored: Any) -> Any:
        document = {}
        for key, element in stored.items():
            kind = self.fields.get(key, UNDECLARED)
            document[key] = None if element is None else kind.rebuild(element)
        return document

    def refers_to(self) -> set[str]:
        return set().union(*(kind.refers_to() for kind in self.fields.values()))

    def filled(self, value: Any) -> Any:
        if type(value) is not dict:
            return value
        document = dict(value)
        for key, kind in self.fields.items():
            if key in document:
                document[key] = kind.filled(document[key])
            elif (default := kind.constant_default()) is not ABSENT:
                document[key] = default
        return document

    def describe(self) -> str:
        return self.name


class Element(Group):
    """An object that is an element of a list; it has no defaults as a whole."""

    def __init__(self, fields: Mapping[str, Kind]) -> None:
        super().__init__({"_id": Id(), **fields}, default=ABSENT)


UNDECLARED = Mixed()
