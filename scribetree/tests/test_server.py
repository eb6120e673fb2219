"""The production server as a client meets it: large bodies, shared limits, a database that goes away."""

import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from accounts.models import User
from scribetree.embedded.keeper import stop
from scribetree.embedded.server import data_folder, use_server
from scribetree.testing import PASSWORD, make_user
from scribetree.tests.server import ROOT, Answer, Server, running_server
from scribetree.tests.sql import insert

LIMIT = 16 * 1024 * 1024


@pytest.mark.parametrize(("size", "status"), [(LIMIT, 400), (LIMIT + 1, 413)])
def test_body_is_refused_beyond_its_limit(server: Server, size: int, status: int) -> None:
    frame = b'{"bio": "%s"}'
    body = frame % (b"x" * (size - len(frame) + 2))

    answer = server.ask("PUT", "/auth/profile", make_user("ben"), body)

    assert len(body) == size
    assert (answer.status, list(answer.body)) == (status, ["error"])


def test_processes_share_their_counts_of_logins(throttled_server: Server) -> None:
    make_user("ben")
    attempts = ["wrong"] * 10 + [PASSWORD] * 10

    answers = [
        throttled_server.ask("POST", "/auth/login", body={"email": "ben@example.org", "password": attempt})
        for attempt in attempts
    ]

    assert [answer.status for answer in answers] == [401] * 10 + [429] * 10
    assert 0 < int(answers[-1].headers["retry-after"]) <= 61


@pytest.fixture
def own_postgres() -> Iterator[Path]:
    """A migrated database server that a test may stop."""
    folder = Path(tempfile.mkdtemp(prefix="postgres"))
    try:
        use_server(folder)
        environment = {**os.environ, "SCRIBETREE_TESTING": "1", "DATABASE_URL": url_of(folder)}
        command = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
        subprocess.run(command, cwd=ROOT, env=environment, check=True)
        yield folder
    finally:
        stop(data_folder(folder))
        shutil.rmtree(folder)


def url_of(folder: Path) -> str:
    return f"postgresql://postgres@/postgres?host={use_server(folder)}"


def make_outside_user(folder: Path) -> User:
    with psycopg.connect(url_of(folder), autocommit=True) as outside, outside.cursor() as cursor:
        row = insert(cursor, "users")
    return User(pk=row["id"], email=row["email"], role=row["role"])


def test_database_that_goes_away_logs_nobody_out(own_postgres: Path, tmp_path: Path) -> None:
    user = make_outside_user(own_postgres)
    with running_server(url_of(own_postgres), tmp_path / "log") as server, Client(server, user) as client:
        client.wait_for(200)

        stop(data_folder(own_postgres))
        client.wait_for(503)
        login = server.ask("POST", "/auth/login", body={"email": user.email, "password": PASSWORD})
        use_server(own_postgres)
        client.wait_for(200)

    assert login.status == 503
    assert {answer.status for answer in client.answers} == {200, 503}
    away = [answer for answer in client.answers if answer.status == 503]
    assert {(answer.body["error"], answer.headers["retry-after"]) for answer in away} == {("Service unavailable", "5")}


class Client(threading.Thread):
    """Asks for the profile again and again, as the real client does on every page."""

    def __init__(self, server: Server, user: User) -> None:
        super().__init__()
        self.server, self.user = server, user
        self.answers: list[Answer] = []
        self.news = threading.Condition()
        self.over = False

    def __enter__(self) -> "Client":
        self.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.over = True
        self.join()

    def run(self) -> None:
        while not self.over:
            answer = self.server.ask("GET", "/auth/profile", self.user)
            with self.news:
                self.answers.append(answer)
                self.news.notify_all()

    def wait_for(self, status: int) -> None:
        """Until ten answers in a row have it: all of the server's threads have seen what happened."""
        with self.news:
            assert self.news.wait_for(lambda: [each.status for each in self.answers[-10:]] == [status] * 10, 60)
