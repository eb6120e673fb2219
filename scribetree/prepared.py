"""Querysets whose SQL is made once, for what is asked for often: making it takes longer than running it.

PostgreSQL parses and plans it once for a connection, too. How its rows become objects is also settled with the SQL.
"""

import inspect
import re
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC
from functools import cached_property
from itertools import count
from time import perf_counter
from typing import Any, Generic, NamedTuple, TypeVar
from uuid import UUID
from weakref import WeakKeyDictionary

import orjson
import psycopg
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.backends.postgresql.base import Cursor
from django.db.backends.postgresql.psycopg_any import get_adapters_template
from django.db.models import JSONField, QuerySet, prefetch_related_objects
from django.db.models.base import ModelState
from django.db.models.query import ModelIterable
from psycopg import pq
from psycopg.abc import Buffer
from psycopg.adapt import AdaptersMap, Loader, Transformer
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


def fetched(rows: QuerySet[Any, R]) -> list[R]:
    """The rows of a queryset whose SQL depends on what was asked for; they become objects as prepared ones do."""
    if rows._iterable_class is not ModelIterable:
        return list(rows)
    compiler = rows.query.get_compiler(rows.db)
    try:
        sql, values = compiler.as_sql()
    except EmptyResultSet:
        return []
    connection.ensure_connection()
    with connection._prepare_cursor(_LoadingCursor(connection.connection)) as cursor:
        cursor.execute(sql, values)
        found = _Shape(rows, compiler).objects(cursor.fetchall())
    prefetch_related_objects(found, *rows._prefetch_related_lookups)
    return found


class _Statement:
    """Goes to libpq itself: psycopg's cursor costs several times what the rest of a small query does."""

    def __init__(self, rows: QuerySet[Any, Any], stand_ins: list[UUID]) -> None:
        compiler = rows.query.get_compiler(rows.db)
        sql, values = compiler.as_sql()
        self.order = [stand_ins.index(value) for value in values if value in stand_ins]
        numbers = count(1)
        # the planner has to see the other values, to know which partial indexes serve
        texts = iter(f"${next(numbers)}" if value in stand_ins else _literal(value) for value in values)
        self.sql = re.sub("%[s%]", lambda match: next(texts) if match[0] == "%s" else "%", sql)
        self.name = f"scribetree_{next(_names)}".encode()
        self.known_to: WeakKeyDictionary[Any, Transformer] = WeakKeyDictionary()
        self.shape = _Shape(rows, compiler)

    def rows(self, ids: tuple[Any, ...]) -> list[Any]:
        connection.validate_no_broken_transaction()
        connection.close_if_health_check_failed()
        connection.ensure_connection()
        began = perf_counter()
        with connection.wrap_database_errors:
            found = self._fetch(connection.connection, [_parameter(ids[place]) for place in self.order])
        if connection.queries_logged:
            connection.queries_log.append({"sql": self.sql, "time": f"{perf_counter() - began:.3f}"})
        return self.shape.objects(found)

    def _fetch(self, to: Any, parameters: list[bytes]) -> list[Any]:
        libpq = to.pgconn
        if not to.autocommit and libpq.transaction_status == pq.TransactionStatus.IDLE:
            _checked(libpq, libpq.exec_(b"BEGIN"))
        if to not in self.known_to:
            _checked(libpq, libpq.prepare(self.name, self.sql.encode()))
            self.known_to[to] = Transformer(_context)
        result = _checked(libpq, libpq.exec_prepared(self.name, parameters))
        transformer = self.known_to[to]
        transformer.set_pgresult(result)
        return transformer.load_rows(0, result.ntuples, tuple)


_names = count(1)


def _parameter(value: UUID | list[UUID]) -> bytes:
    return str(value).encode() if isinstance(value, UUID) else f"{{{','.join(map(str, value))}}}".encode()


def _checked(libpq: Any, result: Any) -> Any:
    """Raises the error of psycopg that the server names, or OperationalError for a connection that is gone."""
    if result.status in (pq.ExecStatus.TUPLES_OK, pq.ExecStatus.COMMAND_OK):
        return result
    if libpq.status == pq.ConnStatus.BAD:
        raise psycopg.OperationalError(libpq.get_error_message())
    raise psycopg.errors.error_from_result(result)


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


class _JsonLoader(Loader):
    """Several times as fast as Django's way."""

    def load(self, data: Buffer) -> Any:
        return orjson.loads(data)


# as Django has them, but dates are read by psycopg's own loader, which is compiled
_adapters = AdaptersMap(get_adapters_template(use_tz=True, timezone=UTC))
_adapters.register_loader("timestamptz", TimestamptzLoader)
_adapters.register_loader("jsonb", _JsonLoader)


class _Context(NamedTuple):
    """What psycopg reads rows by. Without their connection they are read as UTF-8 and UTC, as Django's are."""

    adapters: AdaptersMap
    connection: None = None


_context = _Context(_adapters)


class _LoadingCursor(Cursor):
    adapters = _adapters


def _literal(value: object) -> str:
    return Literal(value).as_string(connection.connection)


class _Shape:
    """How the rows of a query become what its queryset gives."""

    def __init__(self, rows: QuerySet[Any, Any], compiler: Any) -> None:
        self.readers = _readers(compiler)
        self.make = _maker(compiler.klass_info, compiler) if rows._iterable_class is ModelIterable else tuple

    def objects(self, found: list[Any]) -> list[Any]:
        return [self.make(self._read(row)) for row in found]

    def _read(self, row: Any) -> Any:
        if not self.readers:
            return row
        values = list(row)
        for place, read in self.readers:
            if values[place] is not None:
                values[place] = read(values[place])
        return values


def _readers(compiler: Any) -> list[tuple[int, Callable[[Any], Any]]]:
    converters = compiler.get_converters(expression for expression, *_ in compiler.select)
    return [
        (place, _reader(*each))
        for place, each in converters.items()
        if not isinstance(each[1].output_field, JSONField)  # is loaded as what it says
    ]


def _reader(converters: list[Callable[..., Any]], expression: Any) -> Callable[[Any], Any]:
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
