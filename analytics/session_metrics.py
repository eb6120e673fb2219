"""The numbers of a writing session that the original computed on every save, once it had both its times."""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from scribetree.text_metrics import js_round

MS_PER_MINUTE = 60_000


class Snapshot(NamedTuple):
    timestamp_ms: int
    word_count: float


class SessionMetrics(NamedTuple):
    """None: the session says nothing about it, and the value it had before stays."""

    duration: int
    words_per_minute: float | None
    focus_score: float | None
    consistency_score: float | None


def session_metrics(
    *,
    start_ms: int,
    end_ms: int,
    words_added: float,
    total_pause_time: float,
    snapshots: Sequence[Snapshot | tuple[int, float]] = (),
) -> SessionMetrics:
    """Times in milliseconds; pauses and duration in seconds, negative if it ends before it starts."""
    duration = (end_ms - start_ms) // 1000
    words_per_minute = focus = None
    if duration > 0:
        words_per_minute = js_round(words_added / (duration / 60))
        focus = max(0, js_round(100 * (1 - total_pause_time / duration)))
    return SessionMetrics(duration, words_per_minute, focus, consistency_score(snapshots))


def consistency_score(snapshots: Sequence[Snapshot | tuple[int, float]]) -> float | None:
    """100 less the coefficient of variation of the writing speed between snapshots, in percent."""
    if len(snapshots) <= 2:
        return None
    rates = [
        (words - words_before) / ((time - time_before) / MS_PER_MINUTE)
        for (time_before, words_before), (time, words) in pairwise(snapshots)
        if words > words_before and time > time_before
    ]
    if not rates:
        return None
    mean = sum(rates) / len(rates)
    deviation = math.sqrt(sum((rate - mean) ** 2 for rate in rates) / len(rates))
    return max(0, js_round(100 * (1 - min(1, deviation / mean))))
