"""One id, two spellings: in Python, and in the database, which must agree."""

from datetime import UTC, datetime, timedelta
from uuid import RFC_4122, UUID, uuid1, uuid3, uuid4, uuid5

import pytest
from bson import ObjectId
from django.db import connection
from hypothesis import example, given
from hypothesis import strategies as st

from scribetree.object_id import (
    TAG,
    derived_id,
    is_object_id_uuid,
    new_id,
    object_id_bytes_to_int,
    object_id_to_uuid,
    uuid_to_object_id,
)
from scribetree.tests.sql import ROWS, fetch, insert

twelve_bytes = st.binary(min_size=12, max_size=12)
# 4 bits of version, 2 of variant, 26 of tag
FIXED_BITS = [*range(26), 62, 63, *range(76, 80)]
OWN_ID = sorted(table for table, row in ROWS.items() if "id" not in row)


@given(twelve_bytes)
@example(bytes(12))
@example(b"\xff" * 12)
def test_every_object_id_survives_the_round_trip(data: bytes) -> None:
    object_id = ObjectId(data)

    uuid = object_id_to_uuid(object_id)

    assert uuid_to_object_id(uuid) == object_id
    assert uuid.int == object_id_bytes_to_int(data)


@given(twelve_bytes, twelve_bytes)
@example(b"\x7f" + b"\xff" * 11, b"\x80" + bytes(11))
def test_order_is_kept(one: bytes, other: bytes) -> None:
    one_uuid, other_uuid = object_id_to_uuid(ObjectId(one)), object_id_to_uuid(ObjectId(other))

    assert (one < other) == (one_uuid < other_uuid) == (one_uuid.bytes < other_uuid.bytes)
    assert (one == other) == (one_uuid == other_uuid)


@given(twelve_bytes)
def test_every_uuid_is_a_valid_version_8(data: bytes) -> None:
    uuid = object_id_to_uuid(ObjectId(data))

    assert (uuid.version, uuid.variant) == (8, RFC_4122)
    assert is_object_id_uuid(uuid)


@given(twelve_bytes)
def test_uuid_with_any_fixed_bit_flipped_is_refused(data: bytes) -> None:
    ours = object_id_to_uuid(ObjectId(data))

    assert len(FIXED_BITS) == 128 - 96
    for bit in FIXED_BITS:
        with pytest.raises(ValueError, match="is not an ObjectId"):
            uuid_to_object_id(UUID(int=ours.int ^ 1 << bit))


@given(twelve_bytes)
def test_every_other_bit_belongs_to_the_object_id(data: bytes) -> None:
    ours = object_id_to_uuid(ObjectId(data))

    for bit in set(range(128)).difference(FIXED_BITS):
        assert uuid_to_object_id(UUID(int=ours.int ^ 1 << bit)) != ObjectId(data)


@pytest.mark.parametrize(
    "uuid",
    [
        uuid1(),
        uuid3(UUID(int=0), "x"),
        uuid4(),
        uuid5(UUID(int=0), "x"),
        derived_id("a", "b"),
        UUID(int=0),
        UUID(int=2**128 - 1),
    ],
)
def test_uuid_from_elsewhere_is_refused(uuid: UUID) -> None:
    assert not is_object_id_uuid(uuid)
    with pytest.raises(ValueError, match=str(uuid)):
        uuid_to_object_id(uuid)


def test_layout_stays_as_it_is_in_databases() -> None:
    uuid = object_id_to_uuid(ObjectId("507f1f77bcf86cd799439011"))

    assert str(uuid) == "507f1f77-bcf8-86cd-9e65-0e4046c51be7"
    assert TAG == 0x2C51BE7


def test_new_ids_are_of_the_present_and_in_order() -> None:
    ids = [new_id() for _ in range(1000)]

    assert ids == sorted(set(ids))
    assert abs(uuid_to_object_id(ids[0]).generation_time - datetime.now(UTC)) < timedelta(seconds=5)


def test_derived_id_depends_on_every_part_and_their_order() -> None:
    first, second = new_id(), new_id()

    assert derived_id(first, second) == derived_id(first, second)
    assert len({derived_id(first, second), derived_id(second, first), derived_id(first), derived_id(second)}) == 4
    assert derived_id(first, second).version == 5


@pytest.mark.django_db
def test_database_agrees_with_python() -> None:
    edges = [bytes(12), b"\xff" * 12, *(bytes([byte]) * 12 for byte in (0x0F, 0xF0, 0x7F, 0x80, 0x55, 0xAA))]
    single_bits = [(1 << bit).to_bytes(12, "big") for bit in range(96)]
    object_ids = [ObjectId(data) for data in (*edges, *single_bits)] + [ObjectId() for _ in range(1000)]

    with connection.cursor() as cursor:
        made = fetch(
            cursor,
            "SELECT array_agg(object_id_uuid(hex) ORDER BY place)"
            " FROM unnest(%s::text[]) WITH ORDINALITY AS given (hex, place)",
            [str(object_id) for object_id in object_ids],
        )

    assert made == [object_id_to_uuid(object_id) for object_id in object_ids]


@pytest.mark.django_db
def test_database_takes_hex_in_capitals_and_null() -> None:
    with connection.cursor() as cursor:
        assert fetch(cursor, "SELECT object_id_uuid('507F1F77BCF86CD799439011')") == object_id_to_uuid(
            ObjectId("507f1f77bcf86cd799439011")
        )
        assert fetch(cursor, "SELECT object_id_uuid(NULL)") is None


@pytest.mark.django_db
def test_new_ids_of_the_database_are_distinct_and_of_the_present() -> None:
    with connection.cursor() as cursor:
        earliest = fetch(cursor, "SELECT date_trunc('second', clock_timestamp())")
        made = fetch(cursor, "SELECT array_agg(new_object_id()) FROM generate_series(1, 10000)")
        latest = fetch(cursor, "SELECT clock_timestamp()")

    times = [uuid_to_object_id(uuid).generation_time for uuid in made]
    assert len(set(made)) == 10_000
    assert earliest <= min(times) <= max(times) <= latest


@pytest.mark.django_db
@pytest.mark.parametrize("table", OWN_ID)
def test_row_inserted_in_plain_sql_gets_an_id_and_times(table: str) -> None:
    with connection.cursor() as cursor:
        row = insert(cursor, table)
        started = fetch(cursor, "SELECT transaction_timestamp()")

    assert is_object_id_uuid(row["id"])
    for column in {"created_at", "updated_at"} & row.keys():
        assert started - timedelta(milliseconds=1) <= row[column] <= datetime.now(UTC) + timedelta(seconds=1)
        assert row[column].microsecond % 1000 == 0
    assert "created_at" in row
