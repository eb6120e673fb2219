"""The same documents give the same rows, to the byte, in whatever form MongoDB's own tools or a server give them."""

import os
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple

import bson
import pytest

from migrate_mongo.extended_json import CODEC
from migrate_mongo.models import Finding, ImportRun
from migrate_mongo.sources import raw_bson
from migrate_mongo.sources.raw_bson import Element
from migrate_mongo.tests.conftest import Import
from migrate_mongo.tests.mongo import MongoServer
from migrate_mongo.tests.official_tools import dump, export, official, restore
from migrate_mongo.tests.state import tables

Tables = dict[str, list[str]]
Rows = Callable[[Path], Tables]
Form = Callable[[MongoServer, str, Path], object]

FORMS: dict[str, tuple[Form, str]] = {
    "directory": (dump, "mongodump directory"),
    "gzip directory": (lambda *place: dump(*place, gzip=True), "mongodump directory, gzip"),
    "archive": (lambda *place: dump(*place, archive=True), "mongodump archive"),
    "gzip archive": (lambda *place: dump(*place, archive=True, gzip=True), "mongodump archive, gzip"),
    "live server": (lambda server, database, _: f"{server.uri}{database}", "live server"),
}
EXPORTS: dict[str, Form] = {
    "canonical export": export,
    "canonical array": lambda *place: export(*place, array=True),
}


class Restored(NamedTuple):
    """The folder of a dump, and the database that it was restored into."""

    folder: Path
    server: MongoServer
    database: str


@pytest.fixture(scope="module")
def restored(
    java_server: MongoServer,
    official_tools: Path,
    sample: Path,
    trapped_sample: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[dict[str, Restored]]:
    """The clean sample, and what can be kept of the one with traps: by the server, and by Extended JSON too."""
    trapped, sayable = (tmp_path_factory.mktemp(name) / "school" for name in ("trapped", "sayable"))
    copy(trapped_sample, trapped, lambda element: element.type == raw_bson.CODE_WITH_SCOPE)
    copy(trapped, sayable, looks_like_extended_json)
    with ExitStack() as stack:
        found = {}
        for name, folder in [("clean", sample), ("trapped", trapped), ("sayable", sayable)]:
            database = stack.enter_context(java_server.database())
            restore(java_server, folder, database)
            found[name] = Restored(folder, java_server, database)
        yield found


def copy(dump_folder: Path, target: Path, left_out: Callable[[Element], bool]) -> None:
    """Without some elements, and without documents that a server cannot hold.

    mongo-java-server changes text that is no UTF-8 and closes the connection at a boolean that is neither 0 nor 1;
    no server takes a second document of the same `_id`.
    """
    target.mkdir()
    for file in dump_folder.glob("*.bson"):
        held: dict[Element, bytes] = {}
        for raw in raws(file):
            if is_decodable(raw):
                held.setdefault(raw_bson.elements(raw)[0], without(raw, left_out))
        (target / file.name).write_bytes(b"".join(held.values()))


def raws(file: Path) -> Iterator[bytes]:
    with file.open("rb") as stream:
        while size := stream.read(4):
            yield size + stream.read(int.from_bytes(size, "little") - 4)


def is_decodable(raw: bytes) -> bool:
    try:
        bson.decode(raw, CODEC)
    except bson.errors.InvalidBSON:
        return False
    return True


def without(raw: bytes, left_out: Callable[[Element], bool]) -> bytes:
    """The document without some elements, however deep they are."""
    return raw_bson.document(
        element._replace(value=without(element.value, left_out))
        if element.type in (raw_bson.DOCUMENT, raw_bson.ARRAY)
        else element
        for element in raw_bson.elements(raw)
        if not left_out(element)
    )


def looks_like_extended_json(element: Element) -> bool:
    """Whether nobody can tell it from a value of another type once it is written as Extended JSON."""
    keys = {inner.name for inner in raw_bson.elements(element.value)} if element.type == raw_bson.DOCUMENT else set()
    return not keys.isdisjoint({b"$oid", b"$date", b"$numberLong"})


@pytest.fixture(scope="module")
def known() -> dict[Path, Tables]:
    """What importing a plain directory gave."""
    return {}


@pytest.fixture
def rows_of(import_dump: Import, known: dict[Path, Tables]) -> Rows:
    """What importing a plain directory gives."""

    def rows(folder: Path) -> Tables:
        if folder not in known:
            import_dump(folder)
            known[folder] = tables()
        return known[folder]

    return rows


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("variant", ["clean", "trapped"])
def test_every_form_gives_the_rows_of_the_directory(
    restored: dict[str, Restored],
    import_dump: Import,
    rows_of: Rows,
    tmp_path: Path,
    variant: str,
    form: str,
) -> None:
    folder, server, database = restored[variant]
    make, kind = FORMS[form]
    expected = rows_of(folder)

    import_dump(make(server, database, tmp_path / "out"), restart=True)

    assert tables() == expected
    assert ImportRun.objects.get().kind.partition(", MongoDB")[0] == kind


@pytest.mark.parametrize("form", EXPORTS)
@pytest.mark.parametrize("variant", ["clean", "sayable"])
def test_every_export_gives_the_rows_of_the_directory(
    restored: dict[str, Restored],
    import_dump: Import,
    rows_of: Rows,
    tmp_path: Path,
    variant: str,
    form: str,
) -> None:
    folder, server, database = restored[variant]
    expected = rows_of(folder)

    import_dump(EXPORTS[form](server, database, tmp_path), restart=True)

    assert tables() == expected


@pytest.mark.parametrize("variant", ["clean", "trapped"])
def test_an_archive_on_standard_input_gives_the_rows_of_the_directory(
    restored: dict[str, Restored],
    import_dump: Import,
    rows_of: Rows,
    monkeypatch: pytest.MonkeyPatch,
    variant: str,
) -> None:
    folder, server, database = restored[variant]
    expected = rows_of(folder)
    reading, writing = os.pipe()

    def write() -> None:
        with os.fdopen(writing, "wb") as pipe:
            options = [f"--uri={server.uri}", f"--db={database}", "--archive", "--gzip"]
            official("mongodump", *options, stdout=pipe)

    with ThreadPoolExecutor() as other, os.fdopen(reading, "rb") as pipe:
        monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=pipe))
        written = other.submit(write)
        import_dump("-", restart=True)
        written.result()

    assert tables() == expected


