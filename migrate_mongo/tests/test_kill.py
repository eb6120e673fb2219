"""An import that is killed again and again, on a server that falls over, ends like one that nobody disturbed."""

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest

from migrate_mongo.sample import write_sample_dump
from migrate_mongo.tests.state import committed_tables
from scribetree.embedded.server import data_folder, postmaster, server_process

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = int(os.environ.get("SCRIBETREE_KILLED_DOCUMENTS", "30000"))
KILLS = 12
CRASHES = 2


class Server:
    """A server of the test's own, which the processes that use it start again when it has crashed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {
            **os.environ,
            "SCRIBETREE_TESTING": "1",
            "DATABASE_URL": "",
            "EMBEDDED_POSTGRES_DIR": str(folder),
        }

    def run(self, *arguments: object, **options: Any) -> subprocess.Popen[bytes]:
        command = [sys.executable, str(ROOT / "manage.py"), *map(str, arguments)]
        return subprocess.Popen(
            command, env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options
        )

    def start_import(self, dump: Path, *options: str) -> subprocess.Popen[bytes]:
        arguments = ["import_mongo", dump, "--batch-size", "50", "--workers", "4", *options]
        return self.run(*arguments, start_new_session=True)

    def crash(self) -> None:
        """As when the power fails: nothing is written down, nobody is told."""
        process = server_process(data_folder(self.folder))
        assert process is not None
        process.send_signal(signal.SIGQUIT)
        process.wait(30)

    @contextmanager
    def connected(self) -> Iterator[psycopg.Connection[Any]]:
        socket = postmaster(data_folder(self.folder))[4]
        with psycopg.connect(host=socket, user="postgres", dbname="scribetree", autocommit=True) as connection:
            yield connection

    def documents_read(self) -> int:
        """None of them while the server is away."""
        with suppress(psycopg.Error, IndexError), self.connected() as connection:
            row = connection.execute("SELECT coalesce(sum(read), 0)::int FROM import_parts").fetchone()
            return row[0] if row else 0
        return 0


@pytest.fixture
def server() -> Iterator[Server]:
    # Not tmp_path: the path of a socket must be short, and the server's user must reach it.
    with tempfile.TemporaryDirectory(prefix="kill-", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o755)
        server = Server(Path(name))
        # something that uses the server throughout, so that it does not stop in between
        held = server.run("shell", "-c", "from django.db import connection; connection.connect(); input()", stdin=-1)
        assert server.run("migrate").wait(60) == 0
        try:
            yield server
        finally:
            held.kill()
            held.communicate()
            while server_process(data_folder(server.folder)) is not None:
                time.sleep(0.05)


def kill(process: subprocess.Popen[bytes], dice: random.Random) -> None:
    """The whole group, one worker and then the others, or the parent alone, whose workers leave by themselves."""
    victims = dice.choice(["group", "worker", "parent"])
    children = psutil.Process(process.pid).children()
    if victims == "parent":
        os.kill(process.pid, signal.SIGKILL)
    else:
        if victims == "worker":
            os.kill(dice.choice(children or [process]).pid, signal.SIGKILL)
            time.sleep(dice.uniform(0, 0.02))
        os.killpg(process.pid, signal.SIGKILL)
    assert process.wait(30) == -signal.SIGKILL
    _, alive = psutil.wait_procs(children, timeout=30)
    assert alive == []


def wait_for(server: Server, moment: int, process: subprocess.Popen[bytes]) -> None:
    """Until so many documents are read; a process that has ended before has failed."""
    while server.documents_read() < moment:
        assert process.poll() is None
        time.sleep(0.01)


def test_killed_and_crashed_at_random_moments_it_ends_the_same(tmp_path: Path, server: Server) -> None:
    write_sample_dump(tmp_path / "dump", documents=DOCUMENTS, seed=3)
    dice = random.Random(os.urandom(8))
    for _ in range(KILLS):
        before = server.documents_read()
        process = server.start_import(tmp_path / "dump")
        if dice.random() < 0.25:
            time.sleep(dice.uniform(0, 0.6))  # while it begins
        else:
            wait_for(server, before + dice.randrange(1, DOCUMENTS // (3 * KILLS)), process)
        kill(process, dice)
    read = server.documents_read()
    assert 0 < read < DOCUMENTS

    survivor = server.start_import(tmp_path / "dump")
    for moment in sorted(dice.randrange(read, (read + DOCUMENTS) // 2) for _ in range(CRASHES)):
        wait_for(server, moment, survivor)
        server.crash()
    assert survivor.wait(300) == 0
    with server.connected() as outside:
        disturbed = committed_tables(outside)

    assert server.start_import(tmp_path / "dump", "--restart").wait(300) == 0
    with server.connected() as outside:
        assert committed_tables(outside) == disturbed
