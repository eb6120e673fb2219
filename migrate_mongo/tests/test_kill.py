"""An import that is killed again and again ends like one that nobody disturbed."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import psycopg

from migrate_mongo.sample import write_sample_dump
from migrate_mongo.tests.state import committed_tables

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = 20_000
KILLS = 20


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


def test_killed_at_random_moments_it_ends_the_same(tmp_path: Path, own_database: dict[str, str]) -> None:
    write_sample_dump(tmp_path / "dump", documents=DOCUMENTS, seed=3)
    dice = random.Random(os.urandom(8))
    with psycopg.connect(own_database["DATABASE_URL"], autocommit=True) as outside:
        # In the first half, so that none comes too late.
        for moment in sorted(dice.randrange(DOCUMENTS // 2) for _ in range(KILLS)):
            is_past = documents_read(outside) > moment
            process = start(tmp_path / "dump", own_database)
            if is_past:
                time.sleep(dice.uniform(0.3, 1))
            while not is_past and documents_read(outside) < moment and process.poll() is None:
                time.sleep(0.005)
            kill(process, dice)
        assert 0 < documents_read(outside) < DOCUMENTS

        assert start(tmp_path / "dump", own_database).wait(120) == 0
        killed = committed_tables(outside)
        assert start(tmp_path / "dump", own_database, "--restart").wait(120) == 0
        undisturbed = committed_tables(outside)

    assert killed == undisturbed
