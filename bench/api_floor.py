"""The least that an answer costs: the smallest SQL for the same JSON, encoded with orjson, behind the same server.

The token is not read: a request is known by its line, and API_FLOOR names the file that says what each asks for.
"""

import json
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import psycopg
from psycopg.abc import Buffer
from psycopg.adapt import Loader
from psycopg.rows import dict_row
from psycopg.types.json import set_json_loads

from bench import floors, writing_floors
from bench.floors import Row


class WireId(Loader):
    def load(self, data: Buffer) -> str:
        bits = int(bytes(data).replace(b"-", b""), 16)
        return f"{(bits >> 80) << 48 | (bits >> 64 & 0xFFF) << 36 | bits >> 26 & 0xFFFFFFFFF:024x}"


class WireDate(Loader):
    def load(self, data: Buffer) -> str:
        text = bytes(data).decode()
        return f"{text[:10]}T{text[11:19]}.{text[20:-3]:0<3}Z"


def connect() -> psycopg.Connection[Row]:
    connection = psycopg.connect(os.environ["DATABASE_URL"], autocommit=True, row_factory=dict_row)
    connection.execute("SET timezone = 'UTC'")
    connection.adapters.register_loader("uuid", WireId)
    connection.adapters.register_loader("timestamptz", WireDate)
    set_json_loads(orjson.loads, connection)
    return connection


FLOORS = floors.FLOORS | writing_floors.FLOORS
_plan: dict[str, dict[str, Any]] = {}
if "API_FLOOR" in os.environ:
    _plan = json.loads(Path(os.environ["API_FLOOR"]).read_text(encoding="utf-8"))
_local = threading.local()


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
    query = environ.get("QUERY_STRING")
    line = f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}{'?' + query if query else ''}"
    ask = _plan[f"{line} {environ['HTTP_AUTHORIZATION']}"]
    if not hasattr(_local, "connection"):
        _local.connection = connect()
    parameters = list(ask["parameters"])
    if ask["has_body"]:
        parameters.append(orjson.loads(environ["wsgi.input"].read()))
    body = orjson.dumps(FLOORS[ask["name"]](_local.connection, *parameters))
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]
