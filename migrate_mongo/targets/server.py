"""A live MongoDB that documents are written to."""

import json
import logging
import sys
from collections.abc import Callable, Iterator
from time import sleep
from typing import Any, Self, TypeVar

from bson import ObjectId, json_util
from bson.raw_bson import RawBSONDocument
from pymongo import MongoClient, ReplaceOne, WriteConcern
from pymongo.errors import BulkWriteError, ConnectionFailure, OperationFailure, PyMongoError

from migrate_mongo.exceptions import ExportError
from migrate_mongo.extended_json import CODEC
from migrate_mongo.mongo_uri import MongoUri, redacted
from migrate_mongo.source_indexes import metadata_to_write

logger = logging.getLogger(__name__)

WAITS = (1, 2, 4, 8, 16, 30, 30, 30, 30)  # seconds after each loss of the connection
IDS = 10_000
_MESSAGE_CHARACTERS = 300

Result = TypeVar("Result")


class _Encoded(RawBSONDocument):
    """PyMongo asks a replacement whether it is empty, for which it would be decoded, with what Python cannot say."""

    def __bool__(self) -> bool:
        return True


class ServerTarget:
    """Is entered for the writing. Raises ExportError, in which no secret of the URI stands."""

    def __init__(self, uri: MongoUri) -> None:
        self.label = uri.label
        self._uri = uri
        try:
            self._client: MongoClient[dict[str, Any]] = MongoClient(uri.text, appname="scribetree")
            # what is acknowledged must outlive the server that did so, as the checkpoints rely on it
            self._database = self._client.get_database(uri.database, CODEC, write_concern=WriteConcern("majority"))
        except (PyMongoError, ValueError, TypeError) as error:  # whose text may quote the URI
            raise ExportError(f"the MongoDB URI cannot be used ({type(error).__name__})") from error

    def __enter__(self) -> Self:
        try:
            self._once(lambda: self._client.admin.command("ping"))
        except (PyMongoError, ExportError):
            self.__exit__(*sys.exc_info())
            raise
        return self

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> None:
        self._client.close()
        if isinstance(error, PyMongoError):
            raise ExportError(f"{self.label} refuses: {self._told(error)}") from error

    def make_indexes(self, collection: str) -> dict[str, str]:
        """Makes the original's and the source's indexes that are not there; says which it could not make, and why."""
        faults = {}
        there = self.patiently(lambda: list(self._database[collection].list_indexes()))
        names, keys = {index["name"] for index in there}, [list(index["key"].items()) for index in there]
        for index in json_util.loads(json.dumps(metadata_to_write(collection)["indexes"])):
            if index["name"] in names or list(index["key"].items()) in keys:
                continue
            command = {"createIndexes": collection, "indexes": [index]}
            try:
                self.patiently(lambda command=command: self._database.command(command))  # type: ignore[misc]
            except OperationFailure as error:
                faults[index["name"]] = self._told(error)
        return faults

    def write(self, collection: str, documents: list[tuple[Any, bytes]]) -> dict[int, str]:
        """Replaces or inserts each by its `_id`, which stands before it; says which were refused, by place, and why."""
        requests: list[ReplaceOne[Any]] = [
            ReplaceOne({"_id": key}, _Encoded(raw), upsert=True) for key, raw in documents
        ]
        try:
            if requests:
                self.patiently(lambda: self._database[collection].bulk_write(requests, ordered=False))
        except BulkWriteError as error:
            if error.details["writeConcernErrors"]:
                raise ExportError(f"{self.label} cannot keep what it is given: {self._told(error)}") from error
            return {fault["index"]: self._shown(fault["errmsg"]) for fault in error.details["writeErrors"]}
        return {}

    def holds(self, collection: str, key: ObjectId) -> bool:
        return self.patiently(lambda: self._database[collection].find_one({"_id": key}, {"_id": 1})) is not None

    def ids(self, collection: str) -> Iterator[list[Any]]:
        """All `_id`s. Not patient: who loses the connection begins anew, `patiently`."""
        batch: list[Any] = []
        for document in self._database[collection].find({}, {"_id": 1}).sort("_id", 1):
            batch.append(document["_id"])
            if len(batch) == IDS:
                yield batch
                batch = []
        if batch:
            yield batch

    def delete(self, collection: str, keys: list[Any]) -> int:
        return self.patiently(lambda: self._database[collection].delete_many({"_id": {"$in": keys}}).deleted_count)

    def patiently(self, action: Callable[[], Result]) -> Result:
        """The action's result, tried again when the connection is lost; so it must be one that may come twice."""
        for wait in WAITS:
            try:
                return action()
            except ConnectionFailure as error:
                logger.warning("%s cannot be reached (%s); once more in %s s", self.label, self._told(error), wait)
                sleep(wait)
        return self._once(action)

    def _once(self, action: Callable[[], Result]) -> Result:
        try:
            return action()
        except ConnectionFailure as error:
            raise ExportError(f"{self.label} cannot be reached: {self._told(error)}") from error

    def _told(self, error: PyMongoError) -> str:
        return self._shown(str(error).partition(", full error")[0].partition(", Timeout:")[0])

    def _shown(self, message: str) -> str:
        return redacted(message, self._uri.text)[:_MESSAGE_CHARACTERS]
