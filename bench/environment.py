"""What the benchmarks of the API run on: production settings, and a fresh database on an embedded server of their own,
whatever DATABASE_URL says. To be imported before anything of Django.
"""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SERVER = Path(os.environ.get("BENCH_POSTGRES_DIR", ROOT / ".postgres-bench"))
os.environ |= {
    "DJANGO_SETTINGS_MODULE": "scribetree.settings",
    "SCRIBETREE_TESTING": "0",
    "DATABASE_URL": "",
    "EMBEDDED_POSTGRES_DIR": str(SERVER),
    "SECRET_KEY": "benchmark " * 6,
    "JWT_SECRET": "benchmark " * 6,
    "ALLOWED_HOSTS": "127.0.0.1,testserver",
    "DEBUG": "0",
    "SECURE_SSL": "0",
    "THROTTLING": "1",
    "LOG_LEVEL": "WARNING",
}

import django  # noqa: E402 the settings come first
import psycopg  # noqa: E402
from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402

django.setup()

from scribetree.embedded.server import use_server  # noqa: E402


def use_database(name: str, *, keep: bool = False) -> str:
    """Its address, and Django uses it from now on: a new one with its tables, or the one of the last run."""
    socket_folder = use_server(SERVER)
    settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = name
    if not keep:
        with psycopg.connect(host=str(socket_folder), user="postgres", dbname="postgres", autocommit=True) as outside:
            outside.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            outside.execute(f"CREATE DATABASE {name}")
        call_command("migrate", verbosity=0)
    return f"postgresql://postgres@/{name}?host={socket_folder}"
