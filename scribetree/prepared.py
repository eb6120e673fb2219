"""Querysets whose SQL is made once, for what is asked for often: making it takes longer than running it.

PostgreSQL parses and plans it once for a connection, too. How its rows become objects is also settled with the SQL.
"""

import inspect
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC
from functools import cached_property
from typing import Any, Generic, TypeVar
from uuid import UUID

import orjson
from django.db import connection
from django.db.backends.postgresql.base import ServerBindingCursor
from django.db.backends.postgresql.psycopg_any import get_adapters_template
from django.db.models import JSONField, QuerySet
from django.db.models.base import ModelState
from django.db.models.expressions import Col
from django.db.models.query import ModelIterable
from psycopg.adapt import AdaptersMap
from psycopg.sql import Literal
from psycopg.types.datetime import TimestamptzLoader

from scribetree.object_id import new_id

R = TypeVar("R")


class Prepared(Generic[R]):
    """`make` takes ids, or lists of ids for `__any`, and gives a queryset that differs in nothing else.

    It may join others. What it prefetches are rows that refer to its own, by a Prefetch with a queryset and `to_attr`.
    """

    def __init__(self, make: Callable[..., QuerySet[Any, R]]) -> None:
        self.make = make

    def all(self, *ids: UUID | list[UUID]) -> list[R]:
        statement, children = self._made
        found = statement.rows(ids)
        if found:
            for each in children:
                each.attach_to(found)
        return found

    def first(self, *ids: UUID | list[UUID]) -> R | None:
        return next(iter(self.all(*ids)), None)

    @cached_property
    def _made(self) -> tuple["_Statement", list["_Children"]]:
        stand_ins = [new_id() for _ in inspect.signature(self.make).parameters]
        rows = self.make(*stand_ins)
        lookups = getattr(rows, "_prefetch_related_lookups", ())
        return _Statement(rows, stand_ins), [_Children(rows, lookup) for lookup in lookups]


class _Statement:
    def __init__(self, rows: QuerySet[Any, Any], stand_ins: list[UUID]) -> None:
        compiler = rows.query.get_compiler(rows.db)
        sql, values = compiler.as_sql()
        self.order = [stand_ins.index(value) for value in values if value in stand_ins]
        # the planner has to see the other values, to know which partial indexes serve
        texts = iter("%s" if value in stand_ins else _literal(value) for value in values)
        self.sql = re.sub("%[s%]", lambda match: next(texts) if match[0] == "%s" else "%%", sql)
        self.readers = _readers(compiler)
        self.make = _maker(compiler.klass_info, compiler) if rows._iterable_class is ModelIterable else tuple

    def rows(self, ids: tuple[Any, ...]) -> list[Any]:
        with _cursor() as cursor:
            cursor.execute(self.sql, [ids[place] for place in self.order])
            return [self.make(self._read(row)) for row in cursor.fetchall()]

    def _read(self, row: Any) -> Any:
        if not self.readers:
            return row
        values = list(row)
        for place, read in self.readers:
            if values[place] is not None:
                values[place] = read(values[place])
        return values


class _Children:
    """Rows that refer to others, which get them as an attribute."""

    def __init__(self, parents: QuerySet[Any, Any], lookup: Any) -> None:
        self.attribute = lookup.to_attr
        self.field = parents.model._meta.get_field(lookup.prefetch_through).field
        rows, condition = lookup.queryset, f"{self.field.name}__id__any"
        self.rows = Prepared(lambda ids: rows.filter(**{condition: ids}))

    def attach_to(self, parents: list[Any]) -> None:
        lists: dict[UUID, list[Any]] = defaultdict(list)
        for row in self.rows.all([parent.pk for parent in parents]):
            lists[getattr(row, self.field.attname)].append(row)
        for parent in parents:
            setattr(parent, self.attribute, lists[parent.pk])


# as Django has them, but dates are read by psycopg's own loader, which is compiled
_adapters = AdaptersMap(get_adapters_template(use_tz=True, timezone=UTC))
_adapters.register_loader("timestamptz", TimestamptzLoader)


class _PreparingCursor(ServerBindingCursor):
    adapters = _adapters

    def execute(self, query: Any, params: Any = None) -> Any:
        return super().execute(query, params, prepare=True)


@contextmanager
def _cursor() -> Iterator[Any]:
    connection.close_if_health_check_failed()
    connection.ensure_connection()
    made = connection._prepare_cursor(_PreparingCursor(connection.connection))
    with made:
        yield made


def _literal(value: object) -> str:
    return Literal(value).as_string(connection.connection).replace("%", "%%")


def _readers(compiler: Any) -> list[tuple[int, Callable[[Any], Any]]]:
    converters = compiler.get_converters(expression for expression, *_ in compiler.select)
    return [(place, _reader(*each)) for place, each in converters.items()]


def _reader(converters: list[Callable[..., Any]], expression: Any) -> Callable[[Any], Any]:
    if isinstance(expression, Col) and isinstance(expression.output_field, JSONField):
        return orjson.loads  # several times as fast as Django's

    def read(value: Any) -> Any:
        for convert in converters:
            value = convert(value, expression, connection)
        return value

    return read


def _maker(info: dict[str, Any], compiler: Any) -> Callable[[Any], Any]:
    """What makes an instance of a row, without the steps of `Model.__init__` that serve new ones only."""
    model, places, alias = info["model"], info["select_fields"], compiler.using
    first, last = places[0], places[-1] + 1
    names = [expression.target.attname for expression, *_ in compiler.select[first:last]]
    key = first + names.index(model._meta.pk.attname)
    related = [(each["local_setter"], _maker(each, compiler)) for each in info.get("related_klass_infos", ())]
    annotations = () if "local_setter" in info else tuple((compiler.annotation_col_map or {}).items())

    def make(row: Any) -> Any:
        if row[key] is None:
            return None
        made = model.__new__(model)
        values = made.__dict__
        values["_state"] = state = ModelState()
        state.adding, state.db = False, alias
        values.update(zip(names, row[first:last], strict=True))
        for name, place in annotations:
            values[name] = row[place]
        for link, make_other in related:
            link(made, make_other(row))
        return made

    return make
