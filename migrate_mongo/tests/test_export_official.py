"""What others make of an export: MongoDB's own tools, and servers."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db.models import Sum

from migrate_mongo.dump_files import DATABASE
from migrate_mongo.exceptions import ExportError
from migrate_mongo.export import ExportOptions, export_dump
from migrate_mongo.export_live import export_live
from migrate_mongo.export_report import ExportReport
from migrate_mongo.indexes import metadata_of
from migrate_mongo.mappings import MAPPINGS
from migrate_mongo.models import ExportCheckpoint, ImportRun
from migrate_mongo.mongo_uri import parse_mongo_uri
from migrate_mongo.progress import LineMeter
from migrate_mongo.sample import write_sample_dump
from migrate_mongo.targets import dump_target
from migrate_mongo.targets.server import ServerTarget
from migrate_mongo.tests.conftest import Import
from migrate_mongo.tests.cutting_proxy import CuttingProxy
from migrate_mongo.tests.dumps import user
from migrate_mongo.tests.exported import Multiset, multiset, raw_documents
from migrate_mongo.tests.mongo import RAW, ROOT, Credentials, MongoServer
from migrate_mongo.tests.official_tools import official
from migrate_mongo.tests.state import database_url
from scribetree import testing
from scribetree.object_id import uuid_to_object_id

FORMS = {
    "folder": {"archive": False, "compress": False},
    "gzip folder": {"archive": False, "compress": True},
    "archive": {"archive": True, "compress": False},
    "gzip archive": {"archive": True, "compress": True},
}


def export(path: Path, *, archive: bool, compress: bool, **options: Any) -> ExportReport:
    choices = ExportOptions(**options)
    target = dump_target(str(path), None, choices.only, archive=archive, compress=compress)
    return export_dump(target, choices, LineMeter())


def restore(server: MongoServer, database: str, path: Path, *, archive: bool, compress: bool) -> str:
    names = [f"--nsFrom={DATABASE}.*", f"--nsTo={database}.*", *(["--gzip"] if compress else [])]
    where = [f"--archive={path}"] if archive else [str(path)]
    return official("mongorestore", f"--uri={server.uri}", *names, *where).stderr.decode()


def kept(server: MongoServer, database: str) -> dict[str, list[bytes]]:
    """By collection, the documents in the order of their ids."""
    with server.client() as client:
        found = {name: client[database].get_collection(name, codec_options=RAW).find().sort("_id") for name in MAPPINGS}
        return {name: [document.raw for document in documents] for name, documents in found.items()}


def index_names(server: MongoServer, database: str) -> dict[str, set[str]]:
    with server.client() as client:
        return {name: {index["name"] for index in client[database][name].list_indexes()} for name in MAPPINGS}


ORIGINAL_INDEXES = {name: {index["name"] for index in metadata_of(name)["indexes"]} for name in MAPPINGS}


@pytest.fixture
def database(java_server: MongoServer) -> Iterator[str]:
    with java_server.database() as name:
        yield name


@pytest.fixture
def in_dump(import_dump: Import, sample: Path, tmp_path: Path) -> dict[str, list[bytes]]:
    """The sample is imported; what an export writes of it."""
    import_dump(sample)
    export(tmp_path / "plain", archive=False, compress=False)
    return {name: raw_documents(tmp_path / "plain" / DATABASE, name) for name in MAPPINGS}


@pytest.mark.parametrize("form", FORMS)
def test_mongorestore_takes_every_byte_and_makes_the_indexes(
    java_server: MongoServer, database: str, in_dump: dict[str, list[bytes]], tmp_path: Path, form: str
) -> None:
    export(tmp_path / "out", **FORMS[form])

    said = restore(java_server, database, tmp_path / "out", **FORMS[form])

    assert "400 document(s) restored successfully. 0 document(s) failed to restore." in said
    assert kept(java_server, database) == in_dump
    assert index_names(java_server, database) == ORIGINAL_INDEXES


def test_mongorestore_makes_the_indexes_of_the_source(
    java_server: MongoServer, database: str, in_dump: dict[str, list[bytes]], tmp_path: Path
) -> None:
    run = ImportRun.objects.get()
    run.details["metadata"]["users"]["indexes"].append({"v": 2, "key": [["lastName", 1]], "name": "by_name"})
    run.save()
    export(tmp_path / "out", **FORMS["folder"])

    restore(java_server, database, tmp_path / "out", **FORMS["folder"])

    assert index_names(java_server, database)["users"] == ORIGINAL_INDEXES["users"] | {"by_name"}


def test_mongorestore_takes_standard_output(
    java_server: MongoServer, database: str, in_dump: dict[str, list[bytes]], capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    export(Path("-"), archive=True, compress=False)
    data = capfdbinary.readouterr().out

    names = [f"--nsFrom={DATABASE}.*", f"--nsTo={database}.*"]
    said = official("mongorestore", f"--uri={java_server.uri}", *names, "--archive", data=data).stderr

    assert b"400 document(s) restored successfully" in said
    assert kept(java_server, database) == in_dump


def test_mongorestore_misses_the_end_of_a_cut_archive(
    java_server: MongoServer, database: str, in_dump: dict[str, list[bytes]], tmp_path: Path
) -> None:
    export(tmp_path / "out", **FORMS["archive"])
    data = (tmp_path / "out").read_bytes()

    for size in (len(data) // 2, len(data) - 4):
        (tmp_path / "cut").write_bytes(data[:size])
        with pytest.raises(RuntimeError, match="Failed: "):
            restore(java_server, database, tmp_path / "cut", **FORMS["archive"])


def test_mongodump_of_a_restored_export_is_the_original(
    java_server: MongoServer, database: str, in_dump: dict[str, list[bytes]], sample: Path, tmp_path: Path
) -> None:
    restore(java_server, database, tmp_path / "plain", **FORMS["folder"])

    official("mongodump", f"--uri={java_server.uri}", f"--db={database}", f"--out={tmp_path / 'again'}")

    assert multiset(tmp_path / "again" / database) == multiset(sample)


def test_bsondump_reads_what_real_databases_hold(import_dump: Import, trapped_sample: Path, tmp_path: Path) -> None:
    import_dump(trapped_sample)
    export(tmp_path / "out", **FORMS["folder"])

    for file in (tmp_path / "out" / DATABASE).glob("*.bson"):
        said = official("bsondump", file).stderr.decode()
        assert f"{len(raw_documents(file.parent, file.stem))} objects found" in said


Live = Callable[..., ExportReport]


@pytest.fixture
def live(java_server: MongoServer, database: str) -> Live:
    def run(server: MongoServer = java_server, **options: Any) -> ExportReport:
        with ServerTarget(parse_mongo_uri(server.uri, database)) as target:
            return export_live(target, ExportOptions(**options), LineMeter(), print)

    return run


def test_server_holds_every_byte_and_the_indexes(
    java_server: MongoServer, database: str, in_dump: dict[str, list[bytes]], live: Live
) -> None:
    for _ in range(2):
        report = live()

        assert (report.status, report.totals["exported"]) == ("clean", 400)
        assert kept(java_server, database) == in_dump
        assert index_names(java_server, database) == ORIGINAL_INDEXES


def test_indexes_that_are_there_stay_and_those_that_cannot_be_are_listed(
    db: None, java_server: MongoServer, database: str, live: Live
) -> None:
    with java_server.client() as client:
        client[database].users.create_index("role", name="by hand")
        client[database].courses.insert_many([{"enrollmentCode": "SAME"}, {"enrollmentCode": "SAME"}])

    report = live()

    assert [(fault["collection"], fault["id"]) for fault in report.faults] == [("courses", "index enrollmentCode_1")]
    names = index_names(java_server, database)
    assert names["users"] == {"_id_", "email_1", "by hand"}
    assert names["courses"] == ORIGINAL_INDEXES["courses"] - {"enrollmentCode_1"}


def test_what_real_databases_hold_goes_to_a_server(
    import_dump: Import, java_server: MongoServer, database: str, live: Live, trapped_sample: Path, tmp_path: Path
) -> None:
    # the other two hold types that this server does not know
    collections = tuple(name for name in MAPPINGS if name not in ("users", "notifications"))
    import_dump(trapped_sample)
    export(tmp_path / "out", **FORMS["folder"], only=collections)

    report = live(only=collections)

    found = kept(java_server, database)
    assert report.status == "clean"
    assert all(found[name] == raw_documents(tmp_path / "out" / DATABASE, name) for name in collections)


def test_real_dump_with_its_rejects_goes_to_a_server(
    import_dump: Import, java_server: MongoServer, database: str, live: Live, real_data: Path, tmp_path: Path
) -> None:
    import_dump(real_data / "dump-6k")

    report = live(with_rejected=True)
    official("mongodump", f"--uri={java_server.uri}", f"--db={database}", f"--out={tmp_path}")

    assert (report.status, report.totals["exported"], report.totals["rejected"]) == ("clean", 5885, 68)
    expected: Multiset = multiset(real_data / "dump-6k" / DATABASE)
    assert multiset(tmp_path / database) == expected


def test_extra_documents_go_only_when_told_to(
    java_server: MongoServer, database: str, in_dump: dict[str, list[bytes]], live: Live
) -> None:
    with java_server.client() as client:
        client[database].users.insert_many([user(1), {"_id": "by hand", "email": "x"}, {"_id": 5, "email": "y"}])

    assert live().counts("users").extra == 3
    report = live(delete_extra=True)

    assert (report.totals["deleted"], report.totals["extra"]) == (3, 0)
    assert kept(java_server, database) == in_dump


def test_unique_index_refuses_until_the_other_is_gone(
    db: None, java_server: MongoServer, database: str, live: Live
) -> None:
    ada, ben = testing.make_user("ada"), testing.make_user("ben")
    with java_server.client() as client:
        client[database].users.insert_one(user(1, email="ben@example.org"))

    refused = live(only=("users",))
    after = live(only=("users",), delete_extra=True)

    assert [fault["id"] for fault in refused.faults] == [testing.hex_id(ben)]
    assert "duplicate key" in refused.faults[0]["message"]
    assert (refused.exit_code, refused.totals["missing"], after.status) == (2, 1, "clean")
    with java_server.client() as client:
        found = {one["_id"] for one in client[database].users.find()}
    assert found == {uuid_to_object_id(ada.pk), uuid_to_object_id(ben.pk)}


def test_lost_connections_change_nothing(
    java_server: MongoServer,
    database: str,
    in_dump: dict[str, list[bytes]],
    live: Live,
    cutting_proxy: CuttingProxy,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("migrate_mongo.stored.BATCH_ROWS", 10)
    monkeypatch.setattr("migrate_mongo.targets.server.WAITS", (0.1,) * 20)
    write = ServerTarget.write

    def write_and_cut(self: ServerTarget, collection: str, documents: list[tuple[Any, bytes]]) -> dict[int, str]:
        if cutting_proxy.cuts < 10:
            cutting_proxy.cut_after(30, refuse_for=0.05)
        return write(self, collection, documents)

    monkeypatch.setattr(ServerTarget, "write", write_and_cut)
    report = live(java_server.through(cutting_proxy.port))

    assert cutting_proxy.cuts >= 10
    assert (report.status, report.totals["exported"]) == ("clean", 400)
    assert kept(java_server, database) == in_dump


@pytest.mark.django_db(transaction=True)
def test_killed_export_goes_on(java_server: MongoServer, database: str, import_dump: Import, tmp_path: Path) -> None:
    write_sample_dump(tmp_path / "dump", documents=6000, seed=3)
    import_dump(tmp_path / "dump" / DATABASE)
    export(tmp_path / "out", **FORMS["folder"])

    for moment in (1, 2500, 4500):
        process = start(java_server, database)
        while not (documents_there() >= moment or process.poll() is not None):
            time.sleep(0.002)
        os.kill(process.pid, signal.SIGKILL)
        process.communicate(timeout=30)
        assert process.returncode == -signal.SIGKILL
    assert 4500 <= documents_there() < 6000
    process = start(java_server, database)
    said, _ = process.communicate(timeout=60)

    assert process.returncode == 0
    assert b"notifications: goes on where" in said or b"writingsessions: goes on where" in said
    assert b"clean: 6,000 documents written" in said
    assert documents_there() == 0, "the checkpoints are gone"
    assert kept(java_server, database) == {name: raw_documents(tmp_path / "out" / DATABASE, name) for name in MAPPINGS}


def start(server: MongoServer, database: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, str(ROOT / "manage.py"), "export_mongo", "live", "--database", database],
        env={
            **os.environ,
            "SCRIBETREE_TESTING": "1",
            "DATABASE_URL": database_url(),
            "EXPORT_MONGODB_URI": server.uri,
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )


def documents_there() -> int:
    return ExportCheckpoint.objects.aggregate(total=Sum("exported"))["total"] or 0


def test_server_that_asks_for_a_password(db: None, ferretdb: MongoServer) -> None:
    testing.make_user("ada")

    with ferretdb.database() as name, ServerTarget(parse_mongo_uri(ferretdb.uri, name)) as target:
        report = export_live(target, ExportOptions(only=("users",)), LineMeter(), print)

    assert (report.totals["exported"], report.totals["missing"]) == (1, 0)


@pytest.mark.parametrize("password", ["wrong", "p@ss"])
def test_wrong_password_is_told_without_it(
    db: None, ferretdb: MongoServer, credentials: Credentials, password: str
) -> None:
    testing.make_user("ada")
    wrong = Credentials(credentials.user, password).uri(ferretdb.address[1])

    def run() -> None:
        with ServerTarget(parse_mongo_uri(wrong, "school")) as target:
            export_live(target, ExportOptions(only=("users",)), LineMeter(), print)

    with pytest.raises(ExportError, match=r"refuses: .*[Aa]uthentication") as error:
        run()
    assert password not in str(error.value)
