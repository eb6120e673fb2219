"""Rejected documents in files: written out, to be repaired or archived, and read back.

A line of JSON is one document in canonical Extended JSON. What JSON cannot say byte for byte, or is no document at
all, is `{"$bson": {"$binary": …}}` instead.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

from bson import Binary
from django.db.models import Q

from migrate_mongo.decoding import Undecodable, decode
from migrate_mongo.exceptions import LoadError, SourceError
from migrate_mongo.extended_json import printable_id, text
from migrate_mongo.mappings.base import Document
from migrate_mongo.models import RejectStatus
from migrate_mongo.quarantine import Selection
from migrate_mongo.retry import Replacement
from migrate_mongo.sources.exported import ExportedFile
from migrate_mongo.sources.extended_text import DocumentDecoder, DocumentError
from migrate_mongo.sources.frames import MAX_DOCUMENT, fault_of, frames

ENVELOPE = "$bson"
# What is rejected for one of these has no `_id` of its own: only its number can say what takes its place.
NAMELESS = ("duplicate_id", "invalid_id", "undecodable")


def json_lines(selection: Selection) -> Iterator[str]:
    return map(json_line, _raws(selection))


def json_line(raw: bytes) -> str:
    try:
        line = text(decode(raw))
        if _opened(DocumentDecoder().decode(line, 0)[0]) == raw:
            return line
    except (Undecodable, DocumentError, RecursionError, TypeError, ValueError):
        pass  # JSON cannot say it, and that is what the envelope is for
    return text({ENVELOPE: Binary(raw)})


def write_json(selection: Selection, path: Path) -> str:
    """Says what it has done. Raises LoadError when there is such a file already."""
    written = 0
    with _new_file(path) as file:
        for line in json_lines(selection):
            file.write(line.encode() + b"\n")
            written += 1
    return f"{written:,} documents written to {path}"


def write_bson(selection: Selection, path: Path) -> str:
    """As `write_json`, without those that are no documents: nothing could read on behind them."""
    written = left_out = 0
    with _new_file(path) as file:
        for raw in _raws(selection):
            if _document_of(raw) is None:
                left_out += 1
            else:
                file.write(raw)
                written += 1
    return f"{written:,} documents written to {path}" + (f"; {left_out:,} left out, no BSON" if left_out else "")


def read_replacements(path: Path, selection: Selection) -> tuple[Selection, dict[int, Replacement]]:
    """The rejected documents, of the selection, that those of the file stand for, and what takes the place of which.

    One that is the same byte for byte takes no place; what is named is selected in any case. Raises LoadError for one
    that stands for none or for several, and SourceError when the file cannot be read.
    """
    documents = list(_read(path))
    if not documents:
        raise LoadError(f"{path} holds no documents")
    numbers = set(selection.numbers)
    replacements: dict[int, Replacement] = {}
    for count, raw in enumerate(documents, 1):
        place = f"{path.name}, document {count:,}"
        same = set(selection.rows().filter(digest=sha256(raw).digest()).values_list("pk", flat=True))
        if same:
            numbers |= same
            continue
        number = _stands_for(raw, selection, place, is_alone=len(documents) == 1)
        if number in replacements:
            raise LoadError(f"{place} stands for {number} as one before it does")
        replacements[number] = Replacement(raw, f"Replaced by {place}.")
    return Selection(numbers=tuple(sorted(numbers | replacements.keys()))), replacements


def _stands_for(raw: bytes, selection: Selection, place: str, *, is_alone: bool) -> int:
    document = _document_of(raw)
    if document is None:
        raise LoadError(f"{place} is no document")
    name = printable_id(document)
    rows = selection.rows()
    if is_alone and len(selection.numbers) == 1:
        rows = rows.filter(Q(document_id=name) | Q(reason__in=NAMELESS))
    else:
        rows = rows.filter(document_id=name)
    found = list(rows.not_loaded()) or list(rows)
    if not found:
        raise LoadError(f"{place}: no rejected document has the _id {name}")
    if len(found) > 1:
        numbers = ", ".join(str(reject.pk) for reject in found)
        raise LoadError(f"{place}: several have the _id {name}, say which it stands for: {numbers}")
    [reject] = found
    if reject.status == RejectStatus.LOADED and reject.replacement != raw:
        raise LoadError(f"{place}: {reject.pk} is loaded already, and not as it is there")
    return reject.pk


def _read(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            size = int.from_bytes(file.read(4), "little")
            file.seek(0)
            if size <= MAX_DOCUMENT:  # four characters of JSON are a larger number
                yield from (raw for _, raw in frames(file, path.name, 0))
                return
            for raw in ExportedFile(file, path.name).documents():
                if fault := fault_of(raw):
                    raise SourceError(fault.message)
                yield _opened(raw)
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror}") from None


def _opened(raw: bytes) -> bytes:
    """What the envelope holds, if it is one."""
    document = _document_of(raw)
    if document is not None and list(document) == [ENVELOPE] and isinstance(document[ENVELOPE], bytes):
        return bytes(document[ENVELOPE])
    return raw


def _raws(selection: Selection) -> Iterator[bytes]:
    for raw in selection.rows().values_list("raw", flat=True).iterator(chunk_size=5):
        yield bytes(raw)


def _document_of(raw: bytes) -> Document | None:
    try:
        return decode(raw)
    except Undecodable:
        return None


@contextmanager
def _new_file(path: Path) -> Iterator[BinaryIO]:
    """For its owner only, as it may hold passwords; gone when it does not become whole."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise LoadError(f"{path} exists already") from None
    except OSError as error:
        raise LoadError(f"{path} cannot be written: {error.strerror}") from None
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
    except BaseException:
        path.unlink()
        raise
