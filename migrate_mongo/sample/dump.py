"""Writes a sample as `mongodump` would have written it: a folder with one file of BSON per collection."""

import gzip
import json
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO, cast

import bson

from migrate_mongo.sample.dice import BsonDocument, ObjectIds
from migrate_mongo.sample.hazards import Trap, plant_traps
from migrate_mongo.sample.indexes import COLLECTIONS, metadata_json
from migrate_mongo.sample.plan import SMALLEST
from migrate_mongo.sample.school import School

DATABASE = "github-for-writers"
PRELUDE = {"ServerVersion": "7.0.14", "ToolVersion": "100.10.0"}
BUFFER = 1 << 20


class SampleError(Exception):
    """A dump that cannot be written as asked for."""


class DumpWriter:
    def __init__(self, folder: Path, stack: ExitStack, *, compress: bool) -> None:
        self._folder = folder
        self._stack = stack
        self._compress = compress
        self.counts: Counter[str] = Counter()
        self._files = {name: self._open(f"{name}.bson") for name in COLLECTIONS}

    def add(self, collection: str, document: BsonDocument | bytes) -> None:
        raw = document if isinstance(document, bytes) else bson.encode(document)
        self._files[collection].write(raw)
        self.counts[collection] += 1

    def add_file(self, name: str, content: bytes) -> None:
        self._open(name).write(content)

    def _open(self, name: str) -> BinaryIO:
        path = self._folder / (f"{name}.gz" if self._compress else name)
        file = self._stack.enter_context(path.open("wb", buffering=BUFFER))
        if not self._compress:
            return file
        # neither name nor time in the header: the same sample is the same bytes
        packed = gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=0, compresslevel=1)
        return cast(BinaryIO, self._stack.enter_context(packed))


def write_sample_dump(
    folder: Path, *, documents: int, seed: int, hazards: bool = False, compress: bool = False
) -> dict[str, int]:
    """Writes so many documents below `folder`, and says how many of each collection."""
    ids = ObjectIds(seed)
    traps = plant_traps(ids) if hazards else []
    smallest = SMALLEST + len(traps)
    if documents < smallest:
        kind = "a sample with hazards" if hazards else "a sample"
        raise SampleError(f"{kind} needs at least {smallest} documents, not {documents}")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise SampleError(f"{folder} is not an empty folder")
    database = folder / DATABASE
    database.mkdir(parents=True)
    school = School(seed=seed, ids=ids, size=documents - len(traps))
    with ExitStack() as stack:
        writer = DumpWriter(database, stack, compress=compress)
        writer.add_file("prelude.json", json.dumps(PRELUDE, separators=(",", ":")).encode())
        for collection in COLLECTIONS:
            writer.add_file(f"{collection}.metadata.json", metadata_json(collection, seed=seed))
        for collection, document in school.documents():
            writer.add(collection, document)
        for trap in traps:
            writer.add(trap.collection, trap.document)
    if hazards:
        (folder / "hazards.json").write_text(_listing(traps), encoding="utf-8")
    return {name: writer.counts[name] for name in COLLECTIONS}


def _listing(traps: list[Trap]) -> str:
    listed = [entry for trap in traps for entry in trap.listed()]
    return json.dumps(listed, indent=1, ensure_ascii=False) + "\n"
