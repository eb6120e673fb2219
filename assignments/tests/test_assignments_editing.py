"""Changing, publishing, archiving and checking assignments."""

from typing import Any

import pytest

from accounts.models import User
from assignments.models import Assignment, AssignmentTemplate
from assignments.tests.answers import UNKNOWN, course_reference, plain, reference
from scribetree.api.fields import wire_date
from scribetree.fields import now
from scribetree.testing import Cast, client_of, hex_id, make_assignment, make_cast, make_template

pytestmark = pytest.mark.django_db

OBJECTIVE = {
    "_id": "a" * 24, "id": "lo1", "description": "Argue", "category": "analysis", "bloomsLevel": 4,
    "assessmentCriteria": [], "weight": 100,
}  # fmt: skip
STAGE = {"id": "s1", "name": "Draft", "description": "Write", "order": 1}
SETTING = {"stageId": "s1", "boundaryLevel": "strict"}
INVALID = "Assignment validation failed: "


@pytest.fixture
def cast() -> Cast:
    return make_cast()


@pytest.fixture
def assignment(cast: Cast) -> Assignment:
    return make_assignment(cast.course, status="draft", description="On a place", instructions="Write it.")


def put(user: User, assignment: Assignment, **body: Any) -> Any:
    return client_of(user).put(f"/api/assignments/{hex_id(assignment)}", body)


def publish(user: User, assignment: Assignment) -> Any:
    return client_of(user).patch(f"/api/assignments/{hex_id(assignment)}/publish")


def archive(user: User, assignment: Assignment) -> Any:
    return client_of(user).delete(f"/api/assignments/{hex_id(assignment)}")


def validate(user: User, assignment: Assignment) -> Any:
    return client_of(user).post(f"/api/assignments/{hex_id(assignment)}/validate")


@pytest.mark.parametrize("name", ["ada", "omar"])
def test_change_answers_the_whole_assignment(cast: Cast, assignment: Assignment, name: str) -> None:
    answer = put(getattr(cast, name), assignment, title=" Poem ", learningObjectives=[OBJECTIVE])

    before, after = assignment.updated_at, Assignment.objects.get()
    assert after.updated_at > before
    assert answer.status_code == 200
    assert answer.json() == {
        "message": "Assignment updated successfully",
        "data": plain(
            after,
            title="Poem",
            learningObjectives=[OBJECTIVE],
            course=course_reference(cast.course),
            instructor=reference(cast.ada),
        ),
    }


def test_groups_are_replaced_whole(cast: Cast, assignment: Assignment) -> None:
    put(cast.ada, assignment, requirements={"citationStyle": "APA"}, collaboration={"enabled": True})

    data = put(
        cast.ada, assignment, requirements={"minWords": 3}, collaboration={"allowComments": False}, grading=None
    ).json()["data"]

    assert data["requirements"] == {"minWords": 3, "requiredSections": [], "allowedResources": []}
    assert (data["collaboration"]["enabled"], data["collaboration"]["allowComments"]) == (False, False)
    assert data["grading"] == {"enabled": False, "rubric": [], "allowPeerReview": False}


@pytest.mark.parametrize("number", [0, 2.5, 2**53, 1e300])
def test_numbers_come_back_as_they_went(cast: Cast, assignment: Assignment, number: float) -> None:
    put(cast.ada, assignment, requirements={"minWords": number})

    answer = client_of(cast.ada).get(f"/api/assignments/{hex_id(assignment)}")

    assert answer.json()["data"]["requirements"]["minWords"] == number


@pytest.mark.parametrize("empty", [None, ""])
def test_due_date_is_cleared(cast: Cast, assignment: Assignment, empty: Any) -> None:
    put(cast.ada, assignment, dueDate="2026-12-24T10:00:00Z", maxCollaborators=4)

    data = put(cast.ada, assignment, dueDate=empty, maxCollaborators=None).json()["data"]

    assert {"dueDate", "maxCollaborators"} & set(data) == set()
    assert (data["daysRemaining"], data["isOverdue"]) == (None, False)


