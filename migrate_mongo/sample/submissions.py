"""What students hand in, with comments, analytics, grades, and the versions saved on the way."""

from collections.abc import Iterator
from typing import NamedTuple

from bson import ObjectId

from migrate_mongo.sample.coursework import Task
from migrate_mongo.sample.dice import DAY, HOUR, BsonDocument, Dice, ObjectIds, moment
from migrate_mongo.sample.feedback import ai_interactions, analytics, comments, grade
from migrate_mongo.sample.prose import EMPTY, Library, title
from migrate_mongo.sample.versions import Saved, history, versions

HANDED_IN = ("submitted", "submitted", "returned", "graded", "graded")


class Submission(NamedTuple):
    id: ObjectId
    task: Task
    author: ObjectId
    created: int


def chosen_pairs(tasks: list[Task], count: int) -> Iterator[tuple[Task, ObjectId]]:
    """So many pairs of task and student, evenly spread over all of them, the very first among them."""
    total = sum(len(task.course.students) for task in tasks)
    place = 0
    for task in tasks:
        for student in task.course.students:
            if place * count % total < count:
                yield task, student
            place += 1


def submissions(
    *,
    seed: int,
    ids: ObjectIds,
    library: Library,
    tasks: list[Task],
    version_counts: list[int],
    made: list[Submission],
) -> Iterator[tuple[str, BsonDocument]]:
    """Each submission and its versions, with their collections. Also fills `made`."""
    dice = Dice(seed, "submissions")
    for (task, author), version_count in zip(chosen_pairs(tasks, len(version_counts)), version_counts, strict=True):
        created = task.created + dice.below(14 * DAY)
        submission = Submission(ids.at(created), task, author, created)
        made.append(submission)
        name = title(dice)
        saved = history(dice, library, created, version_count)
        document = _submission(dice, ids, submission, name, saved)
        if len(made) % 100 == 10:
            # the first generation had neither
            del document["analytics"], document["aiInteractions"]
        yield "assignmentsubmissions", document
        yield from versions(ids=ids, parent=submission.id, author=author, title=name, saved=saved)


def _submission(dice: Dice, ids: ObjectIds, submission: Submission, name: str, saved: list[Saved]) -> BsonDocument:
    status = dice.pick(HANDED_IN) if saved and dice.chance(0.7) else dice.pick(("draft", "in_progress"))
    created = submission.created
    last = saved[-1] if saved else Saved(1, EMPTY, EMPTY, created, "auto")
    updated = last.at
    content = last.draft
    students = submission.task.course.students
    collaborators = [student for student in dice.some(students, 2) if dice.chance(0.1) and student != submission.author]
    document: BsonDocument = {
        "_id": submission.id,
        "assignment": submission.task.id,
        "author": submission.author,
        "collaborators": collaborators,
        "title": name if saved else f"{name} - Submission",
        "content": content.content,
        "wordCount": content.words,
        "characterCount": content.chars,
        "status": status,
    }
    if status in HANDED_IN:
        document["submittedAt"] = moment(updated)
    document |= {
        "collaboration": {
            "isCollaborative": bool(collaborators),
            "activeUsers": [submission.author, *collaborators],
            "lastActiveAt": moment(updated),
            "conflictResolution": "auto",
        },
        "currentVersion": last.number,
        "majorMilestones": _milestones(ids, submission, saved),
        "comments": comments(dice, ids, submission.created, [submission.task.course.instructor, *students]),
    }
    words_by_day = [(step.at, step.draft.words) for step in saved]
    document["analytics"] = analytics(dice, ids, submission.author, created, words_by_day)
    document["aiInteractions"] = ai_interactions(dice, ids, created)
    graded_by = submission.task.course.instructor
    document["grade"] = grade(dice, ids, graded_by, updated + 20 * HOUR) if status == "graded" else {"rubricScores": []}
    return document | {
        "lastSavedAt": moment(updated),
        "createdAt": moment(created),
        "updatedAt": moment(updated + 20 * HOUR if status == "graded" else updated),
        "__v": len(saved),
    }


def _milestones(ids: ObjectIds, submission: Submission, saved: list[Saved]) -> list[BsonDocument]:
    milestones = []
    for step in saved:
        added = step.draft.words - step.before.words
        if step.kind == "manual" or added > 100:
            milestones.append(
                {
                    "version": step.number,
                    "timestamp": moment(step.at),
                    "description": f"Added {max(0, added)} words - {step.kind} save",
                    "wordCount": step.draft.words,
                    "author": submission.author,
                    "_id": ids.at(step.at),
                }
            )
    return milestones
