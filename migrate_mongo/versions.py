"""Which versions of what did an import, for its report."""

import platform
from importlib.metadata import version

import django
from django.db import connection


def versions() -> dict[str, str]:
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        server = str(cursor.fetchone()[0])
    return {
        "PostgreSQL": server,
        "Python": platform.python_version(),
        "Django": django.get_version(),
        **{name: version(name) for name in ("psycopg", "pymongo")},
    }
