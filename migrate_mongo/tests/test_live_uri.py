"""What the URI of a live server says is done, and what is wrong with it is told in one line without secrets."""

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

import dns.resolver
import pytest
from django.core.management import CommandError, call_command
from pymongo.read_preferences import ReadPreference, Secondary

from migrate_mongo.exceptions import SourceError
from migrate_mongo.mongo_uri import UNREADABLE
from migrate_mongo.sources import open_source, printable
from migrate_mongo.sources.server import connect, disconnect
from migrate_mongo.tests.conftest import Import
from migrate_mongo.tests.local_dns import name_server
from migrate_mongo.tests.mongo import Credentials, MongoServer, fill, run_ferretdb
from migrate_mongo.tests.private_ca import Certificates
from migrate_mongo.tests.state import tables

Tables = dict[str, list[str]]


@pytest.mark.parametrize(
    ("uri", "label"),
    [
        ("mongodb://localhost", "mongodb://localhost"),
        ("mongodb://ada:s3cret@db.example:27018/school", "mongodb://db.example:27018"),
        ("mongodb://ada%40x:p%2Fw@one,two:27018/a?replicaSet=r", "mongodb://one,two:27018"),
        ("mongodb+srv://ada:s3cret@cluster.example?w=1", "mongodb+srv://cluster.example"),
        ("mongodb://ada@[::1]:27017/?tlsCAFile=/etc/ca.pem", "mongodb://[::1]:27017"),
        ("mongodb://ada:s3@cret@localhost/school", "mongodb://***"),
        ("mongodb://ada:12/s3cret@localhost", "mongodb://***"),
    ],
)
def test_label_is_the_address_alone(uri: str, label: str) -> None:
    assert printable(uri) == label


@pytest.mark.parametrize(
    "uri",
    [
        "mongodb://ada:s3/cret@localhost/school",
        "mongodb://ada:12/s3cret@localhost",
        "mongodb://ada:s3cret?@localhost/school",
        "mongodb://ada:s3@cret@localhost/school",
        "mongodb://ada:s3cret@/school",
        "mongodb+srv://",
    ],
)
def test_what_cannot_be_read_is_not_quoted(uri: str) -> None:
    with pytest.raises(SourceError) as error, open_source(uri):
        pass

    assert str(error.value) == f"{uri.partition('//')[0]}//***: {UNREADABLE}"


@pytest.mark.parametrize(
    ("uri", "message"),
    [
        ("mongodb://localhost:99999/", "mongodb://localhost:99999: Port must be an integer between 0 and 65535"),
        (
            "mongodb://localhost/a?tlsCAFile=/nowhere/ca.pem",
            "mongodb://localhost: [Errno 2] No such file or directory: '/nowhere/ca.pem'",
        ),
        (
            "mongodb://ada:se%zzcret@localhost",
            "mongodb://localhost: Username and password must be escaped according to RFC 3986, "
            "use urllib.parse.quote_plus",
        ),
        (
            "mongodb://127.0.0.1:1/a?serverSelectionTimeoutMS=100",
            "mongodb://127.0.0.1:1: 127.0.0.1:1: [Errno 111] Connection refused",
        ),
    ],
)
def test_what_is_wrong_is_told_in_one_line(uri: str, message: str) -> None:
    with pytest.raises(SourceError) as error, open_source(uri):
        pass

    assert str(error.value) == message


