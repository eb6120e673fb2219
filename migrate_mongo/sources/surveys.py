"""A look through a whole source, before anything is done with it."""

from hashlib import blake2b

from migrate_mongo.mappings import MAPPINGS
from migrate_mongo.progress import Meter
from migrate_mongo.sources.base import Source, Survey


def survey(source: Source, meter: Meter) -> dict[str, Survey]:
    """Goes through every collection, so that a damaged source is known before anything is written."""
    surveys = {}
    meter.expect("reading the source", len(MAPPINGS), unit="collections")
    for collection in MAPPINGS:
        held = collection in source.collections
        surveys[collection] = source.reader.survey(collection) if held else Survey([], "")
        meter.reach("reading the source", len(surveys))
    return surveys


def fingerprint(source: Source, surveys: dict[str, Survey]) -> str:
    """Names a source by what it holds: the same documents are the same source, whatever form they are in."""
    lines = source.identity or "".join(
        f"{name} {surveys[name].documents} {surveys[name].digest}\n" for name in sorted(surveys) if surveys[name].parts
    )
    return blake2b(lines.encode(), digest_size=16).hexdigest()
