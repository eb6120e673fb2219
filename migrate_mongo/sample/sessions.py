"""The writing sessions of a document, with the numbers the original computed for those that ended."""

from analytics.session_metrics import session_metrics
from migrate_mongo.sample.dice import DAY, MINUTE, BsonDocument, Dice, ObjectIds, moment

SNAPSHOT_COUNTS = (0, 0, 2, 2, 5, 12)


def writing_sessions(*, dice: Dice, ids: ObjectIds, whose: BsonDocument, since: int, count: int) -> list[BsonDocument]:
    start = since
    held = []
    for _ in range(count):
        start += dice.between(30 * MINUTE, 5 * DAY)
        # to the millisecond, so that the original's rounding down shows
        held.append(_session(dice, ids, whose, start, length=dice.between(2 * MINUTE, 150 * MINUTE)))
    return held


def _session(dice: Dice, ids: ObjectIds, whose: BsonDocument, start: int, *, length: int) -> BsonDocument:
    open_still = dice.chance(0.05)
    end = start + length
    words = dice.below(400)
    activity = _activity(dice, words, length // 1000)
    track = _track(dice, start, length)
    session: BsonDocument = {"_id": ids.at(start), **whose, "startTime": moment(start)}
    productivity: BsonDocument = {"wordsPerMinute": 0, "consistencyScore": 0, "focusScore": 0}
    if not open_still:
        metrics = session_metrics(
            start_ms=start,
            end_ms=end,
            words_added=words,
            total_pause_time=activity["totalPauseTime"],
            snapshots=track,
        )
        session |= {"endTime": moment(end), "duration": metrics.duration}
        productivity = {
            "wordsPerMinute": metrics.words_per_minute or 0,
            "consistencyScore": metrics.consistency_score or 0,
            "focusScore": metrics.focus_score or 0,
        }
    return session | {
        "activity": activity,
        "snapshots": _snapshots(ids, track, open_still=open_still),
        "productivity": productivity,
        "createdAt": moment(start),
        "updatedAt": moment(start if open_still else end),
        "__v": 0,
    }


def _activity(dice: Dice, words: int, seconds: int) -> BsonDocument:
    deleted = dice.below(1 + words // 3)
    return {
        "keystrokes": words * 7 + dice.below(300),
        "wordsAdded": words,
        "wordsDeleted": deleted,
        "charactersAdded": words * 6 + dice.below(100),
        "charactersDeleted": deleted * 5,
        "pauseCount": dice.below(9),
        "totalPauseTime": dice.below(1 + seconds // 2),
    }


def _track(dice: Dice, start: int, length: int) -> list[tuple[int, float]]:
    count = dice.pick(SNAPSHOT_COUNTS)
    track: list[tuple[int, float]] = []
    words = dice.below(300)
    for number in range(count):
        track.append((start + length * number // count, words))
        words = max(0, words + dice.between(-10, 60))
    return track


def _snapshots(ids: ObjectIds, track: list[tuple[int, float]], *, open_still: bool) -> list[BsonDocument]:
    last = len(track) - 1
    return [
        {
            "timestamp": moment(at),
            "wordCount": words,
            "characterCount": int(words * 5),
            "action": "start"
            if number == 0
            else "end"
            if number == last and not open_still
            else "pause"
            if number % 4 == 3
            else "auto-save",
            "_id": ids.at(at),
        }
        for number, (at, words) in enumerate(track)
    ]
