"""What the mapping of one document has to say beside its rows: originals, absences, findings, links."""

from collections.abc import Collection
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from bson import Binary, ObjectId

from migrate_mongo.exceptions import Rejected
from migrate_mongo.extended_json import MAX_DEPTH, canonical, depth, from_extended_json
from migrate_mongo.tables import Row

Path = tuple[str | int, ...]


class Missing(Enum):
    """What becomes of a reference whose target does not exist."""

    REJECT = "the document is rejected"
    NULL = "NULL"
    DROP = "no row"
    TELL = "stays, a finding"


@dataclass(slots=True)
class Link:
    """A reference to be looked up; `columns` says which column of `row` holds it for each table it may lead to.

    `original` is what the document holds, where that is not the id and no note has it yet.
    """

    path: Path
    object_id: ObjectId
    columns: dict[str, int | None]
    missing: Missing
    row: Row | None = None
    original: Any = None


@dataclass(slots=True)
class Notes:
    """Paths are relative to the row's part of the document; `prefix` leads to it.

    `moment`, in ms, stands in for dates that the original made up at each read; `born` for a missing `createdAt`.
    A finding of a kind that is `refused` rejects the document. `raw` is the document's BSON, where decoding alone
    changes it.
    """

    moment: int
    born: int
    prefix: Path = ()
    refused: frozenset[str] = frozenset()
    originals: dict[Path, Any] = field(default_factory=dict)
    absent: list[Path] = field(default_factory=list)
    findings: list[tuple[str, str]] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    raw: bytes | None = None

    def find(self, kind: str, path: Path) -> None:
        self.findings.append((dotted(self.prefix + path), kind))

    def keep(self, kind: str, path: Path, original: Any) -> None:
        """The value cannot stand in its column as it is; the original goes into `extra`."""
        refuse_deep(original, self.prefix + path)
        if kind in self.refused:
            place = dotted(self.prefix + path)
            raise Rejected(kind, place, f"{place} would be loaded with a change ({kind}), which the options refuse")
        self.originals[path] = original
        self.find(kind, path)

    def miss(self, kind: str, path: Path) -> None:
        """The path is absent, and its column got a value that no default explains."""
        self.absent.append(path)
        self.find(kind, path)

    def extra(self) -> dict[str, Any] | None:
        """The value of the `extra` column."""
        extra: dict[str, Any] = {}
        if self.originals:
            extra["original"] = {pointer(path): canonical(value) for path, value in self.originals.items()}
        if self.absent:
            extra["absent"] = [pointer(path) for path in self.absent]
        if self.raw is not None:
            extra["bson"] = canonical(Binary(self.raw))
        return extra or None


def refuse_deep(value: Any, path: Path) -> None:
    """Raises Rejected for what is nested too deep to be walked through again."""
    if isinstance(value, dict | list) and depth(value) > MAX_DEPTH:
        raise Rejected("too_deep", dotted(path), f"{dotted(path)} is nested deeper than {MAX_DEPTH} levels")


def restore(document: dict[str, Any], extra: dict[str, Any] | None, lists: Collection[str] = ()) -> None:
    """Puts the originals and absences of `extra` back; elements of `lists` have been, by `with_originals`."""
    if not extra:
        return
    originals = extra.get("original", {})
    for path in extra.get("absent", ()):
        *parents, key = parsed(path)
        container = _container(document, parents)
        if isinstance(container, dict):
            container.pop(key, None)
    for path, value in originals.items():
        *parents, key = parsed(path)
        if (parents and parents[0] in lists) or _is_inside(path, originals):
            continue  # a whole that is restored brings its parts with it
        container = _container(document, parents)
        if isinstance(container, dict):
            container[key] = from_extended_json(value)
        elif isinstance(container, list) and key.isdigit() and int(key) < len(container):
            container[int(key)] = from_extended_json(value)


def _is_inside(path: str, others: Collection[str]) -> bool:
    return any(path[:end] in others for end, character in enumerate(path) if character == "/")


def with_originals(source: str, rows: list[tuple[Any, Any]], extra: dict[str, Any] | None) -> list[Any]:
    """The elements of a list that became rows, and between them those that did not, kept in `extra`."""
    return [value for _, value in in_order(source, rows, extra)]


def in_order(source: str, rows: list[tuple[Any, Any]], extra: dict[str, Any] | None) -> list[tuple[str, Any]]:
    """The same, each with its path in `extra`, empty for what became a row. Rows are given in order of time.

    An import gives each place once: rows at one that is taken have been made since, and stand at the end.
    """
    elements: list[tuple[bool, int, str, Any]] = []
    for path, value in (extra or {}).get("original", {}).items():
        name, _, index = path.partition("/")
        if name == source and index:
            elements.append((False, int(index), path, from_extended_json(value)))
    taken = {place for _, place, *_ in elements}
    for place, value in rows:
        elements.append((place in taken, place, "", value))
        taken.add(place)
    return [(path, value) for *_, path, value in sorted(elements, key=lambda element: element[:2])]


def _container(document: Any, parents: list[str]) -> Any:
    for key in parents:
        if isinstance(document, dict):
            document = document.get(key)
        elif isinstance(document, list) and key.isdigit() and int(key) < len(document):
            document = document[int(key)]
        else:
            return None
    return document


def dotted(path: Path) -> str:
    """How people write a path: `comments[].position`."""
    text = ""
    for part in path:
        text += "[]" if isinstance(part, int) else f".{part}" if text else part
    return text


def pointer(path: Path) -> str:
    """JSON Pointer (RFC 6901) without the leading slash."""
    return "/".join(str(part).replace("~", "~0").replace("/", "~1") for part in path)


def parsed(text: str) -> list[str]:
    return [part.replace("~1", "/").replace("~0", "~") for part in text.split("/")]
