"""Bearer tokens in the original's form: HS256, `userId` as 24 hex digits, `email` and `role` for show."""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from time import time
from typing import Any
from uuid import UUID

import jwt
from django.conf import settings

from accounts.models import User
from scribetree.object_id import parse_id, uuid_to_hex

ALGORITHM = "HS256"


class TokenError(Exception):
    """The token is malformed, expired, or signed with another secret."""


def issue_token(user: User) -> str:
    issued = datetime.now(UTC).replace(microsecond=0)
    claims = {
        "userId": uuid_to_hex(user.pk),
        "email": user.email,
        "role": user.role,
        "iat": issued,
        "exp": issued + settings.JWT_EXPIRES_IN,
    }
    return jwt.encode(claims, settings.JWT_SECRET, ALGORITHM)


def read_token(token: str) -> UUID | None:
    """The id of its user, None if it names none. Only that claim counts: the role in force is the database's."""
    try:
        claims = _signed_claims(token, settings.JWT_SECRET)
        expires = int(claims["exp"])
    except (jwt.InvalidTokenError, ValueError, TypeError) as error:
        raise TokenError(str(error)) from None
    if expires <= time():
        raise TokenError("it has expired")
    if "userId" not in claims:
        return None
    key = parse_id(claims["userId"])
    if key is None:
        raise TokenError("userId is no id")
    return key


@lru_cache(maxsize=2048)
def _signed_claims(token: str, secret: str) -> Mapping[str, Any]:
    """A client sends one token for a week; its signature is checked once, its expiry by the caller each time."""
    return jwt.decode(
        token,
        secret,
        algorithms=[ALGORITHM],
        # what the original signed is taken whatever it says beside these two
        options={
            "require": ["exp"],
            "verify_exp": False,
            "verify_aud": False,
            "verify_sub": False,
            "verify_iat": False,
        },
    )
