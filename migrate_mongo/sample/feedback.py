"""What gathers around a submission: comments, analytics, help by AI, a grade."""

from bson import ObjectId

from migrate_mongo.sample.dice import DAY, HOUR, MINUTE, BsonDocument, Dice, ObjectIds, js_number, moment
from migrate_mongo.sample.prose import sentence
from migrate_mongo.sample.words import CRITERIA, EMOJI

AI_TYPES = ("grammar", "style", "structure", "research", "citations")


def comments(dice: Dice, ids: ObjectIds, since: int, people: list[ObjectId]) -> list[BsonDocument]:
    if not dice.chance(0.35):
        return []
    made = [_comment(dice, ids, since, people) for _ in range(dice.between(1, 5))]
    # restored and imported comments are not in the order they were written in
    if not dice.chance(0.2):
        made.sort(key=lambda comment: comment["createdAt"])
    return made


def _comment(dice: Dice, ids: ObjectIds, since: int, people: list[ObjectId]) -> BsonDocument:
    at = since + dice.below(20 * DAY)
    comment: BsonDocument = {"author": dice.pick(people), "content": sentence(dice)}
    if dice.chance(0.6):
        start = dice.below(900)
        comment["position"] = {"start": start, "end": start + dice.below(80)}
    if dice.chance(0.1):
        comment["content"] += " " + dice.pick(EMOJI)
    comment |= {
        "type": dice.pick(("comment", "comment", "suggestion", "question", "approval")),
        "resolved": dice.chance(0.3),
        "createdAt": moment(at),
        "replies": [],
        "_id": ids.at(at),
        "id": ids.at(at),
    }
    for _ in range(dice.below(3)):
        at += dice.between(5 * MINUTE, DAY)
        reply = {
            "author": dice.pick(people),
            "content": sentence(dice),
            "createdAt": moment(at),
            "_id": ids.at(at),
        }
        comment["replies"].append(reply)
    return comment


def analytics(dice: Dice, ids: ObjectIds, author: ObjectId, since: int, saves: list[tuple[int, int]]) -> BsonDocument:
    """`saves` are the times and word counts of the versions: one writing day each."""
    sessions = dice.below(12)
    minutes = sum(dice.between(5, 70) for _ in range(sessions))
    pattern = [
        {
            "date": moment(at),
            # the original loses the first save of a day
            "wordsWritten": 0 if dice.chance(0.4) else words // (place + 1),
            "timeSpent": dice.below(60),
            "revisionsCount": dice.below(9),
            "_id": ids.at(at),
        }
        for place, (at, words) in enumerate(saves)
    ]
    return {
        "writingSessions": sessions,
        "totalWritingTime": minutes,
        "averageSessionLength": js_number(minutes / sessions) if sessions else 0,
        "writingPattern": pattern,
        "collaborationMetrics": {
            "contributorStats": [
                {
                    "user": author,
                    "wordsContributed": dice.below(800),
                    "editsCount": dice.below(30),
                    "commentsCount": dice.below(6),
                    "_id": ids.at(since),
                }
            ],
            "conflictsResolved": 0,
            "realTimeMinutes": 0,
        },
    }


def ai_interactions(dice: Dice, ids: ObjectIds, since: int) -> list[BsonDocument]:
    if not dice.chance(0.3):
        return []
    interactions = []
    for _ in range(dice.between(1, 4)):
        at = since + dice.below(10 * DAY)
        interaction = {
            "sessionId": f"ai_{at}",
            "type": dice.pick(AI_TYPES),
            "prompt": sentence(dice),
            "response": f"{sentence(dice)} {sentence(dice)}",
            "accepted": dice.chance(0.5),
            "timestamp": moment(at),
            "_id": ids.at(at),
        }
        if dice.chance(0.5):
            interaction["reflection"] = sentence(dice)
        interactions.append(interaction)
    return interactions


def grade(dice: Dice, ids: ObjectIds, graded_by: ObjectId, at: int) -> BsonDocument:
    scores: list[BsonDocument] = [
        {
            "criteria": name,
            "score": js_number(dice.below(21) / 2),
            "maxScore": 10,
            "feedback": sentence(dice),
            "_id": ids.at(at - HOUR),
        }
        for name in dice.some(CRITERIA, dice.between(2, 4))
    ]
    return {
        "score": js_number(sum(score["score"] for score in scores)),
        "maxScore": 10 * len(scores),
        "rubricScores": scores,
        "overallFeedback": sentence(dice),
        "gradedBy": graded_by,
        "gradedAt": moment(at),
    }
