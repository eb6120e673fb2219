"""The files of `mongoexport`: Extended JSON, one document on a line, one array, or pretty-printed over many lines.

What is no document comes as the frame of a fault, and reading goes on with the next document. Memory: some hundred
kilobytes of text, or the largest document.
"""

import codecs
import re
from collections.abc import Iterator
from json import JSONDecodeError
from typing import BinaryIO

from migrate_mongo.exceptions import SourceError
from migrate_mongo.sources.base import Notice
from migrate_mongo.sources.extended_text import DocumentDecoder, DocumentError
from migrate_mongo.sources.files import reading
from migrate_mongo.sources.frames import MAX_DOCUMENT, fault_frame

BUFFER_BYTES = 256 * 1024
_MAX_TEXT = 8 * MAX_DOCUMENT  # text of control characters takes six times the room in JSON
_MAX_FAULT = MAX_DOCUMENT - 64 * 1024  # its frame has to be smaller than a document can be
_MAX_MESSAGE = 500
_MAX_MARGIN = 200

_BETWEEN = re.compile(r"[ \t\r\n,]*")
_BRACKETS = r'"(?:[^"\\\n]++|\\.)*+"?|[{}\[\]]'
_CLOSING = {"{": "}", "[": "]"}
_LONGEST_TOKEN = 12  # of JSON, strings aside, that can be cut by the end of what is in memory


class ExportedFile:
    """`relaxed` says, by path and kind, what the text left open, for the documents read so far.

    gzip is the caller's to unpack. Raises SourceError for UTF-16.
    """

    def __init__(self, stream: BinaryIO, name: str) -> None:
        self.name = name
        self._text = _Text(stream, name)
        self._decoder = DocumentDecoder()
        self._array = 0  # the line of the array that is open
        self._margin: str | None = ""  # the line in front of a document; None when more than space is there

    @property
    def relaxed(self) -> dict[tuple[str, str], Notice]:
        return self._decoder.relaxed

    def documents(self) -> Iterator[bytes]:
        """The BSON of each document, or the frame of a fault; to be gone through once.

        Raises SourceError when the file ends within an array, or when it cannot be told where reading could go on.
        """
        while self._find_next():
            yield self._next()
            self._margin = None
        if self._array:
            raise SourceError(f"{self.name} is truncated: the array that begins in line {self._array:,} has no end")

    def _find_next(self) -> bool:
        """Goes on to where a document ought to begin; False at the end of the file."""
        text = self._text
        while True:
            self._skip()
            if text.at == len(text.buffer):
                if not text.more(_MAX_TEXT):
                    return False
            elif text.buffer[text.at] == "[" and not self._array:
                self._array = text.line()
                text.at += 1
            elif text.buffer[text.at] == "]" and self._array:
                self._array = 0
                text.at += 1
            else:
                return True

    def _skip(self) -> None:
        found = _BETWEEN.match(self._text.buffer, self._text.at)
        assert found
        skipped = found.group()
        if "\n" in skipped:
            self._margin = skipped.rpartition("\n")[2][:_MAX_MARGIN]
        elif self._margin is not None:
            self._margin = (self._margin + skipped)[:_MAX_MARGIN]
        self._text.at = found.end()

    def _next(self) -> bytes:
        text = self._text
        while True:
            try:
                raw, text.at = self._decoder.decode(text.buffer, text.at)
            except JSONDecodeError as error:
                if self._may_be_cut(error) and text.more(_MAX_TEXT):
                    continue
                behind = text.buffer[error.pos : error.pos + 30]
                line = text.line() + text.buffer.count("\n", text.at, error.pos)
                place = f"line {line:,} at {behind!r}" if behind else "the end of the file"
                return self._broken(f"no JSON: {error.msg}, {place}")
            except DocumentError as error:
                if error.end == len(text.buffer) and text.more(_MAX_TEXT):
                    continue
                return self._fault(f"no document: {error}", error.end)
            except RecursionError:
                return self._broken("no document: it is nested too deep")
            return raw

    def _may_be_cut(self, error: JSONDecodeError) -> bool:
        return error.msg.startswith("Unterminated") or error.pos + _LONGEST_TOKEN >= len(self._text.buffer)

    def _broken(self, message: str) -> bytes:
        """What is no JSON does not say where it ends: at its last bracket, or where a line begins as its own did."""
        text = self._text
        if text.buffer[text.at] in _CLOSING:
            boundary = "" if self._margin is None else rf"|\n{self._margin.partition(',')[0]}(?:,[ \t]*)?\{{"
            token = re.compile(_BRACKETS + boundary)
            while (end := _end_of_brackets(text.buffer, text.at, token)) is None and text.more(_MAX_FAULT):
                pass
            if end is None and self._array:
                raise SourceError(f"{self.name} cannot be read on from line {text.line():,}: {message}")
        else:
            junk = re.compile(r",[ \t\r]*(?:\n|(?=\{))|[\]\n]" if self._array else r"\n")
            while (found := junk.search(text.buffer, text.at + 1)) is None and text.more(_MAX_FAULT):
                pass
            end = found.start() if found else None
        return self._fault(message, len(text.buffer) if end is None else end)

    def _fault(self, message: str, end: int) -> bytes:
        text = self._text
        data = text.buffer[text.at : end].encode("utf-8", "surrogateescape")
        place = f"{self.name}, line {text.line():,}"
        if len(data) > _MAX_FAULT:
            raise SourceError(f"{place}: {len(data):,} bytes are {message[:_MAX_MESSAGE]}")
        text.at = end
        shown = f"{place}: {message[:_MAX_MESSAGE]}".encode("utf-8", "backslashreplace").decode()
        return fault_frame(shown, data)


