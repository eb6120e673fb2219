"""The schema and the pages that show it."""

import io
import re
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.test import Client
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator

PAGES = ("/api/docs", "/api/redoc")
METHODS = {"get", "post", "put", "patch", "delete"}


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    return SchemaGenerator().get_schema(request=None, public=True)


def operations(schema: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        f"{method.upper()} {path}": operation
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
        if method in METHODS
    }


def sources(html: str) -> list[str]:
    return re.findall(r"""\b(?:src|href|spec-url|url)=["']([^"']+)""", html)


@pytest.mark.parametrize("page", PAGES)
def test_page_loads_nothing_from_elsewhere(client: Client, page: str) -> None:
    response = client.get(page)

    html = response.content.decode()
    assert response.status_code == 200
    assert "://" not in html
    assert [source for source in sources(html) if not source.startswith(("/", "data:"))] == []
    assert {part.split()[1] for part in response["Content-Security-Policy"].split("; ")} <= {
        "'none'",
        "'self'",
        "blob:",
    }


@pytest.mark.parametrize("page", PAGES)
def test_files_of_page_are_ours(client: Client, page: str) -> None:
    files = [source for source in sources(client.get(page).content.decode()) if source.startswith("/static/")]

    assert files
    assert [file for file in files if finders.find(file.removeprefix("/static/")) is None] == []


def test_script_of_docs_names_the_schema(client: Client) -> None:
    script = client.get("/api/docs?script=")

    assert script["Content-Type"] == "application/javascript"
    assert "/api/schema" in script.content.decode()


def test_schema_is_made_without_warnings() -> None:
    GENERATOR_STATS.reset()

    with GENERATOR_STATS.silence():
        call_command("spectacular", validate=True, stdout=io.StringIO())

    assert [*GENERATOR_STATS._warn_cache, *GENERATOR_STATS._error_cache] == []


def test_operation_ids_are_unique(schema: dict[str, Any]) -> None:
    names = [operation["operationId"] for operation in operations(schema).values()]

    assert sorted(names) == sorted(set(names))


def test_every_answer_is_described(schema: dict[str, Any]) -> None:
    vague = [
        f"{name}: {status}"
        for name, operation in operations(schema).items()
        for status, answer in operation["responses"].items()
        if not answer.get("content", {}).get("application/json", {}).get("schema")
    ]

    assert vague == []


def test_every_operation_says_how_it_fails(schema: dict[str, Any]) -> None:
    expected = {"400", "503"}

    silent = [name for name, operation in operations(schema).items() if not expected <= set(operation["responses"])]
    without_token = [name for name, operation in operations(schema).items() if "401" not in operation["responses"]]

    assert silent == []
    assert without_token == ["POST /api/auth/register"]


def test_every_body_is_described(schema: dict[str, Any]) -> None:
    bodies = {
        name: operation["requestBody"] for name, operation in operations(schema).items() if "requestBody" in operation
    }

    assert {content for body in bodies.values() for content in body["content"]} == {"application/json"}
    assert [name for name, body in bodies.items() if not body["content"]["application/json"].get("schema")] == []