def test_an_option_that_means_nothing_is_told(java_server: MongoServer, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(SourceError, match="holds nothing"), open_source(f"{java_server.uri}nothing?tls=perhaps"):
        pass

    assert caplog.messages == [f"{printable(java_server.uri)}: The value of tls must be 'true' or 'false'"]


def test_database_is_that_of_the_option_or_the_uri(java_server: MongoServer, sample: Path) -> None:
    with java_server.database() as database, java_server.client() as client:
        client[database].users.insert_one({})
        client[database].recipes.insert_one({})
        client[f"{database}_other"].recipes.insert_one({})
        label = f"{printable(java_server.uri)}/{database}"

        for uri, option in [
            (f"{java_server.uri}{database}", None),
            (java_server.uri, database),
            (f"{java_server.uri}elsewhere", database),
        ]:
            with open_source(uri, database=option) as source:
                assert (source.label, source.collections, source.unknown) == (label, {"users"}, ["recipes"])
        with pytest.raises(SourceError, match="names no database: write mongodb://host/DATABASE, or use --database"):
            open_source(java_server.uri).__enter__()
        with pytest.raises(SourceError, match=r"_other at .* holds recipes; name another one with --database"):
            open_source(f"{java_server.uri}{database}_other").__enter__()
        client.drop_database(f"{database}_other")


def test_read_preference_reaches_the_client() -> None:
    options = "readPreference=secondary&maxStalenessSeconds=120&readPreferenceTags=use:import"

    for uri, expected in [
        ("mongodb://localhost/school", ReadPreference.PRIMARY),
        (f"mongodb://localhost/school?{options}", Secondary([{"use": "import"}], 120)),
    ]:
        assert connect(uri).read_preference == expected
        disconnect(uri)


def test_a_server_with_credentials_gives_the_same_rows(
    ferretdb: MongoServer, guarded: str, sample_rows: Tables, import_dump: Import
) -> None:
    import_dump(ferretdb.uri.replace("/?", f"/{guarded}?"), restart=True)

    assert tables() == sample_rows


@pytest.fixture
def guarded_tls(tmp_path: Path, credentials: Credentials, certificates: Certificates) -> Iterator[MongoServer]:
    """A server that asks for credentials and speaks TLS only."""
    with run_ferretdb(tmp_path, credentials=credentials, certificates=certificates) as server:
        yield server


def test_credentials_and_tls_with_a_private_authority_give_the_same_rows(
    guarded_tls: MongoServer, certificates: Certificates, sample: Path, sample_rows: Tables, import_dump: Import
) -> None:
    fill(guarded_tls, "school", sample)

    uri = guarded_tls.uri.replace("/?", "/school?")
    import_dump(f"{uri}&tls=true&tlsCAFile={certificates.authority}", restart=True)

    assert tables() == sample_rows


def test_tls_without_its_authority_is_refused_in_one_line(ferretdb_tls: MongoServer) -> None:
    with (
        pytest.raises(SourceError, match=r"certificate verify failed: [^\n]*$") as error,
        open_source(f"{ferretdb_tls.uri}school?tls=true&serverSelectionTimeoutMS=500"),
    ):
        pass

    assert "\n" not in str(error.value)


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch, ferretdb: MongoServer) -> Iterator[None]:
    """`school.mongo.test` leads to FerretDB, and to its options."""
    _, port = ferretdb.address
    records = {
        ("_mongodb._tcp.school.mongo.test", "SRV"): f"0 0 {port} node.mongo.test.",
        ("school.mongo.test", "TXT"): '"authSource=admin"',
    }
    look_up = socket.getaddrinfo

    def getaddrinfo(host: str | None, *arguments: Any, **options: Any) -> Any:
        return look_up("127.0.0.1" if host == "node.mongo.test" else host, *arguments, **options)

    with name_server(records) as resolver:
        monkeypatch.setattr(dns.resolver, "default_resolver", resolver)
        monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
        yield


@pytest.mark.usefixtures("names")
def test_srv_addresses_are_looked_up(
    credentials: Credentials, guarded: str, sample_rows: Tables, import_dump: Import
) -> None:
    who = f"{quote_plus(credentials.user)}:{quote_plus(credentials.password)}"

    import_dump(f"mongodb+srv://{who}@school.mongo.test/{guarded}?tls=false", restart=True)

    assert tables() == sample_rows


@pytest.mark.usefixtures("names")
def test_an_srv_address_that_does_not_exist_is_told() -> None:
    message = "mongodb+srv://no.mongo.test: The DNS query name does not exist: _mongodb._tcp.no.mongo.test."
    with pytest.raises(SourceError) as error, open_source("mongodb+srv://ada:s3cret@no.mongo.test/school"):
        pass

    assert str(error.value) == message


def test_without_a_source_mongodb_uri_is_it(
    ferretdb: MongoServer, guarded: str, sample_rows: Tables, settings: Any
) -> None:
    settings.MONGODB_URI = ferretdb.uri

    call_command("import_mongo", "--database", guarded, "--workers", "1", "--restart")
    call_command("verify_mongo", "--database", guarded, "--workers", "1")

    assert tables() == sample_rows


def test_without_a_source_and_mongodb_uri_nothing_is_imported(settings: Any) -> None:
    settings.MONGODB_URI = ""

    with pytest.raises(CommandError, match="name a source, or set MONGODB_URI"):
        call_command("import_mongo")
