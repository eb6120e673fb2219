"""How fast the import is: against a floor, against the ORM, and in how much memory.

    python bench/import.py [--documents 100000] [--small 30000] [--large 300000]
    python bench/import.py --profile [--documents 100000]

The floor is binary COPY of the very rows of the import, encoded beforehand, into the same empty tables, one statement
a table: from one connection, or half of each table from each of two at once. The peer is what the rows cost one by one
through the ORM. All on an embedded server of its own, whatever DATABASE_URL says. The last line is one JSON object.
docs/performance.md says what the figures are good for.
"""

import argparse
import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SERVER = ROOT / ".postgres-bench"
sys.path.insert(0, str(ROOT))
os.environ |= {
    "DJANGO_SETTINGS_MODULE": "scribetree.settings",
    "DATABASE_URL": "",
    "EMBEDDED_POSTGRES_DIR": str(SERVER),
    "SECRET_KEY": "benchmark " * 6,
    "JWT_SECRET": "benchmark " * 6,
}

import django  # noqa: E402 the settings come first
import psutil  # noqa: E402
from django.apps import apps  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.db.backends.utils import CursorWrapper  # noqa: E402

django.setup()

from bench import stages  # noqa: E402
from migrate_mongo.mappings import MAPPINGS  # noqa: E402
from migrate_mongo.tables import Table  # noqa: E402

MANAGE = (sys.executable, "-W", "ignore", str(ROOT / "manage.py"))
ORM_DOCUMENTS = 1500
REPEATS = 3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=100_000, help="for the speed (default: %(default)s)")
    parser.add_argument("--small", type=int, default=30_000, help="for the memory (default: %(default)s)")
    parser.add_argument("--large", type=int, default=300_000, help="for memory and rate (default: %(default)s)")
    parser.add_argument("--profile", action="store_true", help="only show where the time of one worker goes")
    options = parser.parse_args()
    shutil.rmtree(SERVER, ignore_errors=True)
    call_command("migrate", verbosity=0)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if options.profile:
            print_results(stages.measure(sample(folder / "profile", options.documents), REPEATS))
        else:
            results = speed(folder, options.documents)
            results |= size(folder, options.small, options.large)
            results["rate_of_large_to_speed"] = results["large_documents_per_second"] / results["documents_per_second"]
            print_results(results)


def speed(folder: Path, documents: int) -> dict[str, float]:
    dump = sample(folder / "speed", documents)
    one, two = (min(import_in_process(dump, workers)[0] for _ in range(REPEATS)) for workers in (1, 2))
    verify = min(verify_seconds(dump) for _ in range(REPEATS))
    floors = {streams: min(floor_seconds(streams) for _ in range(REPEATS)) for streams in (1, 2)}
    orm = orm_seconds(sample(folder / "orm", ORM_DOCUMENTS)) / ORM_DOCUMENTS
    return {
        "documents": documents,
        "one_worker_documents_per_second": documents / one,
        "documents_per_second": documents / two,
        "floor_documents_per_second": documents / floors[1],
        "floor_of_two_documents_per_second": documents / floors[2],
        "orm_documents_per_second": 1 / orm,
        "one_worker_to_floor": floors[1] / one,
        "two_workers_to_floor_of_two": floors[2] / two,
        "ratio_to_floor": floors[1] / two,
        "ratio_to_orm": documents / two * orm,
        "verify_to_import": verify / two,
    }


def size(folder: Path, small: int, large: int) -> dict[str, float]:
    _, small_peak = import_in_process(sample(folder / "small", small))
    seconds, large_peak = import_in_process(sample(folder / "large", large))
    return {
        "large_documents": large,
        "large_documents_per_second": large / seconds,
        "small_peak_memory_mb": small_peak,
        "peak_memory_mb": large_peak,
        "memory_ratio": large_peak / small_peak,
    }


def sample(folder: Path, documents: int) -> Path:
    with open(os.devnull, "w") as nowhere:
        call_command("make_sample_dump", str(folder), documents=documents, seed=1, stdout=nowhere)
    return folder


