import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection

from migrate_mongo.export import ExportOptions, export_dump
from migrate_mongo.export_report import ExportReport
from migrate_mongo.mappings import MAPPINGS
from migrate_mongo.pipeline import ImportOptions, run_import
from migrate_mongo.progress import LineMeter
from migrate_mongo.report import ImportReport
from migrate_mongo.sample import DATABASE, write_sample_dump
from migrate_mongo.sources import open_source
from migrate_mongo.targets import dump_target
from migrate_mongo.tests.cutting_proxy import CuttingProxy
from migrate_mongo.tests.mongo import (
    Credentials,
    MongoServer,
    fill,
    find_built,
    run_ferretdb,
    run_java_server,
    skip_or_fail,
)
from migrate_mongo.tests.private_ca import Certificates, make_certificates
from migrate_mongo.tests.state import tables
from migrate_mongo.verification import verify
from migrate_mongo.verify_report import VerifyReport

Export = Callable[..., ExportReport]
Import = Callable[..., ImportReport]
Verify = Callable[..., VerifyReport]


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a clean sample of 400 documents."""
    return _sample(tmp_path_factory, documents=400)


@pytest.fixture(scope="session")
def trapped_sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a sample with every trap; `hazards.json` stands above it."""
    return _sample(tmp_path_factory, documents=900, hazards=True)


def _sample(factory: pytest.TempPathFactory, *, documents: int, hazards: bool = False) -> Path:
    folder = factory.mktemp("sample")
    write_sample_dump(folder, documents=documents, seed=11, hazards=hazards)
    return folder / DATABASE


@pytest.fixture
def import_dump(db: None) -> Import:
    """Imports in this process, in the test's transaction."""

    def run(folder: Path, *, salvage: bool = False, **options: object) -> ImportReport:
        with open_source(str(folder), salvage=salvage) as source:
            return run_import(source, ImportOptions(**{"workers": 1, **options}), LineMeter())

    return run


@pytest.fixture
def sample_rows(import_dump: Import, sample: Path) -> dict[str, list[str]]:
    """What importing the sample gives."""
    import_dump(sample)
    return tables()


@pytest.fixture
def verify_dump(db: None) -> Verify:
    def run(folder: Path, only: tuple[str, ...] | None = None, *, salvage: bool = False) -> VerifyReport:
        with open_source(str(folder), salvage=salvage) as source:
            return verify(source, only or tuple(MAPPINGS), 1, LineMeter())

    return run


@pytest.fixture
def export(db: None, tmp_path: Path) -> Export:
    """Exports into the folder `out`, or the one that is named."""

    def run(folder: Path | None = None, *, compress: bool = False, **options: Any) -> ExportReport:
        choices = ExportOptions(**options)
        target = dump_target(str(folder or tmp_path / "out"), None, choices.only, archive=False, compress=compress)
        return export_dump(target, choices, LineMeter())

    return run


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out" / DATABASE


@pytest.fixture
def own_database(transactional_db: None) -> Iterator[dict[str, str]]:
    """The environment of processes that use an empty database of their own, a copy of the test database."""
    name, server = f"own_{uuid.uuid4().hex}", connection.get_connection_params()
    template = connection.settings_dict["NAME"]
    connection.close()
    administration = {"host": server["host"], "user": server["user"], "dbname": "postgres"}
    if server.get("password"):
        administration |= {"password": server["password"], "port": server.get("port", "")}
    with psycopg.connect(**administration, autocommit=True) as outside:
        outside.execute(f'CREATE DATABASE {name} TEMPLATE "{template}"')
        password = f":{server['password']}" if server.get("password") else ""
        url = f"postgresql://{server['user']}{password}@/{name}?host={server['host']}"
        try:
            yield {**os.environ, "SCRIBETREE_TESTING": "1", "DATABASE_URL": url}
        finally:
            outside.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def real_data() -> Path:
    """A folder of dumps of the original application."""
    folder = os.environ.get("SCRIBETREE_TEST_DATA")
    if not folder:
        pytest.skip("SCRIBETREE_TEST_DATA does not name a folder with dumps of the original application")
    return Path(folder)


@pytest.fixture(scope="session")
def java_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MongoServer]:
    """A server that keeps nearly every BSON type; `SCRIBETREE_TEST_MONGODB_URI` names another to use."""
    if uri := os.environ.get("SCRIBETREE_TEST_MONGODB_URI"):
        yield MongoServer(uri)
        return
    with run_java_server(tmp_path_factory.mktemp("java_server")) as server:
        yield server


@pytest.fixture(scope="session")
def live_sample(java_server: MongoServer, sample: Path) -> Iterator[str]:
    """The name of a database of `java_server` with the sample, to be read only."""
    with java_server.database() as database:
        fill(java_server, database, sample)
        yield database


@pytest.fixture(scope="session")
def official_tools() -> Path:
    """The folder of MongoDB's own tools, which `official()` runs."""
    return find_built("tools", "Go")


@pytest.fixture(scope="session")
def credentials() -> Credentials:
    """Those of `ferretdb`; each of these characters means something in a URI."""
    return Credentials("ada@school", "p@ss:w/rd%40")


@pytest.fixture(scope="session")
def ferretdb(tmp_path_factory: pytest.TempPathFactory, credentials: Credentials) -> Iterator[MongoServer]:
    """A server that asks for credentials; its URI has them."""
    with run_ferretdb(tmp_path_factory.mktemp("ferretdb"), credentials=credentials) as server:
        yield server


@pytest.fixture(scope="session")
def guarded(ferretdb: MongoServer, sample: Path) -> Iterator[str]:
    """The name of a database of `ferretdb` with the sample, for those with credentials."""
    with ferretdb.database() as database:
        fill(ferretdb, database, sample)
        yield database


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    if not shutil.which("openssl"):
        skip_or_fail("needs openssl: install it")
    return make_certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="session")
def ferretdb_tls(tmp_path_factory: pytest.TempPathFactory, certificates: Certificates) -> Iterator[MongoServer]:
    """A server that speaks TLS only, with a certificate from a private authority."""
    with run_ferretdb(tmp_path_factory.mktemp("ferretdb_tls"), certificates=certificates) as server:
        yield server


@pytest.fixture
def cutting_proxy(java_server: MongoServer) -> Iterator[CuttingProxy]:
    """A network to `java_server` that fails when told to: `java_server.through(cutting_proxy.port)`."""
    with CuttingProxy(*java_server.address) as proxy:
        yield proxy
