"""The rejected documents of an import, summed up: why, where, and which ones wait for which."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Count, F, Min, Window
from django.db.models.functions import RowNumber

from migrate_mongo.models import RejectedDocument
from migrate_mongo.relations import edges

# A reject has the id that it misses. Where that id is a rejected document's, it waits; from those that wait for
# nobody, everything that waits can be reached, directly or through others.
_WAITING = """
    WITH RECURSIVE edge (collection, path, target) AS (VALUES {edges}),
    open AS (
        SELECT id, collection, document_id, reason, path, missing_id
        FROM import_rejects WHERE run_id = %s AND status <> 'loaded'
    ),
    waits AS (
        SELECT child.id AS child, parent.id AS parent
        FROM open AS child JOIN edge USING (collection, path)
        JOIN open AS parent ON parent.document_id = child.missing_id AND parent.collection = edge.target
        WHERE child.missing_id <> ''
    ),
    tree AS (
        SELECT parent AS root, child FROM waits WHERE parent NOT IN (SELECT child FROM waits)
        UNION
        SELECT tree.root, waits.child FROM tree JOIN waits ON waits.parent = tree.child
    )
    SELECT collection, document_id, min(reason), count(DISTINCT child)
    FROM tree JOIN open ON open.id = root
    GROUP BY collection, document_id ORDER BY count(DISTINCT child) DESC, min(root)
"""


@dataclass(frozen=True)
class RejectSample:
    id: str
    message: str


@dataclass(frozen=True)
class RejectGroup:
    """Rejected documents of one reason at one path; `samples` are the first of them."""

    reason: str
    collection: str
    path: str
    count: int
    samples: tuple[RejectSample, ...] = ()


@dataclass(frozen=True)
class Awaited:
    """A rejected document that others wait for, directly or because what they refer to does."""

    collection: str
    id: str
    reason: str
    waiting: int


def reject_groups(run: int) -> list[RejectGroup]:
    """The most frequent first."""
    rows: Any = RejectedDocument.objects.not_loaded().filter(run=run).values("reason", "collection", "path")
    counted = rows.annotate(count=Count("pk"), first=Min("document_id")).order_by("-count", "collection", "path")
    return [
        RejectGroup(row["reason"], row["collection"], row["path"], row["count"], (RejectSample(row["first"], ""),))
        for row in counted
    ]


def reject_samples(run: int, groups: Sequence[RejectGroup], each: int) -> list[RejectGroup]:
    """The groups with up to so many samples each, and with their messages."""
    number = Window(RowNumber(), partition_by=["reason", "collection", "path"], order_by=F("pk").asc())
    rejects = RejectedDocument.objects.not_loaded().filter(run=run).annotate(number=number)
    rows: Any = rejects.filter(number__lte=each).order_by("pk")
    found: dict[tuple[str, str, str], list[RejectSample]] = {}
    for row in rows.values("reason", "collection", "path", "document_id", "message"):
        sample = RejectSample(row["document_id"], row["message"])
        found.setdefault((row["reason"], row["collection"], row["path"]), []).append(sample)
    return [
        RejectGroup(*key, group.count, tuple(found.get(key, ())))
        for group in groups
        for key in [(group.reason, group.collection, group.path)]
    ]


def awaited(run: int) -> list[Awaited]:
    """The rejected documents to begin with, the one that most wait for first."""
    known = list(edges())
    places = ", ".join(["(%s, %s, %s)"] * len(known))
    with connection.cursor() as cursor:
        cursor.execute(_WAITING.format(edges=places), [*(name for edge in known for name in edge), run])
        return [Awaited(*row) for row in cursor.fetchall()]
