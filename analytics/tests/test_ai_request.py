"""A student asks the writing coach: `POST /api/analytics/ai-assistance-request`."""

import re
from datetime import timedelta
from typing import Any

import pytest

from accounts.models import Role
from assignments.ai.boundaries import REQUESTS_PER_HOUR
from assignments.ai.providers.built_in import BANK
from assignments.ai.services import DENIALS_KEPT_PER_HOUR
from assignments.configuration import default_ai_settings
from assignments.models import Assignment, AssignmentStatus, AssignmentSubmission
from scribetree.api.fields import wire_date
from scribetree.fields import now
from scribetree.testing import (
    Cast,
    add_submission_collaborator,
    client_of,
    enroll,
    hex_id,
    make_assignment,
    make_cast,
    make_submission,
    make_template,
    make_user,
)

pytestmark = pytest.mark.django_db

PATH = "/api/analytics/ai-assistance-request"
CONTEXT = {
    "currentStage": "drafting",
    "contentSample": "My first lines.",
    "specificQuestion": "Is my order clear?",
    "learningObjective": "Organise an argument",
}
OPEN = {**default_ai_settings(), "enabled": True, "globalBoundary": "permissive"}
MISSING = "Assignment ID, action, and context are required"


@pytest.fixture
def cast() -> Cast:
    return make_cast()


@pytest.fixture
def assignment(cast: Cast) -> Assignment:
    return make_assignment(cast.course, ai_settings=OPEN)


def body(assignment: Any, **changes: Any) -> dict[str, Any]:
    given = {"assignmentId": hex_id(assignment), "action": "suggest_organization", "context": CONTEXT}
    return {**given, **changes}


def post(user: Any, given: Any) -> Any:
    return client_of(user).post(PATH, given)


def ask(user: Any, assignment: Any, **changes: Any) -> Any:
    response = post(user, body(assignment, **changes))
    assert response.status_code == 200, response.content
    return response.json()["data"]


def log(submission: AssignmentSubmission) -> list[dict[str, Any]]:
    submission.refresh_from_db()
    return submission.ai_interactions


def test_approved_request_gets_three_questions(cast: Cast, assignment: Assignment) -> None:
    response = post(cast.ben, body(assignment))

    assert response.status_code == 200
    answer = response.json()
    assert answer["message"] == "AI assistance request evaluated"
    request_id, questions = answer["data"].pop("requestId"), answer["data"]["educationalGuidance"].pop("content")
    assert re.fullmatch(r"ai_\d{13}_[0-9a-z]{9}", request_id)
    assert len(questions) == 3
    assert all(question.endswith("?") for question in questions)
    entry = BANK["actions"]["suggest_organization"]
    assert answer["data"] == {
        "approved": True,
        "educationalGuidance": {
            "type": "question",
            "action": "suggest_organization",
            "educationalRationale": entry["rationale"],
            "expectedOutcome": entry["outcome"],
            "reflectionPrompt": entry["reflection"],
        },
        "contributionTracking": {"mustBeAttributed": True, "visibleToEducator": True, "impactsAssessment": False},
        "mandatoryReflection": {
            "required": True,
            "minimumLength": 100,
            "qualityThreshold": "basic",
            "prompts": [
                "What did you do with these questions, and what changed in your thinking?",
                "Which decision did you make yourself, and what were your reasons?",
            ],
        },
    }


def test_request_is_recorded_with_the_submission(cast: Cast, assignment: Assignment) -> None:
    old = {"_id": "6b029588f19e313bd6608f38", "type": "style"}
    submission = make_submission(assignment, cast.ben, ai_interactions=[old, None])

    answer = ask(cast.ben, assignment)

    *before, stored = log(submission)
    assert before == [old, None]
    assert re.fullmatch("[0-9a-f]{24}", stored.pop("_id"))
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", stored.pop("timestamp"))
    assert stored == {
        "sessionId": answer["requestId"],
        "type": "structure",
        "prompt": "Is my order clear?",
        "response": "\n".join(answer["educationalGuidance"]["content"]),
        "accepted": False,
        "student": hex_id(cast.ben),
        "action": "suggest_organization",
        "stage": "drafting",
        "assistanceType": "structure",
        "outcome": "approved",
        "provider": "built-in",
    }


def test_denied_request_is_answered_and_recorded(cast: Cast) -> None:
    objectives = [{"id": "lo1", "description": "Weigh evidence"}]
    assignment = make_assignment(cast.course, learning_objectives=objectives)
    submission = make_submission(assignment, cast.ben)
    reason = "The coach is switched off for this assignment."

    answer = ask(cast.ben, assignment, context={"contentSample": ""})

    assert answer == {
        "requestId": answer["requestId"],
        "approved": False,
        "educationalAlternatives": {
            "independentActions": [
                reason,
                "Write without stopping for five minutes, then underline what surprised you.",
                "Tell someone your topic in two sentences and note what they ask.",
            ],
            "resourceSuggestions": [
                "The instructions and criteria of this assignment",
                "Your educator, a classmate, or the writing centre",
            ],
            "reflectionQuestions": [
                "What exactly did you hope to get from the coach?",
                "Which part of that can you find out by yourself, and how?",
            ],
            "learningObjective": "Weigh evidence",
        },
        "contributionTracking": {"mustBeAttributed": False, "visibleToEducator": True, "impactsAssessment": False},
        "mandatoryReflection": {"required": False, "minimumLength": 0, "qualityThreshold": "basic", "prompts": []},
    }
    (stored,) = log(submission)
    assert (stored["outcome"], stored["reason"], stored["response"]) == ("denied", reason, reason)
    assert "provider" not in stored


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


