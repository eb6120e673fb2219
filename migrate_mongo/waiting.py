"""Work for the time in which PostgreSQL works.

Not in a thread: with one, both sides wait for the interpreter longer than they gain.
"""

import select
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection
from psycopg.waiting import Ready, Wait

Waiting = Generator[Wait, Ready, Any]


@contextmanager
def working_meanwhile(step: Callable[[], bool]) -> Iterator[None]:
    """Inside, before the connection would wait, `step` does a little work, again and again until it returns False."""
    raw: Any = connection.connection
    wait_only = raw.wait
    raw.wait = lambda waiting, *options, **named: wait_only(_working(waiting, raw.fileno(), step), *options, **named)
    try:
        yield
    finally:
        raw.wait = wait_only


def _working(waiting: Waiting, socket: int, step: Callable[[], bool]) -> Waiting:
    """One of psycopg's generators, which yield what they wait for, with work before each wait."""
    poll = select.poll()
    try:
        wanted = next(waiting)
        while True:
            reads, writes = wanted & Wait.R, wanted & Wait.W
            poll.register(socket, (select.POLLIN if reads else 0) | (select.POLLOUT if writes else 0))
            while not poll.poll(0) and step():
                pass
            wanted = waiting.send((yield wanted))
    except StopIteration as end:
        return end.value