@pytest.mark.parametrize("array", [False, True])
def test_a_relaxed_export_gives_the_same_rows_and_says_what_it_left_open(
    restored: dict[str, Restored],
    import_dump: Import,
    rows_of: Rows,
    tmp_path: Path,
    array: bool,
) -> None:
    folder, server, database = restored["clean"]
    expected = rows_of(folder)

    import_dump(export(server, database, tmp_path, relaxed=True, array=array), restart=True)

    assert relaxed_numbers()
    assert tables() == expected


def relaxed_numbers() -> int:
    """Forgets the findings of numbers whose width was left open, and says how many there were."""
    deleted, _ = Finding.objects.filter(kind="relaxed_number").delete()
    return deleted


@pytest.mark.parametrize("form", ["dump.archive", "dump.archive.gz", "dump-gzip", "canonical"])
def test_every_form_of_the_seed_data_gives_the_rows_of_the_directory(
    real_data: Path, import_dump: Import, rows_of: Rows, form: str
) -> None:
    expected = rows_of(real_data / "dump")

    import_dump(real_data / "formats" / form, restart=True)

    assert tables() == expected


def test_the_relaxed_seed_data_gives_the_same_rows_and_says_what_it_left_open(
    real_data: Path, import_dump: Import, rows_of: Rows
) -> None:
    expected = rows_of(real_data / "dump")

    import_dump(real_data / "formats" / "relaxed-array", restart=True)

    assert relaxed_numbers()
    assert tables() == expected


def test_the_large_archive_gives_the_rows_of_the_directory(real_data: Path, import_dump: Import, rows_of: Rows) -> None:
    expected = rows_of(real_data / "dump-6k")

    import_dump(real_data / "formats" / "dump-6k.archive.gz", restart=True)

    assert tables() == expected


def test_the_large_dump_on_a_server_gives_the_rows_of_the_directory(
    real_data: Path, java_server: MongoServer, official_tools: Path, import_dump: Import, rows_of: Rows
) -> None:
    expected = rows_of(real_data / "dump-6k")

    with java_server.database() as database:
        restore(java_server, real_data / "dump-6k" / "github-for-writers", database)
        import_dump(f"{java_server.uri}{database}", restart=True)

    assert tables() == expected
