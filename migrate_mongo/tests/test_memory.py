"""Memory is bounded whatever the documents are."""

import subprocess
import sys
import time
from pathlib import Path

import psutil
import psycopg

from migrate_mongo.tests.dumps import classroom, document, write_dump

ROOT = Path(__file__).resolve().parents[2]
LARGE = 15_900_000  # bytes of text: with the rest, what a server stores at most
WORKERS = 2
MOST_MEGABYTES = 450  # of each process


def test_documents_of_the_greatest_size_need_bounded_memory(tmp_path: Path, own_database: dict[str, str]) -> None:
    count = 12
    documents = (document(1000 + number, 2, content=chr(97 + number) * LARGE) for number in range(count))
    dump = write_dump(tmp_path, classroom(documents=documents))
    arguments = [sys.executable, str(ROOT / "manage.py"), "import_mongo", str(dump), "--workers", str(WORKERS)]

    with psutil.Popen(arguments, env=own_database, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        peak = 0
        while process.poll() is None:
            peak = max(peak, largest_process(process))
            time.sleep(0.02)

    assert process.returncode == 0
    with psycopg.connect(own_database["DATABASE_URL"]) as outside:
        assert outside.execute("SELECT count(*), min(length(content)) FROM documents").fetchone() == (count, LARGE)
    assert peak < MOST_MEGABYTES


def largest_process(process: psutil.Process) -> float:
    """Megabytes that the greater of the import's processes has to itself."""
    sizes = []
    for member in [process, *process.children(recursive=True)]:
        try:
            if "python" in member.name():
                sizes.append(member.memory_info().rss)
        except psutil.Error:  # it has just ended
            continue
    return max(sizes, default=0) / 1024**2
