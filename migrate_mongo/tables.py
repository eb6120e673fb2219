"""A table's columns as the importer sees them: in one fixed order, each with its PostgreSQL type."""

from dataclasses import dataclass, field
from functools import cache

from django.contrib.postgres.fields import ArrayField
from django.db import models

Row = list[object]

_TYPES: tuple[tuple[type[models.Field], str], ...] = (  # type: ignore[type-arg]
    (models.UUIDField, "uuid"),
    (models.DateTimeField, "timestamptz"),
    (models.SmallIntegerField, "int2"),
    (models.IntegerField, "int4"),
    (models.BooleanField, "bool"),
    (models.JSONField, "jsonb"),
    (models.TextField, "text"),
    (ArrayField, "text[]"),
)


@dataclass(frozen=True)
class Table:
    name: str
    columns: tuple[str, ...]
    types: tuple[str, ...]
    nullable: frozenset[str]
    index: dict[str, int] = field(hash=False)

    @property
    def column_list(self) -> str:
        return ", ".join(f'"{column}"' for column in self.columns)


@cache
def table_of(model: type[models.Model]) -> Table:
    fields = [f for f in model._meta.concrete_fields if not isinstance(f, models.GeneratedField)]
    columns = tuple(str(f.column) for f in fields)
    return Table(
        name=model._meta.db_table,
        columns=columns,
        types=tuple(_type_of(f) for f in fields),
        nullable=frozenset(str(f.column) for f in fields if f.null),
        index={column: position for position, column in enumerate(columns)},
    )


def _type_of(column: models.Field) -> str:  # type: ignore[type-arg]
    target = column.target_field if isinstance(column, models.ForeignKey) else column
    return next(name for kind, name in _TYPES if isinstance(target, kind))
