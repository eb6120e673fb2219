"""Deployments are published, begun, archived and deleted."""

from typing import Any

import pytest

from assignments.models import Assignment, AssignmentSubmission, AssignmentTemplate
from assignments.tests.answers import UNKNOWN
from scribetree.testing import (
    Cast,
    client_of,
    enroll,
    hex_id,
    make_cast,
    make_deployment,
    make_submission,
    make_template,
)

pytestmark = pytest.mark.django_db

BASE = "/api/course-assignments"


@pytest.fixture
def cast() -> Cast:
    return make_cast()


@pytest.fixture
def deployment(cast: Cast) -> Assignment:
    return make_deployment(make_template(cast.cleo), cast.course)


def path_of(deployment: Assignment, action: str = "") -> str:
    return f"{BASE}/{hex_id(deployment)}{action}"


def usage() -> int:
    return AssignmentTemplate.objects.get().usage_count


@pytest.mark.parametrize("who", ["ada", "omar"])
def test_first_publication_counts_as_a_use_of_the_template(cast: Cast, deployment: Assignment, who: str) -> None:
    Assignment.objects.update(status="draft")
    client = client_of(getattr(cast, who))

    first = client.patch(path_of(deployment, "/publish"))

    assert first.status_code == 200
    assert first.json() == client.get(path_of(deployment)).json()
    assert first.json()["data"]["status"] == "published"
    assert usage() == 1
    client.patch(path_of(deployment, "/archive"))
    again = client.patch(path_of(deployment, "/publish"))
    assert again.json()["data"]["publishedAt"] == first.json()["data"]["publishedAt"]
    assert usage() == 1


@pytest.mark.parametrize("who", ["ada", "omar"])
def test_deployment_is_archived(cast: Cast, deployment: Assignment, who: str) -> None:
    client = client_of(getattr(cast, who))

    answer = client.patch(path_of(deployment, "/archive"))

    assert (answer.status_code, answer.json()["data"]["status"]) == (200, "archived")
    assert answer.json() == client.get(path_of(deployment)).json()


@pytest.mark.parametrize("who", ["ada", "omar"])
def test_deployment_is_deleted(cast: Cast, deployment: Assignment, who: str) -> None:
    answer = client_of(getattr(cast, who)).delete(path_of(deployment))

    assert answer.status_code == 200
    assert answer.json() == {"success": True, "message": "Assignment deleted successfully"}
    assert not Assignment.objects.exists()


def test_deployment_that_was_begun_is_not_deleted(cast: Cast, deployment: Assignment) -> None:
    make_submission(deployment, cast.ben)

    answer = client_of(cast.ada).delete(path_of(deployment))

    assert answer.status_code == 400
    assert answer.json() == {"error": "Cannot delete assignment with submissions. Archive it instead."}
    assert AssignmentSubmission.objects.exists()


REQUESTS = [
    ("put", "", "Only assignment instructor can update assignment"),
    ("patch", "/publish", "Only assignment instructor can publish assignment"),
    ("patch", "/archive", "Only assignment instructor can archive assignment"),
    ("delete", "", "Only assignment instructor can delete assignment"),
]


@pytest.mark.parametrize(("method", "action", "refusal"), REQUESTS)
def test_what_is_done_to_a_deployment_is_checked_in_order(
    cast: Cast, deployment: Assignment, method: str, action: str, refusal: str
) -> None:
    make_submission(deployment, cast.ben)

    def ask(who: str, key: str) -> tuple[int, Any]:
        body = {"stageDueDates": [{"stageId": "z"}]}
        answer = getattr(client_of(getattr(cast, who)), method)(f"{BASE}/{key}{action}", body)
        return answer.status_code, answer.json()

    assert ask("ben", UNKNOWN) == (403, {"error": "Insufficient permissions"})
    assert ask("cleo", UNKNOWN) == ask("cleo", "nonsense") == (404, {"error": "Assignment not found"})
    assert ask("cleo", hex_id(deployment)) == (403, {"error": refusal})


def test_student_begins_once(cast: Cast, deployment: Assignment) -> None:
    body = {"title": "Ben's An argument", "isCollaborative": True}

    first = client_of(cast.ben).post(path_of(deployment, "/submit"), body)
    again = client_of(cast.ben).post(path_of(deployment, "/submit"), {"title": "Another"})

    submission = AssignmentSubmission.objects.get()
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    data = first.json()["data"]
    assert (data["_id"], data["assignment"]) == (hex_id(submission), hex_id(deployment))
    assert (data["author"], data["collaborators"]) == (hex_id(cast.ben), [])
    assert (data["title"], data["content"], data["status"]) == ("Ben's An argument", "", "draft")
    assert data["collaboration"]["isCollaborative"] is True


def test_long_title_of_what_is_begun_is_cut(cast: Cast, deployment: Assignment) -> None:
    answer = client_of(cast.ben).post(path_of(deployment, "/submit"), {"title": "x" * 300})

    assert answer.json()["data"]["title"] == "x" * 200


@pytest.mark.parametrize(
    ("who", "status", "expected"),
    [
        ("ada", "draft", (400, "Assignment is not yet published")),
        ("ben", "archived", (400, "Assignment is not yet published")),
        ("ada", "published", (403, "You are not enrolled in this course")),
        ("omar", "published", (403, "You are not enrolled in this course")),
        ("cleo", "published", (403, "You are not enrolled in this course")),
    ],
)
def test_beginning_is_checked_in_order(
    cast: Cast, deployment: Assignment, who: str, status: str, expected: tuple[int, str]
) -> None:
    Assignment.objects.update(status=status)

    answer = client_of(getattr(cast, who)).post(path_of(deployment, "/submit"), {"isCollaborative": "perhaps"})

    assert (answer.status_code, answer.json()["error"]) == expected
    missing = client_of(getattr(cast, who)).post(f"{BASE}/{UNKNOWN}/submit")
    assert (missing.status_code, missing.json()) == (404, {"error": "Assignment not found"})


def test_who_is_enrolled_begins_whatever_the_role(cast: Cast, deployment: Assignment) -> None:
    enroll(cast.cleo, cast.course, ordinal=1)

    assert client_of(cast.cleo).post(path_of(deployment, "/submit")).status_code == 201
