"""`docs/mapping.md`: where each path of the source goes, as the mappings have it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import astuple, dataclass
from typing import Any

import orjson
from django.db.models import Model

from migrate_mongo.mappings import MAPPINGS
from migrate_mongo.mappings.base import Child, CollectionMapping, Column, Members, Reference
from migrate_mongo.mappings.comments import COMMENT, REPLY, Comments
from migrate_mongo.mappings.kinds import ABSENT, Array, Choice, Group, Integer, Kind, Moment
from migrate_mongo.mappings.notes import Missing, Notes
from migrate_mongo.tables import Table, table_of
from migrate_mongo.vocabulary import EXTRA, FINDINGS, REASONS
from scribetree.markdown import table

HEAD = """\
# Where each source path goes

Written by `python manage.py make_docs` from the mappings in `migrate_mongo/mappings/`; do not edit it.

Each table below has one line for each path of a collection. `[]` stands for the elements of a list. *Goes to* names
`table.column`; what follows an arrow is the place inside the column's JSON. *Noted* means that the original is kept in
`extra` and counted as a finding. A path that holds what its kind says is stored as it is and not noted. *Last change*
is `updatedAt`, else `createdAt`, else the time of the `_id`.

In JSON, dates are ISO 8601 in UTC with milliseconds, ids are 24 hex digits, and integral doubles are integers. Absent,
null and a value are three states; only a constant default counts as equal to absent.

## What `extra` holds

Each table has a nullable JSONB column `extra`. It is NULL where the other columns say everything. Otherwise:
"""
PATHS = """
Paths are JSON Pointers without the slash in front, such as `grading/rubric/0/points`. They begin at the document, or at
the comment or reply whose row it is. Elements of a list that became no rows are under the list's path in the `extra` of
the document: `students/3`.

To rebuild a document, the columns are read back, the paths in `absent` taken out, and those in `original` put in. The
way back leaves out the originals and absences whose place does not hold any more what loading them gave: those of
values that have been edited since.
"""
NONE = "-"
REJECTED = "rejected"
BORN = "time of the `_id`"
COMMENT_BORN = "time of its `_id`, else of what it belongs to"
CHANGED = "last change"
PLACE_ID = "made from the submission and the place, noted"

# What columns hold that no path and no constant fills. Others like that are NULL.
MADE = {
    "id": "the `_id`, in its other spelling ([decision 1](decisions.md))",
    "extra": "see above",
    "superseded_by_id": "the author's submission for this assignment that was saved last; NULL in that one",
    "search_vector": "made by PostgreSQL from `title`, `description` and `tags`",
}
MADE_FOR_COMMENTS = {
    "submission_id": "the submission",
    "parent_id": "the comment, for a reply",
    "ordinal": "the place in the list",
    "updated_at": "as `created_at`",
    "type": "`comment` for replies",
    "is_resolved": "`false` for replies",
}


@dataclass(frozen=True)
class PathLine:
    """One path of the source and what becomes of it."""

    path: str
    place: str
    kind: str
    absent: str
    null: str


def mapping_page() -> str:
    return "\n".join(
        [
            HEAD,
            table(["key", "value"], _named(EXTRA)),
            PATHS,
            *_vocabularies(),
            *(_section(mapping) for mapping in MAPPINGS.values()),
        ]
    )


def path_lines(mapping: CollectionMapping) -> Iterator[PathLine]:
    """Every path of a collection, in the mapping's order."""
    yield PathLine("_id", f"`{mapping.table.name}.id`", "id", REJECTED, REJECTED)
    yield from _entries(mapping.columns, mapping.table, "", BORN)
    for child in mapping.children:
        yield from _child_lines(child)
    for path, why in mapping.dropped.items():
        yield PathLine(path, f"dropped: {why}", NONE, NONE, NONE)


def other_columns(mapping: CollectionMapping) -> Iterator[tuple[str, str]]:
    """The columns that no path fills, as `table.column`, and what they hold."""
    made = dict(MADE)
    if mapping.copied is not None:
        copied = f"a copy of the same column of `{table_of(mapping.copied.model).name}`"
        made |= dict.fromkeys(mapping.copied.columns, copied)
    yield from _others(mapping.model, _filled(mapping.columns), made | _constants(mapping.constants))
    for child in mapping.children:
        if isinstance(child, Comments):
            made = {
                **MADE_FOR_COMMENTS,
                "extra": "see above; each comment and each reply has its own",
            }
            yield from _others(
                COMMENT.model, _filled(COMMENT.columns) - REPLY.constants.keys() | {"id", "element_id"}, made
            )
        elif isinstance(child, Members):
            made = {
                "id": "UUIDv5 of the two ids",
                child.parent: "the document's `_id`",
                child.joined: "the document's `createdAt`",
                "ordinal": "the place in the list",
                "extra": "the original, where the id was cast",
            }
            yield from _others(child.model, {child.member}, made | _constants(child.constants))


def _section(mapping: CollectionMapping) -> str:
    lines = [[f"`{line.path}`", *astuple(line)[1:]] for line in path_lines(mapping)]
    return "\n".join(
        [
            f"## `{mapping.collection}`\n",
            table(["path", "goes to", "kind", "when absent", "when null"], lines),
            "\nColumns that no path fills:\n",
            table(["column", "holds"], [[f"`{column}`", value] for column, value in other_columns(mapping)]),
            "",
        ]
    )


