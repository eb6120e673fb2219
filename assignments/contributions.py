"""What a submission counts of the writing on it: per day in UTC, and per person. Stored counts are never changed in
place; each function gives them anew, with the defaults for what an imported group may lack.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from bson import ObjectId

from assignments.models.submission import default_analytics, default_metrics
from scribetree.api.fields import wire_date
from scribetree.object_id import uuid_to_hex

Counts = dict[str, Any]


def count_save(analytics: Counts, *, editor: UUID, words: int, minutes: float, moment: datetime) -> Counts:
    counts = _whole(analytics)
    today = wire_date(moment.replace(hour=0, minute=0, second=0, microsecond=0))
    counts["totalWritingTime"] += minutes
    counts["writingPattern"] = _increased(
        counts["writingPattern"],
        lambda day: str(day.get("date"))[:10] == today[:10],
        {"date": today},
        {"wordsWritten": words, "timeSpent": minutes, "revisionsCount": 1},
    )
    return _with_contribution(counts, editor, wordsContributed=words, editsCount=1)


def count_comment(analytics: Counts, *, author: UUID) -> Counts:
    return _with_contribution(_whole(analytics), author, commentsCount=1)


def add_contributor(analytics: Counts, user: UUID) -> Counts:
    return _with_contribution(_whole(analytics), user)


def _with_contribution(counts: Counts, user: UUID, **increments: int) -> Counts:
    metrics, key = counts["collaborationMetrics"], uuid_to_hex(user)
    stats = _increased(
        metrics["contributorStats"],
        lambda contributor: contributor.get("user") == key,
        {"user": key},
        {"wordsContributed": 0, "editsCount": 0, "commentsCount": 0, **increments},
    )
    return {**counts, "collaborationMetrics": {**metrics, "contributorStats": stats}}


def _increased(elements: list[Any], is_it: Any, identity: Counts, increments: Counts) -> list[Any]:
    """With the first element that is it increased, or else a new one."""
    for place, element in enumerate(elements):
        if element and is_it(element):
            sums = {name: (element.get(name) or 0) + increment for name, increment in increments.items()}
            return [*elements[:place], {**element, **sums}, *elements[place + 1 :]]
    return [*elements, {"_id": str(ObjectId()), **identity, **increments}]


def _whole(analytics: Counts) -> Counts:
    counts = _over(default_analytics(), analytics)
    return {**counts, "collaborationMetrics": _over(default_metrics(), counts["collaborationMetrics"])}


def _over(defaults: Counts, group: Counts) -> Counts:
    return {**defaults, **{name: value for name, value in group.items() if value is not None}}
