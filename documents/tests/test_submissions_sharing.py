"""Who comes to write a submission too."""

from typing import Any

import pytest

from accounts.models import User
from assignments.configuration import default_collaboration
from assignments.models import Assignment, AssignmentSubmission, SubmissionCollaborator
from documents.tests.submission_wire import ASSISTANT, UNKNOWN, World, plain, refusal
from documents.tests.wire import person
from scribetree.testing import hex_id

pytestmark = pytest.mark.django_db

TOGETHER = {"collaboration_settings": {**default_collaboration(), "enabled": True}}


@pytest.fixture
def world() -> World:
    return World(assignment=TOGETHER)


def add(world: World, member: User | Any, name: str = "author") -> Any:
    key = hex_id(member) if isinstance(member, User) else member
    return world.ask(name, "post", "/collaborators", {"collaboratorId": key})


@pytest.mark.parametrize("name", ["author", "admin"])
def test_member_of_the_course_becomes_a_collaborator(world: World, name: str) -> None:
    carl, dora = world.people["collaborator"], world.people["classmate"]

    answer = add(world, dora, name)

    submission = world.stored()
    assert answer.json() == {
        "message": "Collaborator added successfully",
        "data": plain(submission, collaborators=[person(carl), person(dora)]),
    }
    assert list(submission.collaborators.order_by("ordinal").values_list("user", "ordinal")) == [
        (carl.pk, 0),
        (dora.pk, 1),
    ]
    assert submission.collaboration_settings["isCollaborative"] is True
    [stat] = submission.analytics["collaborationMetrics"]["contributorStats"]
    assert stat == {
        "_id": stat["_id"],
        "user": hex_id(dora),
        "wordsContributed": 0,
        "editsCount": 0,
        "commentsCount": 0,
    }
    assert world.ask("classmate", "put", "/content", {"content": "Ours."}).status_code == 200


def test_educator_of_the_course_can_be_one(world: World) -> None:
    assert add(world, world.people[ASSISTANT]).status_code == 200


def test_reasons_against_it_come_in_order(world: World) -> None:
    outsider, carl = world.people["student elsewhere"], world.people["collaborator"]

    assert refusal(add(world, None)) == (400, "Collaborator ID is required")
    assert refusal(add(world, "")) == (400, "Collaborator ID is required")
    for key in (UNKNOWN, "nonsense", 5, {"$ne": None}):
        assert refusal(add(world, key)) == (404, "User not found")
    for user in (carl, world.people["author"]):
        assert refusal(add(world, user)) == (400, "User is already a collaborator")
    assert refusal(add(world, outsider)) == (400, "User is not a member of this course")

    SubmissionCollaborator.objects.create(submission=world.submission, user=outsider, ordinal=1)
    Assignment.objects.update(max_collaborators=2)
    assert refusal(add(world, UNKNOWN)) == (400, "Maximum number of collaborators reached")

    Assignment.objects.update(collaboration_settings=default_collaboration())
    assert refusal(add(world, UNKNOWN)) == (400, "Collaboration is not enabled for this assignment")
    assert AssignmentSubmission.objects.get().analytics == world.submission.analytics
