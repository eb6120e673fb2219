"""A live server is read wholly and once, whatever its ids are, and however often the network fails."""

from collections import Counter
from collections.abc import Iterator
from math import inf, nan
from typing import Any

import pytest
from bson import Binary, DBRef, Decimal128, Int64, MaxKey, MinKey, Regex, Timestamp
from bson.datetime_ms import DatetimeMS
from pymongo.collection import Collection

from accounts.models import User
from migrate_mongo.exceptions import SourceError
from migrate_mongo.models import RejectedDocument
from migrate_mongo.sources import Part, Reader, open_source, server
from migrate_mongo.tests.conftest import Import, Verify
from migrate_mongo.tests.dumps import oid, user
from migrate_mongo.tests.mongo import RAW, MongoServer

COMMON = [
    None, -1, 0, Int64(2), 1.5, Int64(2**53 + 1), "", "a", "b", {}, {"a": 1}, {"a": 2}, {"a": {"b": 1}}, Binary(b"\0"),
    Binary(b"zz"), oid(1), oid(2), oid(3), False, True, DatetimeMS(-(2**62)), DatetimeMS(1), DatetimeMS(2**62),
    Timestamp(1, 2),
]  # fmt: skip
# FerretDB lacks some types; mongo-java-server confuses the order of numbers when NaN is among large ones, finds no
# binary of one subtype behind another's, and does not sort code.
IDS: dict[str, tuple[str, list[Any]]] = {
    "java": ("java_server", [*COMMON, MinKey(), -inf, Decimal128("2.5"), inf, "nul\0", DBRef("users", 1), MaxKey()]),
    "java, not a number": ("java_server", [nan, -1, 0, 1.5, "a", oid(1), True]),
    "FerretDB": ("ferretdb", [*COMMON, Binary(bytes(16), 4)]),
}


@pytest.fixture(scope="module", params=IDS)
def mixed(request: pytest.FixtureRequest) -> Iterator[tuple[Reader, Counter[bytes]]]:
    """The reader of a database, and the documents in it."""
    name, ids = IDS[request.param]
    mongo: MongoServer = request.getfixturevalue(name)
    with mongo.database() as database, mongo.client() as client:
        client[database].users.insert_many({"_id": value, "number": number} for number, value in enumerate(ids))
        found = client[database].get_collection("users", codec_options=RAW).find()
        with open_source(mongo.uri, database=database) as source:
            yield source.reader, Counter(document.raw for document in found)


@pytest.fixture
def database(java_server: MongoServer) -> Iterator[str]:
    with java_server.database() as name:
        yield name


def set_part_size(monkeypatch: pytest.MonkeyPatch, documents: int) -> None:
    monkeypatch.setattr(server, "FEWEST_IN_A_PART", documents)
    monkeypatch.setattr(server, "MOST_IN_A_PART", documents)


def read(reader: Reader, parts: list[Part]) -> Counter[bytes]:
    return Counter(raw for part in parts for _, raw in reader.documents("users", part.start, part.end))


@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_ids_of_every_type_are_read_once(
    mixed: tuple[Reader, Counter[bytes]], monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    reader, held = mixed
    set_part_size(monkeypatch, size)

    found = reader.survey("users")

    assert read(reader, found.parts) == held
    assert found.documents == held.total()


@pytest.mark.parametrize("size", [2, 100])
def test_reading_goes_on_behind_any_document(
    mixed: tuple[Reader, Counter[bytes]], monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    reader, _ = mixed
    set_part_size(monkeypatch, size)

    for part in reader.survey("users").parts:
        documents = list(reader.documents("users", part.start, part.end))
        for number, (place, _) in enumerate(documents, 1):
            assert list(reader.documents("users", place, part.end)) == documents[number:]


def test_parts_follow_the_size_of_documents(
    java_server: MongoServer, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "FEWEST_IN_A_PART", 1)
    monkeypatch.setattr(server, "PART_BYTES", 5_000)
    with java_server.client() as client:
        client[database].users.insert_many({"_id": oid(number), "text": "x" * 950} for number in range(12))

    with open_source(java_server.uri, database=database) as source:
        assert [part.documents for part in source.reader.survey("users").parts] == [5, 5, 2]


def test_what_is_added_meanwhile_is_read(
    java_server: MongoServer, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_part_size(monkeypatch, 2)
    with java_server.client() as client:
        client[database].users.insert_many([user(1), user(2)])
        with open_source(java_server.uri, database=database) as source:
            parts = source.reader.survey("users").parts
            client[database].users.insert_many([user(5), user(6), user(7)])

            assert [read(source.reader, [part]).total() for part in parts] == [2, 3]


def test_an_id_that_no_query_can_ask_for_is_told(java_server: MongoServer, database: str) -> None:
    with java_server.client() as client:
        client[database].users.insert_one({"_id": Regex("^a")})

    with (
        open_source(java_server.uri, database=database) as source,
        pytest.raises(SourceError, match="no `_id` that a query can ask for"),
    ):
        source.reader.survey("users")


def test_a_document_is_found_by_its_id(java_server: MongoServer, database: str) -> None:
    with java_server.client() as client:
        client[database].users.insert_many([user(1), user(2)])

    with open_source(java_server.uri, database=database) as source:
        assert len(list(source.reader.find("users", oid(2)))) == 1
        assert list(source.reader.find("users", oid(3))) == []


@pytest.fixture
def invalid_text(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server has text that is no UTF-8 for XX: MongoDB keeps it, the servers of the tests do not."""
    ask = Collection.find_raw_batches

    def find_raw_batches(self: Collection[Any], *arguments: Any, **options: Any) -> Iterator[bytes]:
        for batch in ask(self, *arguments, **options):
            yield batch.replace(b"XX\0", b"\xc3(\0")

    monkeypatch.setattr(Collection, "find_raw_batches", find_raw_batches)


@pytest.mark.usefixtures("invalid_text")
def test_an_undecodable_document_does_not_stop_the_others(
    java_server: MongoServer, database: str, import_dump: Import, verify_dump: Verify
) -> None:
    with java_server.client() as client:
        users = [user(1), user(2, firstName="XX"), user(3), {**user(4), "_id": "four", "firstName": "XX"}]
        client[database].users.insert_many(users)

    report = import_dump(f"{java_server.uri}{database}")

    assert report.totals == {"read": 4, "loaded": 2, "rejected": 2}
    assert list(RejectedDocument.objects.values_list("reason", flat=True)) == ["undecodable", "undecodable"]
    assert User.objects.count() == 2
    assert verify_dump(f"{java_server.uri}{database}").status == "clean"
