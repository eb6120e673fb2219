"""Requests that a model answers: what is booked, what is locked, and what parallel requests do."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, transaction

from analytics.tests.coach import OPEN, ask, log
from assignments.ai import services
from assignments.ai.boundaries import REQUESTS_PER_HOUR
from assignments.models import AssignmentSubmission
from assignments.tests.messages_api import KEY, QUESTIONS, MessagesApi, error, message, messages_api
from scribetree.testing import make_assignment, make_cast, make_submission


@pytest.fixture
def api(settings: Any) -> Iterator[MessagesApi]:
    with messages_api() as api:
        settings.ANTHROPIC_API_KEY, settings.ANTHROPIC_BASE_URL = KEY, api.url
        settings.AI_RETRIES = 0
        yield api


@pytest.mark.django_db
def test_model_is_asked_and_its_tokens_are_booked(api: MessagesApi) -> None:
    cast = make_cast()
    assignment = make_assignment(cast.course, ai_settings=OPEN)
    submission = make_submission(assignment, cast.ben)

    answer = ask(cast.ben, assignment)

    assert answer["educationalGuidance"]["content"] == QUESTIONS
    (stored,) = log(submission)
    assert (stored["provider"], stored["tokens"]) == ("claude", 460)
    assert stored["response"] == "\n".join(QUESTIONS)


@pytest.mark.django_db
def test_failed_call_counts_as_if_it_had_been_charged(api: MessagesApi, settings: Any) -> None:
    api.answers = [(529, error("overloaded_error"))]
    settings.AI_TOKENS_PER_HOUR = 5_000
    cast = make_cast()
    first = make_submission(make_assignment(cast.course, ai_settings=OPEN), cast.ben)
    second = make_submission(make_assignment(cast.course, ai_settings=OPEN), cast.ben)

    ask(cast.ben, first.assignment)
    ask(cast.ben, first.assignment)
    ask(cast.ben, second.assignment)

    assert [(stored["provider"], stored.get("tokens")) for stored in log(first)] == [("built-in", 2_500)] * 2
    assert [(stored["provider"], stored.get("tokens")) for stored in log(second)] == [("built-in", None)]
    assert len(api.requests) == 2


@pytest.mark.django_db
def test_calls_are_limited_over_all_assignments(api: MessagesApi, settings: Any) -> None:
    settings.AI_REQUESTS_PER_HOUR = 1
    cast = make_cast()
    assignments = [make_assignment(cast.course, ai_settings=OPEN) for _ in range(3)]

    answers = [ask(cast.ben, assignment) for assignment in assignments]

    assert all(answer["approved"] for answer in answers)
    assert len(api.requests) == 1


@pytest.mark.django_db
def test_denied_request_reaches_no_model(api: MessagesApi) -> None:
    cast = make_cast()
    assignment = make_assignment(cast.course, ai_settings=OPEN)

    answer = ask(cast.ben, assignment, action="generate_content")

    assert not answer["approved"]
    assert api.requests == []
    assert "tokens" not in log(AssignmentSubmission.objects.get())[0]


@pytest.mark.django_db
def test_long_text_as_an_answer_never_reaches_the_student(api: MessagesApi) -> None:
    api.answers = [(200, message(json.dumps({"questions": ["Here is your essay. " * 40] * 3})))]
    cast = make_cast()
    assignment = make_assignment(cast.course, ai_settings=OPEN)

    answer = ask(cast.ben, assignment)

    assert answer["approved"]
    assert "essay" not in json.dumps(answer["educationalGuidance"]["content"])


@pytest.mark.django_db(transaction=True)
def test_nothing_is_locked_while_the_model_thinks(monkeypatch: pytest.MonkeyPatch) -> None:
    cast = make_cast()
    assignment = make_assignment(cast.course, ai_settings=OPEN)
    submission = make_submission(assignment, cast.ben)
    seen: list[Any] = []
    asked = services.ask

    def lock() -> None:
        with transaction.atomic():
            row = AssignmentSubmission.objects.select_for_update(nowait=True).get()
            seen.append(row.ai_interactions[0]["response"])
        connection.close()

    def thinking(*arguments: Any) -> Any:
        seen.append(connection.in_atomic_block)
        with ThreadPoolExecutor(1) as other:
            other.submit(lock).result()
        return asked(*arguments)

    monkeypatch.setattr(services, "ask", thinking)

    ask(cast.ben, assignment)

    assert seen == [False, "The answer was lost."]
    assert log(submission)[0]["response"] != "The answer was lost."


@pytest.mark.django_db(transaction=True)
def test_parallel_requests_are_all_kept_and_no_more_than_five_approved() -> None:
    cast = make_cast()
    assignment = make_assignment(cast.course, ai_settings=OPEN)

    def request(_: int) -> bool:
        try:
            return bool(ask(cast.ben, assignment)["approved"])
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as threads:
        approved = list(threads.map(request, range(12)))

    assert sum(approved) == REQUESTS_PER_HOUR
    stored = AssignmentSubmission.objects.get().ai_interactions
    assert len({interaction["_id"] for interaction in stored}) == 12
    assert [interaction["outcome"] for interaction in stored].count("approved") == REQUESTS_PER_HOUR
    assert not any(interaction["response"] == "The answer was lost." for interaction in stored)
