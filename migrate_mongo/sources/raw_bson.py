"""Documents as the bytes of their elements, which can be moved without being understood.

https://bsonspec.org/spec.html
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

STRING = 0x02
DOCUMENT = 0x03
ARRAY = 0x04
BINARY = 0x05
UNDEFINED = 0x06
OBJECT_ID = 0x07
BOOLEAN = 0x08
NULL = 0x0A
REGEX = 0x0B
DB_POINTER = 0x0C
CODE_WITH_SCOPE = 0x0F
SYMBOL = 0x0E
TIMESTAMP = 0x11

_FIXED = {
    0x01: 8,
    UNDEFINED: 0,
    OBJECT_ID: 12,
    BOOLEAN: 1,
    0x09: 8,
    NULL: 0,
    0x10: 4,
    TIMESTAMP: 8,
    0x12: 8,
    0x13: 16,
    0x7F: 0,
    0xFF: 0,
}
# What the size in front of a value does not count, itself included.
_PREFIXED = {
    STRING: 4,
    DOCUMENT: 0,
    ARRAY: 0,
    BINARY: 5,
    DB_POINTER: 16,
    0x0D: 4,
    SYMBOL: 4,
    CODE_WITH_SCOPE: 0,
}


class BsonError(ValueError):
    """The bytes are no document; the message says where."""


class Element(NamedTuple):
    """`value` are the bytes behind the name."""

    type: int
    name: bytes
    value: bytes


def elements(raw: bytes) -> list[Element]:
    """Raises BsonError."""
    return [Element(kind, name, raw[start:end]) for kind, name, start, end in places(raw)]


def places(raw: bytes) -> Iterator[tuple[int, bytes, int, int]]:
    """Type and name of each element, and where its value begins and ends. Raises BsonError."""
    last = len(raw) - 1
    if last < 4 or int.from_bytes(raw[:4], "little") != len(raw) or raw[last]:
        raise BsonError(f"{len(raw):,} bytes are not a document of that size")
    at = 4
    while at < last:
        start = raw.find(b"\0", at + 1, last) + 1
        if not start:
            raise BsonError(f"the name of the element at byte {at:,} has no end")
        end = _end(raw, raw[at], start)
        if not start <= end <= last:
            raise BsonError(f"the value at byte {start:,} is longer than the document")
        yield raw[at], raw[at + 1 : start - 1], start, end
        at = end


def document(parts: Iterable[Element]) -> bytes:
    body = b"".join(b"%c%s\0%s" % part for part in parts)
    return (len(body) + 5).to_bytes(4, "little") + body + b"\0"


def id_of(raw: bytes) -> bytes | None:
    """Type and value of `_id`; None when there is none, or what is in front of it is no BSON."""
    if raw[4:9] == b"\x07_id\0":
        return raw[4:5] + raw[9:21]
    try:
        for kind, name, start, end in places(raw):
            if name == b"_id":
                return bytes([kind]) + raw[start:end]
    except BsonError:
        pass
    return None


def text_of(element: Element) -> str:
    """Raises BsonError when the element is no text."""
    if element.type != STRING:
        raise BsonError(f"{element.name.decode(errors='replace')} is no text")
    return element.value[4:-1].decode(errors="replace")


def string(text: str) -> bytes:
    """The value of a string. Raises UnicodeEncodeError."""
    data = text.encode()
    return (len(data) + 1).to_bytes(4, "little") + data + b"\0"


def _end(raw: bytes, kind: int, start: int) -> int:
    if kind in _FIXED:
        return start + _FIXED[kind]
    if kind in _PREFIXED:
        return start + _PREFIXED[kind] + int.from_bytes(raw[start : start + 4], "little", signed=True)
    if kind == REGEX:
        options = raw.find(b"\0", start) + 1
        return (raw.find(b"\0", options) + 1) if options else 0
    raise BsonError(f"the value at byte {start:,} is of an unknown type, {kind:02x}")
