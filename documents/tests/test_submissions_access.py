"""Who may do what to whose submissions."""

from typing import Any

import pytest

from accounts.models import Role
from assignments.models import AssignmentSubmission
from documents.tests.submission_wire import ASSISTANT, EDUCATORS, PEOPLE, UNKNOWN, WRITERS, World, refusal
from scribetree.testing import client_of, hex_id, make_comment, make_submission, make_user

pytestmark = pytest.mark.django_db

COLLABORATIVE = {"collaboration_settings": {"enabled": True, "allowRealTimeEditing": True}}
ACTIONS = [
    ("get", ""),
    ("put", "/content"),
    ("post", "/comments"),
    ("post", f"/comments/{UNKNOWN}/reply"),
    ("patch", f"/comments/{UNKNOWN}/resolve"),
    ("post", "/collaborators"),
    ("patch", "/submit"),
    ("get", "/versions"),
    ("patch", "/grade"),
    ("patch", "/return"),
]


@pytest.mark.parametrize(
    ("method", "path", "body", "allowed"),
    [
        ("get", "", None, WRITERS | EDUCATORS),
        ("get", "/versions", None, WRITERS | EDUCATORS),
        ("put", "/content", {"content": "New."}, WRITERS | {"admin"}),
        ("post", "/comments", {"content": "Well."}, WRITERS | EDUCATORS),
        ("post", "/comments/{comment}/reply", {"content": "Well."}, WRITERS | EDUCATORS),
        ("patch", "/comments/{comment}/resolve", None, {"author", *EDUCATORS}),
        ("patch", "/submit", None, {"author", "admin"}),
        ("patch", "/grade", {"score": 5}, EDUCATORS),
        ("patch", "/return", None, EDUCATORS),
    ],
)
def test_action_is_for_those_whom_it_concerns(method: str, path: str, body: Any, allowed: set[str]) -> None:
    world = World(assignment=COLLABORATIVE, status="submitted")
    comment = make_comment(world.submission, world.people["educator"])
    path = path.format(comment=hex_id(comment))
    told = {}
    for name in PEOPLE:
        told[name] = world.ask(name, method, path, body).status_code
        AssignmentSubmission.objects.update(status="submitted")

    assert told == {name: (201 if path == "/comments" else 200) if name in allowed else 403 for name in PEOPLE}


def test_collaborators_are_added_by_the_author_and_admins() -> None:
    world = World(assignment=COLLABORATIVE)
    body = {"collaboratorId": hex_id(world.people["author"])}

    told = {name: world.ask(name, "post", "/collaborators", body).status_code for name in PEOPLE}

    assert told == {name: 400 if name in ("author", "admin") else 403 for name in PEOPLE}


def test_comment_is_resolved_by_who_made_it() -> None:
    world = World()
    comment = make_comment(world.submission, world.people["collaborator"])

    assert world.ask("collaborator", "patch", f"/comments/{hex_id(comment)}/resolve").status_code == 200


def test_visible_rows_are_those_that_can_be_read() -> None:
    world = World()

    for user in world.people.values():
        [submission] = AssignmentSubmission.objects.with_access()
        assert AssignmentSubmission.objects.visible_to(user).exists() == submission.can_be_read_by(user)
        assert AssignmentSubmission.objects.written_by(user).exists() == submission.is_written_by(user)


@pytest.mark.parametrize(("method", "path"), [("get", "/my-submissions"), *((m, f"/{UNKNOWN}{p}") for m, p in ACTIONS)])
def test_nothing_is_told_without_a_token(method: str, path: str) -> None:
    answer = getattr(client_of(None), method)(f"/api/submissions{path}")

    assert refusal(answer) == (401, "Access token required")


@pytest.mark.parametrize("wire_id", [UNKNOWN, "nonsense", "a.b", "' OR 1=1"])
@pytest.mark.parametrize(("method", "path"), ACTIONS)
def test_unknown_submission_is_not_found_before_anything_else(method: str, path: str, wire_id: str) -> None:
    client = client_of(make_user("omar", Role.ADMIN))

    answer = getattr(client, method)(f"/api/submissions/{wire_id}{path}", {"content": 5, "score": "x", "feedback": []})

    assert refusal(answer) == (404, "Submission not found")


@pytest.mark.parametrize(
    ("method", "path", "denial"),
    [
        ("get", "", "Access denied to this submission"),
        ("get", "/versions?limit=x", "Access denied"),
        ("put", "/content", "No edit permissions for this submission"),
        ("post", "/comments", "No permission to comment on this submission"),
        ("post", f"/comments/{UNKNOWN}/reply", "Access denied"),
        ("post", "/collaborators", "Only the submission author can add collaborators"),
        ("patch", "/submit", "Only the submission author can submit for grading"),
        ("patch", "/grade", "Only the instructor can grade this submission"),
        ("patch", "/return", "Only the instructor can return this submission"),
    ],
)
def test_outsider_is_denied_before_the_request_is_looked_at(method: str, path: str, denial: str) -> None:
    answer = World(status="graded").ask("student elsewhere", method, path, {"content": 5, "score": "x", "feedback": []})

    assert refusal(answer) == (403, denial)


def test_outsider_learns_whether_there_is_a_comment_before_being_denied() -> None:
    world = World()
    comment = make_comment(world.submission, world.people["educator"])

    for key, expected in (
        (UNKNOWN, (404, "Comment not found")),
        (hex_id(comment), (403, "No permission to resolve this comment")),
    ):
        assert refusal(world.ask("student elsewhere", "patch", f"/comments/{key}/resolve")) == expected


@pytest.mark.parametrize(("method", "path"), [(method, path) for method, path in ACTIONS if method != "get"])
def test_superseded_submission_is_read_and_not_written(method: str, path: str) -> None:
    world = World(assignment=COLLABORATIVE)
    live = make_submission(world.assignment, world.people["admin"])
    AssignmentSubmission.objects.filter(pk=world.submission.pk).update(superseded_by=live, status="submitted")
    body = {"content": "New.", "score": 5, "collaboratorId": hex_id(world.people["classmate"])}

    assert world.ask("author", "get").status_code == 200
    assert refusal(world.ask("admin", method, path, None if path == "/return" else body)) == (
        409,
        "Submission has been superseded by a later one",
    )


def test_former_educator_still_has_what_the_course_wrote() -> None:
    world = World()
    world.people[ASSISTANT].role = Role.STUDENT
    world.people[ASSISTANT].save()

    assert world.ask(ASSISTANT, "get").status_code == 200
