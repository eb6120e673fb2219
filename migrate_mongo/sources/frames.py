"""Documents in a stream of BSON, one after the other, and what stands where a document should.

A file that is no longer BSON from some byte on is refused, or salvaged: then the bytes up to the next thing that
looks like a document become one frame, which no decoder accepts and which says what it is.
"""

import re
from collections.abc import Iterator
from mmap import mmap
from struct import Struct
from typing import BinaryIO, NamedTuple

import bson

from migrate_mongo.exceptions import SourceError
from migrate_mongo.extended_json import CODEC

MAX_DOCUMENT = 16 * 1024 * 1024 + 16 * 1024  # what a server stores at most
BUFFER_BYTES = 1024 * 1024

_SIZE = Struct("<i")
# The type byte of a fault: BSON has no such element.
_FAULT = b"\x7e"
# Every document of a server begins with its `_id`.
_BEGINNING = re.compile(rb"(?s)..[\x00\x01]\x00[\x01-\x13\x7f\xff]_id\x00")


class Fault(NamedTuple):
    """Bytes of a source that are no document, and why."""

    message: str
    data: bytes


def fault_frame(message: str, data: bytes) -> bytes:
    """A frame that carries a fault through the engine as an undecodable document."""
    body = _FAULT + message.replace("\0", "").encode() + b"\0" + data + b"\0"
    return (len(body) + 4).to_bytes(4, "little") + body


def fault_of(raw: bytes) -> Fault | None:
    if raw[4:5] != _FAULT:
        return None
    message, _, data = raw[5:-1].partition(b"\0")
    return Fault(message.decode(errors="replace"), data)


def is_frame(raw: bytes) -> bool:
    """Whether the bytes can stand between other documents: they have the length that they say."""
    return len(raw) >= 5 and int.from_bytes(raw[:4], "little") == len(raw) and not raw[-1]


def frames(stream: BinaryIO, name: str, position: int) -> Iterator[tuple[int, bytes]]:
    """Each document, after the byte behind it. Raises SourceError, with the place, for anything else."""
    while head := stream.read(4):
        size = int.from_bytes(head, "little", signed=True)
        if len(head) < 4:
            raise SourceError(f"{name} is truncated: it ends within the size of the document at byte {position:,}")
        if not 5 <= size <= MAX_DOCUMENT:
            raise SourceError(f"{name} is not BSON at byte {position:,}: no document can have {size:,} bytes")
        body = stream.read(size - 4)
        if len(body) < size - 4:
            raise SourceError(
                f"{name} is truncated: the document at byte {position:,} has {size:,} bytes, "
                f"but the file ends after {len(body) + 4:,} of them"
            )
        if body[-1]:
            raise SourceError(f"{name} is not BSON at byte {position:,}: the document does not end in a zero byte")
        position += size
        yield position, head + body


def ends(data: mmap | bytes, stream: BinaryIO, name: str, position: int) -> Iterator[int]:
    """The byte behind each document; `data` is what the stream holds. Raises SourceError as `frames` does."""
    size_at, length = _SIZE.unpack_from, len(data)
    while position + 5 <= length:
        (size,) = size_at(data, position)
        end = position + size
        if size < 5 or size > MAX_DOCUMENT or end > length or data[end - 1]:
            break
        yield end
        position = end
    if position < length:
        stream.seek(position)
        next(frames(stream, name, position))


def salvaged_frames(data: mmap | bytes, name: str, position: int) -> Iterator[tuple[int, bytes]]:
    """As `frames`, but what is damaged comes as the frame of a fault, and reading goes on behind it."""
    while position < len(data):
        end = _end_of(data, position)
        if end is not None:
            yield end, data[position:end]
        else:
            end = min(_next_beginning(data, position + 1), position + MAX_DOCUMENT)
            message = f"{name} is damaged from byte {position:,} to byte {end:,}"
            yield end, fault_frame(message, data[position:end])
        position = end


def _end_of(data: mmap | bytes, position: int) -> int | None:
    """Where the document ends whose size stands at `position`; None when that cannot be its size."""
    end = position + int.from_bytes(data[position : position + 4], "little", signed=True)
    if not position + 5 <= end <= min(position + MAX_DOCUMENT, len(data)) or data[end - 1]:
        return None
    # A wrong size can lead to a zero byte by chance: then no document begins there, and this one cannot be decoded.
    if end == len(data) or _BEGINNING.match(data, end) or _is_decodable(data[position:end]):
        return end
    return None


def _next_beginning(data: mmap | bytes, position: int) -> int:
    while found := _BEGINNING.search(data, position):
        if _end_of(data, found.start()) is not None:
            return found.start()
        position = found.start() + 1
    return len(data)


def _is_decodable(raw: bytes) -> bool:
    try:
        bson.decode(raw, CODEC)
    except (bson.errors.BSONError, ValueError, RecursionError):
        return False
    return True
