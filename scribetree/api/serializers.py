"""The base of serializers that write JSON, at the least cost for each row."""

from collections.abc import Callable
from typing import Any

from rest_framework import serializers

from scribetree.api.fields import Date, Id, WireField, wire_date
from scribetree.object_id import uuid_to_hex

Writer = Callable[[Any], Any]


class WireSerializer(serializers.Serializer):
    """A field whose value is None is absent from the answer, unless it has `allow_null`.

    `source="*"` gives a field the whole row.
    """

    @classmethod
    def writer(cls) -> Writer:
        """A function with a line for each field, made once: going through the fields costs twice as much for a row."""
        if "_writer" not in cls.__dict__:
            lines, names = ["def write(row):", " wire = {}"], {}
            for name, field in cls().fields.items():
                if field.write_only:
                    continue
                value = "row" if field.source == "*" else f"row.{'id' if field.source == 'pk' else field.source}"
                names[f"write_{name}"] = write = _writer_of(field)
                lines += [
                    f" value = {value}",
                    " if value is not None:",
                    f"  wire[{name!r}] = {f'write_{name}(value)' if write else 'value'}",
                    *([" else:", f"  wire[{name!r}] = None"] if field.allow_null else ()),
                ]
            exec("\n".join([*lines, " return wire"]), names)  # noqa: S102 made of names of fields
            cls._writer = staticmethod(names["write"])
        return cls._writer

    def to_representation(self, instance: Any) -> dict[str, Any]:
        return self.writer()(instance)

    @property
    def data(self) -> dict[str, Any]:
        return self.to_representation(self.instance)


def _writer_of(field: serializers.Field) -> Writer | None:
    """None for a value that is on the wire as it is."""
    represent = type(field).to_representation
    if represent is WireField.to_representation:
        return None
    if represent is Id.to_representation:
        return uuid_to_hex
    if represent is Date.to_representation:
        return wire_date
    if represent is WireSerializer.to_representation:
        return field.writer()
    if isinstance(field, serializers.ListSerializer) and (write := _writer_of(field.child)):
        return lambda rows: [write(row) for row in rows]
    return field.to_representation
