"""A small sound school that traps are planted in; what they refer to is here, or is meant not to be."""

from collections.abc import Iterable
from itertools import product
from typing import Any

import bson
from bson import ObjectId

from migrate_mongo.sample.dice import MINUTE, BsonDocument, ObjectIds, moment, ms_of
from migrate_mongo.sample.hazards import sound
from migrate_mongo.sample.hazards.trap import Case, Expected, Trap, changed, rejected

STARTS = ms_of(2025, 10, 6)
AUTHORS, TASKS, COURSES, TEMPLATES = 12, 9, 8, 3


class Bed:
    def __init__(self, ids: ObjectIds) -> None:
        self.ids = ids
        self.now = STARTS
        self.traps: list[Trap] = []
        # one document of each collection that an import rejects, for others to refer to
        self.lost: dict[str, ObjectId] = {}
        self._number = 0
        self.teacher = self.keep("users", self.user({"role": "educator"}))
        self.students = [self.keep("users", self.user()) for _ in range(AUTHORS)]
        self.student, self.peer, *_ = self.students
        self.courses = [self.keep("courses", self.course()) for _ in range(COURSES)]
        self.templates = [self.keep("assignmenttemplates", self.template()) for _ in range(TEMPLATES)]
        self.tasks = [self.keep("assignments", self.assignment()) for _ in range(TASKS)]
        # one submission for each pair, one deployment for each pair: more would be duplicates
        self._turns = product(self.tasks, self.students)
        self._places = product(self.templates, self.courses)
        self.deployed = self.keep("courseassignments", self.deployment())
        self.submitted = self.keep("assignmentsubmissions", self.submission())
        self.paper = self.keep("documents", self.document())
        self.sitting = self.keep("writingsessions", self.session())

    def keep(self, collection: str, document: BsonDocument) -> ObjectId:
        """Adds a sound document."""
        oid: ObjectId = document["_id"]
        self.traps.append(Trap(collection, document, str(oid)))
        return oid

    def plant(self, collection: str, document: BsonDocument, name: str, *expected: Expected) -> Any:
        self.traps.append(Trap(collection, document, str(document["_id"]), name, expected))
        return document["_id"]

    def plant_patched(
        self, collection: str, name: str, document: BsonDocument, before: bytes, after: bytes
    ) -> ObjectId:
        """A document no decoder accepts, in a frame of the right length, so that the next one can still be found."""
        oid: ObjectId = document["_id"]
        raw = bson.encode(document).replace(before, after, 1)
        self.traps.append(Trap(collection, raw, str(oid), name, (rejected("undecodable"),)))
        return oid

    def plant_cases(self, collection: str, cases: Iterable[Case]) -> None:
        makers = {
            "users": self.user,
            "courses": self.course,
            "assignmenttemplates": self.template,
            "assignments": self.assignment,
            "courseassignments": self.deployment,
            "assignmentsubmissions": self.submission,
            "documents": self.document,
            "documentversions": self.version,
            "writingsessions": self.session,
            "notifications": self.notification,
        }
        for name, changes, expected in cases:
            self.plant(collection, makers[collection](changes), name, *expected)

    def nowhere(self) -> ObjectId:
        """An id that no document has."""
        return self.ids.at(self.now)

    def user(self, changes: dict[str, Any] | None = None) -> BsonDocument:
        return changed(sound.user(self.now, oid=self._id(), number=self._number), changes or {})

    def course(self, changes: dict[str, Any] | None = None) -> BsonDocument:
        oid = self._id()
        made = sound.course(self.now, oid=oid, number=self._number, instructor=self.teacher, students=self.students[:2])
        return changed(made, changes or {})

    def template(self, changes: dict[str, Any] | None = None) -> BsonDocument:
        made = {
            "_id": self._id(),
            **self._texts(),
            **sound.block(self.ids, self.now),
            "status": "published",
            "tags": ["sources"],
            "isPublic": True,
            "usageCount": 0,
            **sound.times(self.now),
        }
        return changed(made, changes or {})

    def assignment(self, changes: dict[str, Any] | None = None) -> BsonDocument:
        made = {
            "_id": self._id(),
            **self._texts(),
            "course": self.courses[0],
            "allowLateSubmissions": True,
            "dueDate": moment(self.now),
            **sound.block(self.ids, self.now),
            "status": "published",
            "publishedAt": moment(self.now),
            **sound.times(self.now),
        }
        return changed(made, changes or {})

    def deployment(self, changes: dict[str, Any] | None = None) -> BsonDocument:
        template, course = next(self._places)
        made = {
            "_id": self._id(),
            "template": template,
            "course": course,
            "instructor": self.teacher,
            "allowLateSubmissions": True,
            "courseSpecificRequirements": {"requiredSections": [], "allowedResources": []},
            "stageDueDates": [{"stageId": "stage1", "dueDate": moment(self.now), "_id": self.ids.at(self.now)}],
            "status": "published",
            "publishedAt": moment(self.now),
            **sound.times(self.now),
        }
        return changed(made, changes or {})

    def comment(self, changes: dict[str, Any] | None = None) -> BsonDocument:
        return changed(sound.comment(self.ids, self.now, author=self.peer), changes or {})

    def reply(self, changes: dict[str, Any] | None = None) -> BsonDocument:
        made = {
            "author": self.student,
            "content": "The northern one.",
            "createdAt": moment(self.now),
            "_id": self.ids.at(self.now),
        }
        return changed(made, changes or {})

    def submission(self, changes: dict[str, Any] | None = None) -> BsonDocument:
        task, author = next(self._turns)
        made = sound.submission(self.ids, self.now, oid=self._id(), assignment=task, author=author)
        return changed(made, changes or {})

    def document(self, changes: dict[str, Any] | None = None) -> BsonDocument:
        made = sound.document(self.now, oid=self._id(), course=self.courses[0], author=self.student)
        return changed(made, changes or {})

    def version(self, changes: dict[str, Any] | None = None) -> BsonDocument:
        oid = self._id()
        made = sound.version(self.now, oid=oid, parent=self.paper, number=self._number, author=self.student)
        return changed(made, changes or {})

    def session(self, changes: dict[str, Any] | None = None) -> BsonDocument:
        made = sound.session(self.ids, self.now, oid=self._id(), document=self.paper, user=self.student)
        return changed(made, changes or {})

    def notification(self, changes: dict[str, Any] | None = None) -> BsonDocument:
        made = sound.notification(self.now, oid=self._id(), recipient=self.student, sender=self.teacher)
        return changed(made, changes or {})

    def _texts(self) -> BsonDocument:
        return {
            "title": "Two sources on the ferry",
            "description": "Compare them.",
            "instructions": "Read both, then write.",
            "instructor": self.teacher,
            "type": "individual",
        }

    def _id(self) -> ObjectId:
        self._number += 1
        self.now += MINUTE
        return self.ids.at(self.now)
