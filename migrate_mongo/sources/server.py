"""A live MongoDB server, read in short queries by ranges of `_id`.

A comparison such as `$gt` matches values of its own type only ("type bracketing"), so each range lies within one
bracket of MongoDB's order of types, and the brackets are asked for one by one:
https://www.mongodb.com/docs/manual/reference/bson-type-comparison-order/
"""

import json
import logging
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from math import inf, isnan
from typing import Any
from urllib.parse import unquote

import bson
from bson import ObjectId, json_util
from pymongo import ASCENDING, MongoClient
from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.errors import AutoReconnect, ConfigurationError, CursorNotFound, InvalidURI, OperationFailure, PyMongoError

from migrate_mongo.exceptions import SourceError
from migrate_mongo.extended_json import CODEC, canonical, from_extended_json
from migrate_mongo.mappings import MAPPINGS
from migrate_mongo.sources.base import PART_BYTES, Part, Source, Survey

SCHEMES = ("mongodb://", "mongodb+srv://")
# By number of the type; symbols compare as strings, and all numbers as numbers.
BRACKETS = (
    [-1],
    [6],
    [10],
    [1, 16, 18, 19],
    [2, 14],
    [3],
    [4],
    [5],
    [7],
    [8],
    [9],
    [17],
    [11],
    [12],
    [13],
    [15],
    [127],
)
AWAY_SECONDS = 300
LONGEST_PAUSE_SECONDS = 10
_BY_ID = [("_id", ASCENDING)]
_ID_ELEMENT = b"\x07_id\0"
_LENIENT = CODEC.with_options(unicode_decode_error_handler="replace")

logger = logging.getLogger(__name__)

Query = Callable[[Any], Iterator[bytes]]
BEGINNING: Any = object()


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
        for bracket in BRACKETS:
            parts += self._parts(handle, bracket, size)
        return Survey(parts, "")

    def _parts(self, handle: Collection[Any], bracket: list[int], size: int) -> Iterator[Part]:
        start, count = "", 0
        for object_id in (_id_of(raw) for raw in self._read(handle, bracket, projection={"_id": True})):
            count += 1
            if count == size:
                end = _place(object_id)
                yield Part(start, json.dumps({"types": bracket, "upto": json.loads(end)}), count)
                start, count = end, 0
        # The last one is open: it takes what is added while the import runs.
        if count or start or bracket == [7]:
            yield Part(start, json.dumps({"types": bracket}), count)

    def documents(self, collection: str, start: str, end: str) -> Iterator[tuple[str, bytes]]:
        bounds = json.loads(end)
        upto = from_extended_json(bounds["upto"]) if "upto" in bounds else BEGINNING
        after = from_extended_json(json.loads(start)) if start else BEGINNING
        for raw in self._read(self._collection(collection), bounds["types"], after=after, upto=upto):
            yield _place(_id_of(raw)), raw

    def find(self, collection: str, object_id: ObjectId) -> Iterator[bytes]:
        def query(_: Any) -> Iterator[bytes]:
            return _split(self._collection(collection).find_raw_batches({"_id": object_id}))

        return self._patiently(query)

    def _read(
        self,
        handle: Collection[Any],
        bracket: list[int],
        *,
        after: Any = BEGINNING,
        upto: Any = BEGINNING,
        projection: Mapping[str, bool] | None = None,
    ) -> Iterator[bytes]:
        def query(last: Any) -> Iterator[bytes]:
            condition = _between(bracket, last, upto)
            cursor = handle.find_raw_batches(
                condition, projection, sort=[("_id", ASCENDING)], hint=[("_id", ASCENDING)]
            )
            return _split(cursor)

        return self._patiently(query, after)

    def _patiently(self, query: Query, last: Any = BEGINNING) -> Iterator[bytes]:
        """What the query gives; when the server goes away, it is asked again for what comes after the last one."""
        away_since, pause = 0.0, 0.1
        while True:
            try:
                for raw in query(last):
                    yield raw
                    last, away_since, pause = _id_of(raw), 0.0, 0.1
            except (AutoReconnect, CursorNotFound) as error:
                away_since = away_since or time.monotonic()
                if time.monotonic() - away_since > AWAY_SECONDS:
                    raise SourceError(f"{label(self.uri)} is away: {self._told(error)}") from None
                logger.warning("%s is away (%s); trying again", label(self.uri), self._told(error))
                time.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
            except PyMongoError as error:
                raise SourceError(f"{label(self.uri)} cannot be read: {self._told(error)}") from None
            else:
                return

    def _collection(self, name: str) -> Collection[Any]:
        return _client(self.uri)[self.database][name]

    def _told(self, error: Exception) -> str:
        return redacted(str(error), self.uri)


def open_server(uri: str, database: str | None) -> Source:
    """Raises SourceError when the server cannot be reached, refuses the credentials, or has no such database."""
    try:
        client = _client(uri)
        name = database or _named_database(client)
        handle = client[name]
        infos = {info["name"]: info for info in handle.list_collections()}
        version = client.server_info()["version"]
    except (PyMongoError, ValueError) as error:
        raise SourceError(f"{label(uri)}: {redacted(str(error), uri)}") from None
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


def label(uri: str) -> str:
    """Where the server is, without who asks and how."""
    scheme, _, rest = uri.partition("://")
    return f"{scheme}://{re.split(r'[/?]', rest.rpartition('@')[2], maxsplit=1)[0]}"


def redacted(text: str, uri: str) -> str:
    """The text without the credentials of the URI, in one line."""
    credentials = uri.partition("://")[2].rpartition("@")[0]
    user, _, password = credentials.partition(":")
    for secret in (credentials, password, unquote(password), user, unquote(user)):
        if secret:
            text = text.replace(secret, "***")
    return " ".join(text.split())


@cache
def _client(uri: str) -> MongoClient[Any]:
    return MongoClient(uri, appname="scribetree", tz_aware=True)


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
    except OperationFailure:
        average = 0
    return max(100, min(10_000, PART_BYTES // int(average or 2048)))


def _between(bracket: list[int], after: Any, upto: Any) -> dict[str, Any]:
    condition: dict[str, Any] = {"$type": bracket}
    if isinstance(after, float) and isnan(after):
        condition["$gte"] = -inf  # NaN comes before all other numbers, and compares with none of them
    elif after is not BEGINNING:
        condition["$gt"] = after
    if upto is not BEGINNING:
        condition["$lte"] = upto
    return {"_id": condition}


def _split(cursor: Any) -> Iterator[bytes]:
    """The documents of raw batches: one that cannot be decoded does not stop the others."""
    for batch in cursor:
        position = 0
        while position < len(batch):
            end = position + int.from_bytes(batch[position : position + 4], "little")
            yield batch[position:end]
            position = end


def _id_of(raw: bytes) -> Any:
    if raw[4:9] == _ID_ELEMENT:
        return ObjectId(raw[9:21])
    return bson.decode(raw, _LENIENT)["_id"]


def _place(object_id: Any) -> str:
    if type(object_id) is ObjectId:
        return f'{{"$oid": "{object_id}"}}'
    return json.dumps(canonical(object_id))
