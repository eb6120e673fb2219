"""Notes in `extra` count until their place is edited: for any document, and any edit of it."""

from collections.abc import Iterator
from typing import Any

import bson
import pytest
from bson import ObjectId
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from migrate_mongo.edits import forget_overtaken
from migrate_mongo.exceptions import Rejected
from migrate_mongo.extended_json import CODEC
from migrate_mongo.mappings import MAPPINGS
from migrate_mongo.mappings.base import Child, CollectionMapping, Column, Loaded, Members, Reference, RowMapping
from migrate_mongo.mappings.comments import COMMENT, REPLY
from migrate_mongo.references import settle
from migrate_mongo.tables import Row
from migrate_mongo.tests.exported import comparable
from migrate_mongo.tests.strategies import documents
from migrate_mongo.tests.test_mappings import stored
from migrate_mongo.verify import differences

Rows = dict[str, list[Row]]

any_document = settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))


def drawn(mapping: CollectionMapping, data: st.DataObject) -> dict[str, Any]:
    return bson.decode(bson.encode(data.draw(documents(mapping)), codec_options=CODEC), CODEC)


def links_of(loaded: Loaded) -> dict[str, set[ObjectId]]:
    named: dict[str, set[ObjectId]] = {}
    for *_, notes in loaded.noted:
        for link in notes.links:
            for table in link.columns:
                named.setdefault(table, set()).add(link.object_id)
    return named


class School:
    """Some of the targets exist, the others do not."""

    def __init__(self, data: st.DataObject) -> None:
        self.data = data
        self.known: dict[tuple[str, ObjectId], bool] = {}

    def has(self, table: str, object_id: ObjectId) -> bool:
        if (table, object_id) not in self.known:
            self.known[table, object_id] = self.data.draw(st.booleans())
        return self.known[table, object_id]

    def load(self, mapping: CollectionMapping, document: dict[str, Any]) -> Rows:
        try:
            loaded = mapping.load(document)
            named = links_of(loaded)
            missing = {table: {one for one in ids if not self.has(table, one)} for table, ids in named.items()}
            settle(loaded, missing)
        except Rejected:
            assume(False)
        loaded.fill_extra()
        return stored(mapping, loaded)

    @property
    def present(self) -> dict[str, frozenset[ObjectId]]:
        tables = {table for table, _ in self.known}
        return {
            name: frozenset(one for (table, one), is_there in self.known.items() if is_there and table == name)
            for name in tables
        }


def main(mapping: CollectionMapping, rows: Rows) -> Row:
    return rows[mapping.table.name][0]


@pytest.mark.parametrize("collection", MAPPINGS)
@any_document
@given(data=st.data())
def test_nothing_of_an_unedited_document_is_forgotten(collection: str, data: st.DataObject) -> None:
    mapping, school = MAPPINGS[collection], School(data)
    document = drawn(mapping, data)
    rows = school.load(mapping, document)

    forget_overtaken(mapping, main(mapping, rows), rows, school.present)

    rebuilt = mapping.rebuild(main(mapping, rows), rows)
    assert list(differences(mapping.canonical(document), rebuilt)) == []


@pytest.mark.parametrize("collection", MAPPINGS)
@any_document
@given(data=st.data())
def test_every_edit_comes_back(collection: str, data: st.DataObject) -> None:
    mapping, school = MAPPINGS[collection], School(data)
    rows, others = (school.load(mapping, drawn(mapping, data)) for _ in range(2))
    row = main(mapping, rows)
    edit(mapping, row, main(mapping, others), data)
    for child in mapping.children:
        edit_list(child, rows, others, data)
    expected = seen(mapping, rows)

    forget_overtaken(mapping, row, rows, school.present)

    again = school.load(mapping, mapping.rebuild(row, rows))
    assert seen(mapping, again) == expected


def edit(mapping: RowMapping, row: Row, other: Row, data: st.DataObject) -> None:
    """Gives some columns the values that they have in another row."""
    for columns in columns_of(mapping):
        if data.draw(st.booleans()):
            for place in columns:
                row[place] = other[place]


def columns_of(mapping: RowMapping) -> Iterator[list[int]]:
    for entry in mapping.columns:
        names = entry.columns.values() if isinstance(entry, Reference) else [entry.column]
        yield [mapping.table.index[name] for name in names]


def edit_list(child: Child, rows: Rows, others: Rows, data: st.DataObject) -> None:
    """Takes some away, adds some, and edits comments and replies."""
    index = child.table.index
    there = rows.setdefault(child.table.name, [])
    more = others.get(child.table.name, [])
    gone = {one[index["id"]] for one in there if data.draw(st.booleans())}
    there[:] = [
        one
        for one in there
        if one[index["id"]] not in gone and one[index["parent_id"] if "parent_id" in index else index["id"]] not in gone
    ]
    if isinstance(child, Members):
        members = {one[index[child.member]] for one in there}
        for one in more:
            if one[index[child.member]] not in members:
                there.append(
                    [value if name != "extra" else None for name, value in zip(child.table.columns, one, strict=True)]
                )
        return
    for one, other in zip(there, more, strict=False):
        edit(REPLY if one[index["parent_id"]] else COMMENT, one, other, data)


def seen(mapping: CollectionMapping, rows: Rows) -> object:
    """What an import is to give again: the columns, who is in which list, comments and replies in their order."""
    row = main(mapping, rows)
    found: dict[str, Any] = {mapping.table.name: values(mapping, row)}
    for child in mapping.children:
        index = child.table.index
        there = rows.get(child.table.name, [])
        if isinstance(child, Members):
            author = row[mapping.table.index["author_id"]] if child.not_the else None
            found[child.source] = {one[index[child.member]] for one in there} - {author}
        else:
            found[child.source] = [
                (
                    values(COMMENT, one),
                    [values(REPLY, other) for other in there if other[index["parent_id"]] == one[index["id"]]],
                )
                for one in there
                if one[index["parent_id"]] is None
            ]
    return found


def values(mapping: RowMapping, row: Row) -> object:
    """A group that is NULL, which no note explains after an edit, is the same as one with its defaults."""
    found = {place: row[place] for columns in columns_of(mapping) for place in columns}
    for entry in mapping.columns:
        if isinstance(entry, Column) and isinstance(entry.kind.default, dict):
            place = mapping.table.index[entry.column]
            found[place] = entry.kind.default if found[place] is None else found[place]
    return [comparable(value) for value in found.values()]
