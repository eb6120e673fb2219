"""What courses ask their students to write: templates, assignments, and templates deployed to a course."""

from collections.abc import Iterator
from typing import NamedTuple

from bson import ObjectId

from migrate_mongo.sample.courses import Course
from migrate_mongo.sample.dice import DAY, BsonDocument, Dice, ObjectIds, moment, ms_of
from migrate_mongo.sample.people import People
from migrate_mongo.sample.prose import sentence
from migrate_mongo.sample.scaffolding import first_scaffolding, requirements, scaffolding, texts
from migrate_mongo.sample.words import TAGS

TYPES = ("individual", "individual", "collaborative", "peer-review")
STATUSES = ("published", "published", "in_progress", "completed", "archived")
TEMPLATES_FROM = ms_of(2024, 8, 5)


class Task(NamedTuple):
    """An assignment or a deployment: what a submission answers to."""

    id: ObjectId
    course: Course
    created: int


class Template(NamedTuple):
    id: ObjectId
    stage_ids: list[str]


def templates(*, seed: int, ids: ObjectIds, count: int, people: People, made: list[Template]) -> Iterator[BsonDocument]:
    """Also fills `made`."""
    dice = Dice(seed, "templates")
    for _ in range(count):
        created = TEMPLATES_FROM + dice.below(25 * DAY)
        kind = dice.pick(TYPES)
        document = {
            "_id": ids.at(created),
            **texts(dice),
            "instructor": dice.pick(people.educators),
            "type": kind,
        }
        document |= scaffolding(dice, ids, created, kind=kind)
        document |= {
            "status": dice.pick(("published", "published", "draft", "archived")),
            "tags": dice.some(TAGS, dice.below(4)),
            "isPublic": dice.chance(0.5),
            "usageCount": dice.below(30) if dice.chance(0.3) else 0,
            "createdAt": moment(created),
            "updatedAt": moment(created + dice.below(200 * DAY)),
            "__v": 0,
        }
        made.append(Template(document["_id"], [stage["id"] for stage in document["writingStages"]]))
        yield document


def assignments(
    *, seed: int, ids: ObjectIds, count: int, courses: list[Course], made: list[Task]
) -> Iterator[BsonDocument]:
    """Also fills `made`; drafts are left out of it, for nobody can answer them."""
    dice = Dice(seed, "assignments")
    for number in range(count):
        course = courses[number % len(courses)]
        created = course.created + dice.below(70 * DAY)
        draft = number >= len(courses) and dice.chance(0.08)
        document = _assignment(dice, ids, course, created, first_generation=number % 10 == 3)
        document |= _publishing(dice, created, "draft" if draft else dice.pick(STATUSES))
        if not draft:
            made.append(Task(document["_id"], course, created))
        yield document


def _assignment(dice: Dice, ids: ObjectIds, course: Course, created: int, *, first_generation: bool) -> BsonDocument:
    kind = dice.pick(TYPES)
    document: BsonDocument = {
        "_id": ids.at(created),
        **texts(dice),
        "course": course.id,
        "instructor": course.instructor,
        "type": kind,
        "allowLateSubmissions": dice.chance(0.8),
    }
    if dice.chance(0.9):
        document["dueDate"] = None if dice.chance(0.03) else moment(created + dice.between(10, 35) * DAY)
    if kind == "collaborative":
        document["maxCollaborators"] = dice.pick((5, 5, 3, 10))
    if first_generation:
        return document | first_scaffolding(dice, ids, created)
    return document | scaffolding(dice, ids, created, kind=kind)


def _publishing(dice: Dice, created: int, status: str) -> BsonDocument:
    document: BsonDocument = {"status": status}
    published = created + dice.below(2 * DAY)
    if status != "draft":
        document["publishedAt"] = moment(published)
    return document | {
        "createdAt": moment(created),
        "updatedAt": moment(published + dice.below(10 * DAY)),
        "__v": 0,
    }


def deployments(
    *,
    seed: int,
    ids: ObjectIds,
    count: int,
    courses: list[Course],
    templates: list[Template],
    made: list[Task],
) -> Iterator[BsonDocument]:
    """Each template at most once in a course. Also fills `made`."""
    dice = Dice(seed, "deployments")
    for number in range(count):
        row, column = divmod(number, len(courses))
        course = courses[column]
        template = templates[(row + column) % len(templates)]
        created = course.created + dice.below(60 * DAY)
        document = _deployment(dice, ids, course, template, created)
        made.append(Task(document["_id"], course, created))
        yield document | _publishing(dice, created, dice.pick(STATUSES))


def _deployment(dice: Dice, ids: ObjectIds, course: Course, template: Template, created: int) -> BsonDocument:
    due = created + dice.between(14, 40) * DAY
    document: BsonDocument = {
        "_id": ids.at(created),
        "template": template.id,
        "course": course.id,
        "instructor": course.instructor,
        "dueDate": moment(due),
        "allowLateSubmissions": True,
    }
    if dice.chance(0.5):
        document["customInstructions"] = sentence(dice)
    if dice.chance(0.3):
        document["customNotes"] = sentence(dice)
    plain: BsonDocument = {"requiredSections": [], "allowedResources": []}
    document["courseSpecificRequirements"] = requirements(dice) if dice.chance(0.3) else plain
    document["stageDueDates"] = [
        {"stageId": stage, "dueDate": moment(due - (place + 1) * DAY), "_id": ids.at(created)}
        for place, stage in enumerate(reversed(template.stage_ids))
        if dice.chance(0.5)
    ]
    return document
