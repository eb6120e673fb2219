"""How many of the source's references lead somewhere, path by path.

What leads somewhere is counted in the tables, which hold nothing else; what does not, in findings and rejects.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from django.db import connection
from django.db.models import Count, Q

from migrate_mongo.mappings import MAPPINGS
from migrate_mongo.mappings.base import Child, CollectionMapping, Column, Members, Reference
from migrate_mongo.mappings.comments import COMMENT, REPLY, Comments
from migrate_mongo.mappings.kinds import Array, Group, Id, Kind
from migrate_mongo.models import Finding, RejectedDocument

Key = tuple[str, str]  # collection, path

# How the message of a missing reference ends when there is nothing, and not the wrong thing.
_NOTHING = Q(message__endswith=" is missing") | Q(message__endswith=" holds None, no id")


@dataclass(frozen=True)
class Relation:
    """The references at one path: those of the documents that are loaded, and those that documents are rejected for.

    `ok` counts, by table, those that lead there. `empty` counts what is absent or null, None where that cannot be
    told. `cast` of the `total` were text and have been converted.
    """

    collection: str
    path: str
    ok: Mapping[str, int]
    dangling: int
    wrong_type: int
    cast: int
    empty: int | None

    @property
    def matching(self) -> int:
        return sum(self.ok.values())

    @property
    def total(self) -> int:
        """The values that name something, or ought to."""
        return self.matching + self.dangling + self.wrong_type

    @property
    def rate(self) -> float | None:
        return self.matching / self.total if self.total else None

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "matching": self.matching, "total": self.total, "rate": self.rate}


@dataclass(frozen=True)
class _Edge:
    """A path and the SQL that counts its ids, by the table that they lead to; `stays` when dangling ones do too."""

    collection: str
    path: str
    counts: Mapping[str, str]
    stays: bool = False
    is_single: bool = True


@dataclass(frozen=True)
class _Rows:
    """Rows that edges begin in."""

    table: str
    where: str
    edges: tuple[_Edge, ...]


@dataclass(frozen=True)
class _Faults:
    """What is not in the columns, by collection, path and kind."""

    findings: Mapping[tuple[str, str, str], int]
    dangling: Mapping[Key, int]
    wrong: Mapping[Key, int]
    nothing: Mapping[Key, int]


def relations(run: int) -> Iterator[Relation]:
    """Of every path that a mapping knows as a reference, in the order of the mappings; as the tables are now."""
    faults = _faults(run)
    for rows in _rows():
        counts = _counted(rows)
        total = next(counts)
        for edge in rows.edges:
            yield _relation(edge, total, {table: next(counts) for table in edge.counts}, faults)


def edges() -> Iterator[tuple[str, str, str]]:
    """Collection and path of every reference, with each collection whose documents it can name."""
    for edge in (edge for rows in _rows() for edge in rows.edges):
        for mapping in MAPPINGS.values():
            if mapping.table.name in edge.counts:
                yield edge.collection, edge.path, mapping.collection


def _relation(edge: _Edge, rows: int, stored: dict[str, int], faults: _Faults) -> Relation:
    key = (edge.collection, edge.path)
    left = faults.findings.get((*key, "dangling_reference"), 0)
    uncastable = faults.findings.get((*key, "uncastable"), 0)
    ok = {table: count - (left if edge.stays else 0) for table, count in stored.items()}
    filled = sum(stored.values()) + (0 if edge.stays else left) + uncastable
    return Relation(
        *key,
        ok=ok,
        dangling=left + faults.dangling.get(key, 0),
        wrong_type=uncastable + faults.wrong.get(key, 0),
        cast=faults.findings.get((*key, "cast"), 0),
        empty=rows - filled + faults.nothing.get(key, 0) if edge.is_single else None,
    )


def _faults(run: int) -> _Faults:
    kinds = ("dangling_reference", "uncastable", "cast")
    findings: Any = Finding.objects.filter(run=run, kind__in=kinds)
    rejects: Any = RejectedDocument.objects.not_loaded().filter(run=run)
    missing = rejects.filter(reason="missing_reference").values("collection", "path")
    dangling = rejects.filter(reason="dangling_reference").values("collection", "path")
    return _Faults(
        {(row["collection"], row["path"], row["kind"]): row["count"] for row in findings.values()},
        dangling=_by_path(dangling.annotate(count=Count("pk"))),
        wrong=_by_path(missing.annotate(count=Count("pk", filter=~_NOTHING))),
        nothing=_by_path(missing.annotate(count=Count("pk", filter=_NOTHING))),
    )


def _by_path(rows: Any) -> dict[Key, int]:
    return {(row["collection"], row["path"]): row["count"] for row in rows}


def _counted(rows: _Rows) -> Iterator[int]:
    """How many rows there are, and what each edge counts in them."""
    columns = ", ".join(["count(*)", *(count for edge in rows.edges for count in edge.counts.values())])
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT {columns} FROM "{rows.table}" WHERE {rows.where}')
        yield from cursor.fetchone()


def _rows() -> Iterator[_Rows]:
    for mapping in MAPPINGS.values():
        edges = tuple(_edges(mapping.collection, "", mapping.columns))
        yield _Rows(mapping.table.name, mapping.rows_where, edges)
        for child in mapping.children:
            yield from _child_rows(mapping, child)


def _child_rows(mapping: CollectionMapping, child: Child) -> Iterator[_Rows]:
    name = mapping.collection
    if isinstance(child, Members):
        counts = dict.fromkeys(child.refers_to, f'count("{child.member}")')
        yield _Rows(child.table.name, "true", (_Edge(name, f"{child.source}[]", counts, is_single=False),))
    elif isinstance(child, Comments):
        path, table = f"{child.source}[].", child.table.name
        yield _Rows(table, "parent_id IS NULL", tuple(_edges(name, path, COMMENT.columns)))
        yield _Rows(table, "parent_id IS NOT NULL", tuple(_edges(name, f"{path}replies[].", REPLY.columns)))


def _edges(collection: str, prefix: str, entries: tuple[Column | Reference, ...]) -> Iterator[_Edge]:
    for entry in entries:
        if isinstance(entry, Reference):
            counts = {table: f'count("{column}")' for table, column in entry.columns.items()}
            yield _Edge(collection, prefix + entry.source, counts)
        else:
            for keys, table in _ids(entry.kind, ()):
                path = prefix + entry.source + "".join("[]" if key == "[*]" else f".{key}" for key in keys)
                counts = {table: _count_in_json(entry.column, keys)}
                yield _Edge(collection, path, counts, stays=True, is_single="[*]" not in keys)


def _ids(kind: Kind, keys: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    """The keys that lead to each id inside a JSON column, and the table that it names."""
    if isinstance(kind, Id) and kind.to:
        yield keys, kind.to
    elif isinstance(kind, Array):
        yield from _ids(kind.item, (*keys, "[*]"))
    elif isinstance(kind, Group):
        for key, inner in kind.fields.items():
            yield from _ids(inner, (*keys, key))


def _count_in_json(column: str, keys: tuple[str, ...]) -> str:
    if "[*]" not in keys:
        return f"""count("{column}" #>> '{{{",".join(keys)}}}')"""
    path = "$" + "".join(key if key == "[*]" else f'."{key}"' for key in keys)
    return f"""coalesce(sum(jsonb_array_length(jsonb_path_query_array("{column}", '{path} ? (@ != null)'))), 0)"""
