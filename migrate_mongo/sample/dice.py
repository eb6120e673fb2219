"""Chance and identity that follow from a seed alone: no clock, no shared random state."""

import hashlib
import struct
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, TypeAlias, TypeVar

from bson import ObjectId

BsonDocument: TypeAlias = dict[str, Any]
T = TypeVar("T")

SECOND = 1000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_INT32 = 2**31
_ID = struct.Struct(">I4sI")


def moment(ms: int) -> datetime:
    return _EPOCH + timedelta(milliseconds=ms)


def ms_of(year: int, month: int, day: int) -> int:
    return int((datetime(year, month, day, tzinfo=UTC) - _EPOCH).total_seconds()) * SECOND


def js_number(value: float) -> float:
    """As the driver stores a JavaScript number: int32 where it is integral and fits, else double."""
    if float(value).is_integer() and -_INT32 <= value < _INT32:
        return int(value)
    return float(value)


class Dice:
    """One independent stream of chance per topic, so that a change to one leaves the others alone."""

    def __init__(self, seed: int, topic: str) -> None:
        self._generator = Random(f"{seed}/{topic}")  # noqa: S311 (has to be repeatable)
        self.random = self._generator.random

    def below(self, limit: int) -> int:
        return int(self.random() * limit)

    def between(self, low: int, high: int) -> int:
        return low + int(self.random() * (high - low + 1))

    def chance(self, probability: float) -> bool:
        return self.random() < probability

    def pick(self, items: Sequence[T]) -> T:
        return items[int(self.random() * len(items))]

    def some(self, items: Sequence[T], count: int) -> list[T]:
        return self._generator.sample(items, min(count, len(items)))


class ObjectIds:
    """Ids as a client makes them: seconds, machine, counter."""

    def __init__(self, seed: int) -> None:
        self._machine = hashlib.sha256(f"machine {seed}".encode()).digest()[:4]
        self._count = 0

    def at(self, ms: int) -> ObjectId:
        self._count += 1
        return ObjectId(_ID.pack(ms // SECOND, self._machine, self._count))
