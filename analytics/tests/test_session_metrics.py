import math

import pytest

from analytics.session_metrics import SessionMetrics, Snapshot, consistency_score, session_metrics

MINUTE = 60_000


def snapshots(*word_counts: int, every: int = MINUTE) -> list[Snapshot]:
    return [Snapshot(place * every, count) for place, count in enumerate(word_counts)]


def test_session_of_the_reference_values() -> None:
    metrics = session_metrics(
        start_ms=0,
        end_ms=600_000,
        words_added=100,
        total_pause_time=700,
        snapshots=snapshots(0, 10, 30, 25, 55),
    )

    assert metrics == SessionMetrics(duration=600, words_per_minute=10, focus_score=0, consistency_score=59)


@pytest.mark.parametrize(
    ("start", "end", "duration"), [(0, 999, 0), (0, 1999, 1), (500, 0, -1), (0, -3_600_000, -3600)]
)
def test_duration_is_rounded_down(start: int, end: int, duration: int) -> None:
    metrics = session_metrics(start_ms=start, end_ms=end, words_added=5, total_pause_time=0)

    assert metrics.duration == duration


@pytest.mark.parametrize("end", [0, 500, -60_000])
def test_session_without_duration_keeps_speed_and_focus(end: int) -> None:
    metrics = session_metrics(start_ms=0, end_ms=end, words_added=5, total_pause_time=0)

    assert (metrics.words_per_minute, metrics.focus_score) == (None, None)


@pytest.mark.parametrize(
    ("words_added", "pauses", "speed", "focus"),
    [(5, 0, 3, 100), (0, 120, 0, 0), (3, 1, 2, 99), (1, 60, 1, 50), (2, math.inf, 1, 0)],
)
def test_speed_and_focus_are_rounded_as_javascript_does(
    words_added: int, pauses: float, speed: int, focus: int
) -> None:
    metrics = session_metrics(start_ms=0, end_ms=120_000, words_added=words_added, total_pause_time=pauses)

    assert (metrics.words_per_minute, metrics.focus_score) == (speed, focus)


@pytest.mark.parametrize(
    ("track", "score"),
    [
        ([], None),
        (snapshots(0, 50), None),
        (snapshots(50, 40, 30), None),
        (snapshots(0, 10, 10), 100),
        (snapshots(0, 10, 20, 30), 100),
        (snapshots(0, 10, 20, every=0), None),
        (snapshots(0, 10, 20, every=-1), None),
        (snapshots(0, 1, 100_000), 0),
    ],
)
def test_consistency_compares_the_speeds_between_snapshots(track: list[Snapshot], score: int | None) -> None:
    assert consistency_score(track) == score


def test_consistency_is_never_below_zero() -> None:
    assert consistency_score(snapshots(0, 1, 2, 3, 100_003)) == 0
