"""How many documents of each collection a dump of a given size has."""

from collections.abc import Sequence
from itertools import accumulate
from typing import NamedTuple

from migrate_mongo.sample.dice import Dice

# one of each collection, all logins, and a class that answers two assignments
SMALLEST = 50

VERSIONS_OF_ONE = (0, 1, 1, 2, 2, 3, 4, 5)
SESSIONS_OF_ONE = (0, 1, 2, 4, 6, 9, 13)


class Plan(NamedTuple):
    users: int
    courses: int
    templates: int
    assignments: int
    deployments: int
    submissions: int
    documents: int
    versions: int
    sessions: int


def plan_of(documents: int) -> Plan:
    """Whatever is left of `documents` are notifications."""

    def share(part: float) -> int:
        return max(1, round(documents * part))

    courses, templates, assignments = share(0.001), share(0.001), share(0.005)
    deployments = min(share(0.002), courses * templates)
    submissions = share(0.067)
    # every submission needs its own pair of task and student
    students = -(-submissions // (assignments + deployments))
    return Plan(
        users=max(share(0.017), 2 * students + 2),
        courses=courses,
        templates=templates,
        assignments=assignments,
        deployments=deployments,
        submissions=submissions,
        documents=share(0.067),
        versions=share(0.27),
        sessions=share(0.336),
    )


def spread(dice: Dice, total: int, parents: int, weights: Sequence[int]) -> list[int]:
    """`total` children over so many parents, unevenly, none lost."""
    drawn = [dice.pick(weights) for _ in range(parents)]
    drawn[0] += 1
    whole = sum(drawn)
    shares = []
    before = 0
    for running in accumulate(drawn):
        until = running * total // whole
        shares.append(until - before)
        before = until
    return shares