def _end_of_brackets(text: str, start: int, token: re.Pattern[str]) -> int | None:
    """Where the brackets that open at `start` are closed again, or a line begins that `token` knows as another's."""
    open_ = bytearray()
    for match in token.finditer(text, start):
        found = text[match.start()]
        if found == "\n":
            return match.start()
        if found in _CLOSING:
            open_ += _CLOSING[found].encode()
        elif found == '"':
            if match.end() == len(text):
                return None
        elif open_ and open_[-1] == ord(found):
            open_.pop()
            if not open_:
                return match.end()
        else:
            open_ += b"?"  # from here on brackets say nothing
    return None


class _Text:
    """The stretch of the file that is in memory; reading has come to `at`. Bytes that are no UTF-8 are escaped."""

    def __init__(self, stream: BinaryIO, name: str) -> None:
        self.buffer = ""
        self.at = 0
        self._stream = stream
        self._name = name
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")("surrogateescape")
        self._is_all = False
        self._lines = 0
        self._counted = 0

    def line(self) -> int:
        self._lines += self.buffer.count("\n", self._counted, self.at)
        self._counted = self.at
        return self._lines + 1

    def more(self, limit: int) -> bool:
        """Drops what has been read, and at least doubles the rest, so that reading it again costs little.

        Raises SourceError when the rest is longer than `limit`.
        """
        if self._is_all:
            return False
        is_first = not self.buffer
        line = self.line()
        rest = self.buffer[self.at :]
        if len(rest) > limit:
            raise SourceError(
                f"{self._name}, line {line:,}: no document ends in the {len(rest):,} characters from there on"
            )
        chunks = [rest]
        missing = max(len(rest), BUFFER_BYTES)
        with reading(self._name):
            while missing > 0 and not self._is_all:
                data = self._stream.read(missing)
                self._is_all = not data
                chunks.append(self._decoder.decode(data, self._is_all))
                missing -= len(chunks[-1])
        self.buffer = "".join(chunks)
        self.at = self._counted = 0
        if is_first and self.buffer.startswith(("\udcff\udcfe", "\udcfe\udcff")):
            raise SourceError(f"{self._name} is UTF-16, expected UTF-8 as mongoexport writes it")
        return len(self.buffer) > len(rest)
