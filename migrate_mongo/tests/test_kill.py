"""An import that is killed again and again ends like one that nobody disturbed."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest
from django.db import connection

from migrate_mongo.sample import write_sample_dump
from migrate_mongo.tests.state import queries

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = 20_000
KILLS = 20


@pytest.fixture
def database(transactional_db: None) -> Iterator[dict[str, str]]:
    """The environment of processes that use an empty database of their own, a copy of the test database."""
    name, server = "killed_import_test", connection.get_connection_params()
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
            yield {**os.environ, "SCRIBETREE_TESTING": "1", "DATABASE_URL": url, "KILLED": url}
        finally:
            outside.execute(f"DROP DATABASE {name} WITH (FORCE)")


def start(dump: Path, environment: dict[str, str], *options: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [
            sys.executable,
            str(ROOT / "manage.py"),
            "import_mongo",
            str(dump),
            "--batch-size",
            "25",
            "--workers",
            "2",
            *options,
        ],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def documents_read(outside: psycopg.Connection[tuple[int]]) -> int:
    row = outside.execute("SELECT coalesce(sum(read), 0)::int FROM import_parts").fetchone()
    return row[0] if row else 0


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


def test_killed_at_random_moments_it_ends_the_same(tmp_path: Path, database: dict[str, str]) -> None:
    write_sample_dump(tmp_path / "dump", documents=DOCUMENTS, seed=3)
    dice = random.Random(os.urandom(8))
    with psycopg.connect(database["KILLED"], autocommit=True) as outside:
        # In the first half, so that none comes too late.
        for moment in sorted(dice.randrange(DOCUMENTS // 2) for _ in range(KILLS)):
            is_past = documents_read(outside) > moment
            process = start(tmp_path / "dump", database)
            if is_past:
                time.sleep(dice.uniform(0.3, 1))
            while not is_past and documents_read(outside) < moment and process.poll() is None:
                time.sleep(0.005)
            kill(process, dice)
        assert 0 < documents_read(outside) < DOCUMENTS

        assert start(tmp_path / "dump", database).wait(120) == 0
        killed = state(outside)
        assert start(tmp_path / "dump", database, "--restart").wait(120) == 0
        undisturbed = state(outside)

    assert killed == undisturbed


def state(outside: psycopg.Connection[tuple[int]]) -> dict[str, list[str]]:
    return {name: [row[0] for row in outside.execute(query)] for name, query in queries().items()}  # type: ignore[misc]
