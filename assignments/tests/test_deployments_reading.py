"""Single deployments: who gets them, and what of them."""

from datetime import UTC, datetime, timedelta

import pytest

from accounts.models import Role
from assignments.models import Assignment, AssignmentTemplate
from assignments.tests.answers import UNKNOWN, course_reference, query_count, reference, scaffolding
from scribetree.fields import now
from scribetree.testing import (
    Cast,
    client_of,
    enroll,
    hex_id,
    make_assignment,
    make_cast,
    make_course,
    make_deployment,
    make_template,
    make_user,
)

pytestmark = pytest.mark.django_db

BASE = "/api/course-assignments"
MOMENT = datetime(2026, 11, 22, 7, 14, 21, 164000, UTC)
WIRE_MOMENT = "2026-11-22T07:14:21.164Z"
STAGE = {
    "_id": "6b02958af19e313bd6608f01", "id": "s1", "name": "Draft", "description": "First", "order": 1,
    "required": True, "allowAI": False, "aiAssistanceLevel": "none",
}  # fmt: skip
DUE_STAGE = {"_id": "6b02958af19e313bd6608f02", "stageId": "s1", "dueDate": "2026-11-20T00:00:00.000Z"}


@pytest.fixture
def cast() -> Cast:
    return make_cast()


@pytest.fixture
def template(cast: Cast) -> AssignmentTemplate:
    return make_template(
        cast.cleo,
        description="For and against",
        instructions="Write.",
        writing_stages=[STAGE],
        requirements={"minWords": 500, "maxWords": 900, "requiredSections": ["Intro"], "allowedResources": []},
        tags=["essay"],
        created_at=MOMENT,
        updated_at=MOMENT,
    )


@pytest.fixture
def deployment(cast: Cast, template: AssignmentTemplate) -> Assignment:
    return make_deployment(
        template,
        cast.course,
        due_date=MOMENT,
        max_collaborators=3,
        custom_instructions="In ink.",
        custom_notes="Mind Ben.",
        course_specific_requirements={"maxWords": 800, "requiredSections": [], "allowedResources": ["Books"]},
        stage_due_dates=[DUE_STAGE],
        published_at=MOMENT,
        created_at=MOMENT,
        updated_at=MOMENT,
    )


def path_of(deployment: Assignment) -> str:
    return f"{BASE}/{hex_id(deployment)}"


@pytest.mark.parametrize("who", ["ada", "ben", "omar"])
def test_deployment_answers_whole(cast: Cast, template: AssignmentTemplate, deployment: Assignment, who: str) -> None:
    enroll(make_user("dora"), cast.course, ordinal=1)

    answer = client_of(getattr(cast, who)).get(path_of(deployment))

    assert answer.status_code == 200
    texts = {"title": "An argument", "description": "For and against", "type": "individual"}
    schedule = {
        "dueDate": WIRE_MOMENT,
        "allowLateSubmissions": True,
        "maxCollaborators": 3,
        "stageDueDates": [{**DUE_STAGE, "id": DUE_STAGE["_id"]}],
    }
    students = [hex_id(row.student) for row in cast.course.enrollments.order_by("ordinal")]
    expected = {
        "_id": hex_id(deployment),
        "id": hex_id(deployment),
        "title": "An argument",
        "type": "individual",
        "template": {
            "_id": hex_id(template),
            "id": hex_id(template),
            **scaffolding(),
            **texts,
            "instructions": "Write.",
            "instructor": hex_id(cast.cleo),
            "requirements": template.requirements,
            "writingStages": [STAGE],
            "status": "draft",
            "tags": ["essay"],
            "isPublic": False,
            "usageCount": 0,
            "createdAt": WIRE_MOMENT,
            "updatedAt": WIRE_MOMENT,
        },
        "course": {**course_reference(cast.course), "students": [] if who == "ben" else students},
        "instructor": reference(cast.ada),
        **schedule,
        "customInstructions": "In ink.",
        "customNotes": "Mind Ben.",
        "courseSpecificRequirements": deployment.course_specific_requirements,
        "status": "published",
        "publishedAt": WIRE_MOMENT,
        "createdAt": WIRE_MOMENT,
        "updatedAt": WIRE_MOMENT,
        "isOverdue": True,
        "daysRemaining": deployment.days_remaining,
        "effectiveConfiguration": {
            **scaffolding(),
            **texts,
            **schedule,
            "instructions": "Write.\n\nIn ink.",
            "requirements": {
                "minWords": 500,
                "maxWords": 800,
                "requiredSections": ["Intro"],
                "allowedResources": ["Books"],
            },
            "writingStages": [STAGE],
        },
    }
    if who == "ben":
        del expected["customNotes"]
    assert answer.json() == {"success": True, "data": expected}
    assert len(students) == 2


