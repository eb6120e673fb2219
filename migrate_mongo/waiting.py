"""Work for the time in which PostgreSQL works.

Not in a thread: with one, both sides wait for the interpreter longer than they gain.
"""

import os
import select
import socket
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection
from psycopg.waiting import Ready, Wait

Step = Callable[[], bool]
Waiting = Generator[Wait, Ready, Any]

_SEND_BYTES = 4 * 1024 * 1024


@contextmanager
def working_meanwhile(step: Step) -> Iterator[None]:
    """Inside, before the connection would wait, `step` does a little work, again and again until it returns False.

    For long waits: a short one would end in the middle of a step.
    """
    raw: Any = connection.connection
    wait_only = raw.wait
    _enlarge_buffer(raw.fileno())
    raw.wait = lambda waiting, *options, **named: wait_only(_working(waiting, raw.fileno(), step), *options, **named)
    try:
        yield
    finally:
        raw.wait = wait_only


def _working(waiting: Waiting, descriptor: int, step: Step) -> Waiting:
    """One of psycopg's generators, which yield what they wait for, with work before each wait."""
    poll = select.poll()
    try:
        wanted = next(waiting)
        while True:
            reads, writes = wanted & Wait.R, wanted & Wait.W
            poll.register(descriptor, (select.POLLIN if reads else 0) | (select.POLLOUT if writes else 0))
            while not poll.poll(0) and step():
                pass
            wanted = waiting.send((yield wanted))
    except StopIteration as end:
        return end.value


def _enlarge_buffer(descriptor: int) -> None:
    """Lets the system take a whole COPY, as far as it allows, so that the server is not kept waiting by our work."""
    with socket.socket(fileno=os.dup(descriptor)) as own:
        own.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BYTES)
