"""The saved states of documents and submissions, which share one collection."""

from collections.abc import Iterator
from typing import NamedTuple

from bson import ObjectId

from migrate_mongo.sample.dice import DAY, MINUTE, BsonDocument, Dice, ObjectIds, moment
from migrate_mongo.sample.prose import EMPTY, Draft, Library, drafts


class Saved(NamedTuple):
    """One save of an essay: what was there, what was before, when, and how it came about."""

    number: int
    draft: Draft
    before: Draft
    at: int
    kind: str


def history(dice: Dice, library: Library, created: int, count: int) -> list[Saved]:
    essay = library.essay(dice)
    saved: list[Saved] = []
    at = created
    before = EMPTY
    for number, draft in enumerate(drafts(dice, essay, count), 1):
        at += dice.between(10 * MINUTE, 3 * DAY)
        saved.append(Saved(number, draft, before, at, "manual" if dice.chance(0.4) else "auto"))
        before = draft
    return saved


def versions(
    *, ids: ObjectIds, parent: ObjectId, author: ObjectId, title: str, saved: list[Saved]
) -> Iterator[tuple[str, BsonDocument]]:
    for step in saved:
        draft = step.draft
        yield (
            "documentversions",
            {
                "_id": ids.at(step.at),
                "document": parent,
                "version": step.number,
                "content": draft.content,
                "title": title,
                "changes": _changes(step),
                "author": author,
                "metadata": {
                    "wordCount": draft.words,
                    "characterCount": draft.chars,
                    "readingTime": draft.reading_minutes,
                },
                "diff": {"additions": [], "deletions": []},
                "createdAt": moment(step.at),
                "__v": 0,
            },
        )


def _changes(step: Saved) -> BsonDocument:
    """The net difference to the content saved before, not an edit script."""
    words = step.draft.words - step.before.words
    chars = step.draft.length - step.before.length
    return {
        "type": step.kind,
        "description": "Auto-save" if step.kind == "auto" else "Manual save",
        "addedChars": max(0, chars),
        "deletedChars": max(0, -chars),
        "addedWords": max(0, words),
        "deletedWords": max(0, -words),
    }
