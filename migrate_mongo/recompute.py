"""Numbers that the original computed from others, computed again.

A difference is a fact about the data (somebody edited it by hand), no fault of the import.
"""

from collections.abc import Callable, Iterator
from typing import Any

from bson.datetime_ms import DatetimeMS

from analytics.session_metrics import session_metrics
from migrate_mongo.extended_json import is_number, same
from migrate_mongo.mappings.base import Document
from scribetree.text_metrics import measure

SAMPLES = 20

Check = tuple[str, Any, Any]  # path, stored, computed


class Recomputation:
    def __init__(self, collection: str) -> None:
        self.collection = collection
        self.checks = _CHECKS.get(collection)
        self.results: dict[str, dict[str, Any]] = {}

    def check(self, document: Document) -> None:
        for path, stored, computed in self.checks(document) if self.checks else ():
            name = f"{self.collection}.{path}"
            result = self.results.setdefault(name, {"checked": 0, "differing": 0, "samples": []})
            result["checked"] += 1
            if not same(stored, computed):
                result["differing"] += 1
                if len(result["samples"]) < SAMPLES:
                    result["samples"].append(str(document["_id"]))


def _text_checks(text: Any, numbers: Any, prefix: str, names: tuple[str, ...]) -> Iterator[Check]:
    if isinstance(text, str) and isinstance(numbers, dict):
        for name, computed in zip(names, measure(text), strict=False):
            yield prefix + name, numbers.get(name), computed


def _metadata_checks(document: Document) -> Iterator[Check]:
    names = ("wordCount", "characterCount", "readingTime")
    return _text_checks(document.get("content"), document.get("metadata"), "metadata.", names)


def _submission_checks(document: Document) -> Iterator[Check]:
    return _text_checks(document.get("content"), document, "", ("wordCount", "characterCount"))


def _session_checks(document: Document) -> Iterator[Check]:
    """Of ended sessions."""
    start, end, activity = document.get("startTime"), document.get("endTime"), document.get("activity")
    productivity, snapshots = document.get("productivity"), document.get("snapshots")
    if not (isinstance(start, DatetimeMS) and isinstance(end, DatetimeMS)):
        return
    if not (isinstance(activity, dict) and isinstance(productivity, dict) and isinstance(snapshots, list)):
        return
    if not all(is_number(activity.get(name)) for name in ("wordsAdded", "totalPauseTime")):
        return
    computed = session_metrics(
        start_ms=int(start),
        end_ms=int(end),
        words_added=activity["wordsAdded"],
        total_pause_time=activity["totalPauseTime"],
        snapshots=[
            (int(snapshot["timestamp"]), snapshot["wordCount"])
            for snapshot in snapshots
            if isinstance(snapshot, dict)
            and isinstance(snapshot.get("timestamp"), DatetimeMS)
            and is_number(snapshot.get("wordCount"))
        ],
    )
    yield "duration", document.get("duration"), computed.duration
    for name, value in (
        ("wordsPerMinute", computed.words_per_minute),
        ("focusScore", computed.focus_score),
        ("consistencyScore", computed.consistency_score),
    ):
        if value is not None:
            yield f"productivity.{name}", productivity.get(name), value


_CHECKS: dict[str, Callable[[Document], Iterator[Check]]] = {
    "assignmentsubmissions": _submission_checks,
    "documents": _metadata_checks,
    "documentversions": _metadata_checks,
    "writingsessions": _session_checks,
}
