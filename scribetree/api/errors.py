"""Every error of the API is JSON with a text in `error`, whatever raised it, unless a router has a shape of its own."""

import logging
from collections.abc import Iterator, Mapping
from typing import Any

from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import Http404
from rest_framework import exceptions, status
from rest_framework.exceptions import ErrorDetail
from rest_framework.response import Response
from rest_framework.views import set_rollback

from scribetree.errors import RefusedError

UNAVAILABLE = "Service unavailable"
INTERNAL = "Internal server error"
VERBATIM = "verbatim"
# SQLSTATE classes and codes of a server that is away, not yet there, or asks for another try
_AWAY = ("08", "53", "57P0", "40001", "40P01", "25006")

logger = logging.getLogger(__name__)


def verbatim(text: str) -> ErrorDetail:
    """A text of the contract, shown as it is; others are shown with the path of the value."""
    return ErrorDetail(text, VERBATIM)


def handle(error: Exception, context: Mapping[str, Any]) -> Response:
    """The answer to an exception in a view. Logs, with its traceback, what is nobody's fault but ours."""
    set_rollback()
    if isinstance(error, RefusedError):
        body = getattr(context["view"], "error_body", error_body)
        return Response(body(str(error)), error.status)
    if isinstance(error, exceptions.ValidationError):
        body = getattr(context["view"], "error_body", error_body)
        return Response(body(first_text(error.detail)), status.HTTP_400_BAD_REQUEST)
    if isinstance(error, exceptions.APIException):
        return Response(error_body(_text(error)), error.status_code, headers=_headers(error))
    if isinstance(error, Http404):
        return Response(error_body("Not found"), status.HTTP_404_NOT_FOUND)
    if isinstance(error, DatabaseError | InterfaceError) and is_away(error):
        logger.warning("the database is away: %s", str(error).splitlines()[0] if str(error) else type(error).__name__)
        return Response(error_body(UNAVAILABLE), status.HTTP_503_SERVICE_UNAVAILABLE, headers={"Retry-After": "5"})
    logger.exception("a request failed")
    return Response(error_body(INTERNAL), status.HTTP_500_INTERNAL_SERVER_ERROR)


def error_body(text: str) -> dict[str, Any]:
    return {"error": text}


def is_away(error: DatabaseError | InterfaceError) -> bool:
    """Whether the same request may succeed later, without anybody mending anything but the connection."""
    state = getattr(error.__cause__, "sqlstate", None)
    if state is None:  # libpq's own: no server answered, or it stopped answering
        return isinstance(error, OperationalError | InterfaceError)
    return state.startswith(_AWAY)


def first_text(detail: Any) -> str:
    """The first complaint, in the order of the serializer's fields."""
    path, text = next(complaints(detail))
    return str(text) if text.code == VERBATIM or not path else f"{path}: {text}"


def complaints(detail: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ErrorDetail]]:
    """Each complaint with its path, such as `learningObjectives.0.category`."""
    if isinstance(detail, Mapping):
        for key, inner in detail.items():
            yield from complaints(inner, path if key == "non_field_errors" else (*path, str(key)))
    elif isinstance(detail, list):
        for index, inner in enumerate(detail):
            yield from complaints(inner, path if isinstance(inner, str) else (*path, str(index)))
    else:
        yield ".".join(path), detail


def _text(error: exceptions.APIException) -> str:
    if isinstance(error, exceptions.Throttled):
        return "Too many attempts, please try again later"
    if isinstance(error, exceptions.ParseError):
        return str(error.detail)
    return first_text(error.detail)


def _headers(error: exceptions.APIException) -> dict[str, str]:
    headers = {}
    if (challenge := getattr(error, "auth_header", None)) is not None:
        headers["WWW-Authenticate"] = challenge
    if (wait := getattr(error, "wait", None)) is not None:
        headers["Retry-After"] = str(int(wait) + 1)
    return headers
