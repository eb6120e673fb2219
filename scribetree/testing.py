"""The cast of the tests, and one maker for each thing that they need; what is not said is what a test leaves open.

Ada teaches Ben. Cleo teaches too, but neither of them. Omar runs the place.
"""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

from django.db import connection
from rest_framework.test import APIClient

from accounts.models import Role, User
from accounts.tokens import issue_token
from analytics.models import WritingSession
from assignments.models import (
    Assignment,
    AssignmentStatus,
    AssignmentSubmission,
    AssignmentTemplate,
    SubmissionCollaborator,
    SubmissionComment,
)
from courses.models import Course, CourseStatus, Enrollment
from documents.models import Document, DocumentCollaborator, DocumentVersion
from notifications.models import Category, Notification, NotificationType
from scribetree.fields import now
from scribetree.object_id import uuid_to_object_id

PASSWORD = "password123"  # noqa: S105 (of people who do not exist)
# the form of an imported password; four rounds, so that logging in takes no time
PASSWORD_HASH = "bcrypt$$2b$04$E6rcdmARB82DTBX7Z42C..mmBauEVTilijJuIKDqVtmHU7Vr/NCsO"  # noqa: S105


class Cast(NamedTuple):
    ada: User
    ben: User
    cleo: User
    omar: User
    course: Course


def make_cast() -> Cast:
    ada = make_user("ada", Role.EDUCATOR)
    ben = make_user("ben")
    course = make_course(ada, title="Ada's course")
    enroll(ben, course)
    return Cast(ada, ben, make_user("cleo", Role.EDUCATOR), make_user("omar", Role.ADMIN), course)


def make_user(name: str, role: Role = Role.STUDENT, **fields: Any) -> User:
    """Someone who logs in as `name@example.org` with `PASSWORD`."""
    values = {
        "email": f"{name}@example.org",
        "password": PASSWORD_HASH,
        "first_name": name.title(),
        "last_name": "Test",
    }
    return User.objects.create(**{**values, "role": role, **fields})


def make_course(instructor: User, **fields: Any) -> Course:
    return Course.objects.create(
        **{"title": "Essays", "instructor": instructor, "status": CourseStatus.PUBLISHED, **fields}
    )


def enroll(student: User, course: Course, **fields: Any) -> Enrollment:
    return Enrollment.objects.create(student=student, course=course, **fields)


def make_template(instructor: User, **fields: Any) -> AssignmentTemplate:
    return AssignmentTemplate.objects.create(**{"title": "An argument", "instructor": instructor, **fields})


def make_assignment(course: Course, **fields: Any) -> Assignment:
    values = {"title": "First essay", "instructor": course.instructor, "status": AssignmentStatus.PUBLISHED}
    return Assignment.objects.create(**{**values, "course": course, **fields})


def make_submission(assignment: Assignment, author: User, **fields: Any) -> AssignmentSubmission:
    return AssignmentSubmission.objects.create(
        **{"title": assignment.title, "assignment": assignment, "author": author, **fields}
    )


def add_submission_collaborator(submission: AssignmentSubmission, user: User, **fields: Any) -> SubmissionCollaborator:
    return SubmissionCollaborator.objects.create(submission=submission, user=user, **fields)


def make_comment(submission: AssignmentSubmission, author: User, **fields: Any) -> SubmissionComment:
    return SubmissionComment.objects.create(
        **{"submission": submission, "author": author, "content": "Say more.", **fields}
    )


def make_document(author: User, **fields: Any) -> Document:
    return Document.objects.create(**{"title": "Notes", "content": "It was a dark night.", "author": author, **fields})


def add_document_collaborator(document: Document, user: User, **fields: Any) -> DocumentCollaborator:
    return DocumentCollaborator.objects.create(document=document, user=user, **fields)


def make_version(parent: Document | AssignmentSubmission, **fields: Any) -> DocumentVersion:
    kind = "document" if isinstance(parent, Document) else "submission"
    values = {kind: parent, "version": 1, "title": parent.title, "content": parent.content, "author": parent.author}
    return DocumentVersion.objects.create(**{**values, **fields})


def make_session(document: Document, **fields: Any) -> WritingSession:
    values = {"document": document, "user": document.author, "start_time": now()}
    return WritingSession.objects.create(**{**values, **fields})


def make_notification(recipient: User, **fields: Any) -> Notification:
    values = {
        "recipient": recipient,
        "type": NotificationType.COMMENT_ADDED,
        "category": Category.STUDENT_PROGRESS,
        "title": "A comment",
        "message": "Someone said something.",
    }
    return Notification.objects.create(**{**values, **fields})


def hex_id(row: Any) -> str:
    """The id of a row as it is on the wire."""
    return str(uuid_to_object_id(row.pk))


def client_of(user: User | None) -> APIClient:
    """Asks the API as the user, in JSON."""
    return APIClient(headers={"Authorization": f"Bearer {issue_token(user)}"} if user else None)


def at_once(*actions: Callable[[], Any]) -> list[Any]:
    """What the actions return, each run in a thread with a connection of its own, all starting together."""
    start = threading.Barrier(len(actions))

    def run(action: Callable[[], Any]) -> Any:
        try:
            connection.ensure_connection()
            start.wait(timeout=30)
            return action()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(actions)) as threads:
        return list(threads.map(run, actions))
