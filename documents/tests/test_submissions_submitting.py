"""Handing in, again after changes, and not too late."""

from datetime import timedelta
from typing import Any

import pytest

from assignments.configuration import default_version_control
from assignments.models import AssignmentSubmission
from documents.models import DocumentVersion
from documents.tests.submission_wire import TEXT, World, plain, refusal
from scribetree.api.fields import wire_date
from scribetree.fields import now
from scribetree.testing import hex_id, make_version

pytestmark = pytest.mark.django_db

FINAL = "Final submission for grading"
NO_VERSION = {"version_control_settings": {**default_version_control(), "createVersionOnSubmit": False}}


@pytest.mark.parametrize("name", ["author", "admin"])
def test_submission_is_handed_in_with_a_final_version(name: str) -> None:
    world = World(assignment={"due_date": now() + timedelta(hours=1)})
    make_version(world.submission)

    answer = world.ask(name, "patch", "/submit")

    submission, assignment, key = world.stored(), world.assignment, hex_id(world.assignment)
    assert (answer.status_code, answer.json()["message"]) == (200, "Submission submitted for grading successfully")
    assert answer.json()["data"] == plain(
        submission,
        world.people["collaborator"],
        assignment={
            "_id": key,
            "id": key,
            "dueDate": wire_date(assignment.due_date),
            "versionControl": assignment.version_control_settings,
            "isOverdue": False,
            "daysRemaining": 1,
        },
    )
    version = submission.versions.get(version=2)
    assert (submission.status, submission.current_version) == ("submitted", 2)
    assert submission.submitted_at >= submission.last_saved_at == world.submission.last_saved_at
    assert (version.content, version.author) == (TEXT, world.people[name])
    assert version.changes == {
        "type": "manual",
        "description": FINAL,
        **dict.fromkeys(("addedChars", "deletedChars", "addedWords", "deletedWords"), 0),
    }
    [milestone] = submission.major_milestones
    assert (milestone["version"], milestone["description"], milestone["wordCount"]) == (2, FINAL, 5)


def test_final_version_is_made_only_where_it_is_wanted() -> None:
    world = World(assignment=NO_VERSION)

    data = world.ok("author", "patch", "/submit")

    assert (data["status"], data["majorMilestones"], data["currentVersion"]) == ("submitted", [], 1)
    assert not DocumentVersion.objects.exists()


@pytest.mark.parametrize("assignment", [{}, NO_VERSION, {"version_control_settings": {}}])
def test_same_text_again_changes_nothing(assignment: dict[str, Any]) -> None:
    world = World(assignment=assignment)
    world.ok("author", "patch", "/submit")
    before = AssignmentSubmission.objects.values().get(), DocumentVersion.objects.count()

    assert world.ask("author", "patch", "/submit").status_code == 200
    assert (AssignmentSubmission.objects.values().get(), DocumentVersion.objects.count()) == before


def test_text_that_was_changed_and_changed_back_is_the_same() -> None:
    world = World()
    first = world.ok("author", "patch", "/submit")
    for content in ("Other.", TEXT):
        world.save(content)

    again = world.ok("author", "patch", "/submit")

    assert again["submittedAt"] == first["submittedAt"]
    assert DocumentVersion.objects.count() == 1


@pytest.mark.parametrize("assignment", [{}, NO_VERSION])
def test_new_text_is_handed_in_anew(assignment: dict[str, Any]) -> None:
    world = World(assignment=assignment)
    first = world.ok("author", "patch", "/submit")
    world.save("A better text.", "collaborator")

    again = world.ok("author", "patch", "/submit")

    assert again["submittedAt"] > first["submittedAt"]
    versions = list(DocumentVersion.objects.order_by("version").values_list("version", "content"))
    assert versions == ([] if assignment else [(1, TEXT), (2, "A better text.")])


def test_returned_submission_is_handed_in_again() -> None:
    world = World()
    world.ok("author", "patch", "/submit")
    world.ok("educator", "patch", "/return")

    data = world.ok("author", "patch", "/submit")

    assert (data["status"], data["currentVersion"]) == ("submitted", 2)


def test_graded_submission_is_closed_even_when_late() -> None:
    world = World(status="graded", assignment={"due_date": now() - timedelta(days=1), "allow_late_submissions": False})

    assert refusal(world.ask("author", "patch", "/submit")) == (409, "Submission has been graded")


@pytest.mark.parametrize("content", ["", " \n\ufeff"])
def test_empty_submission_is_refused(content: str) -> None:
    world = World(content=content)

    assert refusal(world.ask("author", "patch", "/submit")) == (400, "Cannot submit an empty submission")
    assert world.stored().status == "in_progress"


@pytest.mark.parametrize(("is_allowed", "status"), [(True, 200), (False, 400)])
def test_late_submission_is_refused_unless_allowed(is_allowed: bool, status: int) -> None:
    late = {"due_date": now() - timedelta(minutes=1), "allow_late_submissions": is_allowed}
    world = World(assignment=late)

    answer = world.ask("author", "patch", "/submit")

    assert answer.status_code == status
    if not is_allowed:
        assert refusal(answer) == (400, "The due date has passed")
        assert not DocumentVersion.objects.exists()


def test_what_was_handed_in_in_time_stays_so() -> None:
    world = World(assignment={"allow_late_submissions": False})
    world.ok("author", "patch", "/submit")
    type(world.assignment).objects.update(due_date=now() - timedelta(minutes=1))

    assert world.ask("author", "patch", "/submit").status_code == 200
