"""What a mapping is made of: columns, references, member lists, and the rows of one document."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol

from bson import ObjectId
from bson.datetime_ms import DatetimeMS
from django.db.models import F, Model, UniqueConstraint

from migrate_mongo.exceptions import Rejected
from migrate_mongo.extended_json import canonical, from_extended_json
from migrate_mongo.mappings.kinds import ABSENT, Group, Kind, Moment
from migrate_mongo.mappings.notes import Link, Missing, Notes, Path, restore, with_originals
from migrate_mongo.tables import Row, Table, table_of
from migrate_mongo.transforms import MAX_MS, MIN_MS, cast_object_id
from scribetree.object_id import derived_id, object_id_to_uuid

Document = dict[str, Any]
ChildRows = Mapping[str, list[Row]]
Load = Callable[[Any, Notes, Path], Any]


@dataclass(frozen=True)
class Column:
    """One path of the document, one column of the table.

    Where the column is nullable, NULL means absent, or null where that is the default.
    """

    source: str
    column: str
    kind: Kind

    def load(self, document: Document, notes: Notes, row: Row, table: Table) -> None:
        """For a path that is absent or null; `RowMapping.load_row` loads the others."""
        row[table.index[self.column]] = self.filling(document, notes, self.column in table.nullable)

    def filling(self, document: Document, notes: Notes, nullable: bool) -> Any:
        path = (self.source,)
        value = document.get(self.source, ABSENT)
        if value is ABSENT:
            stored = self.kind.absent(notes, path)
            if stored is not ABSENT:
                return stored
            if nullable:
                return None
        elif nullable:
            if self.kind.default is not None:
                notes.keep("stored_null", path, None)
            return None
        if self.kind.required:
            raise Rejected("missing_value", self.source, f"{self.source} is missing")
        if value is None:
            notes.keep("stored_null", path, None)
            stored = self.kind.absent(Notes(notes.moment, notes.born), path)
            return self.kind.fallback if stored is ABSENT else stored
        notes.miss("required_absent", path)
        return self.kind.fallback

    def rebuild(self, row: Row, table: Table, document: Document) -> None:
        stored = row[table.index[self.column]]
        if stored is not None:
            document[self.source] = self.kind.rebuild(stored)
        elif self.column in table.nullable and self.kind.default is None:
            document[self.source] = None

    def fill(self, document: Document) -> None:
        if self.source in document:
            document[self.source] = self.kind.filled(document[self.source])
        elif (default := self.kind.constant_default()) is not ABSENT:
            document[self.source] = default


@dataclass(frozen=True)
class Reference:
    """A reference in a foreign key column; `columns` maps each table it may lead to, in order, to its column."""

    source: str
    columns: Mapping[str, str]
    missing: Missing

    def load(self, document: Document, notes: Notes, row: Row, table: Table) -> None:
        path = (self.source,)
        value = document.get(self.source, ABSENT)
        object_id = value if isinstance(value, ObjectId) else cast_object_id(value)
        if object_id is None:
            if self.missing is Missing.REJECT:
                held = "is missing" if value is ABSENT else f"holds {value!r:.80}, no id"
                raise Rejected("missing_reference", self.source, f"{self.source} {held}")
            if value is not ABSENT:
                notes.keep("stored_null" if value is None else "uncastable", path, value)
            return
        if object_id is not value:
            notes.keep("cast", path, value)
        columns: dict[str, int | None] = {target: table.index[column] for target, column in self.columns.items()}
        notes.links.append(Link(path, object_id, columns, self.missing, row))

    def rebuild(self, row: Row, table: Table, document: Document) -> None:
        for column in self.columns.values():
            if (stored := row[table.index[column]]) is not None:
                document[self.source] = stored

    def fill(self, document: Document) -> None:
        """An absent reference counts as nothing else."""


@dataclass(frozen=True, eq=False)
class RowMapping:
    """An object of the source and the row that it becomes."""

    model: type[Model]
    columns: tuple[Column | Reference, ...]
    constants: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def table(self) -> Table:
        return table_of(self.model)

    @cached_property
    def entries(self) -> list[tuple[str, type | None, int, Load | None, Path, Column | Reference]]:
        """Each entry with what a present value of a column needs: type that goes straight in, position, load, path."""
        return [
            (entry.source, entry.kind.as_is, self.table.index[entry.column], entry.kind.load, (entry.source,), entry)
            if isinstance(entry, Column)
            else (entry.source, None, -1, None, (entry.source,), entry)
            for entry in self.columns
        ]

    @cached_property
    def sources(self) -> frozenset[str]:
        return frozenset(entry.source for entry in self.columns)

    def load_row(self, document: Document, notes: Notes, known: frozenset[str]) -> Row:
        """`known` are all the paths that have a place."""
        table = self.table
        row: Row = [None] * len(table.columns)
        for column, constant in self.constants.items():
            row[table.index[column]] = constant
        for source, as_is, index, load, path, entry in self.entries:
            value: Any = document.get(source)
            if value is None or load is None:
                entry.load(document, notes, row, table)
            elif type(value) is as_is and not (as_is is str and "\0" in value):  # type: ignore[operator]
                row[index] = value
            elif (stored := load(value, notes, path)) is not ABSENT:
                row[index] = stored
        if not known.issuperset(document):
            for key in document.keys() - known:
                notes.keep("unknown_field", (key,), document[key])
        return row

    def rebuild_row(self, row: Row) -> Document:
        document: Document = {}
        for entry in self.columns:
            entry.rebuild(row, self.table, document)
        return document

    def filled(self, document: Document) -> Document:
        document = dict(document)
        for entry in self.columns:
            entry.fill(document)
        return document


@dataclass(slots=True)
class Loaded:
    """The rows of one document, by table, and the notes on those that can have an `extra` (with its position)."""

    id: ObjectId
    rows: dict[str, list[Row]]
    noted: list[tuple[Row, int, Notes]]

    def fill_extra(self) -> None:
        for row, extra, notes in self.noted:
            row[extra] = notes.extra()

    def findings(self) -> Iterator[tuple[str, str]]:
        for *_, notes in self.noted:
            yield from notes.findings

    def keep_bytes(self, raw: bytes, losses: Iterable[tuple[str, Path]]) -> None:
        """For a document that decoding alone changes."""
        *_, notes = self.noted[0]
        notes.raw = raw
        for kind, path in losses:
            notes.find(kind, path)


class Child(Protocol):
    """A list inside a document that becomes rows of its own."""

    @property
    def source(self) -> str: ...

    @property
    def parent(self) -> str: ...  # the column that leads to the document's row

    @property
    def refers_to(self) -> Collection[str]: ...

    @property
    def table(self) -> Table: ...

    def load(self, document: Document, loaded: Loaded, created: Any, notes: Notes) -> None: ...

    def rebuild(self, rows: list[Row], extra: dict[str, Any] | None) -> list[Any]: ...

    def filled(self, elements: Any) -> Any: ...


@dataclass(frozen=True)
class Members:
    """A list of users that becomes one row each, in order; what cannot be a row stays in the document's `extra`."""

    source: str
    model: type[Model]
    parent: str
    member: str
    joined: str
    constants: Mapping[str, Any]
    not_the: str | None = None  # whom the list may name without being one of its members
    refers_to: tuple[str, ...] = ("users",)

    @property
    def table(self) -> Table:
        return table_of(self.model)

    def load(self, document: Document, loaded: Loaded, created: Any, notes: Notes) -> None:
        seen: set[ObjectId] = set()
        for index, element in enumerate(list_of(document, self.source, notes)):
            path: Path = (self.source, index)
            member = element if type(element) is ObjectId else cast_object_id(element)
            if element is None:
                notes.keep("null_element", path, None)
            elif member is None:
                notes.keep("uncastable", path, element)
            elif member in seen:
                notes.keep("duplicate_reference", path, element)
            elif self.not_the is not None and member == document.get(self.not_the):
                notes.keep("author_collaborator", path, element)
            else:
                seen.add(member)
                row = self._row(loaded.id, member, created, index)
                if member is not element:
                    notes.find("cast", path)
                    row[self.table.index["extra"]] = {"original": {self.source: canonical(element)}}
                loaded.rows.setdefault(self.table.name, []).append(row)
                notes.links.append(Link(path, member, {"users": None}, Missing.DROP, row, element))

    def _row(self, parent: ObjectId, member: ObjectId, created: Any, ordinal: int) -> Row:
        values = {
            "id": derived_id(object_id_to_uuid(parent), object_id_to_uuid(member)),
            self.parent: parent,
            self.member: member,
            self.joined: created,
            "ordinal": ordinal,
            **self.constants,
        }
        return [values.get(column) for column in self.table.columns]

    def rebuild(self, rows: list[Row], extra: dict[str, Any] | None) -> list[Any]:
        return with_originals(self.source, [self._element(row) for row in rows], extra)

    def _element(self, row: Row) -> tuple[Any, Any]:
        index = self.table.index
        extra: Any = row[index["extra"]]
        member = from_extended_json(extra["original"][self.source]) if extra else row[index[self.member]]
        return row[index["ordinal"]], member

    def filled(self, elements: Any) -> Any:
        return elements


