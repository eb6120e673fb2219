"""Pure value converters."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from bson import ObjectId
from bson.datetime_ms import DatetimeMS
from bson.decimal128 import Decimal128

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)

# What both PostgreSQL and Python can say: years 1 to 9999.
MIN_MS = (datetime(1, 1, 1, tzinfo=UTC) - EPOCH) // _MILLISECOND
MAX_MS = (datetime(9999, 12, 31, 23, 59, 59, 999000, tzinfo=UTC) - EPOCH) // _MILLISECOND


def ms_to_datetime(moment: int) -> datetime:
    return EPOCH + timedelta(milliseconds=moment)


def datetime_to_ms(moment: datetime) -> int:
    return (moment - EPOCH) // _MILLISECOND


def ms_to_iso(moment: int) -> str:
    """As JavaScript's `toISOString`, for years 1 to 9999."""
    return (EPOCH + timedelta(milliseconds=moment)).isoformat(timespec="milliseconds")[:-6] + "Z"


def iso_to_ms(text: str) -> int:
    return datetime_to_ms(datetime.fromisoformat(text))


# The casts of the original's ODM, for values of the wrong type; None where it had none.


def cast_text(value: Any) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | ObjectId):
        return str(value)
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else str(value)
    return None


def cast_number(value: Any) -> int | float | None:
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, Decimal128):
        value = str(value)
    if isinstance(value, str) and re.fullmatch(r"\s*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?\s*", value):
        number = float(value)
        return int(number) if number.is_integer() and abs(number) < 2**53 else number
    return int(value) if isinstance(value, DatetimeMS) else None


def cast_bool(value: Any) -> bool | None:
    if value in ("true", "1", "yes") or (isinstance(value, int | float) and value == 1):
        return True
    if value in ("false", "0", "no") or (isinstance(value, int | float) and value == 0):
        return False
    return None


def cast_ms(value: Any) -> DatetimeMS | None:
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= 8.64e15:
        return DatetimeMS(int(value))
    if isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            return None
        return DatetimeMS(datetime_to_ms(moment if moment.tzinfo else moment.replace(tzinfo=UTC)))
    return None


def cast_object_id(value: Any) -> ObjectId | None:
    return ObjectId(value) if isinstance(value, str) and re.fullmatch("[0-9a-fA-F]{24}", value) else None
