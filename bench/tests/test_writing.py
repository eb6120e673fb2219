import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def short_folder() -> Iterator[Path]:
    """For sockets, whose paths must be short."""
    with tempfile.TemporaryDirectory(prefix="bench") as name:
        yield Path(name)


def test_class_loses_no_text(short_folder: Path) -> None:
    command = [sys.executable, "bench/writing.py", "--students", "5", "--seconds", "2", "--typing", "2"]
    environment = {**os.environ, "BENCH_POSTGRES_DIR": str(short_folder)}

    ended = subprocess.run(command, check=False, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120)

    assert ended.returncode == 0, ended.stderr
    results = json.loads(ended.stdout.splitlines()[-1])
    assert (results["students"], results["keys"]["count"], results["losses"]) == (5, 20, 0)
    assert results["saves"]["count"] >= 5
    assert results["versions"] >= 5