def _vocabularies() -> Iterator[str]:
    yield "## Kinds of finding\n"
    yield table(["kind", "what it says, and what becomes of the value"], _named(FINDINGS))
    yield "\n## Reasons for rejecting a document\n"
    yield "A rejected document is kept whole, as BSON, in `import_rejects`.\n"
    yield table(["reason", "what it says"], _named(REASONS))
    yield ""


def _named(words: Mapping[str, str]) -> list[list[str]]:
    return [[f"`{word}`", meaning] for word, meaning in words.items()]


def _entries(entries: Iterable[Column | Reference], target: Table, prefix: str, born: str) -> Iterator[PathLine]:
    for entry in entries:
        path = prefix + entry.source
        if isinstance(entry, Reference):
            yield _reference(entry, path, target)
            continue
        place, kind = f"`{target.name}.{entry.column}`", entry.kind
        nullable = entry.column in target.nullable
        yield PathLine(
            path, place, _kind(kind), _absent_column(kind, nullable, born), _null_column(kind, nullable, born)
        )
        yield from _inner(kind, path, f"{place} →", "")


def _inner(kind: Kind, path: str, column: str, inside: str) -> Iterator[PathLine]:
    """The declared paths inside a JSON column."""
    if isinstance(kind, Array):
        yield from _inner(kind.item, f"{path}[]", column, f"{inside}[]")
    elif isinstance(kind, Group):
        for key, inner in kind.fields.items():
            place = f"{inside}.{key}" if inside else key
            yield PathLine(f"{path}.{key}", f"{column} `{place}`", _kind(inner), _absent_inside(inner), "null")
            yield from _inner(inner, f"{path}.{key}", column, place)


def _reference(entry: Reference, path: str, target: Table) -> PathLine:
    place = " or ".join(f"`{target.name}.{column}`" for column in entry.columns.values())
    rejects = entry.missing is Missing.REJECT
    dangling = REJECTED if rejects else "NULL, noted"
    kind = f"id of {' or '.join(f'`{name}`' for name in entry.columns)}; dangling: {dangling}"
    return PathLine(path, place, kind, REJECTED if rejects else "NULL", REJECTED if rejects else "NULL, noted")


def _child_lines(child: Child) -> Iterator[PathLine]:
    if isinstance(child, Members):
        place = f"`{child.table.name}.{child.member}`, a row each"
        yield PathLine(f"{child.source}[]", place, "id of `users`; dangling: no row, noted", "no rows", "no row, noted")
        return
    rows, name = "no rows", child.table.name
    derived = f"its `_id`, else {PLACE_ID}"
    yield PathLine("comments[]", f"`{name}`, a row each", "group", rows, "no row, noted")
    yield PathLine("comments[].id", f"`{name}.id`", "id", derived, derived)
    yield PathLine("comments[]._id", f"`{name}.element_id`", "id", "NULL, noted", "NULL, noted")
    yield from _entries(COMMENT.columns, COMMENT.table, "comments[].", COMMENT_BORN)
    yield PathLine("comments[].replies[]", f"`{name}`, a row each", "group", rows, "no row, noted")
    yield PathLine("comments[].replies[]._id", f"`{name}.id`", "id", PLACE_ID, PLACE_ID)
    yield from _entries(REPLY.columns, REPLY.table, "comments[].replies[].", COMMENT_BORN)


def _kind(kind: Kind) -> str:
    if isinstance(kind, Choice):
        return f"choice; another: {_value(kind.fallback)}, noted"
    if type(kind) is Integer:
        return f"{kind.name}, {kind.minimum:,} to {kind.maximum:,}"
    return kind.name if isinstance(kind, Moment) else kind.describe()


def _absent_column(kind: Kind, nullable: bool, born: str) -> str:
    if (filled := _filling(kind, born)) is not None:
        return filled
    if nullable:
        return "NULL"
    return REJECTED if kind.required else f"{_value(kind.fallback)}, noted"


def _null_column(kind: Kind, nullable: bool, born: str) -> str:
    if nullable:
        return "NULL" if kind.default is None else "NULL, noted"
    if kind.required:
        return REJECTED
    return f"{(_filling(kind, born) or _value(kind.fallback)).removesuffix(', noted')}, noted"


def _absent_inside(kind: Kind) -> str:
    return _filling(kind, BORN) or "absent"


def _filling(kind: Kind, born: str) -> str | None:
    """What stands in for an absent value by itself, if anything does."""
    if isinstance(kind, Moment) and kind.derived is not None:
        is_born = kind.derived(Notes(moment=1, born=0)) == 0
        return f"{born if is_born else CHANGED}, noted"
    if isinstance(kind, Group):
        return "its defaults" if kind.fills else None
    return None if kind.default is ABSENT else _value(kind.default)


def _value(value: Any) -> str:
    if value is None or value is ABSENT:
        return "NULL"
    return f"`{orjson.dumps(value).decode()}`"


def _filled(entries: Iterable[Column | Reference]) -> set[str]:
    columns: set[str] = set()
    for entry in entries:
        columns.update(entry.columns.values() if isinstance(entry, Reference) else (entry.column,))
    return columns


def _constants(constants: Mapping[str, Any]) -> dict[str, str]:
    return {column: _value(value) for column, value in constants.items()}


def _others(model: type[Model], filled: Iterable[str], made: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for column in (str(field.column) for field in model._meta.concrete_fields):
        if column not in filled:
            yield f"{model._meta.db_table}.{column}", made.get(column, "NULL")