def list_of(document: Document, source: str, notes: Notes) -> list[Any]:
    """The list at a path whose elements become rows; what stands there instead of one goes into the notes."""
    value = document.get(source, ABSENT)
    if isinstance(value, list):
        return value
    if value is ABSENT:
        return []
    notes.keep("stored_null" if value is None else "cast", (source,), value)
    return [] if value is None else [value]


@dataclass(frozen=True)
class Copied:
    """Columns that a row takes over from the row that it refers to."""

    reference: str
    model: type[Model]
    columns: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class CollectionMapping(RowMapping):
    """Where each path of a collection's documents goes, for the way in and the way back.

    `dropped` names paths that are not kept, with the reason. `rows_where` is the SQL condition that tells this
    collection's rows in a table that it shares.
    """

    collection: str = ""
    children: tuple[Child, ...] = ()
    dropped: Mapping[str, str] = field(default_factory=lambda: {"__v": "revision counter of the ODM"})
    copied: Copied | None = None
    rows_where: str = "true"

    @cached_property
    def known(self) -> frozenset[str]:
        return self.sources.union({"_id"}, self.dropped, (child.source for child in self.children))

    @property
    def tables(self) -> list[Table]:
        """Those that its documents become rows of, parents first."""
        return [self.table, *(child.table for child in self.children)]

    @cached_property
    def refers_to(self) -> frozenset[str]:
        """The tables that its documents refer to, in columns and inside JSON."""
        tables: set[str] = set()
        for entry in self.columns:
            tables.update(entry.columns if isinstance(entry, Reference) else entry.kind.refers_to())
        for child in self.children:
            tables.update(child.refers_to)
        return frozenset(tables)

    def sources_of(self, constraint: str | None, column: str | None) -> list[str]:
        """The paths that a constraint of the table, or one of its columns, is about."""
        columns = {column}
        for known in self.model._meta.constraints:
            if known.name == constraint and isinstance(known, UniqueConstraint):
                expressions: Any = known.expressions
                parts = (part for expression in expressions for part in expression.flatten())
                names = known.fields or [part.name for part in parts if isinstance(part, F)]  # type: ignore[attr-defined]
                columns = {field.column for field in self.model._meta.concrete_fields if field.name in names}
        return [
            entry.source
            for entry in self.columns
            if columns.intersection(entry.columns.values() if isinstance(entry, Reference) else (entry.column,))
        ]

    def load(self, document: Document, refused: frozenset[str] = frozenset()) -> Loaded:
        """Raises Rejected, also for a finding of a kind that is `refused`.

        References are not looked up yet, and `extra` is not filled in.
        """
        object_id = document.get("_id")
        if type(object_id) is not ObjectId:
            raise Rejected("invalid_id", "_id", f"_id holds {object_id!r:.80}, no ObjectId")
        born = id_time(object_id)
        notes = Notes(moment_of(document, born), born, refused=refused)
        row = self.load_row(document, notes, self.known)
        row[self.table.index["id"]] = object_id
        loaded = Loaded(object_id, {self.table.name: [row]}, [(row, self.table.index["extra"], notes)])
        for child in self.children:
            child.load(document, loaded, row[self.table.index["created_at"]], notes)
        return loaded

    def rebuild(self, row: Row, child_rows: ChildRows) -> Document:
        extra: Any = row[self.table.index["extra"]]
        document = {"_id": row[self.table.index["id"]], **self.rebuild_row(row)}
        for child in self.children:
            document[child.source] = child.rebuild(child_rows.get(child.table.name, []), extra)
        restore(document, extra, [child.source for child in self.children])
        return document

    @cached_property
    def dates_inside(self) -> list[tuple[str, str]]:
        """Source and key of the dates in groups that the original made up for what lacked them."""
        return [
            (entry.source, key)
            for entry in self.columns
            if isinstance(entry, Column) and isinstance(entry.kind, Group)
            for key, kind in entry.kind.fields.items()
            if isinstance(kind, Moment) and kind.derived is not None
        ]

    def canonical(self, document: Document) -> Document:
        """The document as `rebuild` gives it back: defaults filled in, dropped paths left out."""
        filled = self.filled(document)
        for child in self.children:
            filled[child.source] = child.filled(document.get(child.source, []))
        for path in self.dropped:
            filled.pop(path, None)
        return filled


def moment_of(document: Document, born: int) -> int:
    """When the document was last known to change, in ms."""
    for source in ("updatedAt", "createdAt"):
        if type(value := document.get(source)) is DatetimeMS and MIN_MS <= int(value) <= MAX_MS:
            return int(value)
    return born


def id_time(object_id: ObjectId) -> int:
    return int.from_bytes(object_id.binary[:4], "big") * 1000
