"""The production server, as `make serve` runs it, in processes of its own."""

import contextlib
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any, NamedTuple

from accounts.models import User
from accounts.tokens import issue_token

ROOT = Path(__file__).resolve().parents[2]
HOST = "127.0.0.1"
SECONDS = 60


class Answer(NamedTuple):
    status: int
    body: Any
    headers: dict[str, str]


class Server(NamedTuple):
    port: int

    def ask(self, method: str, path: str, user: User | None = None, body: Any = None, **headers: str) -> Answer:
        if user is not None:
            headers["Authorization"] = f"Bearer {issue_token(user)}"
        if body is not None:
            headers.setdefault("Content-Type", "application/json")
            body = body if isinstance(body, bytes) else json.dumps(body).encode()
        connection = http.client.HTTPConnection(HOST, self.port, timeout=SECONDS)
        with contextlib.closing(connection):
            connection.request(method, f"/api{path}", body, headers)
            response = connection.getresponse()
            text = response.read()
            return Answer(
                response.status,
                json.loads(text) if text else None,
                {name.lower(): value for name, value in response.getheaders()},
            )

    def at_once(self, *requests: Callable[[], Answer]) -> list[Answer]:
        """The answers of requests that start together, in the order of the requests."""
        start = Barrier(len(requests))

        def run(request: Callable[[], Answer]) -> Answer:
            start.wait()
            return request()

        with ThreadPoolExecutor(len(requests)) as threads:
            return list(threads.map(run, requests))


def outcomes(answers: Iterable[Answer]) -> Counter[tuple[int, str | None]]:
    """How often which status came with which error."""
    return Counter((answer.status, answer.body.get("error")) for answer in answers)


@contextlib.contextmanager
def running_server(database_url: str, log: Path, **environment: str) -> Iterator[Server]:
    port = free_port()
    arguments = [
        "--interface",
        "wsgi",
        "--host",
        HOST,
        "--port",
        str(port),
        "--workers",
        "2",
        "--blocking-threads",
        "4",
    ]
    settings = {
        "SCRIBETREE_TESTING": "1",
        "DATABASE_URL": database_url,
        "ALLOWED_HOSTS": HOST,
        "THROTTLING": "0",
        "ALLOW_ROLE_SELF_SWITCH": "1",
        "LOG_LEVEL": "WARNING",
        **environment,
    }
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*with_parent(), str(Path(sys.executable).parent / "granian"), *arguments, "scribetree.wsgi:application"],
            cwd=ROOT,
            env={**os.environ, **settings},
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        server = Server(port)
        wait_until(lambda: answers(server), process, log)
        yield server
    finally:
        stop(process)


def with_parent() -> list[str]:
    """However this process ends, the server ends too, where the system can do that."""
    return ["setpriv", "--pdeathsig", "TERM", "--"] if shutil.which("setpriv") else []


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def answers(server: Server) -> bool:
    try:
        return server.ask("GET", "/health").status == 200
    except OSError:
        return False


def wait_until(condition: Callable[[], bool], process: subprocess.Popen[bytes], log: Path) -> None:
    def is_there() -> bool:
        assert process.poll() is None, log.read_text()
        return condition()

    wait_for(is_there, log.read_text)


def wait_for(condition: Callable[[], bool], complaint: Callable[[], str] = str) -> None:
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline, complaint()
        time.sleep(0.05)


def stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(timeout=10)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)  # workers that outlived their parent
    process.wait()
