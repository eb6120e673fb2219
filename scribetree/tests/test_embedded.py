"""The life of the embedded server, in processes that come and go. Signals go to processes of these tests only."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from scribetree.embedded.server import EmbeddedServerError, data_folder, postmaster, server_process, use_server

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 30

# Answers each line of its input with the number of the server process that it has asked.
USER = """
import sys
from pathlib import Path
import psycopg
from scribetree.embedded.server import postmaster, use_server
folder = Path(sys.argv[1])
for line in sys.stdin:
    socket_folder = use_server(folder)
    with psycopg.connect(host=str(socket_folder), user="postgres", dbname="postgres") as connection:
        connection.execute("SELECT 1")
    print(postmaster(folder / "data")[0], flush=True)
"""


class User:
    """A process that uses the server."""

    def __init__(self, folder: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", USER, str(folder)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def ask(self) -> None:
        assert self.process.stdin
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def answer(self) -> int:
        assert self.process.stdout
        return int(self.process.stdout.readline())

    def server(self) -> int:
        self.ask()
        return self.answer()

    def end(self) -> None:
        assert self.process.stdin
        self.process.stdin.close()
        self.process.wait(timeout=SECONDS)

    def kill(self) -> None:
        self.process.kill()
        with self.process:  # closes its pipes
            pass


@pytest.fixture(scope="module")
def initialised() -> Iterator[Path]:
    # Not tmp_path: as root, the library opens every parent folder to the server's user.
    folder = Path(tempfile.mkdtemp(prefix="embedded"))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def folder(initialised: Path) -> Iterator[Path]:
    yield initialised
    wait_until(lambda: not is_running(initialised) and keeper(initialised) is None)


@pytest.fixture
def user(folder: Path) -> Iterator[Callable[[], User]]:
    users: list[User] = []

    def start() -> User:
        users.append(User(folder))
        return users[-1]

    yield start
    for each in users:
        each.kill()


def keeper(folder: Path) -> psutil.Process | None:
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.cmdline()[1:] == ["-m", "scribetree.embedded.keeper", str(folder)]:
                return process
    return None


def is_running(folder: Path) -> bool:
    return server_process(data_folder(folder)) is not None


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.02)


def test_server_is_shared_and_stops_after_the_last_user(folder: Path, user: Callable[[], User]) -> None:
    first, second = user(), user()
    first.ask()
    second.ask()
    assert first.answer() == second.answer()

    first.end()
    time.sleep(0.3)
    assert is_running(folder)

    second.end()
    wait_until(lambda: not is_running(folder))


def test_server_stops_when_its_only_user_is_killed(folder: Path, user: Callable[[], User]) -> None:
    only = user()
    only.server()

    only.kill()

    wait_until(lambda: not is_running(folder))


def test_interrupt_of_the_starter_leaves_the_server_to_others(folder: Path, user: Callable[[], User]) -> None:
    starter = user()
    server = starter.server()
    other = user()
    other.server()

    # what a terminal does at Ctrl-C: the whole process group of the starter, which is its own
    os.killpg(starter.process.pid, signal.SIGINT)
    starter.process.wait(timeout=SECONDS)

    time.sleep(0.3)
    assert other.server() == server


def test_newcomer_replaces_a_killed_keeper(folder: Path, user: Callable[[], User]) -> None:
    first = user()
    server = first.server()
    killed = keeper(folder)
    assert killed
    killed.kill()
    wait_until(lambda: keeper(folder) is None)

    newcomer = user()
    assert newcomer.server() == server
    assert keeper(folder)

    first.kill()
    newcomer.kill()
    wait_until(lambda: not is_running(folder))


def test_newcomer_waits_while_the_server_stops(folder: Path, user: Callable[[], User]) -> None:
    first = user()
    stopping = psutil.Process(first.server())
    stopping.suspend()  # so that stopping lasts until it is let go on
    first.kill()
    newcomer = user()
    newcomer.ask()
    time.sleep(0.5)
    assert keeper(folder)

    stopping.resume()

    assert newcomer.answer() != stopping.pid


def test_server_that_crashed_is_started_again(folder: Path, user: Callable[[], User]) -> None:
    only = user()
    crashed = only.server()
    os.kill(crashed, signal.SIGKILL)
    wait_until(lambda: not is_running(folder))

    assert only.server() != crashed


def test_number_of_another_program_is_not_taken_for_the_server(folder: Path, user: Callable[[], User]) -> None:
    user().server()
    data = data_folder(folder)
    lines = postmaster(data)
    for process in (keeper(folder), server_process(data)):
        assert process
        process.kill()
    wait_until(lambda: not is_running(folder))
    (data / "postmaster.pid").write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")

    assert user().server() != os.getpid()


def test_data_of_another_version_are_refused(tmp_path: Path) -> None:
    data_folder(tmp_path).mkdir()
    (data_folder(tmp_path) / "PG_VERSION").write_text("9\n")

    with pytest.raises(EmbeddedServerError, match="was written by PostgreSQL 9"):
        use_server(tmp_path)


def test_folder_that_cannot_be_used_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(EmbeddedServerError, match="set EMBEDDED_POSTGRES_DIR to another folder"):
        use_server(tmp_path / "file")
