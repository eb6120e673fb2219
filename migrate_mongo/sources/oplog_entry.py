"""One entry of an oplog, or one operation within an entry of several.

https://github.com/mongodb/mongo/blob/master/src/mongo/db/repl/oplog_entry.idl
"""

from collections.abc import Iterator

from migrate_mongo.sources.raw_bson import ARRAY, BOOLEAN, DOCUMENT, STRING, BsonError, Element, elements, id_of, places


class Entry:
    """The bytes of an entry, which begins at `offset` of the file. Raises BsonError, then and later, for any other."""

    def __init__(self, raw: bytes, offset: int) -> None:
        self.offset = offset
        self._raw = raw
        self._places = {name: (kind, start, end) for kind, name, start, end in places(raw)}

    @property
    def op(self) -> str:
        return self._text(b"op")

    @property
    def namespace(self) -> tuple[str, str]:
        """Database and collection; a command's collection is `$cmd`."""
        database, _, collection = self._text(b"ns").partition(".")
        return database, collection

    @property
    def object(self) -> bytes:
        """The document, the update or the command."""
        return self._value(b"o", DOCUMENT)

    @property
    def key(self) -> bytes:
        """Which document it is about: type and value of its `_id`."""
        found = id_of(self._value(b"o2", DOCUMENT) if self.op == "u" else self.object)
        if found is None:
            raise BsonError("the operation does not say which document it is about")
        return found

    @property
    def command(self) -> dict[str, Element]:
        """The command's fields; the first one has the command's name."""
        fields = {part.name.decode(errors="replace"): part for part in elements(self.object)}
        if not fields:
            raise BsonError("the command has no name")
        return fields

    @property
    def operations(self) -> Iterator["Entry"]:
        """What the command `applyOps` holds."""
        begin = self._places[b"o"][1]
        command = self.object
        kind, _, start, end = next(places(command))
        if kind != ARRAY:
            raise BsonError("applyOps is no array")
        array = command[start:end]
        for kind, _, first, last in places(array):
            if kind != DOCUMENT:
                raise BsonError("applyOps holds something that is no operation")
            yield Entry(array[first:last], self.offset + begin + start + first)

    @property
    def transaction(self) -> bytes | None:
        """The same for all entries of one transaction; None for an entry that stands for itself."""
        if b"lsid" not in self._places or b"txnNumber" not in self._places:
            return None
        if any(self._any(b"multiOpType")):  # several inserts of a session, without transaction
            return None
        return self._any(b"lsid") + self._any(b"txnNumber")

    @property
    def is_first(self) -> bool:
        """Whether no entry of the same transaction comes before it."""
        if b"prevOpTime" not in self._places:
            return True
        times = {part.name: part.value for part in elements(self._value(b"prevOpTime", DOCUMENT))}
        return not any(times.get(b"ts", b""))

    @property
    def is_last(self) -> bool:
        """Whether it is known with it that the transaction has happened."""
        command = self.command
        return not any(name in command and _is_true(command[name]) for name in ("partialTxn", "prepare"))

    def _any(self, name: bytes) -> bytes:
        _, start, end = self._places.get(name, (0, 0, 0))
        return self._raw[start:end]

    def _value(self, name: bytes, kind: int) -> bytes:
        if name not in self._places or self._places[name][0] != kind:
            raise BsonError(f"the operation has no {name.decode()} of the right type")
        return self._any(name)

    def _text(self, name: bytes) -> str:
        return self._value(name, STRING)[4:-1].decode(errors="replace")


def _is_true(part: Element) -> bool:
    return part.type == BOOLEAN and part.value == b"\x01"
