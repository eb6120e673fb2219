"""The server under a bounded load: so many clients, each of which waits for its answer before it asks again."""

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import psutil

ROOT = Path(__file__).resolve().parent.parent
HOST = "127.0.0.1"
SECONDS = 60


class Served(NamedTuple):
    port: int
    process: psutil.Process

    def cpu_seconds(self) -> float:
        """What its processes have used; the database's are not among them."""
        members = [self.process, *self.process.children(recursive=True)]
        return sum(sum(member.cpu_times()[:2]) for member in members)


class Run(NamedTuple):
    rate: float
    times: list[float]
    size: int
    cpu: float  # seconds a request, of the server's processes


@contextlib.contextmanager
def served(application: str, database_url: str, **environment: str) -> Iterator[Served]:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port = probe.getsockname()[1]
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
    process = subprocess.Popen(
        [str(Path(sys.executable).parent / "granian"), *arguments, "--log-level", "warning", application],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": database_url, **environment},
    )
    try:
        deadline = time.monotonic() + SECONDS
        while not _listens(port):
            if process.poll() is not None or time.monotonic() > deadline:
                sys.exit(f"{application} does not start")
            time.sleep(0.1)
        yield Served(port, psutil.Process(process.pid))
    finally:
        process.terminate()
        process.wait()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) == 0


class Connection:
    """Kept open between requests; as little work as can be, since the client shares the machine with the server."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection((HOST, port), timeout=SECONDS)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self, message: bytes) -> tuple[int, bytes]:
        self.socket.sendall(message)
        received = self._receive()
        while (end := received.find(b"\r\n\r\n")) < 0:
            received += self._receive()
        head = received[:end].lower()
        start = head.index(b"content-length:") + 15
        length = int(head[start:].partition(b"\r\n")[0])
        body = bytearray(received[end + 4 :])
        while len(body) < length:
            body += self._receive()
        return int(head[9:12]), bytes(body)

    def _receive(self) -> bytes:
        received = self.socket.recv(1 << 18)
        if not received:
            raise ConnectionError("the server has closed the connection")
        return received


def message(method: str, path: str, authorization: str, body: Any = None) -> bytes:
    """A request to a path below `/api` as it goes over the wire."""
    content = b"" if body is None else json.dumps(body).encode()
    lines = [f"{method} /api{path} HTTP/1.1", f"Host: {HOST}", f"Authorization: {authorization}"]
    if content:
        lines += ["Content-Type: application/json", f"Content-Length: {len(content)}"]
    return "\r\n".join([*lines, "", ""]).encode() + content


def measure(side: Served, messages: list[bytes], requests: int, clients: int) -> Run:
    def run(client: int) -> tuple[list[float], int]:
        connection, times, body = Connection(side.port), [], b""
        with contextlib.closing(connection.socket):
            for number in range(requests // clients):
                message = messages[number % len(messages)]
                began = time.perf_counter()
                status, body = connection.ask(message)
                times.append(time.perf_counter() - began)
                if status != 200:
                    sys.exit(f"a request was answered with {status}: {body[:200]!r}")
        return times, len(body)

    with ThreadPoolExecutor(clients) as threads:
        before, began = side.cpu_seconds(), time.perf_counter()
        runs = list(threads.map(run, range(clients)))
        seconds, cpu = time.perf_counter() - began, side.cpu_seconds() - before
    times = [moment for moments, _ in runs for moment in moments]
    return Run(len(times) / seconds, times, runs[0][1], cpu / len(times))
