"""The documents of `mongoexport`, each from its text."""

import json
from collections.abc import Iterator
from typing import Any

import bson

from migrate_mongo.extended_json import CODEC
from migrate_mongo.sources.base import Notice
from migrate_mongo.sources.extended_values import (
    CONVERSIONS,
    Bare,
    Exact,
    Pairs,
    encoded,
    finite,
    of_pairs,
)
from migrate_mongo.sources.frames import MAX_DOCUMENT

RELAXED_NUMBER = "relaxed_number"
SAMPLES = 100


class DocumentError(ValueError):
    """JSON that is no document of MongoDB; `end` is where it ends."""

    def __init__(self, message: str, end: int) -> None:
        super().__init__(message)
        self.end = end


class DocumentDecoder:
    """Notes in `relaxed`, by path and kind, what the JSON did not say."""

    def __init__(self) -> None:
        self.relaxed: dict[tuple[str, str], Notice] = {}
        self._has_bare = False
        self._has_unusual = False
        self._json = json.JSONDecoder(
            object_pairs_hook=self._object, parse_int=self._integer, parse_float=finite, strict=True
        )
        self._any_json = json.JSONDecoder(object_pairs_hook=lambda pairs: None, parse_int=str, parse_float=str)

    def decode(self, text: str, start: int) -> tuple[bytes, int]:
        """The BSON of the document that begins at `start`, and where it ends.

        Raises JSONDecodeError for what is no JSON, or not all of it, RecursionError for what is nested too deep,
        and DocumentError.
        """
        self._has_bare = self._has_unusual = False
        try:
            value, end = self._json.raw_decode(text, start)
            raw = self._bson(value)
            if self._has_bare:
                self._note(value)
        except json.JSONDecodeError:
            raise
        except UnicodeEncodeError as error:
            raise DocumentError("it has text that is not UTF-8", self._end(text, start)) from error
        except (TypeError, ValueError, ArithmeticError, bson.errors.BSONError) as error:
            raise DocumentError(str(error), self._end(text, start)) from error
        return raw, end

    def _end(self, text: str, start: int) -> int:
        return self._any_json.raw_decode(text, start)[1]

    def _integer(self, text: str) -> int | float:
        number = int(text)
        if text == "-0" or not -(2**63) <= number < 2**63:
            return finite(text)  # nothing but a double is written so
        self._has_bare = True
        return Bare(number)

    def _object(self, pairs: list[tuple[str, Any]]) -> Any:
        if len(pairs) == 1:
            key, value = pairs[0]
            convert = CONVERSIONS.get(key)
            if convert is None:
                return {key: value}
            found = convert(value)
        else:
            found = of_pairs(pairs)
        if isinstance(found, Exact | Pairs):
            self._has_unusual = True
        return found

    def _bson(self, value: Any) -> bytes:
        if not isinstance(value, dict | Pairs):
            raise TypeError("it is a value, not a document")
        if self._has_unusual or isinstance(value, Pairs):
            raw = encoded(value)
        elif "_id" not in value or next(iter(value)) == "_id":
            raw = bson.encode(value, codec_options=CODEC)
        else:
            raw = bson.encode({"": value}, codec_options=CODEC)[6:-1]  # at the top, PyMongo moves `_id` to the front
        if len(raw) > MAX_DOCUMENT:
            raise ValueError(f"it has {len(raw):,} bytes as BSON, more than any document of MongoDB")
        return raw

    def _note(self, value: Any) -> None:
        document = dict(value.items) if isinstance(value, Pairs) else value
        for path in _bare_paths(value, ""):
            notice = self.relaxed.setdefault((path, RELAXED_NUMBER), Notice())
            notice.count += 1
            if len(notice.samples) < SAMPLES:
                notice.samples.add(str(document.get("_id")))


def _bare_paths(value: Any, path: str) -> Iterator[str]:
    if isinstance(value, Bare):
        yield path
    elif isinstance(value, dict | Pairs):
        for key, element in value.items() if isinstance(value, dict) else value.items:
            yield from _bare_paths(element, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for element in value:
            yield from _bare_paths(element, f"{path}[]")
