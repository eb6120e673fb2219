"""`migrate` from nothing, and back to nothing, on the server under test and on the oldest that is promised."""

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlencode, urlsplit
from uuid import uuid4

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from scribetree.object_id import is_object_id_uuid
from scribetree.tests.sql import ROWS, fetch, insert

APPS = ("notifications", "analytics", "documents", "assignments", "courses", "accounts", "migrate_mongo")
BINARIES_15 = Path("/usr/lib/postgresql/15/bin")
URL_15 = "SCRIBETREE_POSTGRES_15_URL"
NEEDS_15 = pytest.mark.skipif(
    URL_15 not in os.environ and not (BINARIES_15 / "pg_ctl").exists(),
    reason=f"needs PostgreSQL 15: in {BINARIES_15} (Debian: apt-get install postgresql-15), or its URL in {URL_15}",
)


@pytest.fixture
def server_under_test(db: None) -> str:
    parameters = connection.get_connection_params()
    options = {name: parameters[name] for name in ("host", "port", "user", "password") if parameters.get(name)}
    return f"postgresql:///{quote(parameters['dbname'])}?{urlencode(options)}"


@pytest.fixture(scope="module")
def postgres_15() -> Iterator[str]:
    if URL_15 in os.environ:
        yield os.environ[URL_15]
        return
    # Not tmp_path: the path of a socket must be short, and the server's user must reach it.
    folder = Path(tempfile.mkdtemp(prefix="pg15-"))
    user = None
    if os.geteuid() == 0:  # which PostgreSQL refuses to run as
        user = "nobody"
        os.chown(folder, pwd.getpwnam(user).pw_uid, -1)

    def run(program: str, *arguments: str) -> None:
        subprocess.run(
            [BINARIES_15 / program, "-D", folder / "data", *arguments],
            user=user,
            cwd=folder,
            check=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )

    try:
        run("initdb", "--username=postgres", "--auth=trust", "--encoding=UTF8", "--no-locale", "--no-sync")
        options = f"-k {folder} -c listen_addresses='' -c fsync=off"
        run("pg_ctl", "start", "--wait", "--silent", "--log", str(folder / "log"), "--options", options)
        try:
            yield f"postgresql:///postgres?host={folder}&user=postgres"
        finally:
            run("pg_ctl", "stop", "--wait", "--silent", "--mode", "immediate")
    finally:
        shutil.rmtree(folder)


@pytest.fixture(params=["server_under_test", pytest.param("postgres_15", marks=NEEDS_15)])
def fresh_database(request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of an empty database."""
    server = request.getfixturevalue(request.param)
    name = f"scribetree_fresh_{uuid4().hex[:12]}"
    with psycopg.connect(server, autocommit=True) as administration:
        administration.execute(f"CREATE DATABASE {name} TEMPLATE template0")
        try:
            parts = urlsplit(server)
            yield f"postgresql://{parts.netloc}/{name}?{parts.query}"
        finally:
            administration.execute(f"DROP DATABASE {name} WITH (FORCE)")


def manage(database: str, *arguments: str) -> str:
    completed = subprocess.run(
        [sys.executable, "-W", "error", "manage.py", *arguments],
        cwd=settings.BASE_DIR,
        env={**os.environ, "DATABASE_URL": database, "SCRIBETREE_TESTING": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (completed.returncode, completed.stderr) == (0, "")
    return completed.stdout


def tables(database: str) -> set[str]:
    with psycopg.connect(database) as opened:
        return {
            name for (name,) in opened.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        }


def test_migrate_makes_a_schema_that_works(fresh_database: str) -> None:
    output = manage(fresh_database, "migrate")

    assert "Applying analytics.0001_initial... OK" in output
    assert ROWS.keys() <= tables(fresh_database)
    assert "No migrations to apply." in manage(fresh_database, "migrate")
    assert manage(fresh_database, "migrate", "--check") == ""
    assert manage(fresh_database, "make_partitions").startswith("Made writing_sessions_")
    with psycopg.connect(fresh_database) as opened, opened.cursor() as cursor:
        for table in ROWS:
            assert insert(cursor, table)["id"]
        user = insert(cursor, "users", updated_at="2020-01-01T00:00Z")
        assert is_object_id_uuid(user["id"])
        moved = fetch(cursor, "UPDATE users SET bio = '' WHERE id = %s RETURNING updated_at", user["id"])
        assert moved > user["updated_at"]


def test_migrate_goes_back_to_nothing_and_forth_again(fresh_database: str) -> None:
    manage(fresh_database, "migrate")
    manage(fresh_database, "make_partitions")
    with psycopg.connect(fresh_database) as opened, opened.cursor() as cursor:
        for table in ROWS:
            insert(cursor, table)

    for app in APPS:
        manage(fresh_database, "migrate", app, "zero")

    left = {"auth_group", "auth_group_permissions", "auth_permission", "django_content_type", "django_migrations"}
    assert tables(fresh_database) - {"django_session"} == left
    with psycopg.connect(fresh_database) as opened, opened.cursor() as cursor:
        functions = "SELECT count(*) FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
        assert fetch(cursor, functions) == 0

    manage(fresh_database, "migrate")
    assert ROWS.keys() <= tables(fresh_database)


@NEEDS_15
def test_postgres_15_is_one(postgres_15: str) -> None:
    with psycopg.connect(postgres_15) as opened:
        assert opened.info.server_version // 10_000 == 15


def test_migrations_say_all_that_the_models_say() -> None:
    completed = subprocess.run(
        [sys.executable, "manage.py", "makemigrations", "--check", "--dry-run"],
        cwd=settings.BASE_DIR,
        env={**os.environ, "SCRIBETREE_TESTING": "1"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert completed.stdout == "No changes detected\n"
    assert completed.returncode == 0


def test_apps_are_those_with_models_of_ours() -> None:
    ours = {path.parent.parent.name for path in Path(settings.BASE_DIR).glob("*/migrations/0001_initial.py")}

    assert set(APPS) == ours
