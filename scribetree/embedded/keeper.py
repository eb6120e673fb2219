"""Stops the embedded server when its last user has gone: `python -m scribetree.embedded.keeper FOLDER`."""

import fcntl
import signal
import sys
import time
from pathlib import Path

import psutil

from scribetree.embedded.server import data_folder, lock, postmaster


def keep(folder: Path) -> None:
    try:
        lock(folder / "keeper.lock", fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return  # another keeper is at work
    lock(folder / "users.lock", fcntl.LOCK_EX)
    stop(data_folder(folder))


def stop(data: Path) -> None:
    """A fast shutdown, and its end awaited. The lock on `users.lock` keeps newcomers waiting meanwhile."""
    lines = postmaster(data)
    if not lines:
        return
    try:
        process = psutil.Process(int(lines[0]))
        if str(data) not in process.cmdline():
            return  # the server has crashed, and its number belongs to somebody else
        process.send_signal(signal.SIGINT)
        while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
            time.sleep(0.05)
    except psutil.NoSuchProcess:
        return


if __name__ == "__main__":
    keep(Path(sys.argv[1]))
