"""Each endpoint, asked by everybody: statuses, side effects, ids, and how many queries it takes."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from bson import ObjectId
from django.conf import LazySettings
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import Resolver404, resolve

from migrate_mongo.tests.state import tables
from scribetree.object_id import object_id_to_uuid
from scribetree.tests.endpoints import ADDED, BUILT, ENDPOINTS, SECOND_PART, UNBUILT, WITHOUT_TOKEN, Endpoint
from scribetree.tests.world import ADMIN, EDUCATOR, PEOPLE, STUDENT, World
from scribetree.urls import router

pytestmark = pytest.mark.django_db
BY_ID = [endpoint for endpoint in BUILT if "{" in endpoint.path]
READS_BY_ID = [endpoint for endpoint in BY_ID if endpoint.method == "GET"]
UNKNOWN = "67c2c500ffffffffffffffff"


def each(endpoints: Sequence[Endpoint]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("endpoint", endpoints, ids=lambda endpoint: endpoint.name)


def error_text(response: Any) -> Any:
    """Some routers call it `message`."""
    body = response.json()
    return body.get("error", body.get("message"))


@pytest.fixture(autouse=True)
def _role_switch(settings: LazySettings) -> None:
    settings.ALLOW_ROLE_SELF_SWITCH = True


@each(BUILT)
@pytest.mark.parametrize("column", range(len(PEOPLE)), ids=[str(person) for person in PEOPLE])
def test_endpoint_answers_whom_it_should(endpoint: Endpoint, column: int) -> None:
    world = World()
    before = tables()

    response = world.ask(PEOPLE[column], endpoint.method, endpoint.path, endpoint.body)

    assert response.status_code == endpoint.expected[column], response.content
    if response.status_code >= 400:
        assert isinstance(error_text(response), str)
    if response.status_code >= 400 or endpoint.method == "GET":
        assert tables() == before


@each(BY_ID)
@pytest.mark.parametrize("wrong", ["nonsense", UNKNOWN])
@pytest.mark.parametrize("person", [STUDENT, EDUCATOR, ADMIN])
def test_id_of_nothing_is_refused(endpoint: Endpoint, wrong: str, person: str) -> None:
    world = World()
    before = tables()

    response = world.ask(person, endpoint.method, re.sub(r"\{\w+\}", wrong, endpoint.path), endpoint.body)

    assert response.status_code in (403, 404), response.content
    assert isinstance(error_text(response), str)
    assert tables() == before


@each(READS_BY_ID)
@pytest.mark.parametrize("person", [STUDENT, EDUCATOR])
def test_either_spelling_of_an_id_is_taken(endpoint: Endpoint, person: str) -> None:
    world = World()
    as_text = world.ask(person, "GET", endpoint.path)
    world.ids = {name: str(object_id_to_uuid(ObjectId(key))) for name, key in world.ids.items()}

    response = world.ask(person, "GET", endpoint.path)

    assert (response.status_code, comparable(response)) == (as_text.status_code, comparable(as_text))


def comparable(response: Any) -> Any:
    """Without what depends on the moment."""
    return re.sub(rb'"age":\d+', b"", response.content)


@pytest.mark.parametrize("person", [STUDENT, EDUCATOR, ADMIN])
def test_queries_do_not_grow_with_the_rows(person: str) -> None:
    few, many = dict(queries(person, rows=1)), dict(queries(person, rows=30))

    grown = {name: (few[name], number) for name, number in many.items() if number != few[name]}

    assert grown == {}


def queries(person: str, *, rows: int) -> Iterator[tuple[str, int]]:
    """How many each endpoint takes, for a person whom it answers."""
    with transaction.atomic():
        world = World(rows)
        for endpoint in BUILT:
            if endpoint.expected[PEOPLE.index(person)] < 300:
                with transaction.atomic(), CaptureQueriesContext(connection) as captured:
                    response = world.ask(person, endpoint.method, endpoint.path, endpoint.body)
                    assert response.status_code < 300, (endpoint.name, response.content)
                    transaction.set_rollback(True)
                yield endpoint.name, len(captured)
        transaction.set_rollback(True)


def route(method: str, path: str) -> str | None:
    """The name of the router's own pattern for a path, or None where there is none."""
    try:
        found = resolve(f"/api{path}")
    except Resolver404:
        return None
    return f"{method} {found.route}" if hasattr(found.func, "actions") else None


def test_every_url_and_method_has_its_line() -> None:
    known = {
        f"{method.upper()} api/{str(pattern.pattern).removeprefix('^')}"
        for pattern in router.urls
        for method in pattern.callback.actions
        if method != "head"
    }
    world = World()

    listed = {route(endpoint.method, world.fill(endpoint.path).partition("?")[0]) for endpoint in BUILT}

    assert known - listed == set()
    assert listed - known == {None}  # health is not of the router


def test_table_covers_the_contract() -> None:
    first_part = [endpoint for endpoint in ENDPOINTS if not endpoint.path.startswith(SECOND_PART)]
    paths = {re.sub(r"\{\w+\}", "{}", endpoint.name.partition("?")[0]) for endpoint in first_part}

    assert len(paths - ADDED) == 41


def test_only_few_answer_without_a_token() -> None:
    assert {endpoint.name for endpoint in ENDPOINTS if endpoint.expected[0] != 401} == WITHOUT_TOKEN


def test_paths_said_to_be_unbuilt_do_not_exist() -> None:
    world = World()
    unbuilt = [endpoint for endpoint in ENDPOINTS if not endpoint.is_built]

    assert {endpoint.name for endpoint in unbuilt if route(endpoint.method, world.fill(endpoint.path))} == set()
    assert [prefix for prefix in UNBUILT if not any(each.path.startswith(prefix) for each in unbuilt)] == []
