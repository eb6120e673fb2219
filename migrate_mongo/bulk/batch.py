"""What the loading of documents in bulk works on."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from migrate_mongo.tables import Table

Places = list[int]  # for each value or row, which document of the batch it is of


@dataclass(slots=True)
class Rows:
    """Rows of one table, column by column: values as `load_row` makes them, but ids as bytes; later, encoded."""

    table: Table
    columns: list[list[Any]]
    places: Places


@dataclass(slots=True)
class Links:
    """References to be looked up, in several tables one after the other: bytes of ObjectIds, None for none."""

    tables: tuple[str, ...]
    ids: Sequence[bytes | None]
    places: Places


@dataclass(slots=True)
class Choice:
    """References whose table says in which column of `rows` they belong; the ids are by place."""

    columns: dict[str, int]
    ids: dict[int, bytes | None]
    rows: Rows


@dataclass(slots=True)
class Batch:
    """What is found out beside the values. `irregular` are the places of documents that are not for this way."""

    irregular: set[int] = field(default_factory=set)
    links: list[Links] = field(default_factory=list)
    choices: list[Choice] = field(default_factory=list)

    def refuse(self, places: Iterable[int]) -> None:
        self.irregular.update(places)

    def fit(self, values: list[Any], places: Places, types: Iterable[type]) -> list[Any]:
        """The values, with None instead of those of other types, whose documents are irregular."""
        fitting = {*types, type(None)}
        self.refuse(place for value, place in zip(values, places, strict=True) if type(value) not in fitting)
        return [value if type(value) in fitting else None for value in values]
