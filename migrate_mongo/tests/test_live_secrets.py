"""No password of a live source comes out of an import anywhere that others can look."""

import json
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote_plus

import psutil
import psycopg

from migrate_mongo.tests.mongo import ROOT, Credentials, MongoServer


class Ran:
    """An import in a process of its own, and what others can see of it and of the processes that it starts."""

    def __init__(self, environment: dict[str, str], *options: object) -> None:
        command = [sys.executable, str(ROOT / "manage.py"), "import_mongo", *map(str, options)]
        process = psutil.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.command_lines: set[str] = set()
        while process.returncode is None:
            self._look(process)
            with suppress(subprocess.TimeoutExpired):
                self.out, self.error = process.communicate(timeout=0.05)
        self.code = process.returncode
        url = environment["DATABASE_URL"]
        with psycopg.connect(url) as outside:
            found = outside.execute("SELECT tablename FROM pg_tables WHERE tablename LIKE 'import\\_%'").fetchall()
            rows = [outside.execute(f"SELECT main::text FROM {name} AS main").fetchall() for (name,) in found]
        self.ledger = str(rows)

    def _look(self, process: psutil.Popen) -> None:
        for other in process.children(recursive=True):
            with suppress(psutil.NoSuchProcess):
                self.command_lines.add(" ".join(other.cmdline()))


def test_the_password_of_an_import_is_not_seen(
    own_database: dict[str, str], ferretdb: MongoServer, credentials: Credentials, guarded: str, tmp_path: Path
) -> None:
    environment = {**own_database, "LOG_LEVEL": "DEBUG"}
    report = tmp_path / "report.json"

    ran = Ran(environment, ferretdb.uri, "--database", guarded, "--workers", 2, "--report", report)

    assert ran.code == 0
    assert json.loads(report.read_text())["totals"]["loaded"] == 400
    assert any("import_mongo" in line for line in ran.command_lines), "a worker was seen"
    assert guarded in ran.ledger
    assert "pymongo.command" in ran.error, "PyMongo tells all it does"
    assert_without_password(credentials, ran, report)


def test_a_wrong_password_is_one_clear_line_without_it(
    own_database: dict[str, str], ferretdb: MongoServer, credentials: Credentials, tmp_path: Path
) -> None:
    wrong = Credentials(credentials.user, "wrong/n€ss")
    host, port = ferretdb.address
    environment = {**own_database, "MONGODB_URI": wrong.uri(port)}
    report = tmp_path / "report.html"

    ran = Ran(environment, "--database", "school", "--report", report)

    assert ran.code == 1
    assert ran.error.splitlines() == [f"CommandError: mongodb://{host}:{port}: Authentication failed."]
    assert_without_password(wrong, ran, report)


def assert_without_password(credentials: Credentials, ran: Ran, report: Path) -> None:
    seen = [ran.out, ran.error, ran.ledger, report.read_text(), *ran.command_lines]
    for secret in {credentials.password, quote_plus(credentials.password)}:
        assert [text for text in seen if secret in text] == []
