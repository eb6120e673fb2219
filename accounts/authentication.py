from uuid import UUID

from django.db import InterfaceError, OperationalError, connection
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from accounts.models import User
from accounts.tokens import TokenError, read_token
from scribetree.database import drop_dead_connection
from scribetree.prepared import Prepared

SCHEME = "Bearer "
_USER = Prepared(lambda key: User.objects.defer("password", "extra").filter(pk=key))


class BearerTokenAuthentication(BaseAuthentication):
    """401 only for the token: the client logs its user out on any 401. A database that is away is no such reason."""

    def authenticate(self, request: Request) -> tuple[User, str]:
        header = request.META.get("HTTP_AUTHORIZATION", "")
        token = header.removeprefix(SCHEME)
        if not header.startswith(SCHEME) or not token:
            raise AuthenticationFailed("Access token required")
        try:
            key = read_token(token)
        except TokenError:
            raise AuthenticationFailed("Invalid or expired token") from None
        user = self._user(key) if key else None
        if user is None:
            raise AuthenticationFailed("User not found")
        return user, token

    def _user(self, key: UUID) -> User | None:
        try:
            return load_user(key)
        except (OperationalError, InterfaceError):
            if connection.in_atomic_block or connection.connection is None:
                raise
            drop_dead_connection()
            return load_user(key)

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


def load_user(key: UUID) -> User | None:
    """Without the password, which is fetched where somebody asks for it."""
    return _USER.first(key)
