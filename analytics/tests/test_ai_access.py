"""Who may ask the writing coach, about which assignment, and within which submission."""

from typing import Any

import pytest

from accounts.models import Role
from analytics.tests.coach import OPEN, ask, body, log, post
from assignments.models import Assignment, AssignmentStatus, AssignmentSubmission
from scribetree.testing import (
    Cast,
    add_submission_collaborator,
    enroll,
    hex_id,
    make_assignment,
    make_cast,
    make_submission,
    make_template,
    make_user,
)

pytestmark = pytest.mark.django_db

MISSING = "Assignment ID, action, and context are required"


@pytest.fixture
def cast() -> Cast:
    return make_cast()


@pytest.fixture
def assignment(cast: Cast) -> Assignment:
    return make_assignment(cast.course, ai_settings=OPEN)


@pytest.mark.parametrize("role", [Role.EDUCATOR, Role.ADMIN])
def test_only_students_ask(cast: Cast, role: Role) -> None:
    response = post(make_user("else", role), {})

    assert response.status_code == 403
    assert response.json() == {"error": "Insufficient permissions"}


def test_request_without_a_token_is_refused() -> None:
    response = post(None, {})

    assert response.status_code == 401
    assert response.json() == {"error": "Access token required"}


@pytest.mark.parametrize(
    "missing",
    [
        {"assignmentId": None},
        {"assignmentId": ""},
        {"action": None},
        {"action": ""},
        {"context": None},
        {"context": ""},
        {"context": 0},
    ],
)
def test_missing_part_is_told(cast: Cast, assignment: Assignment, missing: dict[str, Any]) -> None:
    response = post(cast.ben, body(assignment, **missing))

    assert response.status_code == 400
    assert response.json() == {"message": MISSING}


@pytest.mark.parametrize("given", [{}, []])
def test_empty_body_is_told(cast: Cast, given: Any) -> None:
    response = post(cast.ben, given)

    assert (response.status_code, response.json()) == (400, {"message": MISSING})


@pytest.mark.parametrize("unknown", ["6b029588f19e313bd6608f38", "nonsense", 7, {"$ne": None}, ["x"]])
def test_unknown_assignment_is_not_found(cast: Cast, assignment: Assignment, unknown: Any) -> None:
    response = post(cast.ben, body(assignment, assignmentId=unknown))

    assert (response.status_code, response.json()) == (404, {"message": "Assignment not found"})


def test_outsider_is_denied(cast: Cast, assignment: Assignment) -> None:
    response = post(make_user("olga"), body(assignment))

    assert (response.status_code, response.json()) == (403, {"message": "Access denied"})
    assert not AssignmentSubmission.objects.exists()


@pytest.mark.parametrize("status", [AssignmentStatus.DRAFT, AssignmentStatus.ARCHIVED])
def test_hidden_assignment_is_denied_to_who_has_not_begun_it(cast: Cast, assignment: Assignment, status: str) -> None:
    Assignment.objects.update(status=status)

    assert post(cast.ben, body(assignment)).status_code == 403

    make_submission(assignment, cast.ben)
    assert post(cast.ben, body(assignment)).status_code == 200


def test_student_without_a_submission_gets_one(cast: Cast, assignment: Assignment) -> None:
    ask(cast.ben, assignment)
    ask(cast.ben, assignment)

    submission = AssignmentSubmission.objects.get()
    assert (submission.author, submission.status, submission.content) == (cast.ben, "draft", "")
    assert len(submission.ai_interactions) == 2


def test_collaborator_asks_within_the_common_submission(cast: Cast, assignment: Assignment) -> None:
    dora = make_user("dora")
    shared = make_submission(assignment, cast.ben)
    add_submission_collaborator(shared, dora)

    ask(dora, assignment)

    assert [stored["student"] for stored in log(shared)] == [hex_id(dora)]
    assert AssignmentSubmission.objects.count() == 1


def test_own_submission_comes_before_a_shared_one(cast: Cast, assignment: Assignment) -> None:
    dora = make_user("dora")
    enroll(dora, cast.course)
    shared, own = make_submission(assignment, cast.ben), make_submission(assignment, dora)
    add_submission_collaborator(shared, dora)

    ask(dora, assignment)

    assert (len(log(shared)), len(log(own))) == (0, 1)


def test_superseded_submission_is_left_alone(cast: Cast, assignment: Assignment) -> None:
    live = make_submission(assignment, cast.ben)
    old = make_submission(assignment, cast.ben, superseded_by=live)

    ask(cast.ben, assignment)

    assert (len(log(old)), len(log(live))) == (0, 1)


def test_deployment_has_the_coach_of_its_template(cast: Cast) -> None:
    template = make_template(cast.ada, ai_settings=OPEN)
    deployment = make_assignment(cast.course, template=template, ai_settings=OPEN)

    assert ask(cast.ben, deployment)["approved"]
