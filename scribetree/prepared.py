"""Querysets whose SQL is made once, for what every keystroke asks: making it takes longer than running it."""

import inspect
from collections.abc import Callable
from functools import cached_property
from typing import Generic, TypeVar
from uuid import UUID

from django.db.models import Model, QuerySet

from scribetree.object_id import new_id

M = TypeVar("M", bound=Model)


class Prepared(Generic[M]):
    """`make` takes ids and gives a queryset that differs in nothing else. No related rows: raw queries have none."""

    def __init__(self, make: Callable[..., QuerySet[M]]) -> None:
        self.make = make

    def first(self, *ids: UUID) -> M | None:
        model, sql, values = self._compiled
        parameters = [ids[value] if isinstance(value, _Place) else value for value in values]
        return next(iter(model._base_manager.raw(sql, parameters)), None)

    @cached_property
    def _compiled(self) -> tuple[type[M], str, list[object]]:
        stand_ins = [new_id() for _ in inspect.signature(self.make).parameters]
        places = {stand_in: _Place(place) for place, stand_in in enumerate(stand_ins)}
        rows = self.make(*stand_ins)
        sql, values = rows.query.sql_with_params()
        return rows.model, sql, [places.get(value, value) if isinstance(value, UUID) else value for value in values]


class _Place(int):
    """Which of the ids stands here."""
