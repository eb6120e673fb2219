"""A look through a whole source, before anything is done with it."""

import os
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from hashlib import blake2b

from migrate_mongo.mappings import MAPPINGS
from migrate_mongo.progress import Meter
from migrate_mongo.sources.base import Source, Survey


def survey(source: Source, meter: Meter) -> dict[str, Survey]:
    """Goes through every collection, so that a damaged source is known before anything is written."""
    surveys = {}
    meter.expect("reading the source", len(MAPPINGS), unit="collections")
    with ThreadPoolExecutor(os.cpu_count()) as threads:  # digests are made without the interpreter's lock
        for collection, found in zip(MAPPINGS, threads.map(partial(_survey, source), MAPPINGS), strict=True):
            surveys[collection] = found
            meter.reach("reading the source", len(surveys))
    return surveys


def _survey(source: Source, collection: str) -> Survey:
    return source.reader.survey(collection) if collection in source.collections else Survey([], "")


def fingerprint(source: Source, surveys: dict[str, Survey]) -> str:
    """Names a source by what it holds: the same documents are the same source, whatever form they are in."""
    lines = source.identity or "".join(
        f"{name} {surveys[name].documents} {surveys[name].digest}\n" for name in sorted(surveys) if surveys[name].parts
    )
    return blake2b(lines.encode(), digest_size=16).hexdigest()
