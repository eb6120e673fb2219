"""`oplog.bson` of `mongodump --oplog`: what happened while the dump was taken.

A dump reads one collection after the other, and documents as they are at that moment. With its oplog applied, it is
the database as it was when the dump ended.

Memory: an index of the documents that the oplog changes, about 250 bytes for each and 40 for each of its updates.
The operations themselves are read again from the file when their document comes by.
"""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO, NamedTuple

from migrate_mongo.exceptions import SourceError
from migrate_mongo.sources.files import reading
from migrate_mongo.sources.frames import BUFFER_BYTES, fault_frame, frames
from migrate_mongo.sources.oplog_entry import Entry
from migrate_mongo.sources.oplog_update import UnknownUpdateError, updated
from migrate_mongo.sources.raw_bson import BsonError, id_of, text_of

# What changes no document: also what servers keep for themselves, and what only concerns indexes and options.
_IGNORED = {"n", "db", "ci", "cu", "cd", "km"}
_IGNORED_COMMANDS = {
    "abortIndexBuild",
    "collMod",
    "commitIndexBuild",
    "create",
    "createIndexes",
    "dbCheck",
    "deleteIndex",
    "deleteIndexes",
    "dropIndex",
    "dropIndexes",
    "setMultikeyMetadata",
    "startIndexBuild",
}
_TRANSACTION_ENDS = {"commitTransaction", "abortTransaction"}


class _Action(NamedTuple):
    """One operation on a document, or the drop of a collection or database."""

    kind: str
    collection: str
    key: bytes
    offset: int


class Oplog:
    """The oplog in a file of plain BSON, as far as it is about one database.

    `collections` are those it changes; with `drops_database`, whatever else the dump holds is gone too. Raises
    SourceError when the file is damaged or says what cannot be applied to a dump.
    """

    def __init__(self, file: str | Path, name: str, database: str) -> None:
        self.name = name
        self.drops_database = False
        self._file = file
        self._database = database
        self._dropped: set[str] = set()
        # By collection and key, where the operations stand that make the document what it is.
        self._changes: dict[str, dict[bytes, list[int]]] = {}
        self._transactions: dict[bytes, list[_Action]] = {}
        with reading(name), open(file, "rb", buffering=BUFFER_BYTES) as stream:
            for end, raw in frames(stream, name, 0):
                self._take(raw, end - len(raw))

    @property
    def collections(self) -> frozenset[str]:
        return frozenset(self._changes.keys() | self._dropped)

    def apply(self, collection: str, documents: Iterable[bytes]) -> Iterator[bytes]:
        """The dump's documents as they were when it ended; those it had not come by are last.

        Documents that the oplog does not change pass as they are; one that it changes but that is no BSON comes as
        the frame of a fault. Raises SourceError when an update cannot be applied.
        """
        changes = self._changes.get(collection, {})
        seen = set()
        with ExitStack() as stack:
            with reading(self.name):
                stream = stack.enter_context(open(self._file, "rb"))
            if collection not in self._dropped and not self.drops_database:
                for raw in documents:
                    key = id_of(raw)
                    if key in changes:
                        seen.add(key)
                        yield from self._changed(stream, raw, changes[key])
                    else:
                        yield raw
            for key, offsets in changes.items():
                if key not in seen:
                    yield from self._changed(stream, None, offsets)

    def _changed(self, stream: BinaryIO, raw: bytes | None, offsets: list[int]) -> Iterator[bytes]:
        """The document after its operations; nothing when it is deleted."""
        for offset in offsets:
            entry = self._read(stream, offset)
            if entry.op == "i":
                raw = entry.object
            elif entry.op == "d":
                raw = None
            elif raw is not None:
                try:
                    raw = updated(raw, entry.object)
                except UnknownUpdateError as error:
                    raise self._unknown(offset, str(error)) from error
                except (BsonError, RecursionError) as error:
                    yield fault_frame(f"{self.name} changes the document at byte {offset:,}, but {error}", raw)
                    return
        if raw is not None:
            yield raw

    def _take(self, raw: bytes, offset: int) -> None:
        try:
            entry = Entry(raw, offset)
            actions = list(self._actions(entry))
            transaction = entry.transaction if entry.op == "c" else None
            if transaction is not None:
                actions = self._of_transaction(entry, transaction, actions)
        except (BsonError, RecursionError) as error:
            raise SourceError(f"{self.name} is damaged in the entry at byte {offset:,}: {error}") from error
        for action in actions:
            self._remember(action)

    def _actions(self, entry: Entry) -> Iterator[_Action]:
        """What the entry does to our database, transactions aside."""
        if entry.op in _IGNORED:
            return
        if entry.op == "c":
            yield from self._actions_of_command(entry)
        elif entry.op not in ("i", "u", "d"):
            raise self._unknown(entry.offset, f"of the kind {entry.op!r}")
        elif entry.namespace[0] == self._database:
            yield _Action(entry.op, entry.namespace[1], entry.key, entry.offset)

    def _actions_of_command(self, entry: Entry) -> Iterator[_Action]:
        command = entry.command
        name, what = next(iter(command.items()))
        if name == "applyOps":
            for operation in entry.operations:
                yield from self._actions(operation)
        elif name == "renameCollection":
            ends = [text_of(part) for key, part in command.items() if key in ("renameCollection", "to")]
            if any(end.partition(".")[0] == self._database for end in ends):
                raise self._unknown(entry.offset, f"the renaming of {' to '.join(ends)}")
        elif entry.namespace[0] != self._database or name in _IGNORED_COMMANDS | _TRANSACTION_ENDS:
            return
        elif name == "drop":
            yield _Action(name, text_of(what), b"", entry.offset)
        elif name == "dropDatabase":
            yield _Action(name, "", b"", entry.offset)
        else:
            raise self._unknown(entry.offset, f"the command {name}")

    def _of_transaction(self, entry: Entry, transaction: bytes, actions: list[_Action]) -> list[_Action]:
        """What is known to have happened with the entry: a transaction's operations come before its end."""
        before = self._transactions.pop(transaction, None)
        name = next(iter(entry.command))
        if name == "abortTransaction":
            return []
        # The first entry of an oplog is the last one from before the dump: what it ends is in the dump.
        if before is None and entry.offset and (name == "commitTransaction" or not entry.is_first):
            raise self._unknown(entry.offset, "the end of a transaction that began before the dump")
        actions = [*(before or ()), *actions]
        if entry.is_last:
            return actions
        self._transactions[transaction] = actions
        return []

    def _remember(self, action: _Action) -> None:
        if action.kind == "dropDatabase":
            self._changes.clear()
            self.drops_database = True
        elif action.kind == "drop":
            self._changes.pop(action.collection, None)
            self._dropped.add(action.collection)
        else:
            changes = self._changes.setdefault(action.collection, {})
            if action.kind == "u":
                changes.setdefault(action.key, []).append(action.offset)
            else:  # what the document was before does not matter any more
                changes[action.key] = [action.offset]

    def _read(self, stream: BinaryIO, offset: int) -> Entry:
        with reading(self.name):
            stream.seek(offset)
            for _, raw in frames(stream, self.name, offset):
                return Entry(raw, offset)
        raise SourceError(f"{self.name} has been cut at byte {offset:,} since it was read first")

    def _unknown(self, offset: int, what: str) -> SourceError:
        return SourceError(
            f"{self.name} has {what} at byte {offset:,}, which cannot be applied to a dump; "
            "take a new dump while only documents change"
        )