def test_deployment_leaves_out_what_was_never_set(cast: Cast) -> None:
    deployment = make_deployment(make_template(cast.ada), cast.course, course_specific_requirements=None)

    data = client_of(cast.ada).get(path_of(deployment)).json()["data"]

    unset = {"dueDate", "maxCollaborators", "customInstructions", "customNotes", "publishedAt"}
    assert unset.isdisjoint(data)
    assert unset.isdisjoint(data["effectiveConfiguration"])
    assert (data["isOverdue"], data["daysRemaining"]) == (False, None)
    assert data["courseSpecificRequirements"] == {"requiredSections": [], "allowedResources": []}


@pytest.mark.parametrize(
    ("who", "status", "outcome"),
    [
        ("ada", "draft", 200),
        ("ada", "archived", 200),
        ("omar", "draft", 200),
        ("ben", "published", 200),
        ("ben", "draft", "Assignment not yet published"),
        ("ben", "completed", "Assignment not yet published"),
        ("ben", "archived", "Assignment not yet published"),
        ("cleo", "published", "Access denied to this assignment"),
        ("cleo", "draft", "Access denied to this assignment"),
        ("dora", "published", "Access denied to this assignment"),
    ],
)
def test_deployment_is_for_its_course(
    cast: Cast, deployment: Assignment, who: str, status: str, outcome: int | str
) -> None:
    Assignment.objects.update(status=status)
    user = make_user("dora") if who == "dora" else getattr(cast, who)

    answer = client_of(user).get(path_of(deployment))

    if outcome == 200:
        assert answer.status_code == 200
    else:
        assert (answer.status_code, answer.json()) == (403, {"error": outcome})


def test_deployment_by_an_admin_is_for_the_teacher_of_the_course_too(cast: Cast) -> None:
    deployment = make_deployment(make_template(cast.omar), cast.course, instructor=cast.omar, custom_notes="Note")

    data = client_of(cast.ada).get(path_of(deployment)).json()["data"]

    assert data["customNotes"] == "Note"


def test_educator_who_is_enrolled_reads_as_a_student(cast: Cast, deployment: Assignment) -> None:
    enroll(cast.cleo, cast.course, ordinal=1)

    data = client_of(cast.cleo).get(path_of(deployment)).json()["data"]

    assert "customNotes" not in data
    assert data["course"]["students"] == []


@pytest.mark.parametrize("key", [UNKNOWN, "nonsense", "a.b"])
def test_unknown_deployment_is_not_found(cast: Cast, key: str) -> None:
    answer = client_of(cast.omar).get(f"{BASE}/{key}")

    assert (answer.status_code, answer.json()) == (404, {"error": "Assignment not found"})


def test_assignment_that_was_made_directly_is_no_deployment(cast: Cast) -> None:
    assert client_of(cast.ada).get(path_of(make_assignment(cast.course))).status_code == 404


@pytest.mark.parametrize(
    ("distance", "days", "overdue"),
    [
        (timedelta(hours=1), 1, False),
        (timedelta(hours=47), 2, False),
        (timedelta(hours=-1), 0, True),
        (timedelta(hours=-49), -2, True),
    ],
)
def test_days_remaining_are_begun_days(cast: Cast, distance: timedelta, days: int, overdue: bool) -> None:
    deployment = make_deployment(make_template(cast.ada), cast.course, due_date=now() + distance)

    data = client_of(cast.ada).get(path_of(deployment)).json()["data"]

    assert (data["daysRemaining"], data["isOverdue"]) == (days, overdue)


def test_deployment_costs_the_same_for_any_students(cast: Cast, deployment: Assignment) -> None:
    few = query_count(cast.ada, path_of(deployment))
    for number in range(29):
        enroll(make_user(f"student{number}", Role.STUDENT), cast.course)

    assert (few, query_count(cast.ada, path_of(deployment)), query_count(cast.ben, path_of(deployment))) == (3, 3, 2)


def test_deployment_under_a_template_of_others_is_not_for_them(cast: Cast, deployment: Assignment) -> None:
    other = make_deployment(make_template(cast.ada), make_course(cast.cleo))

    assert client_of(cast.cleo).get(path_of(deployment)).status_code == 403
    assert client_of(cast.ada).get(path_of(other)).status_code == 403
