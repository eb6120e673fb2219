"""A small world in which every endpoint has something to do, for everybody from the outsider to the admin."""

import json
from typing import Any

from django.test import Client

from accounts.models import User
from accounts.tokens import issue_token
from assignments.models import AssignmentStatus, SubmissionStatus, TemplateStatus
from scribetree.testing import (
    add_document_collaborator,
    add_submission_collaborator,
    enroll,
    hex_id,
    make_assignment,
    make_cast,
    make_comment,
    make_course,
    make_document,
    make_notification,
    make_session,
    make_submission,
    make_template,
    make_user,
    make_version,
)

# who asks, in the order of the columns of the table of endpoints
STUDENT, OUTSIDER, EDUCATOR, OTHER_EDUCATOR, ADMIN = "ben", "dora", "ada", "cleo", "omar"
PEOPLE = (None, STUDENT, OUTSIDER, EDUCATOR, OTHER_EDUCATOR, ADMIN)

OBJECTIVE = {
    "_id": "67c2c5000000000000000001",
    "id": "objective",
    "description": "Argue",
    "category": "analysis",
    "bloomsLevel": 4,
    "assessmentCriteria": [],
    "weight": 100,
}
STAGE = {
    "_id": "67c2c5000000000000000002",
    "id": "draft",
    "name": "Draft",
    "description": "Write it down",
    "order": 1,
    "required": True,
    "allowAI": False,
    "aiAssistanceLevel": "none",
}
SCAFFOLD = {
    "description": "On a place",
    "instructions": "Write it.",
    "learning_objectives": [OBJECTIVE],
    "writing_stages": [STAGE, {**STAGE, "_id": "67c2c5000000000000000003", "id": "edit", "order": 2}],
}
METRICS = {"wordCount": 5, "characterCount": 16, "readingTime": 1}
CHANGES = {
    "type": "manual",
    "description": "Manual save",
    "addedChars": 20,
    "deletedChars": 0,
    "addedWords": 5,
    "deletedWords": 0,
}
VERSION = {"changes": CHANGES, "metadata": METRICS, "diff": {"additions": [], "deletions": []}}


class World:
    """So many of everything; `ids` has those that paths and bodies name."""

    def __init__(self, rows: int = 1) -> None:
        self.rows = rows
        ada, ben, cleo, omar, course = self.cast = make_cast()
        dora = make_user("dora")
        self.people: dict[str | None, User] = {user.first_name.lower(): user for user in (ada, ben, cleo, dora, omar)}
        self.course = course
        course.enrollment_code = "JOINUS"
        course.save()
        self.classmates = [make_user("eve"), *(make_user(f"student{number}") for number in range(rows))]
        for place, student in enumerate(self.classmates, 1):
            enroll(student, course, ordinal=place)
        self.ids = {
            "course": hex_id(course),
            "other_course": hex_id(make_course(cleo)),
            "educator": hex_id(ada),
            "student": hex_id(ben),
            "classmate": hex_id(self.classmates[-1]),
        }
        self._make_courses()
        self._make_assignments()
        self._make_submissions()
        self._make_documents()
        for person in self.people.values():
            for _ in range(rows):
                make_notification(person, sender=omar)

    def _make_courses(self) -> None:
        for number in range(1, self.rows):
            course = make_course(self.cast.ada, title=f"Course {number}")
            enroll(self.cast.ben, course)
            enroll(self.classmates[number], course, ordinal=1)

    def _make_assignments(self) -> None:
        fields = {**SCAFFOLD, "ai_settings": {"enabled": True, "stageSpecificSettings": []}}
        fields["collaboration_settings"] = {"enabled": True, "allowRealTimeEditing": True}
        assignments = [make_assignment(self.course, **fields) for _ in range(self.rows)]
        templates = [
            make_template(self.cast.ada, status=TemplateStatus.PUBLISHED, is_public=True, **SCAFFOLD)
            for _ in range(self.rows)
        ]
        deployments = [make_assignment(self.course, template=template, **SCAFFOLD) for template in templates]
        self.assignment = assignments[0]
        self.ids |= {
            "assignment": hex_id(assignments[0]),
            "template": hex_id(templates[0]),
            "deployment": hex_id(deployments[0]),
            "draft_assignment": hex_id(make_assignment(self.course, status=AssignmentStatus.DRAFT, **SCAFFOLD)),
        }

    def _make_submissions(self) -> None:
        own = make_submission(self.assignment, self.cast.ben, content="It was a dark night.")
        others = [make_submission(self.assignment, student) for student in self.classmates]
        for submission in (own, *others):
            add_submission_collaborator(submission, self.classmates[0])
        for number in range(self.rows):
            comment = make_comment(own, self.cast.ada, ordinal=number)
            make_comment(own, self.cast.ben, parent=comment)
            make_version(own, version=number + 1, **VERSION)
        handed_in = make_submission(
            make_assignment(self.course, **SCAFFOLD), self.cast.ben, status=SubmissionStatus.SUBMITTED
        )
        self.ids |= {"submission": hex_id(own), "comment": hex_id(comment), "handed_in_submission": hex_id(handed_in)}

    def _make_documents(self) -> None:
        ben, course = self.cast.ben, self.course
        edited = {**METRICS, "lastEditedAt": "2026-11-22T07:11:06.553Z", "lastEditedBy": hex_id(ben)}
        documents = [make_document(ben, course=course, metadata=edited) for _ in range(self.rows)]
        for document in documents:
            add_document_collaborator(document, self.classmates[0])
            make_session(document)
        for number in range(self.rows + 1):
            make_version(documents[0], version=number + 1, **VERSION)
        shared = make_document(
            self.classmates[0], course=course, settings={"allowCollaboration": True}, metadata=edited
        )
        self.ids |= {"document": hex_id(documents[0]), "shared_document": hex_id(shared)}

    def fill(self, value: Any) -> Any:
        """A path or body with the ids in the places of their names."""
        if isinstance(value, str):
            return value.format_map(self.ids) if "{" in value else value
        if isinstance(value, dict):
            return {key: self.fill(element) for key, element in value.items()}
        return [self.fill(element) for element in value] if isinstance(value, list) else value

    def ask(self, person: str | None, method: str, path: str, body: Any = None) -> Any:
        """The response to a path below `/api`, of a client that knows nothing else."""
        headers = {"Authorization": f"Bearer {issue_token(self.people[person])}"} if person else {}
        return Client().generic(
            method,
            f"/api{self.fill(path)}",
            data="" if body is None else json.dumps(self.fill(body)),
            content_type="application/json",
            headers=headers,
        )
