"""Bearer tokens: those of the original are taken, and none that it should not have taken."""

import base64
import hashlib
import hmac
import json
import time
from datetime import timedelta
from typing import Any

import jwt
import pytest
from django.conf import settings
from django.test import Client, override_settings

from accounts.models import Role, User
from accounts.tokens import issue_token
from scribetree.durations import parse_duration
from scribetree.testing import client_of, hex_id, make_user

pytestmark = pytest.mark.django_db

UNKNOWN = "66f1a2b3c4d5e6f708192a3b"
REQUIRED, INVALID, GONE = "Access token required", "Invalid or expired token", "User not found"
HASHES = {"HS256": hashlib.sha256, "HS384": hashlib.sha384, "HS512": hashlib.sha512}


@pytest.fixture
def ben() -> User:
    return make_user("ben")


def signed(claims: Any, *, algorithm: str = "HS256", secret: str | None = None, **header: Any) -> str:
    """A token made by hand, in the order of keys that the original has."""
    parts = [{"alg": algorithm, "typ": "JWT", **header}, claims]
    text = ".".join(encoded(json.dumps(part, separators=(",", ":")).encode()) for part in parts)
    if algorithm == "none":
        return f"{text}."
    key = (settings.JWT_SECRET if secret is None else secret).encode()
    return f"{text}.{encoded(hmac.new(key, text.encode(), HASHES[algorithm]).digest())}"


def encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def claims_of(user: User, **changes: Any) -> dict[str, Any]:
    now = int(time.time())
    claims = {"userId": hex_id(user), "email": user.email, "role": user.role, "iat": now, "exp": now + 604_800}
    return {name: value for name, value in {**claims, **changes}.items() if value is not ...}


def asked(authorization: str | None) -> tuple[int, str]:
    headers = {} if authorization is None else {"Authorization": authorization}
    answer = Client(headers=headers).get("/api/auth/profile")
    if answer.status_code == 401:
        assert answer["WWW-Authenticate"] == "Bearer"
    return answer.status_code, answer.json().get("error", "")


def test_token_of_the_original_is_taken(ben: User) -> None:
    assert asked(f"Bearer {signed(claims_of(ben))}") == (200, "")


def test_issued_token_has_the_claims_of_the_original(ben: User) -> None:
    token = issue_token(ben)

    claims = jwt.decode(token, settings.JWT_SECRET, ["HS256"])
    assert jwt.get_unverified_header(token) == {"alg": "HS256", "typ": "JWT"}
    assert claims == claims_of(ben, iat=claims["iat"], exp=claims["iat"] + 604_800)
    assert abs(claims["iat"] - time.time()) < 60


@pytest.mark.parametrize(
    "changes",
    [
        {"email": "other@example.org", "role": "admin"},
        {"email": ..., "role": ..., "iat": ...},
        {"iat": int(time.time()) + 1000},
        {"aud": "someone", "sub": 5, "iss": "elsewhere"},
    ],
)
def test_only_the_user_and_the_end_count(ben: User, changes: dict[str, Any]) -> None:
    assert asked(f"Bearer {signed(claims_of(ben, **changes))}") == (200, "")


@pytest.mark.parametrize(
    "header", [None, "", "Bearer", "Bearer ", "bearer {}", "BEARER {}", "Basic {}", "Token {}", "{}", "Bearer{}"]
)
def test_header_without_a_token_is_refused(ben: User, header: str | None) -> None:
    given = header if header is None else header.replace("{}", issue_token(ben))

    assert asked(given) == (401, REQUIRED)


@pytest.mark.parametrize("header", ["Bearer  {}", "Bearer {}x", "Bearer {} x", "Bearer x", "Bearer a.b.c", "Bearer é"])
def test_token_is_taken_to_the_letter(ben: User, header: str) -> None:
    assert asked(header.replace("{}", issue_token(ben))) == (401, INVALID)


@pytest.mark.parametrize("algorithm", ["HS384", "HS512", "none"])
def test_other_algorithms_are_refused(ben: User, algorithm: str) -> None:
    assert asked(f"Bearer {signed(claims_of(ben), algorithm=algorithm)}") == (401, INVALID)


@pytest.mark.parametrize(
    "changes",
    [
        {"exp": int(time.time()) - 1},
        {"exp": ...},
        {"exp": None},
        {"exp": "never"},
        {"userId": "no-id"},
        {"userId": ""},
        {"userId": None},
        {"userId": {"$ne": None}},
        {"userId": ["66f1a2b3c4d5e6f708192a3b"]},
        {"userId": 5},
    ],
)
def test_claims_that_are_not_right_are_refused(ben: User, changes: dict[str, Any]) -> None:
    assert asked(f"Bearer {signed(claims_of(ben, **changes))}") == (401, INVALID)


@pytest.mark.parametrize("claims", [[], "text", 5, None])
def test_claims_that_are_no_object_are_refused(claims: Any) -> None:
    assert asked(f"Bearer {signed(claims)}") == (401, INVALID)


def test_token_signed_with_another_secret_is_refused(ben: User) -> None:
    assert asked(f"Bearer {signed(claims_of(ben), secret='other ' * 10)}") == (401, INVALID)


@pytest.mark.parametrize(
    "changes", [{"userId": UNKNOWN}, {"userId": "0190a6e2-5c1b-8abc-8def-0123456789ab"}, {"userId": ...}]
)
def test_user_who_is_not_there_is_not_found(ben: User, changes: dict[str, Any]) -> None:
    assert asked(f"Bearer {signed(claims_of(ben, **changes))}") == (401, GONE)


def test_user_who_has_gone_is_not_found(ben: User) -> None:
    token = issue_token(ben)
    ben.delete()

    assert asked(f"Bearer {token}") == (401, GONE)


def test_role_in_force_is_the_databases() -> None:
    omar = make_user("omar", Role.ADMIN)
    client = client_of(omar)
    User.objects.filter(pk=omar.pk).update(role=Role.STUDENT)

    assert client.get("/api/admin/users").status_code == 403


@pytest.mark.parametrize(
    ("text", "seconds"), [("7d", 604_800), ("1h", 3600), ("30m", 1800), ("3600", 3.6), ("2 days", 172_800)]
)
def test_duration_of_tokens_is_written_as_the_original_had_it(ben: User, text: str, seconds: float) -> None:
    with override_settings(JWT_EXPIRES_IN=parse_duration(text)):
        claims = jwt.decode(issue_token(ben), settings.JWT_SECRET, ["HS256"])

    assert claims["exp"] - claims["iat"] == int(seconds)


def test_token_expires(ben: User) -> None:
    with override_settings(JWT_EXPIRES_IN=timedelta(seconds=-1)):
        token = issue_token(ben)

    assert asked(f"Bearer {token}") == (401, INVALID)
