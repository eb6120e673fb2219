"""Every mapping: rebuild ∘ load gives the document back, and every column has a place."""

import json
from pathlib import Path
from typing import Any
from uuid import UUID

import bson
import orjson
import pytest
from bson import ObjectId, json_util
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from migrate_mongo.exceptions import Rejected
from migrate_mongo.extended_json import CODEC, same
from migrate_mongo.mappings import MAPPINGS
from migrate_mongo.mappings.base import CollectionMapping, Column, Loaded, Reference
from migrate_mongo.mappings.kinds import ABSENT
from migrate_mongo.pg_copy import encode
from migrate_mongo.tables import Row, Table
from migrate_mongo.tests.strategies import documents
from migrate_mongo.verify import differences

GOLDEN = Path(__file__).parent / "golden"


def settled(loaded: Loaded) -> Loaded:
    """As if every reference had its target in the first table that it may lead to."""
    for *_, notes in loaded.noted:
        for link in notes.links:
            column = next(iter(link.columns.values()))
            if link.row is not None and column is not None:
                link.row[column] = link.object_id
    loaded.fill_extra()
    return loaded


def through_json(table: Table, rows: list[Row]) -> list[Row]:
    """The rows with their jsonb values as PostgreSQL would give them back."""
    return [
        [
            orjson.loads(orjson.dumps(value)) if kind == "jsonb" and value is not None else value
            for kind, value in zip(table.types, row, strict=True)
        ]
        for row in rows
    ]


def stored(mapping: CollectionMapping, loaded: Loaded) -> dict[str, list[Row]]:
    tables = {table.name: table for table in mapping.tables}
    return {name: through_json(tables[name], rows) for name, rows in loaded.rows.items()}


@pytest.mark.parametrize("collection", MAPPINGS)
@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_document_comes_back(collection: str, data: st.DataObject) -> None:
    mapping = MAPPINGS[collection]
    document = bson.decode(bson.encode(data.draw(documents(mapping)), codec_options=CODEC), CODEC)

    loaded = settled(mapping.load(document))
    for table in mapping.tables:
        assert b"\\u0000" not in b"".join(encode(table, loaded.rows.get(table.name, [])))
    rows = stored(mapping, loaded)
    rebuilt = mapping.rebuild(rows[mapping.table.name][0], rows)

    assert list(differences(mapping.canonical(document), rebuilt)) == []


@pytest.mark.parametrize("collection", MAPPINGS)
def test_golden_document_becomes_these_rows(collection: str) -> None:
    mapping = MAPPINGS[collection]
    golden = json.loads((GOLDEN / f"{collection}.json").read_text())
    document = bson.decode(bson.encode(json_util.loads(json.dumps(golden["document"]))), CODEC)

    loaded = settled(mapping.load(document))

    assert printable(mapping, loaded) == golden["rows"]


def printable(mapping: CollectionMapping, loaded: Loaded) -> dict[str, list[dict[str, Any]]]:
    return {
        table.name: [
            {
                column: str(value) if isinstance(value, ObjectId | UUID) else value
                for column, value in zip(table.columns, row, strict=True)
                if value is not None
            }
            for row in loaded.rows.get(table.name, [])
        ]
        for table in mapping.tables
    }


@pytest.mark.parametrize("collection", MAPPINGS)
def test_every_column_has_a_place(collection: str) -> None:
    mapping = MAPPINGS[collection]
    filled = {"id", "extra", *mapping.constants, *(mapping.copied.columns if mapping.copied else ())}
    for entry in mapping.columns:
        filled.update(entry.columns.values() if isinstance(entry, Reference) else [entry.column])

    lacking = set(mapping.table.columns) - filled - mapping.table.nullable

    assert lacking == set()
    assert filled <= set(mapping.table.columns)


@pytest.mark.parametrize("collection", MAPPINGS)
def test_a_column_that_must_not_be_null_never_is(collection: str) -> None:
    mapping = MAPPINGS[collection]
    for entry in mapping.columns:
        if isinstance(entry, Column) and entry.column not in mapping.table.nullable:
            derived = getattr(entry.kind, "derived", None)
            assert (
                entry.kind.required or derived or entry.kind.fallback is not ABSENT or entry.kind.default is not ABSENT
            )


def test_collections_come_after_those_they_refer_to() -> None:
    order = list(MAPPINGS)
    for collection, mapping in MAPPINGS.items():
        for other, target in MAPPINGS.items():
            if target.table.name in mapping.refers_to and target.table.name != mapping.table.name:
                assert order.index(other) < order.index(collection)


def test_a_document_without_an_object_id_is_no_one_elses() -> None:
    with pytest.raises(Rejected, match="no ObjectId") as refused:
        MAPPINGS["users"].load({"_id": 5})

    assert refused.value.reason == "invalid_id"


def test_source_absent_and_declared_default_are_the_same() -> None:
    mapping = MAPPINGS["courses"]

    filled = mapping.canonical({"_id": 1, "__v": 3})

    assert same(
        filled["settings"],
        {
            "allowSelfEnrollment": False,
            "requireApprovalToJoin": True,
            "allowStudentDiscussions": True,
            "gradingScale": "points",
        },
    )
    assert filled["students"] == []
    assert "__v" not in filled
