"""Processes that begin as copies of this one, so that nothing has to be imported and set up once more."""

import multiprocessing
import os
from typing import Any

from django.db import connection

CONTEXT = multiprocessing.get_context("fork")

_inherited: list[Any] = []


def leave_connection() -> None:
    """In the copy: the connection to the database stays with the parent, and ends with it; this process makes its own.

    Only the descriptor is closed, as psycopg would say goodbye for both.
    """
    if connection.connection is not None:
        os.close(connection.connection.fileno())
        _inherited.append(connection.connection)
        connection.connection = None
