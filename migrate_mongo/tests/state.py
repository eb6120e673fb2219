"""The whole outcome of an import, to be compared with another's."""

from typing import Any

import psycopg
from django.db import connection

from migrate_mongo.mappings import MAPPINGS

_LEDGER = {
    "import_rejects": "SELECT (collection, document_id, reason, path, message, sha256(raw))::text FROM import_rejects",
    "import_findings": "SELECT (collection, path, kind, count, samples)::text FROM import_findings",
}


def queries() -> dict[str, str]:
    """Every row of the thirteen tables and of the ledger, as text, in order; by table."""
    names = dict.fromkeys(table.name for mapping in MAPPINGS.values() for table in mapping.tables)
    found = {name: f'SELECT main::text FROM "{name}" AS main' for name in names} | _LEDGER
    return {name: f"{query} ORDER BY 1" for name, query in found.items()}


def tables() -> dict[str, list[str]]:
    with connection.cursor() as cursor:
        found = {}
        for name, query in queries().items():
            cursor.execute(query)
            found[name] = [text for (text,) in cursor.fetchall()]
    return found


def database_url() -> str:
    """The test's own database, for a process; that sees what is committed."""
    server = connection.get_connection_params()
    password = f":{server['password']}" if server.get("password") else ""
    return f"postgresql://{server['user']}{password}@/{server['dbname']}?host={server['host']}"


def committed_tables(outside: psycopg.Connection[Any]) -> dict[str, list[str]]:
    """The same, of another database."""
    return {name: [text for (text,) in outside.execute(query)] for name, query in queries().items()}
