"""A database that is away, or was: 503 while it is, never 401, and no trace when it is back."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.db import DatabaseError, IntegrityError, InterfaceError, OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder

from accounts.models import Role, User
from scribetree.api.errors import is_away
from scribetree.testing import PASSWORD, client_of, make_user

pytestmark = pytest.mark.django_db(transaction=True)

LOGIN = {"email": "ada@example.org", "password": PASSWORD}


@pytest.fixture
def ada() -> User:
    return make_user("ada", Role.EDUCATOR)


@pytest.fixture
def no_database(ada: User) -> Iterator[None]:
    port = connection.settings_dict["PORT"]
    connection.close()
    connection.settings_dict["PORT"] = "1"
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["PORT"] = port


def terminate_kept_connection() -> None:
    connection.ensure_connection()
    backend = connection.connection.info.backend_pid
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 10000)", [backend])
        assert cursor.fetchone() == (True,)
    other.close()


REQUESTS = [
    ("get", "/api/auth/profile", None),
    ("put", "/api/auth/profile", {"bio": "Hello"}),
    ("post", "/api/auth/login", LOGIN),
    ("get", "/api/courses", None),
    ("get", "/api/ready", None),
]


@pytest.mark.usefixtures("no_database")
@pytest.mark.parametrize(("method", "path", "body"), REQUESTS)
@pytest.mark.parametrize("throttling", [True, False])
def test_database_that_is_away_is_no_reason_to_log_out(
    ada: User, settings: Any, throttling: bool, method: str, path: str, body: Any
) -> None:
    settings.THROTTLING = throttling

    answer = getattr(client_of(ada), method)(path, body)

    assert (answer.status_code, answer.json()) == (503, {"error": "Service unavailable"})
    assert answer["Retry-After"] == "5"


@pytest.mark.usefixtures("no_database")
def test_health_does_not_ask_the_database() -> None:
    assert client_of(None).get("/api/health").status_code == 200


@pytest.mark.parametrize(("method", "path", "body"), REQUESTS)
@pytest.mark.parametrize("throttling", [True, False])
def test_connection_that_died_meanwhile_is_replaced(
    ada: User, settings: Any, throttling: bool, method: str, path: str, body: Any
) -> None:
    settings.THROTTLING = throttling
    client = client_of(ada)
    terminate_kept_connection()

    answer = getattr(client, method)(path, body)

    assert answer.status_code == 200


def test_connection_that_dies_within_a_request_is_a_503(ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("courses.views.with_students", lambda *args: terminate_kept_connection() or User.objects.get())

    answer = client_of(ada).get("/api/courses")

    assert (answer.status_code, answer.json()) == (503, {"error": "Service unavailable"})
    connection.close()


def test_ready_says_so(ada: User) -> None:
    answer = client_of(None).get("/api/ready")

    assert (answer.status_code, answer.json()) == (200, {"status": "ready"})


def test_database_of_an_older_release_is_not_ready() -> None:
    recorder = MigrationRecorder(connection)
    recorder.record_unapplied("courses", "0001_initial")
    try:
        answer = client_of(None).get("/api/ready")
    finally:
        recorder.record_applied("courses", "0001_initial")

    assert (answer.status_code, answer.json()) == (503, {"error": "Migrations are pending"})


def caused_by(kind: type[DatabaseError], cause: type[psycopg.Error]) -> DatabaseError:
    error = kind("what happened")
    error.__cause__ = cause()
    return error


@pytest.mark.parametrize(
    ("error", "away"),
    [
        (OperationalError("connection refused"), True),
        (InterfaceError("connection already closed"), True),
        (caused_by(OperationalError, psycopg.errors.AdminShutdown), True),
        (caused_by(OperationalError, psycopg.errors.CannotConnectNow), True),
        (caused_by(OperationalError, psycopg.errors.TooManyConnections), True),
        (caused_by(OperationalError, psycopg.errors.DeadlockDetected), True),
        (caused_by(OperationalError, psycopg.errors.SerializationFailure), True),
        (caused_by(DatabaseError, psycopg.errors.ReadOnlySqlTransaction), True),
        (caused_by(OperationalError, psycopg.errors.QueryCanceled), False),
        (caused_by(IntegrityError, psycopg.errors.UniqueViolation), False),
        (DatabaseError("something else"), False),
    ],
)
def test_error_that_a_later_try_may_not_meet_is_told_apart(error: DatabaseError, away: bool) -> None:
    assert is_away(error) is away
