"""What the tests expect of submissions on the wire, and a small world of people around one."""

from typing import Any

from accounts.models import User
from assignments.models import AssignmentSubmission
from documents.tests.wire import person
from scribetree.api.fields import wire_date
from scribetree.object_id import uuid_to_hex
from scribetree.testing import (
    add_submission_collaborator,
    client_of,
    enroll,
    hex_id,
    make_assignment,
    make_cast,
    make_course,
    make_submission,
    make_user,
)

TEXT = "It was a dark night."
UNKNOWN = "67c2c500ffffffffffffffff"
ASSISTANT = "course's educator"  # of the course, but not of the assignment
PEOPLE = (
    "author",
    "collaborator",
    "educator",
    ASSISTANT,
    "admin",
    "classmate",
    "teacher elsewhere",
    "student elsewhere",
)
WRITERS = {"author", "collaborator"}
EDUCATORS = {"educator", ASSISTANT, "admin"}


class World:
    """Ben's submission to an assignment that Ada made in Dean's course."""

    def __init__(self, *, assignment: dict[str, Any] | None = None, **fields: Any) -> None:
        cast = make_cast()
        dean = make_user("dean", "educator")
        self.course = make_course(dean, title="Dean's course")
        classmate = make_user("dora")
        for student in (cast.ben, classmate):
            enroll(student, self.course)
        self.people: dict[str, User] = {
            "author": cast.ben,
            "collaborator": make_user("carl"),
            "educator": cast.ada,
            ASSISTANT: dean,
            "admin": cast.omar,
            "classmate": classmate,
            "teacher elsewhere": cast.cleo,
            "student elsewhere": make_user("eve"),
        }
        self.assignment = make_assignment(self.course, instructor=cast.ada, **(assignment or {}))
        self.submission = make_submission(
            self.assignment,
            cast.ben,
            **{"content": TEXT, "word_count": 5, "character_count": 16, "status": "in_progress", **fields},
        )
        add_submission_collaborator(self.submission, self.people["collaborator"])

    def ask(self, name: str, method: str, path: str = "", body: Any = None) -> Any:
        client = client_of(self.people[name])
        return getattr(client, method)(f"/api/submissions/{hex_id(self.submission)}{path}", body)

    def ok(self, name: str, method: str, path: str = "", body: Any = None, status: int = 200) -> Any:
        """The data of the answer."""
        answer = self.ask(name, method, path, body)
        assert answer.status_code == status, answer.json()
        return answer.json()["data"]

    def save(self, content: str, name: str = "author", **body: Any) -> Any:
        return self.ok(name, "put", "/content", {"content": content, **body})

    def stored(self) -> AssignmentSubmission:
        return AssignmentSubmission.objects.get(pk=self.submission.pk)


def refusal(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]


def identified(elements: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**element, "id": element["_id"]} for element in elements]


def plain(submission: AssignmentSubmission, *collaborators: User, **others: Any) -> dict[str, Any]:
    """With all references as ids, and no comments."""
    analytics = submission.analytics
    metrics = analytics["collaborationMetrics"]
    wire = {
        "_id": hex_id(submission),
        "id": hex_id(submission),
        "assignment": uuid_to_hex(submission.assignment_id),
        "author": uuid_to_hex(submission.author_id),
        "collaborators": [hex_id(user) for user in collaborators],
        "title": submission.title,
        "content": submission.content,
        "wordCount": submission.word_count,
        "characterCount": submission.character_count,
        "status": submission.status,
        "lastSavedAt": wire_date(submission.last_saved_at),
        "collaboration": submission.collaboration_settings,
        "currentVersion": submission.current_version,
        "majorMilestones": identified(submission.major_milestones),
        "comments": [],
        "analytics": {
            **analytics,
            "writingPattern": identified(analytics["writingPattern"]),
            "collaborationMetrics": {**metrics, "contributorStats": identified(metrics["contributorStats"])},
        },
        "grade": {**submission.grade, "rubricScores": identified(submission.grade["rubricScores"])},
        "aiInteractions": [],
        "createdAt": wire_date(submission.created_at),
        "updatedAt": wire_date(submission.updated_at),
        "estimatedReadingTime": submission.estimated_reading_time,
        "isActivelyCollaborating": submission.is_actively_collaborating,
        "gradePercentage": submission.grade_percentage,
    }
    if submission.submitted_at:
        wire["submittedAt"] = wire_date(submission.submitted_at)
    return {**wire, **others}


def named(submission: AssignmentSubmission, *collaborators: User, **others: Any) -> dict[str, Any]:
    """With author and collaborators by their names."""
    people = {"author": person(submission.author), "collaborators": [person(user) for user in collaborators]}
    return plain(submission, **{**people, **others})
