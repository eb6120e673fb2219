"""The documents students write in, each with its versions and its writing sessions."""

from collections.abc import Iterator
from typing import NamedTuple

from bson import ObjectId

from migrate_mongo.sample.courses import Course
from migrate_mongo.sample.dice import DAY, BsonDocument, Dice, ObjectIds, moment
from migrate_mongo.sample.prose import EMPTY, Library, title
from migrate_mongo.sample.sessions import writing_sessions
from migrate_mongo.sample.submissions import Submission
from migrate_mongo.sample.versions import Saved, history, versions


class Writing(NamedTuple):
    id: ObjectId
    author: ObjectId
    course: Course
    submission: Submission | None
    created: int
    first_session: ObjectId | None = None


def documents(  # noqa: PLR0913 (all by keyword)
    *,
    seed: int,
    ids: ObjectIds,
    library: Library,
    courses: list[Course],
    submissions: list[Submission],
    version_counts: list[int],
    session_counts: list[int],
    made: list[Writing],
) -> Iterator[tuple[str, BsonDocument]]:
    """Each document, its versions and its sessions, with their collections. Also fills `made`."""
    dice = Dice(seed, "documents")
    session_dice = Dice(seed, "sessions")
    for number, (version_count, session_count) in enumerate(zip(version_counts, session_counts, strict=True)):
        writing = _writing(dice, ids, courses, submissions, number)
        name = title(dice)
        saved = history(dice, library, writing.created, version_count)
        last = saved[-1] if saved else Saved(1, EMPTY, EMPTY, writing.created, "auto")
        yield "documents", _document(dice, writing, name, last)
        yield from versions(ids=ids, parent=writing.id, author=writing.author, title=name, saved=saved)
        held = writing_sessions(
            dice=session_dice,
            ids=ids,
            whose={"document": writing.id, "user": writing.author},
            since=writing.created,
            count=session_count,
        )
        made.append(writing._replace(first_session=held[0]["_id"] if held else None))
        yield from (("writingsessions", session) for session in held)


def _writing(dice: Dice, ids: ObjectIds, courses: list[Course], submissions: list[Submission], number: int) -> Writing:
    if number == 0 or dice.chance(0.6):
        submission = submissions[0] if number == 0 else dice.pick(submissions)
        created = submission.created + dice.below(DAY)
        return Writing(ids.at(created), submission.author, submission.task.course, submission, created)
    course = dice.pick(courses)
    created = course.created + dice.below(100 * DAY)
    author = course.instructor if dice.chance(0.08) else dice.pick(course.students)
    return Writing(ids.at(created), author, course, None, created)


def _document(dice: Dice, writing: Writing, name: str, last: Saved) -> BsonDocument:
    shared = dice.some(writing.course.students, 2) if dice.chance(0.1) else []
    collaborators = [student for student in shared if student != writing.author]
    draft = last.draft
    document: BsonDocument = {
        "_id": writing.id,
        "title": name,
        "content": draft.content,
        "course": writing.course.id,
        "author": writing.author,
        "collaborators": collaborators,
    }
    if writing.submission is not None:
        document["assignment"] = writing.submission.task.id
        if dice.chance(0.4):
            document["submission"] = writing.submission.id
    document |= {
        "type": _kind(writing, collaborators),
        "status": dice.pick(("active",) * 8 + ("archived", "deleted")),
        "settings": {
            "autoSave": True,
            "autoSaveInterval": dice.pick((30, 30, 45)),
            "allowCollaboration": bool(collaborators),
        },
        "metadata": {
            "wordCount": draft.words,
            "characterCount": draft.chars,
            "readingTime": draft.reading_minutes,
            "lastEditedAt": moment(last.at),
            "lastEditedBy": writing.author,
        },
    }
    if dice.chance(0.015):
        # older clients sent these, and the schema of the day kept them
        document |= {"chapter": "Chapter 2", "lesson": dice.between(1, 12)}
    return document | {
        "createdAt": moment(writing.created),
        "updatedAt": moment(last.at),
        "__v": len(collaborators),
    }


def _kind(writing: Writing, collaborators: list[ObjectId]) -> str:
    if collaborators:
        return "collaborative"
    return "draft" if writing.submission is None else "assignment_work"
