"""The OpenAPI schema: sound, and true of parameters, envelopes and errors."""

import logging
from typing import Any

import pytest
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema


@pytest.fixture(scope="module")
def schema() -> Any:
    return SchemaGenerator().get_schema(public=True)


def parameters(operation: Any) -> set[str]:
    return {parameter["name"] for parameter in operation["parameters"]}


def answer_of(operation: Any, status: str) -> Any:
    return operation["responses"][status]["content"]["application/json"]["schema"]


def test_schema_is_valid_and_complete(caplog: pytest.LogCaptureFixture) -> None:
    GENERATOR_STATS.reset()

    with GENERATOR_STATS.silence(), caplog.at_level(logging.WARNING):
        validate_schema(SchemaGenerator().get_schema(public=True))

    assert dict(GENERATOR_STATS._warn_cache) == {}
    assert dict(GENERATOR_STATS._error_cache) == {}


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("/api/courses", {"page", "limit", "search", "status", "isActive", "tag"}),
        ("/api/courses/enrolled", {"page", "limit", "search", "status", "isActive", "tag"}),
        ("/api/admin/users", {"page", "limit", "search", "role"}),
        ("/api/courses/{id}", {"id"}),
    ],
)
def test_parameters_of_an_operation_are_named(schema: Any, path: str, names: set[str]) -> None:
    assert parameters(schema["paths"][path]["get"]) == names


def test_envelope_is_described_as_it_is_answered(schema: Any) -> None:
    envelope = answer_of(schema["paths"]["/api/courses"]["get"], "200")

    assert envelope == {"$ref": "#/components/schemas/Courses"}
    described = schema["components"]["schemas"]["Courses"]
    assert set(described["properties"]) == {"success", "data", "totalCount", "pagination"}
    assert "pagination" not in described["required"]


def test_bare_array_is_described_as_one(schema: Any) -> None:
    answer = answer_of(schema["paths"]["/api/courses/educator/{educator_id}"]["get"], "200")

    assert answer == {"type": "array", "items": {"$ref": "#/components/schemas/CourseTitle"}}


def test_errors_of_an_operation_are_described(schema: Any) -> None:
    operation = schema["paths"]["/api/courses/enroll"]["post"]

    assert set(operation["responses"]) == {"200", "400", "401", "403", "404", "409", "413", "415", "429", "503"}
    assert answer_of(operation, "404") == {"$ref": "#/components/schemas/Error"}
    assert operation["security"] == [{"token": []}]
