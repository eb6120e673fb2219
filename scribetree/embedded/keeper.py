"""Stops the embedded server when its last user has gone: `python -m scribetree.embedded.keeper FOLDER`."""

import fcntl
import os
import signal
import sys
import time
from pathlib import Path

import psutil

from scribetree.embedded.server import data_folder, lock, server_process

_FAST_SECONDS = 60


def keep(folder: Path) -> None:
    # Waits even here: whoever looks if a keeper is alive holds this lock for an instant.
    alive = lock(folder / "keeper.lock", fcntl.LOCK_EX)
    users = lock(folder / "users.lock", fcntl.LOCK_EX)
    stop(data_folder(folder))
    # In this order, so that a newcomer, who waits for `users.lock`, sees that it needs a new keeper.
    os.close(alive)
    os.close(users)


def stop(data: Path) -> None:
    """A fast shutdown, and its end awaited. The lock on `users.lock` keeps newcomers waiting meanwhile."""
    process = server_process(data)
    if process is None:
        return
    try:
        process.send_signal(signal.SIGINT)
        deadline = time.monotonic() + _FAST_SECONDS
        while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
            if time.monotonic() > deadline:
                process.send_signal(signal.SIGQUIT)  # at once; the next start recovers
            time.sleep(0.05)
    except psutil.NoSuchProcess:
        return


if __name__ == "__main__":
    keep(Path(sys.argv[1]))
