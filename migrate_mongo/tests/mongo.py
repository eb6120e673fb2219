"""The servers that live tests talk to; `servers/build` makes them."""

import os
import re
import shutil
import subprocess
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import quote_plus, urlsplit

import pytest
from bson import decode_file_iter
from bson.codec_options import CodecOptions
from bson.raw_bson import RawBSONDocument
from pymongo import MongoClient
from pymongo.uri_parser import parse_uri

from migrate_mongo.tests.private_ca import Certificates

ROOT = Path(__file__).resolve().parents[2]
BUILD = "migrate_mongo/tests/servers/build"
RAW: CodecOptions[RawBSONDocument] = CodecOptions(document_class=RawBSONDocument)
PORT = re.compile(r"listening on (?:port |T(?:CP|LS) 127\.0\.0\.1:)(\d+)", re.IGNORECASE)
PATIENCE = 60  # seconds; a JVM starts in two, but not on a busy machine
INSERT = 500


@dataclass(frozen=True)
class MongoServer:
    uri: str
    # what a client needs besides the address, in PyMongo's words
    options: dict[str, Any] = field(default_factory=dict)

    @contextmanager
    def client(self, **options: Any) -> Iterator[MongoClient[Any]]:
        settings = {"serverSelectionTimeoutMS": 5000, **self.options, **options}
        with MongoClient[Any](self.uri, **settings) as client:
            yield client

    @contextmanager
    def database(self) -> Iterator[str]:
        """A name that no other test has; the database is dropped afterwards."""
        name = f"test_{uuid.uuid4().hex}"
        try:
            yield name
        finally:
            with self.client() as client:
                client.drop_database(name)

    @property
    def address(self) -> tuple[str, int]:
        host, port = parse_uri(self.uri)["nodelist"][0]
        return host, port

    def through(self, port: int) -> "MongoServer":
        """The same server, by way of a proxy on the loopback address."""
        parts = urlsplit(self.uri)
        credentials, at, _ = parts.netloc.rpartition("@")
        # a member of a replica set would send the client on to the others
        query = "&".join(filter(None, [parts.query, "directConnection=true"]))
        proxied = parts._replace(netloc=f"{credentials}{at}127.0.0.1:{port}", path=parts.path or "/", query=query)
        return MongoServer(proxied.geturl(), self.options)


@dataclass(frozen=True)
class Credentials:
    user: str
    password: str

    def uri(self, port: int) -> str:
        return f"mongodb://{quote_plus(self.user)}:{quote_plus(self.password)}@127.0.0.1:{port}/?authSource=admin"


def fill(server: MongoServer, database: str, dump: Path) -> None:
    """Puts the documents of a dump's folder into a database, byte for byte."""
    with server.client() as client:
        for path in sorted(dump.glob("*.bson")):
            with path.open("rb") as file:
                documents = list(decode_file_iter(file, RAW))
            collection = client[database].get_collection(path.stem, codec_options=RAW)
            for start in range(0, len(documents), INSERT):
                collection.insert_many(documents[start : start + INSERT])


@contextmanager
def run_java_server(folder: Path) -> Iterator[MongoServer]:
    """mongo-java-server: nearly every BSON type, in memory, without authentication and sessions."""
    built = find_built("java", "Java and Maven", "java")
    command = ["java", "-Xmx512m", "-cp", f"{built / 'lib'}/*", str(built / "Server.java")]
    with run_server(command, folder / "log") as port:
        yield MongoServer(f"mongodb://127.0.0.1:{port}/")


@contextmanager
def run_ferretdb(
    folder: Path, *, credentials: Credentials | None = None, certificates: Certificates | None = None
) -> Iterator[MongoServer]:
    """FerretDB on SQLite: asks for credentials or speaks TLS, but lacks some BSON types."""
    program = find_built("ferretdb", "Go") / "ferretdb"
    command = [str(program), "--handler=sqlite", f"--sqlite-url=file:{folder}/", f"--state-dir={folder}",
               "--debug-addr=-", "--telemetry=disable"]  # fmt: skip
    if credentials:
        command += ["--test-enable-new-auth", "--setup-database=admin", f"--setup-username={credentials.user}",
                    f"--setup-password={credentials.password}"]  # fmt: skip
    if certificates:
        command += ["--listen-addr=", "--listen-tls=127.0.0.1:0", f"--listen-tls-cert-file={certificates.certificate}",
                    f"--listen-tls-key-file={certificates.key}"]  # fmt: skip
    else:
        command.append("--listen-addr=127.0.0.1:0")
    options = {"tls": True, "tlsCAFile": str(certificates.authority)} if certificates else {}
    with run_server(command, folder / "log") as port:
        yield MongoServer(credentials.uri(port) if credentials else f"mongodb://127.0.0.1:{port}/", options)


@contextmanager
def run_server(command: list[str], log: Path) -> Iterator[int]:
    """Runs it, and yields the port that it says it listens on; it ends with this process at the latest."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", *command],
            cwd=log.parent,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        yield _wait_for_port(process, log)
    finally:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_for_port(process: subprocess.Popen[bytes], log: Path) -> int:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        ended = process.poll() is not None
        said = log.read_text(encoding="utf-8", errors="replace")
        if found := PORT.search(said):
            return int(found[1])
        if ended:
            raise RuntimeError(f"{process.args!r} ended with {process.returncode}:\n{said}")
        time.sleep(0.05)
    raise RuntimeError(f"{process.args!r} does not listen after {PATIENCE} s:\n{said}")


def find_built(recipe: str, needs: str, *programs: str) -> Path:
    """The folder that a recipe was built into. Without it the test is skipped, or fails where it must not be."""
    cache = Path(os.environ.get("SCRIBETREE_MONGO_CACHE") or ROOT / ".mongo").resolve()
    if not (cache / recipe / "recipe").is_file() or not all(map(shutil.which, programs)):
        skip_or_fail(f"needs {needs}: install them, then run `{BUILD}`")
    return cache / recipe


def skip_or_fail(reason: str) -> NoReturn:
    if os.environ.get("SCRIBETREE_REQUIRE_MONGO") == "1":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)
