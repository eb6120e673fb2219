"""Writes a sample as `mongodump` would have written it: a folder with one file of BSON per collection."""

import hashlib
import json
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from uuid import UUID

import bson

from migrate_mongo.dump_files import DATABASE, created, write_beside
from migrate_mongo.indexes import COLLECTIONS, metadata_of
from migrate_mongo.sample.dice import BsonDocument, ObjectIds
from migrate_mongo.sample.hazards import Trap, plant_traps
from migrate_mongo.sample.plan import SMALLEST
from migrate_mongo.sample.school import School


class SampleError(Exception):
    """A dump that cannot be written as asked for."""


class DumpWriter:
    def __init__(self, folder: Path, stack: ExitStack, *, compress: bool) -> None:
        self.counts: Counter[str] = Counter()
        self._files = {
            name: stack.enter_context(created(folder / f"{name}.bson", compress=compress)) for name in COLLECTIONS
        }

    def add(self, collection: str, document: BsonDocument | bytes) -> None:
        raw = document if isinstance(document, bytes) else bson.encode(document)
        self._files[collection].write(raw)
        self.counts[collection] += 1


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
    write_beside(database, {name: _metadata(name, seed) for name in COLLECTIONS}, compress=compress)
    school = School(seed=seed, ids=ids, size=documents - len(traps))
    with ExitStack() as stack:
        writer = DumpWriter(database, stack, compress=compress)
        for collection, document in school.documents():
            writer.add(collection, document)
        for trap in traps:
            writer.add(trap.collection, trap.document)
    if hazards:
        (folder / "hazards.json").write_text(_listing(traps), encoding="utf-8")
    return {name: writer.counts[name] for name in COLLECTIONS}


def _metadata(collection: str, seed: int) -> dict[str, Any]:
    digest = hashlib.sha256(f"{seed}/{collection}".encode()).digest()
    return {**metadata_of(collection), "uuid": UUID(bytes=digest[:16], version=4).hex}


def _listing(traps: list[Trap]) -> str:
    listed = [entry for trap in traps for entry in trap.listed()]
    return json.dumps(listed, indent=1, ensure_ascii=False) + "\n"
