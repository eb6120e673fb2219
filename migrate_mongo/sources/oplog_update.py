"""What an update in MongoDB's oplog does to a document.

As the server does it: `$v: 2` in src/mongo/db/update/document_diff_applier.cpp, `$v: 1` in modifier_node.cpp and
unset_node.cpp beside it. Replaying starts from a state that may already be a later one: what does not fit any more
is put right by an operation that is still to come, so it is no error. Elements that an update does not name pass as
the bytes they are.
"""

from collections.abc import Iterable
from struct import unpack

from migrate_mongo.sources.raw_bson import ARRAY, DOCUMENT, NULL, Element, document, elements

_MAX_LENGTH = 1_500_000  # servers fill no array up beyond that
_NUMBERS = {0x01: "<d", 0x10: "<i", 0x12: "<q"}
_MODIFIERS = {b"$v", b"$set", b"$unset"}


class UnknownUpdateError(ValueError):
    """The update says something that servers write for no application's collection."""


def updated(raw: bytes, update: bytes) -> bytes:
    """The document after the update. Raises UnknownUpdateError, and BsonError when one of them is no BSON."""
    said = {part.name: part for part in elements(update)}
    if b"_id" in said:  # asked first, as a document may have a field `$v` of its own
        return update
    version = said.get(b"$v")
    if version is not None and _integer(version) == 2:
        diff = said.get(b"diff")
        if diff is None or diff.type != DOCUMENT:
            raise UnknownUpdateError("an update without a diff")
        return document(_with_diff(elements(raw), diff.value))
    if any(name.startswith(b"$") for name in said):
        return document(_with_modifiers(elements(raw), said))
    return document([*(part for part in elements(raw) if part.name == b"_id"), *said.values()])


def _integer(element: Element) -> int:
    number: int | float = unpack(_NUMBERS[element.type], element.value)[0] if element.type in _NUMBERS else 0.5
    if not float(number).is_integer():
        raise UnknownUpdateError(f"{_shown(element)} that is no integer")
    return int(number)


def _index(name: bytes) -> int | None:
    """Which element of an array has that name; none has a longer one."""
    return int(name) if name.isdigit() and len(name) < 10 else None


def _shown(element: Element) -> str:
    return repr(element.name.decode(errors="replace"))


def _with_diff(parts: list[Element], diff: bytes) -> list[Element]:
    dropped: set[bytes] = set()
    changed: dict[bytes, Element] = {}
    inserted: dict[bytes, Element] = {}
    inner: dict[bytes, bytes] = {}
    for section in elements(diff):
        if section.name == b"d":
            dropped = {part.name for part in elements(section.value)}
        elif section.name == b"u":
            changed = {part.name: part for part in elements(section.value)}
        elif section.name == b"i":
            inserted = {part.name: part for part in elements(section.value)}
        elif section.name.startswith(b"s"):
            inner[section.name[1:]] = section.value
        else:  # `b` patches the columns of a time series
            raise UnknownUpdateError(f"a diff with {_shown(section)}")
    found = []
    for part in parts:
        if part.name in inner:
            found.append(_patched(part, inner[part.name]))
        elif part.name not in dropped and part.name not in inserted:
            found.append(changed.get(part.name, part))
    there = {part.name for part in parts}
    found += (part for part in changed.values() if part.name not in there)
    return [*found, *inserted.values()]


def _patched(part: Element, diff: bytes) -> Element:
    """The element with the changes inside it; null when it is no container of that kind."""
    changes = elements(diff)
    is_array = bool(changes) and changes[0].name == b"a"
    if part.type == ARRAY and is_array:
        return part._replace(value=document(_with_array_diff(elements(part.value), changes)))
    if part.type == DOCUMENT and not is_array:
        return part._replace(value=document(_with_diff(elements(part.value), diff)))
    return Element(NULL, part.name, b"")


def _with_array_diff(parts: list[Element], changes: list[Element]) -> list[Element]:
    length = None
    changed: dict[int, Element] = {}
    for change in changes[1:]:
        if change.name == b"l":
            length = _integer(change)
        elif change.name[:1] in (b"u", b"s") and (index := _index(change.name[1:])) is not None:
            changed[index] = change
        else:
            raise UnknownUpdateError(f"a diff of an array with {_shown(change)}")
    if length is None:
        length = max([len(parts), *(index + 1 for index in changed)])
    if not 0 <= length <= _MAX_LENGTH:
        raise UnknownUpdateError(f"a diff of an array of {length:,} elements")
    found = [*parts[:length], *(Element(NULL, b"", b"") for _ in range(length - len(parts)))]
    for index, change in changed.items():
        if index >= length:
            raise UnknownUpdateError(f"a diff of element {index:,} in an array of {length:,} elements")
        if change.name.startswith(b"u"):
            found[index] = change
        else:
            found[index] = _patched(found[index], change.value)
    return _numbered(found)


def _numbered(parts: Iterable[Element]) -> list[Element]:
    return [part._replace(name=str(index).encode()) for index, part in enumerate(parts)]


def _with_modifiers(parts: list[Element], said: dict[bytes, Element]) -> list[Element]:
    unknown = said.keys() - _MODIFIERS
    if unknown:
        raise UnknownUpdateError(f"an update with {_shown(said[min(unknown)])}")
    for modifier in (b"$set", b"$unset"):
        for change in elements(said[modifier].value) if modifier in said else ():
            value = change if modifier == b"$set" else None
            parts = _with_path(parts, change.name.split(b"."), value, in_array=False)
    return parts


def _with_path(parts: list[Element], path: list[bytes], value: Element | None, *, in_array: bool) -> list[Element]:
    """The container's elements with the value at the path, or without it; unchanged when the path leads nowhere."""
    name, *inner = path
    if in_array:
        index = _index(name)
        place = index if index is not None and index < len(parts) else None
    else:
        place = next((index for index, part in enumerate(parts) if part.name == name), None)
    if place is None:
        return parts if value is None else _with_new(parts, path, value, in_array=in_array)
    part = parts[place]
    if inner and part.type in (DOCUMENT, ARRAY):
        deeper = _with_path(elements(part.value), inner, value, in_array=part.type == ARRAY)
        changed = [part._replace(value=document(deeper))]
    elif inner:
        return parts
    elif value is not None:
        changed = [value._replace(name=part.name)]
    else:
        changed = [Element(NULL, part.name, b"")] if in_array else []
    return [*parts[:place], *changed, *parts[place + 1 :]]


def _with_new(parts: list[Element], path: list[bytes], value: Element, *, in_array: bool) -> list[Element]:
    name, *inner = path
    for key in reversed(inner):
        value = Element(DOCUMENT, b"", document([value._replace(name=key)]))
    if not in_array:
        return [*parts, value._replace(name=name)]
    index = _index(name)
    if index is None or index >= _MAX_LENGTH:
        return parts
    gap = (Element(NULL, b"", b"") for _ in range(index - len(parts)))
    return _numbered([*parts, *gap, value])
