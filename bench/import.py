"""How fast the import is: against a floor, against the ORM, and in how much memory.

    python bench/import.py [--documents 30000] [--large 300000]

The floor is binary COPY of the very rows of the import, encoded beforehand, into the same empty tables, one statement
a table. The peer is what the rows cost one by one through the ORM. All on an embedded server of its own, whatever
DATABASE_URL says. The last line is one JSON object.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ |= {
    "DJANGO_SETTINGS_MODULE": "scribetree.settings",
    "DATABASE_URL": "",
    "EMBEDDED_POSTGRES_DIR": str(ROOT / ".postgres-bench"),
    "SECRET_KEY": "benchmark " * 6,
    "JWT_SECRET": "benchmark " * 6,
}

import django  # noqa: E402 the settings come first
from django.apps import apps  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402

django.setup()

from migrate_mongo.mappings import MAPPINGS  # noqa: E402

ORM_DOCUMENTS = 1500
REPEATS = 3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=30_000, help="default: %(default)s")
    parser.add_argument("--large", type=int, default=300_000, help="for the memory; 0 leaves it out (%(default)s)")
    options = parser.parse_args()
    call_command("migrate", verbosity=0)
    with tempfile.TemporaryDirectory() as folder:
        print_results(measure(Path(folder), options.documents, options.large))


def measure(folder: Path, documents: int, large: int) -> dict[str, float]:
    dump = sample(folder / "main", documents)
    runs = [import_in_process(dump) for _ in range(REPEATS)]
    seconds = min(seconds for seconds, _ in runs)
    peak = max(memory for _, memory in runs)
    floor = min(floor_seconds() for _ in range(REPEATS))
    orm = orm_seconds(sample(folder / "orm", ORM_DOCUMENTS))
    results = {
        "documents": documents,
        "documents_per_second": documents / seconds,
        "floor_documents_per_second": documents / floor,
        "orm_documents_per_second": ORM_DOCUMENTS / orm,
        "ratio_to_floor": floor / seconds,
        "ratio_to_orm": (documents / seconds) / (ORM_DOCUMENTS / orm),
        "peak_memory_mb": peak,
    }
    if large:
        large_seconds, large_peak = import_in_process(sample(folder / "large", large))
        results |= {
            "large_documents": large,
            "large_documents_per_second": large / large_seconds,
            "large_peak_memory_mb": large_peak,
            "memory_ratio": large_peak / peak,
        }
    return {name: round(value, 3) for name, value in results.items()}


def sample(folder: Path, documents: int) -> Path:
    with open(os.devnull, "w") as nowhere:
        call_command("make_sample_dump", str(folder), documents=documents, seed=1, stdout=nowhere)
    return folder


def import_in_process(dump: Path) -> tuple[float, float]:
    """Seconds at work and peak resident megabytes of an import by a process of its own, into empty tables."""
    report = dump / "report.json"
    arguments = [sys.executable, "-W", "ignore", str(ROOT / "manage.py"), "import_mongo", str(dump), "--restart"]
    with open(os.devnull, "w") as nowhere:
        pid = os.posix_spawn(
            sys.executable,
            [*arguments, "--report", str(report)],
            os.environ,
            file_actions=[(os.POSIX_SPAWN_DUP2, nowhere.fileno(), 1), (os.POSIX_SPAWN_DUP2, nowhere.fileno(), 2)],
        )
        _, status, usage = os.wait4(pid, 0)
    if os.waitstatus_to_exitcode(status):
        sys.exit(f"the import failed; see {' '.join(arguments)}")
    return json.loads(report.read_text())["seconds"], usage.ru_maxrss / 1024


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
    for name, value in results.items():
        print(f"{name:<28}{value:>14,.2f}")
    print(json.dumps(results))


if __name__ == "__main__":
    main()
