"""What assignments and submissions say of themselves."""

from datetime import timedelta
from typing import Any

import pytest

from accounts.models import Role
from assignments.models import Assignment, AssignmentSubmission
from assignments.models import assignment as assignment_module
from assignments.models import submission as submission_module
from scribetree.api.fields import parse_date
from scribetree.testing import enroll, make_assignment, make_cast, make_course, make_user

MOMENT = parse_date("2026-11-22T07:14:21.164Z")
DAY = timedelta(days=1)
MS = timedelta(milliseconds=1)


@pytest.fixture(autouse=True)
def _still(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assignment_module, "now", lambda: MOMENT)
    monkeypatch.setattr(submission_module, "now", lambda: MOMENT)


@pytest.mark.parametrize(
    ("left", "days", "overdue"),
    [
        (timedelta(), 0, False),
        (MS, 1, False),
        (DAY, 1, False),
        (DAY + MS, 2, False),
        (-MS, 0, True),
        (-DAY, -1, True),
        (-DAY - MS, -1, True),
    ],
)
def test_days_that_have_begun_remain(left: timedelta, days: int, overdue: bool) -> None:
    assignment = Assignment(due_date=MOMENT + left)

    assert (assignment.days_remaining, assignment.is_overdue) == (days, overdue)


def test_what_is_never_due_is_never_overdue() -> None:
    assert (Assignment().days_remaining, Assignment().is_overdue) == (None, False)


@pytest.mark.parametrize(
    ("settings", "active"),
    [
        ({"isCollaborative": True, "lastActiveAt": "2026-11-22T07:09:21.165Z"}, True),
        ({"isCollaborative": True, "lastActiveAt": "2026-11-22T07:09:21.163Z"}, False),
        ({"isCollaborative": True, "lastActiveAt": None}, False),
        ({"isCollaborative": True}, False),
        ({"isCollaborative": False, "lastActiveAt": "2026-11-22T07:14:21.164Z"}, False),
    ],
)
def test_collaboration_is_active_for_five_minutes(settings: dict[str, Any], active: bool) -> None:
    assert AssignmentSubmission(collaboration_settings=settings).is_actively_collaborating is active


@pytest.mark.parametrize(
    ("grade", "percentage"),
    [
        (None, None),
        ({"rubricScores": []}, None),
        ({"score": 0, "maxScore": 10}, None),
        ({"score": 5, "maxScore": 0}, None),
        ({"score": 5, "maxScore": 10}, 50),
        ({"score": 1, "maxScore": 8}, 13),
    ],
)
def test_grade_is_a_rounded_percentage(grade: Any, percentage: int | None) -> None:
    assert AssignmentSubmission(grade=grade).grade_percentage == percentage


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "titles"),
    [
        ("ada", {"published", "draft", "Omar's"}),
        ("ben", {"published", "Omar's"}),
        ("cleo", {"Cleo's"}),
        ("eve", {"published", "Omar's"}),
        ("omar", {"published", "draft", "Omar's", "Cleo's"}),
    ],
)
def test_assignments_are_visible_to_those_of_the_course(name: str, titles: set[str]) -> None:
    cast = make_cast()
    eve = make_user("eve", Role.EDUCATOR)
    enroll(eve, cast.course, ordinal=1)
    make_assignment(cast.course, title="published")
    make_assignment(cast.course, title="draft", status="draft")
    make_assignment(cast.course, title="Omar's", instructor=cast.omar)
    make_assignment(make_course(cast.cleo), title="Cleo's")
    user = eve if name == "eve" else getattr(cast, name)

    assert set(Assignment.objects.visible_to(user).values_list("title", flat=True)) == titles
