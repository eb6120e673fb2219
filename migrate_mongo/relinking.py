"""Gives documents the references back that led nowhere when they were loaded, once their targets are there."""

from collections import Counter
from collections.abc import Iterable
from uuid import UUID

from bson import ObjectId

from migrate_mongo.loader import SAMPLES
from migrate_mongo.mappings import MAPPINGS
from migrate_mongo.models import Finding
from migrate_mongo.places import places_leading_to
from scribetree.object_id import object_id_to_uuid, uuid_to_object_id


def relink(run: int, collection: str, loaded: Iterable[ObjectId]) -> Counter[tuple[str, str]]:
    """To these documents of the collection, in the caller's transaction. How many references there were, by place.

    Columns and lists get them back where the application has not put something else meanwhile; inside JSONB they have
    stayed. The findings go.
    """
    targets = [str(object_id) for object_id in loaded]
    table = MAPPINGS[collection].table.name
    relinked: Counter[tuple[str, str]] = Counter()
    for place in places_leading_to(table) if targets else ():
        found = Finding.objects.filter(
            run=run, collection=place.collection, path=place.path, kind="dangling_reference"
        ).first()
        if found is None:
            continue
        some = _all_of(found)
        lost = place.find(targets, some)
        if lost:
            place.give_back(lost, table)
            relinked[place.collection, place.path] = sum(one.times for one in lost)
            _take_back(found, relinked[place.collection, place.path], place.first_losing(SAMPLES, some))
    return relinked


def _all_of(found: Finding) -> list[str] | None:
    """The documents that have it, where the samples are all of them; which saves going through a table."""
    if found.count != len(found.samples):
        return None
    return [str(object_id_to_uuid(ObjectId(sample))) for sample in found.samples]


def _take_back(found: Finding, times: int, left: list[UUID]) -> None:
    if found.count <= times or not left:
        found.delete()
        return
    found.count -= times
    found.samples = [str(uuid_to_object_id(document)) for document in left]
    found.save(update_fields=["count", "samples"])
