"""What pages need and the API does not, whose requests it would cost time: sessions, their users, messages."""

from typing import Any

from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest

from scribetree.api.middleware import PREFIX


class OfPages:
    def __call__(self, request: HttpRequest) -> Any:
        if request.path_info.startswith(PREFIX):
            return self.get_response(request)  # type: ignore[attr-defined]
        return super().__call__(request)  # type: ignore[misc]


class Session(OfPages, SessionMiddleware):
    pass


class Authentication(OfPages, AuthenticationMiddleware):
    pass


class Message(OfPages, MessageMiddleware):
    pass
