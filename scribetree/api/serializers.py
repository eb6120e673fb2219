"""The base of serializers that write JSON, at the least cost for each row."""

from collections.abc import Callable
from operator import attrgetter
from typing import Any, ClassVar

from rest_framework import serializers

from scribetree.api.fields import WireField

Plan = list[tuple[str, Callable[[Any], Any], Callable[[Any], Any] | None, bool]]


class WireSerializer(serializers.Serializer):
    """A field whose value is None is absent from the answer, unless it has `allow_null`.

    `source="*"` gives a field the whole row.
    """

    _plan: ClassVar[Plan]

    @classmethod
    def plan(cls) -> Plan:
        """Made once for each class: making the fields of a serializer costs more than writing a row with them."""
        if "_plan" not in cls.__dict__:
            cls._plan = [
                (
                    name,
                    _whole if field.source == "*" else attrgetter("id" if field.source == "pk" else field.source),
                    None if type(field).to_representation is WireField.to_representation else field.to_representation,
                    field.allow_null,
                )
                for name, field in cls().fields.items()
                if not field.write_only
            ]
        return cls._plan

    def to_representation(self, instance: Any) -> dict[str, Any]:
        wire: dict[str, Any] = {}
        for name, value_of, represent, nullable in self.plan():
            value = value_of(instance)
            if value is not None:
                wire[name] = value if represent is None else represent(value)
            elif nullable:
                wire[name] = None
        return wire


def _whole(row: Any) -> Any:
    return row
