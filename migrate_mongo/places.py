"""Where documents refer to others; how those are found that lost a reference there, and get it back.

A reference that led nowhere when its document was loaded has left its id in `extra` or, inside JSONB, where it was.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from migrate_mongo.mappings import MAPPINGS
from migrate_mongo.mappings.base import CollectionMapping, Column, Members, Reference
from migrate_mongo.mappings.comments import AUTHOR, Comments
from migrate_mongo.mappings.kinds import Array, Group, Id, Kind
from migrate_mongo.mappings.notes import Missing

_IS_ID = "~ '^[0-9a-f]{24}$'"


class Lost(NamedTuple):
    """References of one document to one id, in hex digits."""

    document: UUID
    target: str
    times: int


@dataclass(frozen=True)
class Place:
    """A path that holds ids of rows of one of the `tables`; this one inside JSONB, where they stay as they are.

    `query` gives document and target of all references that may be lost, whatever the target.
    """

    collection: str
    path: str
    tables: tuple[str, ...]
    query: str

    def find(self, targets: list[str], documents: list[str] | None) -> list[Lost]:
        """Those to the targets, in all documents or in some of them."""
        rows = _fetch(
            f"SELECT document, target, count(*) FROM ({self.query}) AS lost"
            f" WHERE target = ANY(%s) AND {_among(documents)} GROUP BY document, target",
            [targets, documents],
        )
        return [Lost(*row) for row in rows]

    def first_losing(self, count: int, documents: list[str] | None) -> list[UUID]:
        """The first documents, of all or of some, that refer from here to what is not there."""
        absent = (f'NOT EXISTS (SELECT FROM "{table}" WHERE id = object_id_uuid(target))' for table in self.tables)
        rows = _fetch(
            f"SELECT DISTINCT document FROM ({self.query}) AS lost"
            f" WHERE {' AND '.join(absent)} AND {_among(documents)} ORDER BY document LIMIT %s",
            [documents, count],
        )
        return [document for (document,) in rows]

    def give_back(self, lost: list[Lost], table: str) -> None:
        """Has the documents refer to the targets again, which are rows of that table now."""


@dataclass(frozen=True)
class ColumnPlace(Place):
    """A column of some rows of `table`: NULL, with the id in `extra`. `owner` is the column that names the document."""

    reference: Reference
    table: str
    rows: str
    owner: str

    def give_back(self, lost: list[Lost], table: str) -> None:
        source = self.reference.source
        value = _original(source)
        rest = _without(f"'{{{source}}}'")
        with connection.cursor() as cursor:
            cursor.execute(
                f'UPDATE "{self.table}" SET "{self.reference.columns[table]}" = object_id_uuid({_hex(value)}),'
                # Text that was cast to the id stays: it is the original of a column that has a value.
                f" extra = CASE jsonb_typeof({value}) WHEN 'string' THEN extra ELSE {rest} END"
                f" WHERE {self.rows} AND {_empty(self.reference)}"
                f" AND {self.owner} = ANY(%s) AND {_hex(value)} = ANY(%s)",
                [[one.document for one in lost], [one.target for one in lost]],
            )


@dataclass(frozen=True)
class MembersPlace(Place):
    """A list that becomes rows: no row, with the id in the document's `extra` under its index."""

    main: str
    members: Members

    def give_back(self, lost: list[Lost], table: str) -> None:
        members = self.members
        rows = _fetch(
            "SELECT document, key, CASE jsonb_typeof(value) WHEN 'string' THEN value #>> '{}' END,"
            f" object_id_uuid(target), created_at FROM ({self.query}) AS lost"
            f' JOIN "{self.main}" ON id = document WHERE document = ANY(%s) AND target = ANY(%s)',
            [[one.document for one in lost], [one.target for one in lost]],
        )
        keys: dict[UUID, list[str]] = {}
        made = []
        for document, key, text, target, created in rows:
            keys.setdefault(document, []).append(key)
            known = {members.parent: document, members.member: target, members.joined: created, **members.constants}
            cast = {"original": {members.source: text}} if text else None
            made.append(members.model(**known, ordinal=int(key.rpartition("/")[2]), extra=cast))
        # A row that the application has made meanwhile stays as it is.
        members.model._default_manager.bulk_create(made, ignore_conflicts=True)
        with connection.cursor() as cursor:
            cursor.executemany(
                f'UPDATE "{self.main}" SET extra = {_without("%(keys)s")} WHERE id = %(document)s',
                [{"keys": gone, "document": document} for document, gone in keys.items()],
            )


