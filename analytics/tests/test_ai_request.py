"""What a student gets who asks the writing coach: `POST /api/analytics/ai-assistance-request`."""

import re
from datetime import timedelta
from typing import Any

import pytest

from analytics.tests.coach import CONTEXT, OPEN, ask, body, log, post
from assignments.ai.boundaries import REQUESTS_PER_HOUR
from assignments.ai.providers.built_in import BANK
from assignments.ai.services import DENIALS_KEPT_PER_HOUR
from assignments.models import Assignment
from scribetree.api.fields import wire_date
from scribetree.fields import now
from scribetree.testing import (
    Cast,
    hex_id,
    make_assignment,
    make_cast,
    make_submission,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    return make_cast()


@pytest.fixture
def assignment(cast: Cast) -> Assignment:
    return make_assignment(cast.course, ai_settings=OPEN)


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
