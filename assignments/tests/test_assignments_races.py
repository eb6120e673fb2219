"""What happens at once, in threads with connections of their own."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import User
from assignments.models import Assignment, AssignmentSubmission, AssignmentTemplate
from scribetree.testing import Cast, at_once, client_of, hex_id, make_assignment, make_cast, make_template

pytestmark = pytest.mark.django_db(transaction=True)

STAGES = [{"id": "s1", "name": "Draft", "description": "Write", "order": 1}]
SETTINGS = {"stageSpecificSettings": [{"stageId": "s1", "boundaryLevel": "strict"}]}


@pytest.fixture
def cast() -> Cast:
    return make_cast()


@pytest.fixture
def assignment(cast: Cast) -> Assignment:
    return make_assignment(cast.course)


def put(user: User, assignment: Assignment, **body: Any) -> Callable[[], Any]:
    return lambda: client_of(user).put(f"/api/assignments/{hex_id(assignment)}", body)


def submit(user: User, assignment: Assignment) -> Callable[[], Any]:
    return lambda: client_of(user).post(f"/api/assignments/{hex_id(assignment)}/submit")


def publish(user: User, assignment: Assignment) -> Callable[[], Any]:
    return lambda: client_of(user).patch(f"/api/assignments/{hex_id(assignment)}/publish")


def outcomes(answers: list[Any]) -> Counter[tuple[int, str]]:
    return Counter((answer.status_code, answer.json().get("error", "")) for answer in answers)


@pytest.mark.parametrize("name", ["ben", "omar"])
def test_everyone_who_begins_at_once_gets_the_same_submission(cast: Cast, assignment: Assignment, name: str) -> None:
    answers = at_once(*[submit(getattr(cast, name), assignment)] * 5)

    submission = AssignmentSubmission.objects.get()
    assert outcomes(answers) == {(201, ""): 5}
    assert {answer.json()["data"]["_id"] for answer in answers} == {hex_id(submission)}


def test_who_leaves_the_course_begins_before_or_not_at_all(cast: Cast, assignment: Assignment) -> None:
    def leave() -> Any:
        return client_of(cast.ben).post(f"/api/courses/{hex_id(cast.course)}/unenroll")

    found = outcomes(at_once(leave, submit(cast.ben, assignment)))

    refused = found[403, "Only enrolled students can submit to this assignment"]
    assert AssignmentSubmission.objects.count() == found[201, ""] == 1 - refused


def test_changes_of_different_fields_all_stay(cast: Cast, assignment: Assignment) -> None:
    changes = ({"title": "Poem"}, {"description": "Rhyme"}, {"maxCollaborators": 7}, {"writingStages": STAGES})

    answers = at_once(*[put(cast.ada, assignment, **body) for body in changes])

    after = Assignment.objects.get()
    assert outcomes(answers) == {(200, ""): 4}
    assert (after.title, after.description, after.max_collaborators) == ("Poem", "Rhyme", 7)
    assert after.writing_stages[0]["id"] == "s1"


def test_parts_that_depend_on_each_other_never_part(cast: Cast) -> None:
    assignment = make_assignment(cast.course, writing_stages=STAGES)

    answers = at_once(put(cast.ada, assignment, writingStages=[]), put(cast.ada, assignment, aiSettings=SETTINGS))

    assert outcomes(answers) == {(200, ""): 1, (400, "AI setting references invalid stage ID: s1"): 1}
    assert Assignment.objects.get().faults() == []


def test_publishing_and_changing_leave_both(cast: Cast) -> None:
    assignment = make_assignment(cast.course, status="draft")

    answers = at_once(
        publish(cast.ada, assignment), publish(cast.omar, assignment), put(cast.ada, assignment, title="Poem")
    )

    after = Assignment.objects.get()
    assert outcomes(answers) == {(200, ""): 3}
    assert (after.status, after.title) == ("published", "Poem")
    assert len({answer.json()["data"].get("publishedAt") for answer in answers[:2]}) == 1


def test_first_publication_of_a_deployment_counts_once(cast: Cast) -> None:
    deployment = make_assignment(cast.course, template=make_template(cast.ada), status="draft")

    at_once(*[publish(cast.ada, deployment)] * 3, put(cast.ada, deployment, status="published"))

    assert AssignmentTemplate.objects.get().usage_count == 1
