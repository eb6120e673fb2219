"""A document as people read it: Extended JSON, line by line, with the places of a path marked."""

import json
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from migrate_mongo.decoding import Undecodable, decode
from migrate_mongo.extended_json import text

SECRET = "password"  # noqa: S105 (what is never shown of a user, wherever it stands)
HIDDEN = "(not shown)"
DUMPED_BYTES = 4096
MAX_LEVELS = 50

Steps = tuple[str | int, ...]
Suspect = Callable[[Any], bool]


class Line(NamedTuple):
    text: str
    is_marked: bool = False


def lines_of(
    collection: str, raw: bytes, paths: list[str], suspect: Suspect | None = None, width: int | None = None
) -> Iterator[Line]:
    """Of several places that a path has, as in a list, those are marked that hold what is suspect, if any does.

    Where the path leads nowhere, what it leaves is marked. Values longer than `width` are cut. Bytes that are no
    document are dumped, but not a user's, which may hold the password.
    """
    try:
        document = decode(raw)
    except Undecodable as error:
        yield Line(f"{error}; {len(raw):,} bytes")
        if collection == "users":
            yield Line("not shown: a password may be among them")
        else:
            yield from map(Line, hex_dump(raw))
        return
    if collection == "users":
        document = _without_secrets(document)
    marked = {steps[:MAX_LEVELS] for path in paths for steps in _places(document, path, suspect)}
    yield from _lines(document, (), ("", ""), marked, width)


def hex_dump(data: bytes) -> Iterator[str]:
    for start in range(0, min(len(data), DUMPED_BYTES), 16):
        line = data[start : start + 16]
        characters = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in line)
        yield f"{start:06x}  {line.hex(' '):47}  {characters}"
    if len(data) > DUMPED_BYTES:
        yield f"… and {len(data) - DUMPED_BYTES:,} bytes more"


def _without_secrets(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: HIDDEN if key.lower() == SECRET and element is not None else _without_secrets(element)
            for key, element in value.items()
        }
    return [_without_secrets(element) for element in value] if isinstance(value, list) else value


def _places(document: Any, path: str, suspect: Suspect | None) -> list[Steps]:
    """Where a path leads, written as findings have it: `a.b[].c`. Keys may have dots in them."""
    ends = list(_walk(document, path, ()))
    nearest = min(len(rest) for _, rest, _ in ends)
    found = [(steps, value) for steps, rest, value in ends if len(rest) == nearest]
    suspects = [steps for steps, value in found if suspect and suspect(value)]
    return suspects or [steps for steps, _ in found]


def _walk(value: Any, rest: str, steps: Steps) -> Iterator[tuple[Steps, str, Any]]:
    """Every place that the path reaches, with what is left of it there."""
    following: list[tuple[str | int, Any, str]] = []
    if isinstance(value, list) and rest.startswith("[]"):
        following = [(index, element, rest[2:]) for index, element in enumerate(value)]
    elif isinstance(value, dict) and rest:
        following = [(key, element, rest[len(key) :]) for key, element in value.items() if rest.startswith(key)]
        following = [(key, element, left) for key, element, left in following if not left or left[0] in ".["]
    if not following:
        yield steps, rest, value
    for step, element, left in following:
        yield from _walk(element, left.removeprefix("."), (*steps, step))


def _lines(value: Any, steps: Steps, around: tuple[str, str], marked: set[Steps], width: int | None) -> Iterator[Line]:
    """`around` is what stands before and behind the value on its lines."""
    before, behind = "  " * len(steps) + around[0], around[1]
    if not isinstance(value, dict | list) or not value:
        yield Line(f"{before}{_cut(text(value), width)}{behind}", steps in marked)
        return
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    if len(steps) == MAX_LEVELS:
        yield Line(f"{before}{opening}… nested deeper …{closing}{behind}", steps in marked)
        return
    yield Line(before + opening, steps in marked)
    entries = value.items() if isinstance(value, dict) else enumerate(value)
    for number, (key, element) in enumerate(entries, 1):
        name = f"{json.dumps(key, ensure_ascii=False)}: " if isinstance(key, str) else ""
        inner = (name, "," if number < len(value) else "")
        yield from _lines(element, (*steps, key), inner, marked, width)
    yield Line("  " * len(steps) + closing + behind)


def _cut(value: str, width: int | None) -> str:
    return value if width is None or len(value) <= width else f"{value[:width]}… ({len(value):,} characters)"
