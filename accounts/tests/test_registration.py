"""`POST /api/auth/register`: the checks in their order, and what is stored."""

import re
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from scribetree.testing import client_of, hex_id, make_user

pytestmark = pytest.mark.django_db

PATH = "/api/auth/register"
BEN = {
    "email": "ben@example.org",
    "password": "password123",
    "firstName": "Ben",
    "lastName": "Test",
    "role": "student",
}
ALL = "All fields are required"
ROLE = "Role must be either student or educator"
PASSWORD = "Password must be at least 6 characters long"
EMAIL = "Please provide a valid email address"


@pytest.fixture(autouse=True)
def quick_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("accounts.hashers.SourceBcryptPasswordHasher.rounds", 4)


def register(**changes: Any) -> Any:
    body = {name: value for name, value in {**BEN, **changes}.items() if value is not ...}
    return client_of(None).post(PATH, body)


def test_registration_answers_with_the_user_and_a_token() -> None:
    answer = register(bio="ignored", isVerified=True, _id="66f1a2b3c4d5e6f708192a3b", createdAt="2020-01-01")

    assert answer.status_code == 201
    body = answer.json()
    row = User.objects.get()
    assert body["message"] == "User registered successfully"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", body["user"].pop("createdAt"))
    assert body["user"] == {
        "id": hex_id(row),
        "email": "ben@example.org",
        "firstName": "Ben",
        "lastName": "Test",
        "role": "student",
        "profilePicture": None,
        "isVerified": False,
    }
    profile = Client(headers={"Authorization": f"Bearer {body['token']}"}).get("/api/auth/profile")
    assert profile.json()["user"]["id"] == hex_id(row)


def test_registration_ignores_a_token() -> None:
    client = Client(headers={"Authorization": "Bearer nonsense"})

    assert client.post(PATH, BEN, "application/json").status_code == 201


def test_registration_stores_what_the_original_would_have() -> None:
    register(email=" Ben@Example.ORG\ufeff", firstName=" Ben ", lastName="\tTest\n", role="educator")

    ben = User.objects.get()
    assert (ben.email, ben.first_name, ben.last_name, ben.role) == ("ben@example.org", "Ben", "Test", "educator")
    assert ben.password.startswith("bcrypt$$2b$")
    assert (ben.bio, ben.profile_picture, ben.is_verified, ben.extra) == (None, None, False, None)


def test_password_is_hashed_with_twelve_rounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()

    register()

    assert User.objects.get().password.startswith("bcrypt$$2b$12$")


@pytest.mark.parametrize("field", list(BEN))
@pytest.mark.parametrize("value", [..., None, "", 0, False])
def test_every_field_is_required(field: str, value: Any) -> None:
    answer = register(**{"role": "admin", "password": "x", field: value})

    assert (answer.status_code, answer.json()) == (400, {"error": ALL})


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"role": "admin", "password": "short", "email": "x"}, ROLE),
        ({"role": "Student"}, ROLE),
        ({"role": {"$ne": 1}}, ROLE),
        ({"password": "short", "email": "x", "firstName": "B"}, PASSWORD),
        ({"password": 1234567}, PASSWORD),
        ({"password": ["password123"]}, PASSWORD),
        ({"email": "x", "firstName": "B"}, EMAIL),
        ({"email": "ben@example"}, EMAIL),
        ({"email": "ben@.org."}, EMAIL),
        ({"email": "ben@example."}, EMAIL),
        ({"email": "ben@@example.org"}, EMAIL),
        ({"email": "@example.org"}, EMAIL),
        ({"email": "be n@example.org"}, EMAIL),
        ({"email": 5}, EMAIL),
        ({"email": {"$ne": 1}}, EMAIL),
        ({"firstName": " \ufeff", "lastName": " "}, "First name is required"),
        ({"firstName": " B ", "lastName": " "}, "First name must be at least 2 characters long"),
        ({"firstName": "B" * 51, "lastName": " "}, "First name cannot exceed 50 characters"),
        ({"firstName": "😀" * 26}, "First name cannot exceed 50 characters"),
        ({"firstName": {}}, ALL),
        ({"firstName": {"a": 1}}, "First name is required"),
        ({"lastName": " "}, "Last name is required"),
        ({"lastName": "T"}, "Last name must be at least 2 characters long"),
        ({"lastName": "T" * 51}, "Last name cannot exceed 50 characters"),
        ({"firstName": f" {'B' * 50} ", "lastName": "😀"}, None),
        ({"firstName": 12}, None),
        ({"password": "      "}, None),
        ({"password": "😀😀😀"}, None),
        ({"password": "é" * 36}, None),
        ({"password": "é" * 37}, "The password is longer than 72 bytes."),
        ({"password": "x" * 73}, "The password is longer than 72 bytes."),
    ],
)
def test_fields_are_checked_in_their_order(changes: dict[str, Any], error: str | None) -> None:
    make_user("someone")

    answer = register(**changes)

    assert (answer.status_code, answer.json().get("error")) == (400 if error else 201, error)


@pytest.mark.parametrize("stored", ["ben@example.org", "Ben@Example.org"])
def test_email_is_taken_in_any_case(stored: str) -> None:
    make_user("other", email=stored)

    answer = register(email=" BEN@example.org ")

    assert (answer.status_code, answer.json()) == (409, {"error": "User already exists with this email"})
    assert User.objects.count() == 1


@pytest.mark.parametrize("body", [None, [], [BEN]])
def test_body_that_is_no_object_has_no_fields(body: Any) -> None:
    answer = client_of(None).post(PATH, body)

    assert (answer.status_code, answer.json()) == (400, {"error": ALL})
