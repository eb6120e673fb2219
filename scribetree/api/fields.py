"""Values on the wire: what is taken is cast as the original's ODM cast it, what is given has the original's form.

`messages` of a field are the contract's own texts, by `required`, `null`, `blank`, `max_length` and so on; they are
shown as they are. Lengths are in UTF-16 units, as JavaScript counts.
"""

import math
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from uuid import UUID

from rest_framework import serializers

from scribetree.api.errors import verbatim
from scribetree.fields import truncate_to_milliseconds
from scribetree.object_id import parse_id, uuid_to_hex
from scribetree.text_metrics import trim, utf16_length

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TRUE = (True, 1, "true", "1", "yes")
_FALSE = (False, 0, "false", "0", "no")
_decimal = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.ASCII | re.IGNORECASE).fullmatch


class WireField(serializers.Field):
    default_error_messages = {"type": "has the wrong type"}

    def __init__(self, *, messages: Mapping[str, str] | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.error_messages |= messages or {}
        self._verbatim = frozenset(messages or ())

    def fail(self, key: str, **kwargs: Any) -> None:
        if key in self._verbatim:
            text = self.error_messages[key].format(**kwargs)
            raise serializers.ValidationError([verbatim(text)])
        super().fail(key, **kwargs)

    def to_representation(self, value: Any) -> Any:
        return value


class Text(WireField):
    """`trim` takes JavaScript's whitespace off both ends. `strict` refuses what is not text to begin with."""

    default_error_messages = {
        "type": "must be text",
        "nul": "must not contain the character U+0000",
        "blank": "must not be blank",
        "max_length": "is longer than {limit} characters",
        "min_length": "is shorter than {limit} characters",
        "choice": "`{value}` is not one of {choices}",
    }

    def __init__(
        self,
        *,
        trim: bool = False,
        blank: bool = True,
        min_length: int = 0,
        max_length: int | None = None,
        choices: Any = None,
        strict: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.trim, self.blank, self.strict = trim, blank, strict
        self.min_length, self.max_length = min_length, max_length
        self.choices = None if choices is None else tuple(getattr(choices, "values", choices))

    def to_internal_value(self, data: Any) -> str:
        text = self._cast(data)
        if "\0" in text:
            self.fail("nul")
        if self.trim:
            text = trim(text)
        if not text and not self.blank:
            self.fail("blank")
        if self.min_length and utf16_length(text) < self.min_length:
            self.fail("min_length", limit=self.min_length)
        if self.max_length is not None and utf16_length(text) > self.max_length:
            self.fail("max_length", limit=self.max_length)
        if self.choices is not None and text not in self.choices:
            self.fail("choice", value=text, choices=", ".join(self.choices))
        return text

    def _cast(self, data: Any) -> str:
        if isinstance(data, str):
            return data
        if self.strict or not isinstance(data, bool | int | float):
            self.fail("type")
        if isinstance(data, bool):
            return "true" if data else "false"
        return str(int(data)) if isinstance(data, float) and data.is_integer() else str(data)


class Tag(Text):
    """Lower-cased, as tags are stored."""

    def to_internal_value(self, data: Any) -> str:
        return super().to_internal_value(data).lower()


class Number(WireField):
    """A finite number; `whole` allows no fraction."""

    default_error_messages = {
        "type": "must be a number",
        "whole": "must be a whole number",
        "min_value": "must be at least {limit}",
        "max_value": "must be at most {limit}",
    }

    def __init__(
        self, *, whole: bool = False, min_value: float | None = None, max_value: float | None = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.whole, self.min_value, self.max_value = whole, min_value, max_value

    def to_internal_value(self, data: Any) -> int | float:
        number = self._cast(data)
        if not _is_finite(number):
            self.fail("type")
        if float(number).is_integer():
            number = int(number) if abs(number) < 2**53 else float(number)  # a double, as it was in JavaScript
        elif self.whole:
            self.fail("whole")
        if self.min_value is not None and number < self.min_value:
            self.fail("min_value", limit=self.min_value)
        if self.max_value is not None and number > self.max_value:
            self.fail("max_value", limit=self.max_value)
        return number

    def _cast(self, data: Any) -> int | float:
        if isinstance(data, int | float):  # a boolean counts as 0 or 1
            return data
        if isinstance(data, str) and _decimal(trim(data)):
            return float(trim(data))
        self.fail("type")
        raise AssertionError


def _is_finite(number: float) -> bool:
    try:
        return math.isfinite(number)
    except OverflowError:  # a whole number that no double can hold
        return False


class Flag(WireField):
    default_error_messages = {"type": "must be true or false"}

    def to_internal_value(self, data: Any) -> bool:
        if isinstance(data, bool | int | str):
            if data in _TRUE:
                return True
            if data in _FALSE:
                return False
        self.fail("type")
        raise AssertionError


class Id(WireField):
    """24 hex digits out; either spelling in. What has neither is None inside, like an id that nothing has."""

    def to_internal_value(self, data: Any) -> UUID | None:
        return parse_id(data)

    def to_representation(self, value: UUID) -> str:
        return uuid_to_hex(value)


class IdList(WireField):
    def to_representation(self, value: Iterable[UUID]) -> list[str]:
        return [uuid_to_hex(key) for key in value]


class Date(WireField):
    """Milliseconds and `Z` out. In: what `new Date` reads of ISO 8601 and RFC 2822, and milliseconds since 1970."""

    default_error_messages = {"type": "is not a date"}

    def to_internal_value(self, data: Any) -> datetime:
        moment = parse_date(data)
        if moment is None:
            self.fail("type")
        return moment  # type: ignore[return-value]

    def to_representation(self, value: datetime) -> str:
        return wire_date(value)


def wire_date(moment: datetime) -> str:
    text = moment.isoformat(timespec="milliseconds")
    if not text.endswith("+00:00"):
        text = moment.astimezone(UTC).isoformat(timespec="milliseconds")
    return text[:-6] + "Z"


def parse_date(data: Any) -> datetime | None:
    """None for what is no date. Without an offset it is in UTC."""
    try:
        if isinstance(data, int | float) and not isinstance(data, bool):
            return EPOCH + timedelta(milliseconds=int(data))
        if not isinstance(data, str):
            return None
        try:
            moment = datetime.fromisoformat(trim(data))
        except ValueError:
            moment = parsedate_to_datetime(data)
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
        return truncate_to_milliseconds(moment)
    except (ValueError, OverflowError, TypeError):
        return None


class Shaped(WireField):
    """`shape`, a serializer or another field, describes the value in the schema."""

    def __init__(self, *, shape: serializers.Field | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.shape = shape


class Json(Shaped):
    """A value that is on the wire as it is in the database."""

    def to_internal_value(self, data: Any) -> Any:
        return data


class TextList(WireField):
    """Text in a list."""

    default_error_messages = {"type": "must be a list"}

    def __init__(self, *, element: Text | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.element = element or Text()

    def to_internal_value(self, data: Any) -> list[str]:
        if not isinstance(data, list):
            self.fail("type")
        values, complaints = [], {}
        for index, element in enumerate(data):
            try:
                values.append(self.element.run_validation(element))
            except serializers.ValidationError as error:
                complaints[str(index)] = error.detail
        if complaints:
            raise serializers.ValidationError(complaints)
        return values
