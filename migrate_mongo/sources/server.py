"""A live MongoDB server, read in short queries by ranges of `_id`, and asked again when it was away."""

import json
import logging
import os
import re
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from bson import ObjectId, json_util
from pymongo import ASCENDING, MongoClient, timeout
from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.errors import (
    AutoReconnect,
    ConfigurationError,
    CursorNotFound,
    InvalidURI,
    PyMongoError,
    ServerSelectionTimeoutError,
)

from migrate_mongo.exceptions import SourceError
from migrate_mongo.mappings import MAPPINGS
from migrate_mongo.mongo_uri import UNREADABLE, is_readable, label, redacted
from migrate_mongo.sources.base import PART_BYTES, Part, Source, Survey
from migrate_mongo.sources.id_ranges import (
    END,
    OBJECT_ID,
    between,
    bounds_of,
    bracket_of,
    elsewhere,
    end_of,
    id_at,
    id_of,
    place_of,
)

AWAY_SECONDS = 300
LONGEST_PAUSE_SECONDS = 10
GOODBYE_SECONDS = 2
FEWEST_IN_A_PART, MOST_IN_A_PART = 100, 10_000
USUAL_BYTES = 2048  # of a document, where the server does not say
_BY_ID = [("_id", ASCENDING)]
_DETAILS = re.compile(r" \(configured timeouts: [^)]*\)|, full error: .*|, Timeout: .*", re.DOTALL)

logger = logging.getLogger(__name__)
_clients: dict[tuple[int, str], MongoClient[Any]] = {}  # a forked process does not use its parent's

Query = Callable[[Any], Iterator[bytes]]


@dataclass(frozen=True)
class ServerReader:
    """Places are an `_id`, as Extended JSON; the end of a part names its bracket too, and may be open."""

    uri: str = field(repr=False)
    database: str

    def survey(self, collection: str) -> Survey:
        """Divides the collection by its index on `_id`, which is all that is read."""
        handle = self._collection(collection)
        size = _documents_in_a_part(handle)
        parts: list[Part] = []
        rest: dict[str, tuple[str, int]] = {}  # by bracket, where its last part begins and what it holds so far

        def query(after: Any) -> Iterator[bytes]:
            if after is END:
                return _found(handle, {}, {"_id": True})
            done = rest.keys() - {bracket_of(after)}
            found = _found(handle, elsewhere(after), {"_id": True})
            return (raw for raw in found if bracket_of(id_of(raw)) not in done)

        for object_id, _ in self._patiently(query):
            bracket = bracket_of(object_id)
            start, count = rest.get(bracket, ("", 0))
            if count + 1 < size:
                rest[bracket] = start, count + 1
            else:
                parts.append(Part(start, end_of(bracket, object_id), size))
                rest[bracket] = place_of(object_id), 0
        rest.setdefault(OBJECT_ID, ("", 0))
        # The last part of a bracket is open: it takes what is added while the import runs.
        parts += [Part(start, end_of(bracket), count) for bracket, (start, count) in rest.items()]
        return Survey(parts, "")

    def documents(self, collection: str, start: str, end: str) -> Iterator[tuple[str, bytes]]:
        handle = self._collection(collection)
        bracket, upto = bounds_of(end)

        def query(after: Any) -> Iterator[bytes]:
            condition = between(bracket, after, upto)
            return _found(handle, condition) if condition else iter(())

        for object_id, raw in self._patiently(query, id_at(start)):
            # some servers find NaN among the other numbers too
            if type(object_id) is ObjectId or bracket_of(object_id) == bracket:
                yield place_of(object_id), raw

    def find(self, collection: str, object_id: ObjectId) -> Iterator[bytes]:
        handle = self._collection(collection)

        def query(after: Any) -> Iterator[bytes]:
            return _split(handle.find_raw_batches({"_id": object_id})) if after is END else iter(())

        return (raw for _, raw in self._patiently(query))

    def _patiently(self, query: Query, after: Any = END) -> Iterator[tuple[Any, bytes]]:
        """What the query gives, behind its ids; when the server was away, it is asked for what comes after the last."""
        patience = _Patience(self.uri)
        while True:
            try:
                for raw in query(after):
                    object_id = id_of(raw)
                    yield object_id, raw
                    after = object_id
                    patience.renew()
            except (AutoReconnect, CursorNotFound) as error:
                patience.wait(error)
            except PyMongoError as error:
                raise SourceError(f"{label(self.uri)} cannot be read: {_explained(error, self.uri)}") from None
            else:
                return

    def _collection(self, name: str) -> Collection[Any]:
        return connect(self.uri)[self.database][name]


