"""What of `extra` still counts for the way back.

Whoever edits an imported row knows nothing of its `extra`. So an original or an absence counts as long as its place
holds what loading it gave; after that, the row has the last word. The proof does not ask this: to it, every
difference is one.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from bson import ObjectId

from migrate_mongo.extended_json import from_extended_json, same
from migrate_mongo.mappings.base import (
    Child,
    ChildRows,
    CollectionMapping,
    Column,
    Document,
    Members,
    Reference,
    RowMapping,
    id_time,
    moment_of,
)
from migrate_mongo.mappings.comments import COMMENT, Comments
from migrate_mongo.mappings.kinds import ABSENT
from migrate_mongo.mappings.notes import Notes, in_order, parsed
from migrate_mongo.tables import Row, Table
from migrate_mongo.transforms import cast_object_id

Present = Mapping[str, frozenset[ObjectId]]  # ids that have a row, by table


def is_noted(mapping: CollectionMapping, row: Row, children: ChildRows) -> bool:
    return bool(row[mapping.table.index["extra"]]) or any(
        child_row[child.table.index["extra"]]
        for child in mapping.children
        for child_row in children.get(child.table.name, ())
    )


def forget_overtaken(mapping: CollectionMapping, row: Row, children: ChildRows, present: Present) -> None:
    """Takes out of `extra`, of these rows in memory, what edits have overtaken.

    Absent dates are derived from others: without a note that is overtaken, another may be so too.
    """
    while overtaken := list(_overtaken(mapping, row, children, present)):
        for noted, table, path in overtaken:
            at = table.index["extra"]
            noted[at] = _without(noted[at], path)


def doubtful(mapping: CollectionMapping, row: Row, children: ChildRows) -> Iterator[tuple[str, ObjectId]]:
    """Ids in originals without a row or column that has them, by table: only whether they are present tells why."""
    yield from _doubtful_references(mapping, row)
    for child in mapping.children:
        rows = children.get(child.table.name, [])
        if isinstance(child, Members):
            for path, value in _originals(row, mapping.table):
                if parsed(path)[0] == child.source and (member := _named(value)) is not None:
                    yield from ((table, member) for table in child.refers_to)
        elif isinstance(child, Comments):
            for comment in rows:
                yield from _doubtful_references(COMMENT, comment)  # whose references are those of replies too


def _doubtful_references(mapping: RowMapping, row: Row) -> Iterator[tuple[str, ObjectId]]:
    references = {entry.source: entry for entry in mapping.columns if isinstance(entry, Reference)}
    for path, value in _originals(row, mapping.table):
        if path in references and (named := _named(value)) is not None:
            yield from ((table, named) for table in references[path].columns)


def _overtaken(
    mapping: CollectionMapping, row: Row, children: ChildRows, present: Present
) -> Iterator[tuple[Row, Table, str]]:
    document = mapping.rebuild(row, children)
    if not isinstance(document["_id"], ObjectId):
        return
    born = id_time(document["_id"])
    notes = Notes(moment_of(document, born), born)
    for path in _overtaken_columns(mapping, row, document, notes, present):
        yield row, mapping.table, path
    for child in mapping.children:
        rows = children.get(child.table.name, [])
        for path in _overtaken_elements(child, rows, row[mapping.table.index["extra"]], document, present):
            yield row, mapping.table, path
        if isinstance(child, Members):
            yield from ((member, child.table, child.source) for member in rows if _is_another(child, member))
        elif isinstance(child, Comments):
            for part in child.noted(rows, notes):
                for path in _overtaken_columns(part.mapping, part.row, part.element, part.notes, present):
                    yield part.row, child.table, path
                given = _given("replies", part.row[child.table.index["extra"]])
                if given is not None and not same(given, part.replies):
                    yield part.row, child.table, "replies"


def _overtaken_columns(
    mapping: RowMapping, row: Row, document: Document, notes: Notes, present: Present
) -> Iterator[str]:
    paths: dict[str, list[tuple[str, list[str]]]] = {}
    for path in _paths(row[mapping.table.index["extra"]]):
        source, *keys = parsed(path)
        paths.setdefault(source, []).append((path, keys))
    for entry in mapping.columns if paths else ():
        if entry.source not in paths:
            continue
        if isinstance(entry, Reference):
            if not _leads_there(entry, row, mapping.table, document.get(entry.source), present):
                yield from (path for path, _ in paths[entry.source])
            continue
        held, loaded = row[mapping.table.index[entry.column]], _loaded(entry, document, notes, mapping.table)
        yield from (path for path, keys in paths[entry.source] if not same(_at(held, keys), _at(loaded, keys)))


def _loaded(column: Column, document: Document, notes: Notes, table: Table) -> Any:
    value = document.get(column.source)
    if value is None:
        return column.filling(document, notes, column.column in table.nullable)
    stored = column.kind.load(value, notes, (column.source,))
    return None if stored is ABSENT else stored


def _leads_there(entry: Reference, row: Row, table: Table, value: Any, present: Present) -> bool:
    """An id that stands there as one, and not in the column, has led nowhere from the beginning."""
    held = next((row[table.index[name]] for name in entry.columns.values() if row[table.index[name]] is not None), None)
    named = _named(value)
    if held is not None or named is None:
        return held == named
    return isinstance(value, ObjectId) or not any(named in present.get(target, ()) for target in entry.columns)


def _overtaken_elements(
    child: Child, rows: list[Row], extra: Any, document: Document, present: Present
) -> Iterator[str]:
    if not extra or "original" not in extra:
        return
    if isinstance(child, Members):
        yield from _overtaken_members(child, rows, extra, document, present)
    given = _given(child.source, extra)
    if given is not None and not same(child.filled(given), child.filled(child.rebuild(rows, extra))):
        yield child.source


def _overtaken_members(
    child: Members, rows: list[Row], extra: Any, document: Document, present: Present
) -> Iterator[str]:
    """A user who was named once more stays so while there is a row before it; nobody may come back by it."""
    index = child.table.index
    members: list[Any] = [(row[index["ordinal"]], row[index[child.member]]) for row in rows]
    there = {member for _, member in members}.union(*(present.get(table, ()) for table in child.refers_to))
    before: set[Any] = {document.get(child.not_the)} if child.not_the else set()
    for path, value in in_order(child.source, members, extra):
        if not path:
            before.add(value)
        elif (member := _named(value)) is not None and member in there and member not in before:
            yield path


def _is_another(child: Members, row: Row) -> bool:
    extra: Any = row[child.table.index["extra"]]
    if not extra:
        return False
    return _named(from_extended_json(extra["original"][child.source])) != row[child.table.index[child.member]]


def _given(source: str, extra: Any) -> list[Any] | None:
    """The elements that something else than a list, kept in `extra`, was read as."""
    originals = (extra or {}).get("original", {})
    if source not in originals:
        return None
    value = from_extended_json(originals[source])
    return [] if value is None else [value]


def _originals(row: Row, table: Table) -> Iterator[tuple[str, Any]]:
    extra: Any = row[table.index["extra"]] or {}
    for path, value in extra.get("original", {}).items():
        yield path, from_extended_json(value)


def _paths(extra: Any) -> Iterable[str]:
    return (*extra.get("original", ()), *extra.get("absent", ())) if extra else ()


def _without(extra: Any, path: str) -> Any:
    rest = {
        "original": {name: value for name, value in extra.get("original", {}).items() if name != path},
        "absent": [name for name in extra.get("absent", ()) if name != path],
    }
    return {name: value for name, value in {**extra, **rest}.items() if value} or None


def _named(value: Any) -> ObjectId | None:
    return value if isinstance(value, ObjectId) else cast_object_id(value)


def _at(value: Any, keys: list[str]) -> Any:
    for key in keys:
        if isinstance(value, dict):
            value = value.get(key, ABSENT)
        elif isinstance(value, list) and key.isdigit() and int(key) < len(value):
            value = value[int(key)]
        else:
            return ABSENT
    return value
