"""Beginning work on an assignment, and what its educator sees of it."""

from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F

from accounts.models import User
from assignments.models import Assignment, AssignmentSubmission
from assignments.tests.answers import UNKNOWN, query_count, reference
from scribetree.api.fields import wire_date
from scribetree.fields import now
from scribetree.testing import (
    Cast,
    add_submission_collaborator,
    client_of,
    hex_id,
    make_assignment,
    make_cast,
    make_comment,
    make_submission,
    make_template,
    make_user,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    return make_cast()


@pytest.fixture
def assignment(cast: Cast) -> Assignment:
    return make_assignment(cast.course, due_date=now() + timedelta(hours=1))


def submit(user: User, assignment: Assignment, body: Any = None) -> Any:
    return client_of(user).post(f"/api/assignments/{hex_id(assignment)}/submit", body)


@pytest.mark.parametrize("name", ["ben", "omar"])
def test_submission_is_begun(cast: Cast, assignment: Assignment, name: str) -> None:
    user = getattr(cast, name)

    answer = submit(user, assignment)

    row = AssignmentSubmission.objects.get()
    stats = row.analytics["collaborationMetrics"]["contributorStats"]
    assert answer.status_code == 201
    assert answer.json() == {
        "message": "Assignment submission ready",
        "data": {
            "_id": hex_id(row),
            "id": hex_id(row),
            "assignment": {
                "_id": hex_id(assignment),
                "id": hex_id(assignment),
                "title": "First essay",
                "dueDate": wire_date(assignment.due_date),
                "requirements": {"requiredSections": [], "allowedResources": []},
                "collaboration": assignment.collaboration_settings,
                "isOverdue": False,
                "daysRemaining": 1,
            },
            "author": reference(user),
            "collaborators": [],
            "title": "First essay - Submission",
            "content": "",
            "wordCount": 0,
            "characterCount": 0,
            "status": "draft",
            "lastSavedAt": wire_date(row.last_saved_at),
            "collaboration": {
                "isCollaborative": False,
                "activeUsers": [hex_id(user)],
                "lastActiveAt": wire_date(row.last_saved_at),
                "conflictResolution": "auto",
            },
            "currentVersion": 1,
            "majorMilestones": [],
            "comments": [],
            "aiInteractions": [],
            "analytics": {
                "writingSessions": 0,
                "totalWritingTime": 0,
                "averageSessionLength": 0,
                "writingPattern": [],
                "collaborationMetrics": {
                    "contributorStats": [{**stats[0], "id": stats[0]["_id"]}],
                    "conflictsResolved": 0,
                    "realTimeMinutes": 0,
                },
            },
            "grade": {"rubricScores": []},
            "estimatedReadingTime": 0,
            "isActivelyCollaborating": False,
            "gradePercentage": None,
            "createdAt": wire_date(row.created_at),
            "updatedAt": wire_date(row.updated_at),
        },
    }
    assert stats == [
        {"_id": stats[0]["_id"], "user": hex_id(user), "wordsContributed": 0, "editsCount": 0, "commentsCount": 0}
    ]


def test_second_time_answers_with_the_first(cast: Cast, assignment: Assignment) -> None:
    first = submit(cast.ben, assignment).json()

    again = submit(cast.ben, assignment, {"title": "Other", "isCollaborative": True})

    assert (again.status_code, again.json()) == (201, first)
    assert AssignmentSubmission.objects.count() == 1


def test_live_submission_is_the_one(cast: Cast, assignment: Assignment) -> None:
    live = make_submission(assignment, cast.ben)
    make_submission(assignment, cast.ben, superseded_by=live)
    shared = make_submission(assignment, make_user("dora"))
    add_submission_collaborator(shared, cast.ben)
    add_submission_collaborator(live, cast.cleo)

    data = submit(cast.ben, assignment).json()["data"]

    assert (data["_id"], data["collaborators"]) == (hex_id(live), [reference(cast.cleo)])


@pytest.mark.parametrize(
    ("body", "title"),
    [
        ({"title": "  Mine "}, "Mine"),
        ({"title": " "}, None),
        ({"title": None}, None),
        ({"title": "x" * 300}, "x" * 200),
    ],
)
def test_title_is_given_or_the_assignments(
    cast: Cast, assignment: Assignment, body: dict[str, Any], title: str | None
) -> None:
    assert submit(cast.ben, assignment, body).json()["data"]["title"] == (title or "First essay - Submission")


def test_title_of_the_assignment_is_cut(cast: Cast) -> None:
    assignment = make_assignment(cast.course, title="x" * 200)

    assert submit(cast.ben, assignment).json()["data"]["title"] == "x" * 187 + " - Submission"


@pytest.mark.parametrize(
    ("kind", "given", "collaborative"),
    [
        ("individual", True, True),
        ("individual", "yes", True),
        ("collaborative", None, True),
        ("collaborative", False, True),
        ("peer-review", False, False),
    ],
)
def test_work_is_collaborative_by_wish_or_type(cast: Cast, kind: str, given: Any, collaborative: bool) -> None:
    assignment = make_assignment(cast.course, type=kind)

    data = submit(cast.ben, assignment, {} if given is None else {"isCollaborative": given}).json()["data"]

    assert (data["collaboration"]["isCollaborative"], data["isActivelyCollaborating"]) == (collaborative,) * 2


def test_deployment_is_begun_alike(cast: Cast) -> None:
    deployment = make_assignment(
        cast.course, template=make_template(cast.ada), course_specific_requirements={"minWords": 9}
    )

    data = submit(cast.ben, deployment).json()["data"]

    assert data["assignment"]["_id"] == hex_id(deployment)
    assert data["assignment"]["requirements"]["minWords"] == 9


@pytest.mark.parametrize(
    ("name", "key", "status", "refusal"),
    [
        ("ben", UNKNOWN, "published", (404, "Assignment not found")),
        ("ben", "nonsense", "published", (404, "Assignment not found")),
        ("cleo", None, "draft", (400, "Assignment is not yet available")),
        ("ben", None, "completed", (400, "Assignment is not yet available")),
        ("ada", None, "published", (403, "Only enrolled students can submit to this assignment")),
        ("cleo", None, "published", (403, "Only enrolled students can submit to this assignment")),
        ("ben", None, "published", (400, "isCollaborative: must be true or false")),
    ],
)
def test_submission_refuses(cast: Cast, name: str, key: str | None, status: str, refusal: tuple[int, str]) -> None:
    assignment = make_assignment(cast.course, status=status)

    body = {"isCollaborative": "perhaps"}
    answer = client_of(getattr(cast, name)).post(f"/api/assignments/{key or hex_id(assignment)}/submit", body)

    assert (answer.status_code, answer.json()) == (refusal[0], {"error": refusal[1]})
    assert not AssignmentSubmission.objects.exists()


@pytest.mark.parametrize("name", ["ada", "omar"])
def test_submissions_are_listed_by_what_was_saved_last(cast: Cast, assignment: Assignment, name: str) -> None:
    older = make_submission(assignment, cast.ben, title="older", content="<p>Two words</p>", word_count=2)
    newer = make_submission(assignment, make_user("dora"), title="newer", status="submitted")
    AssignmentSubmission.objects.filter(pk=older.pk).update(last_saved_at=F("last_saved_at") - timedelta(days=1))
    make_submission(make_assignment(cast.course), cast.ben, title="of another")
    client = client_of(getattr(cast, name))
    path = f"/api/assignments/{hex_id(assignment)}/submissions"

    answer = client.get(path)

    assert answer.status_code == 200
    assert answer.json()["message"] == "Assignment submissions retrieved successfully"
    assert [row["title"] for row in answer.json()["data"]] == ["newer", "older"]
    row = answer.json()["data"][1]
    assert (row["assignment"], row["author"]) == (hex_id(assignment), reference(cast.ben))
    assert (row["content"], row["wordCount"], row["estimatedReadingTime"]) == ("<p>Two words</p>", 2, 1)
    assert [row["_id"] for row in client.get(f"{path}?status=submitted").json()["data"]] == [hex_id(newer)]
    assert client.get(f"{path}?status=nonsense").json()["data"] == []


def test_submission_shows_what_was_said_about_it(cast: Cast, assignment: Assignment) -> None:
    submission = make_submission(assignment, cast.ben, grade={"score": 7, "maxScore": 8, "rubricScores": None})
    second = make_comment(submission, cast.ada, ordinal=1, content="Then", position={"start": 1, "end": 4})
    first = make_comment(submission, None, content="First", type="question", is_resolved=True)
    reply = make_comment(submission, cast.ben, parent=second, content="Yes")

    row = client_of(cast.ada).get(f"/api/assignments/{hex_id(assignment)}/submissions").json()["data"][0]

    ids = [
        {"_id": hex_id(each), "id": hex_id(each), "createdAt": wire_date(each.created_at)} for each in (first, second)
    ]
    answered = {"_id": hex_id(reply), "id": hex_id(reply), "createdAt": wire_date(reply.created_at)}
    assert row["comments"] == [
        {**ids[0], "author": None, "content": "First", "type": "question", "resolved": True, "replies": []},
        {
            **ids[1],
            "author": hex_id(cast.ada),
            "content": "Then",
            "position": {"start": 1, "end": 4},
            "type": "comment",
            "resolved": False,
            "replies": [{**answered, "author": hex_id(cast.ben), "content": "Yes"}],
        },
    ]
    assert (row["grade"], row["gradePercentage"]) == ({"score": 7, "maxScore": 8, "rubricScores": []}, 88)


@pytest.mark.parametrize(
    ("name", "key", "refusal"),
    [
        ("ben", None, (403, "Insufficient permissions")),
        ("cleo", None, (403, "Access denied")),
        ("cleo", UNKNOWN, (404, "Assignment not found")),
    ],
)
def test_list_of_submissions_refuses(
    cast: Cast, assignment: Assignment, name: str, key: str | None, refusal: tuple[int, str]
) -> None:
    answer = client_of(getattr(cast, name)).get(f"/api/assignments/{key or hex_id(assignment)}/submissions")

    assert (answer.status_code, answer.json()) == (refusal[0], {"error": refusal[1]})


def test_queries_do_not_grow_with_the_submissions(cast: Cast, assignment: Assignment) -> None:
    path = f"/api/assignments/{hex_id(assignment)}/submissions"
    make_comment(make_submission(assignment, cast.ben), cast.ada)
    few = query_count(cast.ada, path)
    for number in range(29):
        submission = make_submission(assignment, make_user(f"student{number}"))
        make_comment(submission, cast.ben, parent=make_comment(submission, cast.ada))
        add_submission_collaborator(submission, cast.ben)

    assert query_count(cast.ada, path) == few == 5
