"""Querysets whose SQL is made once, for what every keystroke asks: making it takes longer than running it."""

import inspect
from collections.abc import Callable
from functools import cached_property
from typing import Any, Generic, NamedTuple, TypeVar
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import Model, QuerySet
from django.db.models.query import get_related_populators

from scribetree.object_id import new_id

M = TypeVar("M", bound=Model)


class Prepared(Generic[M]):
    """`make` takes ids and gives a queryset that differs in nothing else. It may select related rows, not prefetch."""

    def __init__(self, make: Callable[..., QuerySet[M]]) -> None:
        self.make = make

    def first(self, *ids: UUID) -> M | None:
        statement = self._statement
        parameters = [ids[value] if isinstance(value, _Place) else value for value in statement.values]
        with connection.cursor() as cursor:
            cursor.execute(statement.sql, parameters)
            row = cursor.fetchone()
        return None if row is None else statement.instance(list(row))

    @cached_property
    def _statement(self) -> "_Statement":
        stand_ins = [new_id() for _ in inspect.signature(self.make).parameters]
        places = {stand_in: _Place(place) for place, stand_in in enumerate(stand_ins)}
        compiler: Any = self.make(*stand_ins).query.get_compiler(connection=connection)
        sql, values = compiler.as_sql()
        own = compiler.klass_info["select_fields"]  # the first columns: nothing here puts others before them
        return _Statement(
            sql,
            [places.get(value, value) if isinstance(value, UUID) else value for value in values],
            compiler.klass_info["model"],
            [column.target.attname for column, _, _ in compiler.select[: len(own)]],
            compiler.get_converters([column for column, _, _ in compiler.select]),
            get_related_populators(compiler.klass_info, compiler.select, DEFAULT_DB_ALIAS),
            compiler.annotation_col_map or {},
        )


class _Place(int):
    """Which of the ids stands here."""


class _Statement(NamedTuple):
    sql: str
    values: list[object]
    model: type[Any]
    names: list[str]
    converters: dict[int, Any]
    populators: list[Any]
    annotations: dict[str, int]

    def instance(self, row: list[Any]) -> Any:
        """The same that iterating over the queryset makes of a row."""
        for place, (converters, expression) in self.converters.items():
            for convert in converters:
                row[place] = convert(row[place], expression, connection)
        instance = self.model.from_db(DEFAULT_DB_ALIAS, self.names, row[: len(self.names)])
        for populator in self.populators:
            populator.populate(row, instance)
        for name, place in self.annotations.items():
            setattr(instance, name, row[place])
        return instance
