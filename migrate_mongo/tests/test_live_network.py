"""A network that fails, a server that goes away and a killed import cost a live source nothing but time."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle
from typing import Any

import psycopg
import pytest
from pymongo.collection import Collection
from pymongo.errors import OperationFailure

from migrate_mongo.exceptions import SourceError
from migrate_mongo.sources import open_source, server
from migrate_mongo.tests.conftest import Import, Verify
from migrate_mongo.tests.cutting_proxy import CuttingProxy
from migrate_mongo.tests.dumps import oid
from migrate_mongo.tests.mongo import ROOT, MongoServer
from migrate_mongo.tests.state import committed_tables, tables


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server sends a few documents at a time, so that much is lost between them."""
    ask = Collection.find_raw_batches

    def find_raw_batches(self: Collection[Any], *arguments: Any, **options: Any) -> Any:
        return ask(self, *arguments, **options, batch_size=7)

    monkeypatch.setattr(Collection, "find_raw_batches", find_raw_batches)


@contextmanager
def unreliable(proxy: CuttingProxy, *counts: int, refuse_for: float) -> Iterator[None]:
    """A network that is lost when so many bytes have come, and then so many, again and again."""
    ended = threading.Event()
    left = cycle(counts)

    def fail() -> None:
        cuts = -1
        while not ended.wait(0.002):
            if proxy.cuts != cuts:
                cuts = proxy.cuts
                proxy.cut_after(next(left), refuse_for=refuse_for)

    thread = threading.Thread(target=fail)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


@pytest.fixture
def proxied(java_server: MongoServer, live_sample: str, cutting_proxy: CuttingProxy) -> str:
    """The URI of the database with the sample, by way of the proxy."""
    return java_server.through(cutting_proxy.port).uri.replace("/?", f"/{live_sample}?")


@pytest.mark.usefixtures("small_batches")
@pytest.mark.parametrize("count", range(400, 4800, 400))
@pytest.mark.parametrize("name", ["java_server", "ferretdb"])
def test_nothing_is_lost_or_read_twice_around_a_cut(request: pytest.FixtureRequest, name: str, count: int) -> None:
    mongo: MongoServer = request.getfixturevalue(name)
    ids = [None, *range(15), *map(str, range(15)), *map(oid, range(15)), False, True]
    with mongo.database() as database, CuttingProxy(*mongo.address) as proxy:
        with mongo.client() as client:
            client[database].users.insert_many({"_id": value} for value in ids)
        with open_source(f"{mongo.through(proxy.port).uri}&retryReads=false", database=database) as source:
            proxy.cut_after(count)
            found = source.reader.survey("users")
            places = [(part.start, part.end) for part in found.parts]
            held = Counter(raw for place in places for _, raw in source.reader.documents("users", *place))

    assert (held.total(), len(held), found.documents) == (len(ids), len(ids), len(ids))
    assert proxy.cuts == 1


@pytest.mark.usefixtures("small_batches")
@pytest.mark.parametrize(
    ("retry", "counts", "refuse_for"),
    [
        ("true", (5_000, 300_000), 0.0),
        ("false", (5_000, 300_000), 0.0),
        ("false", (30_000, 800_000), 1.0),
    ],
    ids=["PyMongo tries once more", "PyMongo does not", "the server refuses for a second"],
)
def test_a_network_that_fails_costs_nothing_but_time(
    proxied: str,
    cutting_proxy: CuttingProxy,
    sample_rows: dict[str, list[str]],
    import_dump: Import,
    verify_dump: Verify,
    *,
    retry: str,
    counts: tuple[int, ...],
    refuse_for: float,
) -> None:
    uri = f"{proxied}&retryReads={retry}"

    with unreliable(cutting_proxy, *counts, refuse_for=refuse_for):
        import_dump(uri, restart=True)
        assert tables() == sample_rows
        assert verify_dump(uri).status == "clean"

    assert cutting_proxy.cuts >= 3


@pytest.mark.parametrize("count", range(200, 2000, 300))
def test_a_cut_while_the_source_is_opened_is_no_failure(proxied: str, cutting_proxy: CuttingProxy, count: int) -> None:
    cutting_proxy.cut_after(count)

    with open_source(f"{proxied}&retryReads=false") as source:
        assert len(source.collections) == 10
    assert cutting_proxy.cuts == 1


def test_a_server_that_stays_away_is_given_up(
    proxied: str, cutting_proxy: CuttingProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "AWAY_SECONDS", 0.5)
    monkeypatch.setattr(server, "LONGEST_PAUSE_SECONDS", 0.1)

    with (
        open_source(f"{proxied}&serverSelectionTimeoutMS=200") as source,
        cutting_proxy.down(),
        pytest.raises(SourceError) as error,
    ):
        source.reader.survey("users")

    address = f"127.0.0.1:{cutting_proxy.port}"
    assert str(error.value) == f"mongodb://{address} is away: {address}: [Errno 111] Connection refused"


def test_a_server_that_refuses_to_be_read_is_not_asked_again(
    java_server: MongoServer, live_sample: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def find_raw_batches(*arguments: Any, **options: Any) -> None:
        raise OperationFailure("not authorized on school", 13, {"ok": 0, "code": 13})

    monkeypatch.setattr(Collection, "find_raw_batches", find_raw_batches)

    with open_source(java_server.uri, database=live_sample) as source, pytest.raises(SourceError) as error:
        source.reader.survey("users")

    assert str(error.value) == f"{java_server.uri.rstrip('/')} cannot be read: not authorized on school"


def start(environment: dict[str, str], *options: object) -> subprocess.Popen[bytes]:
    command = [sys.executable, str(ROOT / "manage.py"), "import_mongo", *map(str, options)]
    return subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )


def test_a_killed_import_goes_on_behind_its_last_batch(
    java_server: MongoServer, live_sample: str, own_database: dict[str, str]
) -> None:
    environment = {**own_database, "MONGODB_URI": f"{java_server.uri}{live_sample}"}
    options = ("--batch-size", 5, "--workers", 2)
    with psycopg.connect(own_database["DATABASE_URL"], autocommit=True) as outside:
        process = start(environment, *options)
        while documents_read(outside) < 100 and process.poll() is None:
            time.sleep(0.005)
        os.killpg(process.pid, signal.SIGKILL)
        assert process.wait(30) == -signal.SIGKILL
        assert 100 <= documents_read(outside) < 400

        assert start(environment, *options).wait(60) == 0
        assert documents_read(outside) == 400, "none is read twice"
        killed = committed_tables(outside)
        assert start(environment, *options, "--restart").wait(60) == 0

        assert committed_tables(outside) == killed


def documents_read(outside: psycopg.Connection[tuple[int]]) -> int:
    row = outside.execute("SELECT coalesce(sum(read), 0)::int FROM import_parts").fetchone()
    return row[0] if row else 0