def test_due_date_that_has_passed_is_overdue_until_completed(cast: Cast, assignment: Assignment) -> None:
    data = put(cast.ada, assignment, dueDate="2020-01-01").json()["data"]
    assert (data["isOverdue"], data["daysRemaining"] < -2000) == (True, True)

    assert put(cast.ada, assignment, status="completed").json()["data"]["isOverdue"] is False


def test_what_becomes_collaborative_stays_so(cast: Cast, assignment: Assignment) -> None:
    data = put(cast.ada, assignment, type="collaborative", collaboration={"enabled": False}).json()["data"]
    assert (data["collaboration"]["enabled"], data["maxCollaborators"]) == (True, 5)

    data = put(cast.ada, assignment, type="individual").json()["data"]
    assert (data["collaboration"]["enabled"], data["maxCollaborators"]) == (True, 5)


def test_other_keys_are_ignored(cast: Cast, assignment: Assignment) -> None:
    body = {"course": UNKNOWN, "instructor": hex_id(cast.cleo), "publishedAt": "2020-01-01", "_id": UNKNOWN}

    answer = put(cast.ada, assignment, **body)

    assert answer.json()["data"] == plain(
        assignment, course=course_reference(cast.course), instructor=reference(cast.ada)
    )


@pytest.mark.parametrize("status", ["draft", "published", "in_progress", "completed", "archived"])
@pytest.mark.parametrize("before", ["draft", "archived", "published"])
def test_any_status_follows_any_other(cast: Cast, before: str, status: str) -> None:
    assignment = make_assignment(cast.course, status=before, description="On a place", instructions="Write it.")

    data = put(cast.ada, assignment, status=status).json()["data"]

    assert (data["status"], "publishedAt" in data) == (status, status == "published")


@pytest.mark.parametrize("again", [publish, lambda user, assignment: put(user, assignment, status="published")])
def test_first_publication_stays_the_moment(cast: Cast, assignment: Assignment, again: Any) -> None:
    answer = publish(cast.ada, assignment)

    first = Assignment.objects.get()
    assert answer.status_code == 200
    assert answer.json() == {
        "message": "Assignment published successfully",
        "data": plain(first, publishedAt=wire_date(first.published_at)),
    }
    archive(cast.ada, assignment)
    assert again(cast.omar, assignment).json()["data"]["publishedAt"] == wire_date(first.published_at)
    assert Assignment.objects.get().status == "published"


def test_archiving_keeps_everything(cast: Cast, assignment: Assignment) -> None:
    Assignment.objects.update(writing_stages=[STAGE, STAGE])

    for user in (cast.ada, cast.omar):
        answer = archive(user, assignment)

        assert (answer.status_code, answer.json()) == (200, {"message": "Assignment archived successfully"})
        assert Assignment.objects.get().status == "archived"


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({"title": " "}, f"{INVALID}title: Assignment title is required"),
        ({"title": None}, f"{INVALID}title: Assignment title is required"),
        ({"title": "x" * 201}, f"{INVALID}title: Title cannot exceed 200 characters"),
        ({"instructions": ""}, f"{INVALID}instructions: Assignment instructions are required"),
        ({"status": "lost"}, f"{INVALID}status: `lost` is not one of"),
        ({"maxCollaborators": 11}, f"{INVALID}maxCollaborators: Cannot exceed 10 collaborators"),
        ({"dueDate": "soon", "type": "x"}, f"{INVALID}type: `x` is not one of individual, "),
        ({"learningObjectives": [{"id": "lo1"}]}, f"{INVALID}learningObjectives.0.description: "),
        ({"learningObjectives": [{**OBJECTIVE, "weight": 1}]}, "Learning objectives weights must sum to 100%"),
        ({"writingStages": [STAGE, {**STAGE, "id": "s2"}]}, "Writing stages must have unique order values"),
        ({"writingStages": []}, "AI setting references invalid stage ID: s1"),
        ({"aiSettings": {"stageSpecificSettings": [{**SETTING, "stageId": "s2"}]}},
         "AI setting references invalid stage ID: s2"),
    ],
)  # fmt: skip
def test_change_that_is_invalid_is_refused(cast: Cast, body: dict[str, Any], text: str) -> None:
    assignment = make_assignment(
        cast.course, writing_stages=[STAGE], ai_settings={"enabled": False, "stageSpecificSettings": [SETTING]}
    )

    answer = put(cast.ada, assignment, **body)

    assert answer.status_code == 400
    assert answer.json()["error"].startswith(text)
    assert Assignment.objects.get().updated_at == assignment.updated_at


