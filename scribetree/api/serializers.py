"""The base of serializers that write JSON, at the least cost for each row."""

from collections.abc import Callable
from operator import attrgetter
from typing import Any

from django.utils.functional import cached_property
from rest_framework import serializers

from scribetree.api.fields import Json


class WireSerializer(serializers.Serializer):
    """A field whose value is None is absent from the answer, unless it has `allow_null`.

    `source="*"` gives a field the whole row.
    """

    @cached_property
    def _plan(self) -> list[tuple[str, Callable[[Any], Any], Callable[[Any], Any] | None, bool]]:
        return [
            (
                name,
                (lambda row: row) if field.source == "*" else attrgetter(field.source),
                None if isinstance(field, Json) else field.to_representation,
                field.allow_null,
            )
            for name, field in self.fields.items()
            if not field.write_only
        ]

    def to_representation(self, instance: Any) -> dict[str, Any]:
        wire: dict[str, Any] = {}
        for name, value_of, represent, nullable in self._plan:
            value = value_of(instance)
            if value is not None:
                wire[name] = value if represent is None else represent(value)
            elif nullable:
                wire[name] = None
        return wire