def test_student_id_of_the_body_is_ignored(cast: Cast, assignment: Assignment) -> None:
    submission = make_submission(assignment, cast.ben)

    ask(cast.ben, assignment, studentId=hex_id(cast.cleo))

    assert log(submission)[0]["student"] == hex_id(cast.ben)


@pytest.mark.parametrize("context", [{"x": 1}, "text", [1], 7, dict.fromkeys(CONTEXT, 7), dict.fromkeys(CONTEXT)])
def test_odd_context_is_no_failure(cast: Cast, assignment: Assignment, context: Any) -> None:
    assert ask(cast.ben, assignment, context=context)["approved"]


def test_long_and_strange_texts_are_cut(cast: Cast, assignment: Assignment) -> None:
    submission = make_submission(assignment, cast.ben)

    ask(cast.ben, assignment, context=dict.fromkeys(CONTEXT, " \0" + "long " * 9_000))

    assert len(log(submission)[0]["prompt"]) <= 1000


@pytest.mark.parametrize("action", ["generate_content", "complete_thoughts", "provide_final_answers", "x" * 9_000, " "])
def test_prohibited_and_unknown_actions_are_denied(cast: Cast, assignment: Assignment, action: str) -> None:
    submission = make_submission(assignment, cast.ben)

    answer = ask(cast.ben, assignment, action=action)

    assert not answer["approved"]
    (stored,) = log(submission)
    assert stored["type"] == "structure"
    assert "assistanceType" not in stored
    assert len(stored["action"]) <= 100


def test_sixth_request_of_an_hour_is_denied(cast: Cast, assignment: Assignment) -> None:
    submission = make_submission(assignment, cast.ben)
    ask(cast.ben, assignment, action="generate_content")

    outcomes = [ask(cast.ben, assignment)["approved"] for _ in range(REQUESTS_PER_HOUR + 1)]

    assert outcomes == [True] * REQUESTS_PER_HOUR + [False]
    assert [stored["outcome"] for stored in log(submission)] == ["denied", *["approved"] * REQUESTS_PER_HOUR, "denied"]


def test_requests_of_others_and_of_earlier_hours_do_not_count(cast: Cast, assignment: Assignment) -> None:
    mine = {"student": hex_id(cast.ben), "outcome": "approved"}
    recent, old = wire_date(now()), wire_date(now() - timedelta(minutes=61))
    stored = [{**mine, "timestamp": old}] * 9 + [{**mine, "student": hex_id(cast.cleo), "timestamp": recent}] * 9
    make_submission(assignment, cast.ben, ai_interactions=stored)

    assert ask(cast.ben, assignment)["approved"]


def test_loop_of_denials_does_not_fill_the_row(cast: Cast, assignment: Assignment) -> None:
    denied = {"student": hex_id(cast.ben), "outcome": "denied", "timestamp": wire_date(now())}
    submission = make_submission(assignment, cast.ben, ai_interactions=[denied] * DENIALS_KEPT_PER_HOUR)

    assert not ask(cast.ben, assignment, action="generate_content")["approved"]
    assert ask(cast.ben, assignment)["approved"]
    assert len(log(submission)) == DENIALS_KEPT_PER_HOUR + 1


@pytest.mark.parametrize(
    ("settings", "reflection"),
    [
        ({"requireReflection": False}, (False, 0)),
        ({"requireReflection": None}, (True, 100)),
    ],
)
def test_reflection_is_as_the_educator_wants_it(cast: Cast, settings: Any, reflection: tuple[bool, int]) -> None:
    stage = {"stageId": "s", "allowedTypes": ["structure"], "boundaryLevel": "permissive", "customPrompts": ["Of it?"]}
    prompts = {"reflectionPrompts": ["Of all?"], "stageSpecificSettings": [{**stage, "stageId": "drafting"}]}
    assignment = make_assignment(cast.course, ai_settings={**OPEN, **prompts, **settings})

    found = ask(cast.ben, assignment)["mandatoryReflection"]

    assert (found["required"], found["minimumLength"]) == reflection
    assert found["prompts"] == ["Of it?", "Of all?"]


@pytest.mark.parametrize("interactions", [0, 300])
def test_number_of_queries_is_constant(
    cast: Cast, assignment: Assignment, django_assert_num_queries: Any, interactions: int
) -> None:
    stored = {"student": hex_id(cast.ben), "outcome": "approved", "timestamp": wire_date(now() - timedelta(days=1))}
    make_submission(assignment, cast.ben, ai_interactions=[stored] * interactions)

    with django_assert_num_queries(8):  # user, assignment, savepoint, submission, recent, append, release, answer
        ask(cast.ben, assignment)