@cache
def places_leading_to(table: str) -> list[Place]:
    return [place for mapping in MAPPINGS.values() for place in _places(mapping) if table in place.tables]


def _places(mapping: CollectionMapping) -> Iterator[Place]:
    for entry in mapping.columns:
        if isinstance(entry, Column):
            yield from _json_places(mapping, entry, entry.kind, entry.source, "$")
        elif entry.missing is Missing.NULL:
            yield _column_place(mapping, entry, mapping.table.name, mapping.rows_where)
    for child in mapping.children:
        if isinstance(child, Members):
            yield _members_place(mapping, child)
        elif isinstance(child, Comments):
            for prefix, which in (("comments[].", "NULL"), ("comments[].replies[].", "NOT NULL")):
                rows = f"parent_id IS {which}"
                yield _column_place(mapping, AUTHOR, child.table.name, rows, prefix=prefix, owner=child.parent)


def _json_places(mapping: CollectionMapping, column: Column, kind: Kind, path: str, within: str) -> Iterator[Place]:
    """`within` is the same path as PostgreSQL writes it, from the column on."""
    if isinstance(kind, Array):
        yield from _json_places(mapping, column, kind.item, f"{path}[]", f"{within}[*]")
    elif isinstance(kind, Group):
        for key, inner in kind.fields.items():
            yield from _json_places(mapping, column, inner, f"{path}.{key}", f'{within}."{key}"')
    elif isinstance(kind, Id) and kind.to is not None:
        query = (
            f"SELECT id AS document, value #>> '{{}}' AS target"
            f" FROM \"{mapping.table.name}\", jsonb_path_query({column.column}, '{within}') AS value"
            f" WHERE {mapping.rows_where} AND value #>> '{{}}' {_IS_ID}"
        )
        yield Place(mapping.collection, path, (kind.to,), query)


def _column_place(
    mapping: CollectionMapping, entry: Reference, table: str, rows: str, *, prefix: str = "", owner: str = "id"
) -> Place:
    target = _hex(_original(entry.source))
    query = (
        f'SELECT {owner} AS document, {target} AS target FROM "{table}"'
        f" WHERE {rows} AND {_empty(entry)} AND {target} {_IS_ID}"
    )
    path = prefix + entry.source
    return ColumnPlace(mapping.collection, path, tuple(entry.columns), query, entry, table, rows, owner)


def _members_place(mapping: CollectionMapping, members: Members) -> Place:
    """The list may have named someone several times: the first is to be the row, as for every other member."""
    query = (
        f"SELECT DISTINCT ON (document, target) id AS document, {_hex('value')} AS target, key, value"
        f" FROM \"{mapping.table.name}\", jsonb_each(extra -> 'original')"
        f" WHERE {mapping.rows_where} AND key ~ '^{members.source}/[0-9]+$' AND {_hex('value')} {_IS_ID}"
        " ORDER BY document, target, split_part(key, '/', 2)::int"
    )
    path = f"{members.source}[]"
    return MembersPlace(mapping.collection, path, members.refers_to, query, mapping.table.name, members)


def _among(documents: list[str] | None) -> str:
    return "%s::uuid[] IS NULL" if documents is None else "document = ANY(%s::uuid[])"


def _original(source: str) -> str:
    return f"(extra -> 'original' -> '{source}')"


def _hex(value: str) -> str:
    """The digits of the id that is there as `{"$oid": …}` or as text."""
    return f"lower(coalesce({value} ->> '$oid', {value} #>> '{{}}'))"


def _empty(reference: Reference) -> str:
    return " AND ".join(f'"{column}" IS NULL' for column in reference.columns.values())


def _without(keys: str) -> str:
    """`extra` without these originals, and NULL when nothing else is in it."""
    rest = f"((extra -> 'original') - {keys}::text[])"
    left = f"CASE {rest} WHEN '{{}}' THEN extra - 'original'::text ELSE jsonb_set(extra, '{{original}}', {rest}) END"
    return f"nullif({left}, '{{}}')"


def _fetch(query: str, parameters: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return list(cursor.fetchall())
