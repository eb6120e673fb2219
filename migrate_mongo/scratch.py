"""A schema of its own for a dry run: the same tables with the same constraints, seen by nobody and gone afterwards."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.management import call_command
from django.db import connection

from analytics.partitions import forget_quarters
from migrate_mongo.exceptions import LoadError

SCHEMA = "migrate_mongo_dry_run"
_LOCK = f"hashtext('{SCHEMA}')"


@contextmanager
def scratch_schema() -> Iterator[None]:
    """All tables that are used inside are the schema's, made by the migrations. Raises LoadError if it is in use."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_try_advisory_lock({_LOCK})")
        if not cursor.fetchone()[0]:
            raise LoadError("another dry run is using this database")
        cursor.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")  # one that was killed may have left it
        cursor.execute(f"CREATE SCHEMA {SCHEMA}")
    try:
        with use_schema(SCHEMA):
            call_command("migrate", verbosity=0)
            yield
    finally:
        with connection.cursor() as cursor:
            # in a transaction of the caller's, checks may still be waiting for its end
            cursor.execute(f"SET CONSTRAINTS ALL IMMEDIATE; DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")
            cursor.execute(f"SELECT pg_advisory_unlock({_LOCK})")


@contextmanager
def use_schema(name: str) -> Iterator[None]:
    """Has this process see the tables of that schema only, also when the connection is lost and made again."""
    options = connection.settings_dict["OPTIONS"]
    before = options.get("options", "")
    with connection.cursor() as cursor:
        cursor.execute("SHOW search_path")
        path = cursor.fetchone()[0]
        cursor.execute(f"SET search_path = {name}")
    options["options"] = f"{before} -c search_path={name}"
    forget_quarters()
    try:
        yield
    finally:
        options["options"] = before
        forget_quarters()
        with connection.cursor() as cursor:
            cursor.execute(f"SET search_path = {path}")
