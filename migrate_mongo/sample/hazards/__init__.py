"""Traps: one of each thing that real databases carry and imports trip over."""

from migrate_mongo.sample.dice import ObjectIds
from migrate_mongo.sample.hazards import (
    comments,
    courses,
    coursework,
    notifications,
    people,
    submissions,
    writing,
)
from migrate_mongo.sample.hazards.bed import Bed
from migrate_mongo.sample.hazards.trap import Trap

__all__ = ("Trap", "plant_traps")

# each plants what the later ones refer to
GARDENERS = (people, courses, coursework, submissions, comments, writing, notifications)


def plant_traps(ids: ObjectIds) -> list[Trap]:
    bed = Bed(ids)
    for gardener in GARDENERS:
        gardener.plant(bed)
    return bed.traps
