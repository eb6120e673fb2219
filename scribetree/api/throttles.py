"""Limits on guessing. They count in the database, so that all workers and machines share them.

A class logs in from one address at the start of a lesson, so an address may do much more than an account.
"""

from hashlib import sha256
from typing import Any

from django.conf import settings
from django.core.cache import caches
from django.utils.connection import ConnectionProxy
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle

from scribetree.text_metrics import trim


class Throttle(SimpleRateThrottle):
    cache = ConnectionProxy(caches, "throttle")

    def __init__(self) -> None:
        if settings.THROTTLING:
            super().__init__()

    def allow_request(self, request: Request, view: Any) -> bool:
        return not settings.THROTTLING or super().allow_request(request, view)

    def get_cache_key(self, request: Request, view: Any) -> str | None:
        identity = self.identity(request)
        return None if identity is None else self.cache_format % {"scope": self.scope, "ident": identity}

    def identity(self, request: Request) -> str | None:
        raise NotImplementedError


class AddressThrottle(Throttle):
    def identity(self, request: Request) -> str:
        return self.get_ident(request)


class LoginAddressThrottle(AddressThrottle):
    scope = "login_address"
    rate = "300/min"


class LoginAccountThrottle(Throttle):
    scope = "login_account"
    rate = "10/min"

    def identity(self, request: Request) -> str | None:
        email = request.data.get("email")
        return sha256(trim(email).lower().encode()).hexdigest() if isinstance(email, str) else None


class RegistrationThrottle(AddressThrottle):
    scope = "registration"
    rate = "60/min"


class EnrollmentThrottle(Throttle):
    """Codes are short enough to read out; this keeps them from being tried out."""

    scope = "enrollment"
    rate = "10/min"

    def identity(self, request: Request) -> str:
        return str(request.user.pk)
