"""The indexes of our tables as the models declare them, in terms of columns."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.contrib.postgres.indexes import GinIndex
from django.db import connection
from django.db.models import F, ForeignKey, Model, UniqueConstraint


@dataclass(frozen=True)
class TableIndex:
    """`condition` is the SQL that its rows fulfil; `note` says what else sets it apart from one of plain columns."""

    name: str
    columns: tuple[str, ...]
    is_unique: bool = False
    is_gin: bool = False
    condition: str = ""
    note: str = ""


@cache
def indexes_of(model: type[Model]) -> tuple[TableIndex, ...]:
    """Plain ones before those with a condition."""
    return tuple(sorted(_indexes(model), key=lambda index: bool(index.condition)))


def _indexes(model: type[Model]) -> Iterator[TableIndex]:
    meta: Any = model._meta
    yield TableIndex("primary key", (meta.pk.column,), is_unique=True)
    for constraint in (known for known in meta.constraints if isinstance(known, UniqueConstraint)):
        columns = _columns(model, constraint.fields or _names(constraint))
        note = f"compares {_expression(constraint, model)}" if constraint.expressions else ""
        yield TableIndex(str(constraint.name), columns, True, condition=_condition(constraint, model), note=note)
    for index in meta.indexes:
        columns = _columns(model, [name.removeprefix("-") for name in index.fields])
        yield TableIndex(index.name, columns, is_gin=isinstance(index, GinIndex), condition=_condition(index, model))
    for field in meta.concrete_fields:
        if field.db_index and not field.primary_key:
            kind = "foreign key" if isinstance(field, ForeignKey) else "index"
            yield TableIndex(f"{kind} on {field.column}", (field.column,), is_unique=field.unique)


def _columns(model: type[Model], names: Any) -> tuple[str, ...]:
    return tuple(str(model._meta.get_field(name).column) for name in names)  # type: ignore[union-attr]


def _names(constraint: UniqueConstraint) -> list[str]:
    expressions: Any = constraint.expressions
    parts = (part for expression in expressions for part in expression.flatten())
    return [part.name for part in parts if isinstance(part, F)]  # type: ignore[attr-defined]


def _expression(constraint: UniqueConstraint, model: type[Model]) -> str:
    columns = _statement(constraint, model).partition(f" ON {model._meta.db_table} ")[2].partition(" WHERE ")[0]
    return _unwrapped(_unwrapped(columns))


def _condition(item: Any, model: type[Model]) -> str:
    """Empty too when it only leaves out the rows that have nothing to find them by."""
    condition = _unwrapped(_statement(item, model).partition(" WHERE ")[2])
    fields = _columns(model, [name.removeprefix("-") for name in item.fields])
    return "" if condition in [f"{column} IS NOT NULL" for column in fields] else condition


def _unwrapped(text: str) -> str:
    return text[1:-1] if text.startswith("(") and text.endswith(")") else text


def _statement(item: Any, model: type[Model]) -> str:
    """The SQL that makes it; nothing is sent."""
    return str(item.create_sql(model, connection.schema_editor(collect_sql=True, atomic=False))).replace('"', "")
