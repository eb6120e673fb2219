"""How fast the import is: against a floor, against the ORM, and in how much memory.

    python bench/import.py [--documents 100000] [--small 30000] [--large 300000]

The floor is binary COPY of the very rows of the import, encoded beforehand, into the same empty tables, one statement
a table. The peer is what the rows cost one by one through the ORM. All on an embedded server of its own, whatever
DATABASE_URL says. The last line is one JSON object.
"""

import argparse
import contextlib
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
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

django.setup()

from migrate_mongo.mappings import MAPPINGS  # noqa: E402

ORM_DOCUMENTS = 1500
REPEATS = 3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=100_000, help="for the speed (default: %(default)s)")
    parser.add_argument("--small", type=int, default=30_000, help="for the memory (default: %(default)s)")
    parser.add_argument("--large", type=int, default=300_000, help="for the memory (default: %(default)s)")
    options = parser.parse_args()
    shutil.rmtree(SERVER, ignore_errors=True)
    call_command("migrate", verbosity=0)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        print_results(speed(folder, options.documents) | memory(folder, options.small, options.large))


def speed(folder: Path, documents: int) -> dict[str, float]:
    dump = sample(folder / "speed", documents)
    seconds = min(import_in_process(dump)[0] for _ in range(REPEATS))
    floor = min(floor_seconds() for _ in range(REPEATS))
    orm = orm_seconds(sample(folder / "orm", ORM_DOCUMENTS))
    return {
        "documents": documents,
        "documents_per_second": documents / seconds,
        "floor_documents_per_second": documents / floor,
        "orm_documents_per_second": ORM_DOCUMENTS / orm,
        "ratio_to_floor": floor / seconds,
        "ratio_to_orm": (documents / seconds) / (ORM_DOCUMENTS / orm),
    }


def memory(folder: Path, small: int, large: int) -> dict[str, float]:
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


def import_in_process(dump: Path) -> tuple[float, float]:
    """Seconds at work, and peak resident megabytes of the import and its workers together, into empty tables."""
    report = dump / "report.json"
    arguments = [sys.executable, "-W", "ignore", str(ROOT / "manage.py"), "import_mongo", str(dump), "--restart"]
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


def floor_seconds() -> float:
    """Seconds that COPY takes for the rows that are there now, put back into emptied tables."""
    tables = imported_tables()
    with connection.cursor() as cursor:
        encoded = {}
        for table in tables:
            with cursor.copy(
                f'COPY (SELECT {table.column_list} FROM "{table.name}") TO STDOUT (FORMAT binary)'
            ) as copy:
                encoded[table] = [bytes(part) for part in copy]
        cursor.execute(f"TRUNCATE {', '.join(table.name for table in tables)} CASCADE")
        began = time.perf_counter()
        for table in tables:
            with cursor.copy(f'COPY "{table.name}" ({table.column_list}) FROM STDIN (FORMAT binary)') as copy:
                for part in blocks(encoded[table]):
                    copy.write(part)
        return time.perf_counter() - began


def blocks(parts: list[bytes], size: int = 256 * 1024) -> Iterator[bytes]:
    data = b"".join(parts)
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
