"""Names each request, in the answer's `X-Request-ID` and in every line that is logged meanwhile."""

import logging
import re
from collections.abc import Callable
from contextvars import ContextVar
from secrets import token_hex

from django.http import HttpRequest, HttpResponse

_current: ContextVar[str] = ContextVar("request_id", default="-")
_sane = re.compile(r"[\w.-]{1,64}", re.ASCII).fullmatch


class RequestIdMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        name = given if _sane(given) else token_hex(8)
        _current.set(name)  # and not reset: Django logs the answer after the last middleware
        response = self.get_response(request)
        response["X-Request-ID"] = name
        return response


class RequestIdFilter(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = _current.get()
        return True
