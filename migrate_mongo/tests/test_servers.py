"""The servers of the live tests, and the network to them, do what those tests rely on."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import bson
import psutil
import pytest
from pymongo.errors import ConnectionFailure, OperationFailure, ServerSelectionTimeoutError

from migrate_mongo.tests.cutting_proxy import CuttingProxy
from migrate_mongo.tests.mongo import ROOT, Credentials, MongoServer, find_built, run_server
from migrate_mongo.tests.official_tools import dump, export, official, restore
from migrate_mongo.tests.private_ca import Certificates

BUILD = ROOT / "migrate_mongo/tests/servers/build"
SOON = {"serverSelectionTimeoutMS": 500}


@pytest.fixture(scope="module")
def restored(java_server: MongoServer, official_tools: Path, sample: Path) -> Iterator[str]:
    """A database with the sample, from mongorestore."""
    with java_server.database() as database:
        restore(java_server, sample, database)
        yield database


def contents(folder: Path) -> dict[str, bytes]:
    """The BSON of each collection of a dump."""
    return {path.stem: path.read_bytes() for path in folder.glob("*.bson")}


def held(server: MongoServer, database: str) -> dict[str, bytes]:
    """The BSON of each collection of a database, in its own order."""
    with server.client() as client:
        names = client[database].list_collection_names()
        return {name: b"".join(client[database][name].find_raw_batches()) for name in names}


def is_reached(server: MongoServer) -> bool:
    with server.client(**SOON) as client:
        return client.admin.command("ping")["ok"] == 1


def has_ended(pid: int) -> bool:
    try:
        process = psutil.Process(pid)
        process.wait(timeout=5)
    except psutil.NoSuchProcess:
        return True
    except psutil.TimeoutExpired:
        return process.status() == psutil.STATUS_ZOMBIE  # nobody has asked how it ended
    return True


def test_java_server_keeps_every_byte(java_server: MongoServer, live_sample: str, sample: Path) -> None:
    assert held(java_server, live_sample) == contents(sample)


def test_java_server_keeps_types_that_others_lack(java_server: MongoServer) -> None:
    document = {
        "_id": bson.MinKey(),
        "decimal": bson.Decimal128("1E-20"),
        "pattern": bson.Regex("^a", "i"),
        "nested": [[1], [bson.Int64(2)]],
        "code": bson.Code("f()"),
        "reference": bson.DBRef("users", 1),
        "nul": "a\0b",
    }

    with java_server.database() as database, java_server.client() as client:
        client[database].kept.insert_one(document)
        kept = b"".join(client[database].kept.find_raw_batches())

    assert kept == bson.encode(document)


def test_database_is_dropped_after_use(java_server: MongoServer) -> None:
    with java_server.client() as client:
        with java_server.database() as database:
            client[database].notes.insert_one({})
            assert database in client.list_database_names()

        assert database not in client.list_database_names()


def test_ferretdb_accepts_a_password_full_of_delimiters(ferretdb: MongoServer, credentials: Credentials) -> None:
    assert {"@", ":", "/", "%"} <= set(credentials.password)

    with ferretdb.database() as database, ferretdb.client() as client:
        client[database].notes.insert_one({"_id": 1})
        assert client[database].notes.find_one() == {"_id": 1}


@pytest.mark.parametrize("password", ["wrong", "p"])
def test_ferretdb_refuses_other_credentials(ferretdb: MongoServer, credentials: Credentials, password: str) -> None:
    _, port = ferretdb.address
    other = replace(credentials, password=password)

    with MongoServer(other.uri(port)).client() as client, pytest.raises(OperationFailure, match=r"[Aa]uthentication"):
        client.test.notes.find_one()


def test_ferretdb_refuses_no_credentials(ferretdb: MongoServer) -> None:
    host, port = ferretdb.address

    with MongoServer(f"mongodb://{host}:{port}/").client() as client, pytest.raises(OperationFailure, match="auth"):
        client.test.notes.find_one()


def test_ferretdb_tls_is_reached_with_its_authority(ferretdb_tls: MongoServer) -> None:
    assert is_reached(ferretdb_tls)


@pytest.mark.parametrize("options", [{"tls": True}, {}], ids=["without the authority", "without TLS"])
def test_ferretdb_tls_is_not_reached(ferretdb_tls: MongoServer, options: dict[str, bool]) -> None:
    with pytest.raises(ServerSelectionTimeoutError):
        is_reached(MongoServer(ferretdb_tls.uri, options))


def test_ferretdb_tls_takes_its_options_from_a_uri(ferretdb_tls: MongoServer, certificates: Certificates) -> None:
    assert is_reached(MongoServer(f"{ferretdb_tls.uri}?tls=true&tlsCAFile={certificates.authority}"))


def test_proxy_cuts_and_recovers(java_server: MongoServer, live_sample: str, cutting_proxy: CuttingProxy) -> None:
    with java_server.through(cutting_proxy.port).client(retryReads=False) as client:
        users = client[live_sample].users
        count = users.count_documents({})

        cutting_proxy.cut()
        with pytest.raises(ConnectionFailure):
            users.count_documents({})

        assert users.count_documents({}) == count > 0
    assert cutting_proxy.cuts == 1


def test_proxy_refuses_while_down(java_server: MongoServer, cutting_proxy: CuttingProxy) -> None:
    server = java_server.through(cutting_proxy.port)

    with cutting_proxy.down(), pytest.raises(ServerSelectionTimeoutError):
        is_reached(server)

    assert is_reached(server)


def test_proxy_cuts_in_the_middle(java_server: MongoServer, live_sample: str, cutting_proxy: CuttingProxy) -> None:
    with java_server.through(cutting_proxy.port).client(retryReads=False) as client:
        cursor = client[live_sample].documentversions.find(batch_size=2)
        next(cursor)

        cutting_proxy.cut_after(3000, refuse_for=0.3)
        with pytest.raises(ConnectionFailure):
            list(cursor)

        assert client.admin.command("ping")["ok"] == 1, "it comes back by itself"
    assert cutting_proxy.cuts == 1


def test_tools_restore_and_dump_every_byte(
    java_server: MongoServer, restored: str, sample: Path, tmp_path: Path
) -> None:
    assert held(java_server, restored) == contents(sample)
    assert contents(dump(java_server, restored, tmp_path)) == contents(sample)


@pytest.mark.parametrize("gzip", [False, True])
@pytest.mark.parametrize("archive", [False, True])
def test_tools_take_every_form_of_a_dump_back(
    java_server: MongoServer, restored: str, sample: Path, tmp_path: Path, archive: bool, gzip: bool
) -> None:
    dump(java_server, restored, tmp_path / "out", archive=archive, gzip=gzip)
    place = [f"--archive={tmp_path / 'out'}"] if archive else [tmp_path / "out"]

    with java_server.database() as again:
        names = [f"--nsFrom={restored}.*", f"--nsTo={again}.*", *(["--gzip"] if gzip else [])]
        official("mongorestore", f"--uri={java_server.uri}", *names, *place)

        assert held(java_server, again) == contents(sample)


@pytest.mark.parametrize("array", [False, True])
def test_tools_take_an_export_back(
    java_server: MongoServer, restored: str, sample: Path, tmp_path: Path, array: bool
) -> None:
    files = sorted(export(java_server, restored, tmp_path, array=array).iterdir())
    options = ["--jsonArray"] if array else []

    with java_server.database() as again:
        for file in files:
            place = [f"--db={again}", f"--collection={file.stem}"]
            official("mongoimport", f"--uri={java_server.uri}", *place, *options, "--maintainInsertionOrder", file)

        assert held(java_server, again) == {name: raw for name, raw in contents(sample).items() if raw}


def test_a_relaxed_export_writes_numbers_bare(java_server: MongoServer, restored: str, tmp_path: Path) -> None:
    export(java_server, restored, tmp_path, relaxed=True)

    first = (tmp_path / "documentversions.json").read_text().splitlines()[0]
    assert '"version":1,' in first


def test_bsondump_says_what_mongoexport_says(
    java_server: MongoServer, restored: str, sample: Path, tmp_path: Path
) -> None:
    export(java_server, restored, tmp_path)

    for file in sample.glob("*.bson"):
        with (tmp_path / f"{file.stem}.json").open("rb") as exported:
            assert official("bsondump", file).stdout == exported.read()


def test_tool_that_fails_says_why(official_tools: Path, tmp_path: Path) -> None:
    (tmp_path / "notes.bson").write_bytes(b"no document")

    with pytest.raises(RuntimeError, match="bsondump ended with 1:"):
        official("bsondump", tmp_path / "notes.bson")


def test_address_through_a_proxy_keeps_the_rest() -> None:
    server = MongoServer("mongodb://ada%40school:p%2Fss@db.example.org:27018/school?authSource=admin")

    expected = "mongodb://ada%40school:p%2Fss@127.0.0.1:9/school?authSource=admin&directConnection=true"
    assert server.address == ("db.example.org", 27018)
    assert server.through(9).uri == expected


def test_server_that_does_not_start_shows_its_log(tmp_path: Path) -> None:
    with (
        pytest.raises(RuntimeError, match=r"ended with 3:\nno such luck"),
        run_server(["sh", "-c", "echo no such luck; exit 3"], tmp_path / "log"),
    ):
        pass


def test_server_ends_with_a_killed_session(tmp_path: Path) -> None:
    script = """if True:
        import os, sys
        from pathlib import Path
        from migrate_mongo.tests.mongo import run_server
        with run_server(["sh", "-c", "echo listening on port $$; exec sleep 60"], Path(sys.argv[1])) as pid:
            print(pid, flush=True)
            os.kill(os.getpid(), 9)
    """

    killed = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "log")], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False
    )

    assert killed.returncode == -9
    assert has_ended(int(killed.stdout))


@pytest.mark.parametrize(("required", "outcome"), [("1", pytest.fail.Exception), ("", pytest.skip.Exception)])
def test_what_is_not_built_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, required: str, outcome: type[BaseException]
) -> None:
    monkeypatch.setenv("SCRIBETREE_MONGO_CACHE", str(tmp_path))
    monkeypatch.setenv("SCRIBETREE_REQUIRE_MONGO", required)

    with pytest.raises(outcome, match="needs Go: install them, then run `migrate_mongo/tests/servers/build`"):
        find_built("ferretdb", "Go")


def test_build_says_what_to_install(tmp_path: Path) -> None:
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("bash", "cat", "dirname", "flock", "mkdir", "sha256sum"):
        (programs / name).symlink_to(shutil.which(name) or name)

    result = subprocess.run(
        [BUILD],
        env={"PATH": str(programs), "SCRIBETREE_MONGO_CACHE": str(tmp_path / "cache")},
        capture_output=True,
        text=True,
        check=False,
    )

    run = "install them, then run migrate_mongo/tests/servers/build"
    assert result.stderr.splitlines() == [
        f"java: needs Java 11 or newer and Maven: {run}",
        f"ferretdb: needs Go 1.24 or newer: {run}",
        f"tools: needs Go 1.25.11 or newer: {run}",
    ]
    assert result.returncode == 1
