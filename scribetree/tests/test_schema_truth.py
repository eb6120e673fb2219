"""What the API answers is what its schema says, for requests that nobody would write by hand."""

import re
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest
import schemathesis
from django.conf import LazySettings
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from django.urls import resolve
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st
from schemathesis.checks import CheckFunction, not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from accounts.tokens import issue_token
from scribetree.tests.endpoints import BUILT
from scribetree.tests.world import ADMIN, EDUCATOR, STUDENT, World
from scribetree.wsgi import application

EXAMPLES = 12  # of each operation, for each person
CHECKS: list[CheckFunction] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _one_connection() -> Iterator[None]:
    """Requests end with closing it, and the test's transaction with it."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture(autouse=True)
def _settings(settings: LazySettings) -> None:
    settings.ALLOWED_HOSTS = ["localhost"]
    settings.ALLOW_ROLE_SELF_SWITCH = True
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", *settings.PASSWORD_HASHERS]


@pytest.mark.parametrize("person", [STUDENT, EDUCATOR, ADMIN])
def test_answers_are_as_the_schema_says(person: str) -> None:
    world = World()
    schema = schemathesis.openapi.from_wsgi("/api/schema", application)
    token = {"Authorization": f"Bearer {issue_token(world.people[person])}"}

    wrong = [text for result in schema.get_all_operations() for text in complaints(result.ok(), world, token)]

    if wrong:
        pytest.fail("\n\n".join(wrong), pytrace=False)


def complaints(operation: Any, world: World, token: dict[str, str]) -> Iterator[str]:
    real = real_values(operation, world)
    words = {word for path in operation.schema.raw_schema["paths"] for word in path.split("/")}

    def ask(case: Any) -> None:
        with transaction.atomic():
            case.call_and_validate(headers=token, checks=CHECKS)
            transaction.set_rollback(True)

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(), data=st.data())
    def ask_anything(case: Any, data: st.DataObject) -> None:
        if real:
            parameters, body = data.draw(st.sampled_from(real))
            if data.draw(st.integers(0, 3)):
                case.path_parameters = {**case.path_parameters, **parameters}
            if body and isinstance(case.body, dict):
                chosen = data.draw(st.sets(st.sampled_from(sorted(body))))
                case.body = {**case.body, **{name: deepcopy(body[name]) for name in chosen}}
        assume(words.isdisjoint(case.path_parameters.values()))  # as an id it makes the path of another operation
        ask(case)

    try:
        for parameters, body in real:  # as they are they reach the answers to what succeeds
            content = {} if body is None else {"body": body, "media_type": "application/json"}
            ask(operation.Case(path_parameters=parameters, **content))
        ask_anything()
    except FailureGroup as failures:
        for failure in failures.exceptions:
            yield f"{operation.label}: {failure}"


def real_values(operation: Any, world: World) -> list[tuple[dict[str, str], Any]]:
    """Path parameters and bodies of the table of endpoints, which mean something in the world."""
    route = resolve(re.sub(r"\{\w+\}", "x", operation.path)).route
    pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", operation.path)
    paths = [(endpoint, "/api" + world.fill(endpoint.path).partition("?")[0]) for endpoint in BUILT]
    return [
        (match.groupdict(), world.fill(endpoint.body))
        for endpoint, path in paths
        if endpoint.method == operation.method.upper() and resolve(path).route == route
        if (match := re.fullmatch(pattern, path))
    ]