def import_in_process(dump: Path, workers: int = 2) -> tuple[float, float]:
    """Seconds at work, and peak resident megabytes of the import and its workers together, into empty tables."""
    report = dump / "report.json"
    arguments = [*MANAGE, "import_mongo", str(dump), "--restart", "--workers", str(workers)]
    with open(os.devnull, "w") as nowhere:
        process = psutil.Popen([*arguments, "--report", str(report)], stdout=nowhere, stderr=nowhere)
        peak = 0
        while process.poll() is None:
            peak = max(peak, resident_bytes(process))
            time.sleep(0.1)
    if process.returncode:
        sys.exit(f"the import failed; see {' '.join(arguments)}")
    return json.loads(report.read_text())["seconds"], peak / 1024**2


def resident_bytes(process: psutil.Process) -> int:
    """Of a process and its children; what they share counts for each."""
    total = 0
    with contextlib.suppress(psutil.Error):
        for member in [process, *process.children(recursive=True)]:
            with contextlib.suppress(psutil.Error):
                total += member.memory_info().rss
    return total


def verify_seconds(dump: Path) -> float:
    began = time.perf_counter()
    with open(os.devnull, "w") as nowhere:
        subprocess.run([*MANAGE, "verify_mongo", str(dump)], stdout=nowhere, stderr=nowhere, check=True)
    return time.perf_counter() - began


def floor_seconds(streams: int) -> float:
    """Seconds that COPY takes for the rows that are there now, put back into emptied tables by so many at once."""
    tables = imported_tables()
    with connection.cursor() as cursor:
        encoded = {table: [encoded_rows(cursor, table, part, streams) for part in range(streams)] for table in tables}
        cursor.execute(f"TRUNCATE {', '.join(table.name for table in tables)} CASCADE")
    turn = threading.Barrier(streams)

    def copy_part(part: int) -> None:
        with connection.cursor() as cursor:
            for table in tables:
                turn.wait()
                with cursor.copy(f'COPY "{table.name}" ({table.column_list}) FROM STDIN (FORMAT binary)') as copy:
                    for block in blocks(encoded[table][part]):
                        copy.write(block)
        connection.close()

    with ThreadPoolExecutor(streams) as threads:
        began = time.perf_counter()
        for done in [threads.submit(copy_part, part) for part in range(streams)]:
            done.result()
        return time.perf_counter() - began


def encoded_rows(cursor: CursorWrapper, table: Table, part: int, parts: int) -> bytes:
    """One part of a table's rows as COPY data; comments stay together with their replies."""
    key = "submission_id" if table.name == "submission_comments" else "id"
    rows = f'SELECT {table.column_list} FROM "{table.name}" WHERE abs(hashtext({key}::text)) % {parts} = {part}'
    with cursor.copy(f"COPY ({rows}) TO STDOUT (FORMAT binary)") as copy:
        return b"".join(map(bytes, copy))


def blocks(data: bytes, size: int = 256 * 1024) -> Iterator[bytes]:
    for start in range(0, len(data), size):
        yield data[start : start + size]


def orm_seconds(dump: Path) -> float:
    """Seconds that `create()` takes for the rows of a small dump, one by one."""
    import_in_process(dump)
    models = {model._meta.db_table: model for model in apps.get_models()}
    tables = imported_tables()
    rows = [(models[table.name], row) for table in tables for row in models[table.name].objects.values()]
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {', '.join(table.name for table in tables)} CASCADE")
    for _, row in rows:
        row.pop("search_vector", None)
    began = time.perf_counter()
    for model, row in rows:
        model.objects.create(**row)
    return time.perf_counter() - began


def imported_tables() -> list:
    return list(dict.fromkeys(table for mapping in MAPPINGS.values() for table in mapping.tables))


def print_results(results: dict[str, float]) -> None:
    results = {name: round(value, 3) for name, value in results.items()}
    for name, value in results.items():
        print(f"{name:<28}{value:>14,.2f}")
    print(json.dumps(results))


if __name__ == "__main__":
    main()
