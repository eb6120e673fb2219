"""The quick way for regular documents has the outcome of the mappings' own `load`."""

from collections import defaultdict
from copy import deepcopy
from pathlib import Path
from typing import Any

import bson
import orjson
import pytest
from bson import Binary, DatetimeMS, Decimal128, Int64, ObjectId
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from migrate_mongo.bulk.load import choose_columns
from migrate_mongo.bulk.prepare import Prepared, prepare
from migrate_mongo.exceptions import Rejected
from migrate_mongo.extended_json import CODEC
from migrate_mongo.mappings import MAPPINGS
from migrate_mongo.mappings.base import CollectionMapping, Loaded
from migrate_mongo.pg_copy import ENCODERS, NULL
from migrate_mongo.references import settle
from migrate_mongo.sources import open_source
from migrate_mongo.tables import Table
from migrate_mongo.tests.conftest import Import
from migrate_mongo.tests.state import tables
from migrate_mongo.tests.strategies import bson_values, documents

IN_BULK = [name for name, mapping in MAPPINGS.items() if mapping.copied is None]
VALUES = (
    None, True, 0, -1, 7, 2**31, 2.0, 2.5, -0.0, 1e300, float("nan"), float("inf"), Int64(5), Int64(2**62),
    "", "text", "a\0b", "\\u0000", "1", "Öß𝄞", "5f0000000000000000000001",
    ObjectId(b"\0" * 12), ObjectId(b"\xff" * 12), DatetimeMS(0), DatetimeMS(-62_135_596_800_000),
    DatetimeMS(253_402_300_799_999), DatetimeMS(253_402_300_800_000), DatetimeMS(-(2**63)),
    [], [None], ["x", None], {}, {"_id": None}, {"$oid": "x"}, Binary(b"x"), Decimal128("1.5"),
)  # fmt: skip


@pytest.fixture(scope="module")
def regular(sample: Path) -> dict[str, list[bytes]]:
    with open_source(str(sample)) as source:
        return {
            name: [
                raw
                for part in source.reader.survey(name).parts
                for _, raw in source.reader.documents(name, part.start, part.end)
            ]
            for name in MAPPINGS
        }


@pytest.mark.parametrize("collection", IN_BULK)
def test_nearly_all_documents_are_regular(collection: str, regular: dict[str, list[bytes]]) -> None:
    prepared = prepare(MAPPINGS[collection], regular[collection])

    assert len(prepared.batch.irregular) <= len(regular[collection]) / 10


@pytest.mark.parametrize("collection", IN_BULK)
@given(data=st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_regular_document_is_loaded_as_by_its_mapping(
    collection: str, regular: dict[str, list[bytes]], data: st.DataObject
) -> None:
    spoilt = st.builds(spoil, st.sampled_from(regular[collection]).map(decode), st.data())
    batch = data.draw(st.lists(st.one_of(spoilt, spoilt, documents(MAPPINGS[collection])), min_size=1, max_size=6))

    assert_same(MAPPINGS[collection], [bson.encode(document, codec_options=CODEC) for document in batch])


@pytest.mark.parametrize("collection", IN_BULK)
def test_each_value_at_each_path(collection: str, regular: dict[str, list[bytes]]) -> None:
    whole = max(map(decode, regular[collection]), key=lambda document: len(list(containers(document))))
    for number, container in enumerate(containers(whole)):
        for key in [*(container if isinstance(container, dict) else range(len(container))), "unheard"]:
            batch = []
            for value in (*VALUES, ...):
                document = decode(bson.encode(whole, codec_options=CODEC))
                put(list(containers(document))[number], key, value)
                batch.append(bson.encode(document, codec_options=CODEC))
            assert_same(MAPPINGS[collection], batch)


def test_the_outcome_of_an_import_is_the_same(
    import_dump: Import, trapped_sample: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_dump(trapped_sample)
    found = tables()

    monkeypatch.setattr(Prepared, "has_regular", False)
    import_dump(trapped_sample, restart=True)

    assert tables() == found


def decode(raw: bytes) -> dict[str, Any]:
    return bson.decode(raw, CODEC)


def containers(value: Any) -> Any:
    if isinstance(value, dict | list):
        yield value
        for element in value.values() if isinstance(value, dict) else value:
            yield from containers(element)


def put(container: Any, key: Any, value: Any) -> None:
    """Sets the element, new for the key `unheard`; `...` removes it."""
    if isinstance(container, list) and key == "unheard":
        container += [] if value is ... else [value]
    elif value is not ...:
        container[key] = value
    elif key != "unheard":
        del container[key]


def spoil(document: dict[str, Any], data: st.DataObject) -> dict[str, Any]:
    for _ in range(data.draw(st.integers(0, 2))):
        container = data.draw(st.sampled_from([found for found in containers(document) if found]))
        key = data.draw(st.sampled_from(list(container) if isinstance(container, dict) else range(len(container))))
        put(container, key, deepcopy(data.draw(st.one_of(st.just(...), st.sampled_from(VALUES), bson_values()))))
    return document


def assert_same(mapping: CollectionMapping, raws: list[bytes]) -> None:
    prepared = prepare(mapping, raws)
    for choice in prepared.batch.choices:
        choose_columns(choice, defaultdict(set))
    for place, raw in enumerate(raws):
        if place in prepared.batch.irregular:
            continue
        loaded = mapping.load(decode(raw))
        settle(loaded, defaultdict(set))
        loaded.fill_extra()
        assert list(loaded.findings()) == []
        for table in mapping.tables:
            assert bulk_rows(prepared, table, place) == mapped_rows(loaded, table)


def bulk_rows(prepared: Prepared, table: Table, place: int) -> list[list[Any]]:
    return sorted(
        [comparable(name, column[index]) for name, column in zip(table.types, rows.columns, strict=True)]
        for rows in prepared.rows
        if rows.table is table
        for index, other in enumerate(rows.places)
        if other == place
    )


def mapped_rows(loaded: Loaded, table: Table) -> list[list[Any]]:
    return sorted(
        [
            comparable(name, NULL if value is None else ENCODERS[name](value))
            for name, value in zip(table.types, row, strict=True)
        ]
        for row in loaded.rows.get(table.name, [])
    )


def comparable(type_name: str, encoded: bytes) -> bytes:
    """PostgreSQL does not keep the order of JSON's keys."""
    if type_name != "jsonb" or encoded == NULL:
        return encoded
    return orjson.dumps(orjson.loads(encoded[5:]), option=orjson.OPT_SORT_KEYS)


@pytest.mark.parametrize("collection", IN_BULK)
def test_what_a_mapping_rejects_is_not_regular(collection: str, regular: dict[str, list[bytes]]) -> None:
    mapping = MAPPINGS[collection]
    document = decode(regular[collection][0])
    for path in list(document):
        raw = bson.encode({**document, path: Decimal128("1.5")}, codec_options=CODEC)
        try:
            mapping.load(decode(raw))
        except Rejected:
            assert prepare(mapping, [raw]).batch.irregular == {0}