class _Patience:
    """Waits for a server that has gone away, as long as it may be away."""

    def __init__(self, uri: str) -> None:
        self._uri = uri
        self.renew()

    def renew(self) -> None:
        self._since, self._pause = 0.0, 0.1

    def wait(self, error: PyMongoError) -> None:
        """Raises SourceError when it has been away for too long."""
        self._since = self._since or time.monotonic()
        where, why = label(self._uri), _explained(error, self._uri)
        if time.monotonic() - self._since > AWAY_SECONDS:
            raise SourceError(f"{where} is away: {why}") from None
        logger.warning("%s is away (%s); trying again", where, why)
        time.sleep(self._pause)
        self._pause = min(2 * self._pause, LONGEST_PAUSE_SECONDS)


@contextmanager
def open_server(uri: str, database: str | None) -> Iterator[Source]:
    """Raises SourceError when the server cannot be reached, refuses the credentials, or has no such database."""
    if not is_readable(uri):
        raise SourceError(f"{label(uri)}: {UNREADABLE}")
    try:
        yield _opened_patiently(uri, database)
    finally:
        disconnect(uri)


def _opened_patiently(uri: str, database: str | None) -> Source:
    patience = _Patience(uri)
    while True:
        try:
            return _opened(uri, database)
        except (PyMongoError, ValueError, OSError) as error:
            if isinstance(error, AutoReconnect) and not isinstance(error, ServerSelectionTimeoutError):
                patience.wait(error)
            else:
                raise SourceError(f"{label(uri)}: {_explained(error, uri)}") from None


def _opened(uri: str, database: str | None) -> Source:
    client = connect(uri)
    name = database or _named_database(client)
    handle = client[name]
    infos = {info["name"]: info for info in handle.list_collections()}
    version = client.server_info()["version"]
    ours = {name: info for name, info in infos.items() if name in MAPPINGS and info.get("type") != "view"}
    if not ours:
        held = ", ".join(sorted(infos)) or "nothing"
        raise SourceError(f"the database {name} at {label(uri)} holds {held}; name another one with --database")
    return Source(
        label=f"{label(uri)}/{name}",
        kind=f"live server, MongoDB {version}",
        reader=ServerReader(uri, name),
        collections=frozenset(ours),
        unknown=sorted(other for other in infos.keys() - ours.keys() if not other.startswith("system.")),
        notes=[
            "a live server is read while it may be in use: what was written to it since then is not here. "
            "Stop its writes for the final import, and verify"
        ],
        metadata={collection: _metadata(handle, info) for collection, info in ours.items()},
        identity=_identity(uri, name, ours),
    )


def _explained(error: Exception, uri: str) -> str:
    """What went wrong, without PyMongo's inner state."""
    return redacted(_DETAILS.sub("", str(error)), uri)


def connect(uri: str) -> MongoClient[Any]:
    """The client that this process has, or makes now. Raises PyMongoError, ValueError or OSError."""
    mine = os.getpid(), uri
    if mine not in _clients:
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            _clients[mine] = MongoClient(uri, appname="scribetree", tz_aware=True)
        for warning in warned:
            logger.warning("%s: %s", label(uri), redacted(str(warning.message), uri))
    return _clients[mine]


def disconnect(uri: str) -> None:
    if client := _clients.pop((os.getpid(), uri), None):
        with timeout(GOODBYE_SECONDS):
            client.close()


def _named_database(client: MongoClient[Any]) -> str:
    try:
        return client.get_default_database().name
    except ConfigurationError:
        raise InvalidURI("the URI names no database: write mongodb://host/DATABASE, or use --database") from None


def _identity(uri: str, database: str, infos: Mapping[str, Mapping[str, Any]]) -> str:
    """What makes it this database, whatever is written to it: the ids of its collections, where the server has them."""
    uuids = sorted(str(info["info"]["uuid"]) for info in infos.values() if info.get("info", {}).get("uuid"))
    return f"{database} {uuids or label(uri)}"


def _metadata(handle: Database[Any], info: Mapping[str, Any]) -> dict[str, Any]:
    """As `mongodump` writes it beside a collection."""
    indexes = handle.command("listIndexes", info["name"])["cursor"]["firstBatch"]
    readable: dict[str, Any] = json.loads(json_util.dumps({"options": info.get("options", {}), "indexes": indexes}))
    return readable


def _documents_in_a_part(handle: Collection[Any]) -> int:
    try:
        average = handle.database.command("collStats", handle.name).get("avgObjSize", 0)
    except PyMongoError:
        average = 0
    return max(FEWEST_IN_A_PART, min(MOST_IN_A_PART, PART_BYTES // int(average or USUAL_BYTES)))


def _found(
    handle: Collection[Any], condition: Mapping[str, Any], projection: Mapping[str, bool] | None = None
) -> Iterator[bytes]:
    return _split(handle.find_raw_batches(condition, projection, sort=_BY_ID, hint=_BY_ID))


def _split(cursor: Any) -> Iterator[bytes]:
    """The documents of raw batches: one that cannot be decoded does not stop the others."""
    for batch in cursor:
        position = 0
        while position < len(batch):
            end = position + int.from_bytes(batch[position : position + 4], "little")
            yield batch[position:end]
            position = end