@pytest.mark.parametrize(
    ("ask", "text"),
    [
        (lambda user, row: put(user, row, title=""), "Only the assignment creator can update it"),
        (publish, "Only the assignment creator can publish it"),
        (archive, "Only the assignment creator can delete it"),
        (validate, "Access denied"),
    ],
    ids=["put", "publish", "archive", "validate"],
)
def test_others_are_refused(cast: Cast, assignment: Assignment, ask: Any, text: str) -> None:
    missing = Assignment(pk=make_template(cast.ada).pk)

    for user, row, expected in (
        (cast.ben, missing, (403, {"error": "Insufficient permissions"})),
        (cast.cleo, missing, (404, {"error": "Assignment not found"})),
        (cast.cleo, assignment, (403, {"error": text})),
    ):
        answer = ask(user, row)

        assert (answer.status_code, answer.json()) == expected
    assert Assignment.objects.get().status == "draft"


def test_invalid_rows_are_not_published(cast: Cast) -> None:
    assignment = make_assignment(cast.course, status="draft", writing_stages=[STAGE, STAGE])

    answer = publish(cast.ada, assignment)

    assert (answer.status_code, answer.json()) == (400, {"error": "Writing stages must have unique order values"})


@pytest.mark.parametrize("first", [publish, lambda user, row: put(user, row, status="published", title="Mine")])
def test_deployment_keeps_its_templates_content(cast: Cast, first: Any) -> None:
    template = make_template(cast.ada, usage_count=3)
    deployment = make_assignment(
        cast.course, template=template, status="draft", type="collaborative", writing_stages=[STAGE, STAGE]
    )

    first(cast.ada, deployment)
    put(cast.ada, deployment, dueDate="2026-12-24", requirements={"minWords": 3}, status="published")
    publish(cast.ada, deployment)

    after = Assignment.objects.get()
    assert (after.title, after.requirements, after.max_collaborators) == ("First essay", deployment.requirements, None)
    assert (after.status, after.due_date is None) == ("published", False)
    assert AssignmentTemplate.objects.get().usage_count == 4


@pytest.mark.parametrize("enabled", [True, False])
def test_validation_lists_what_is_wrong(cast: Cast, enabled: bool) -> None:
    assignment = make_assignment(
        cast.course,
        title=" ",
        due_date=now(),
        learning_objectives=[{**OBJECTIVE, "weight": 1}],
        writing_stages=[STAGE, STAGE],
        ai_settings={"enabled": enabled, "stageSpecificSettings": [{"stageId": "s8"}, {"stageId": "s9"}]},
    )
    errors = [
        "Title is required",
        "Description is required",
        "Instructions are required",
        "Learning objectives weights must sum to 100%",
        "Writing stages must have unique order values",
    ]
    if enabled:
        errors += ["AI setting references invalid stage ID: s8", "AI setting references invalid stage ID: s9"]

    answer = validate(cast.ada, assignment)

    assert answer.status_code == 200
    assert answer.json() == {
        "message": "Assignment validation completed",
        "data": {"isValid": False, "errors": errors, "warnings": []},
    }


def test_validation_of_a_sound_assignment_only_warns(cast: Cast, assignment: Assignment) -> None:
    answer = validate(cast.omar, assignment)

    assert answer.json()["data"] == {
        "isValid": True, "errors": [], "warnings": ["No learning objectives defined"],
    }  # fmt: skip
