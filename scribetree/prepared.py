"""Querysets whose SQL is made once, for what is asked for often: making it takes longer than running it."""

import copy
import inspect
from collections.abc import Callable
from functools import cached_property
from types import SimpleNamespace
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.db import connection
from django.db.models import Model, QuerySet, prefetch_related_objects
from django.db.models.query import ModelIterable

from scribetree.object_id import new_id

M = TypeVar("M", bound=Model)


class Prepared(Generic[M]):
    """`make` takes ids and gives a queryset that differs in nothing else; it may join and prefetch others."""

    def __init__(self, make: Callable[..., QuerySet[M]]) -> None:
        self.make = make

    def all(self, *ids: UUID) -> list[M]:
        rows, compiler, sql, values = self._compiled
        parameters = tuple(ids[value] if isinstance(value, _Place) else value for value in values)
        again = copy.copy(compiler)  # it knows which columns make which object; the connection is each thread's own
        again.connection = connection
        again.as_sql = lambda *args, **kwargs: (sql, parameters)
        query = SimpleNamespace(get_compiler=lambda using: again)
        asked = SimpleNamespace(db=connection.alias, query=query, _known_related_objects={}, model=rows.model)
        found = list(ModelIterable(asked))
        prefetch_related_objects(found, *rows._prefetch_related_lookups)
        return found

    def first(self, *ids: UUID) -> M | None:
        return next(iter(self.all(*ids)), None)

    @cached_property
    def _compiled(self) -> tuple[QuerySet[M], Any, str, list[object]]:
        stand_ins = [new_id() for _ in inspect.signature(self.make).parameters]
        places = {stand_in: _Place(place) for place, stand_in in enumerate(stand_ins)}
        rows = self.make(*stand_ins)
        compiler = rows.query.get_compiler(rows.db)
        sql, values = compiler.as_sql()
        return rows, compiler, sql, [places.get(value, value) if isinstance(value, UUID) else value for value in values]


class _Place(int):
    """Which of the ids stands here."""
