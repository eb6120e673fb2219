"""`POST /api/auth/login`, with passwords as the original stored them."""

from typing import Any

import bcrypt
import pytest
from django.contrib.auth.hashers import identify_hasher

from accounts import hashers
from accounts.models import User
from scribetree.testing import PASSWORD, client_of, hex_id, make_user

pytestmark = pytest.mark.django_db

ARGON2_FIRST = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "accounts.hashers.SourceBcryptPasswordHasher",
]
REQUIRED, WRONG = "Email and password are required", "Invalid email or password"


@pytest.fixture(autouse=True)
def quick_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("accounts.hashers.SourceBcryptPasswordHasher.rounds", 4)


def imported(password: str, variant: str = "2b") -> str:
    made = bcrypt.hashpw(password.encode()[:72], bcrypt.gensalt(4)).decode()
    return f"bcrypt$${variant}${made[4:]}"


def log_in(email: Any = "ben@example.org", password: Any = PASSWORD) -> Any:
    return client_of(None).post("/api/auth/login", {"email": email, "password": password})


def outcome(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json().get("error", "")


def test_login_answers_with_the_user_and_a_token() -> None:
    ben = make_user("ben", bio="", profile_picture="https://example.org/ben.png", is_verified=True)

    answer = log_in()

    assert answer.status_code == 200
    body = answer.json()
    assert client_of(None).get(
        "/api/auth/profile", headers={"Authorization": f"Bearer {body.pop('token')}"}
    ).json() == {"user": body["user"]}
    assert body == {
        "message": "Login successful",
        "user": {
            "id": hex_id(ben),
            "email": "ben@example.org",
            "firstName": "Ben",
            "lastName": "Test",
            "role": "student",
            "profilePicture": "https://example.org/ben.png",
            "bio": "",
            "isVerified": True,
            "createdAt": ben.created_at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        },
    }


@pytest.mark.parametrize("email", ["Ben@Example.ORG", " ben@example.org\n", "\ufeffben@example.org"])
def test_login_takes_the_email_in_any_case_and_between_blanks(email: str) -> None:
    make_user("ben")

    assert outcome(log_in(email)) == (200, "")


@pytest.mark.parametrize("value", [None, "", 0, 5, True, ["x"], {"$ne": None}])
@pytest.mark.parametrize("field", ["email", "password"])
def test_both_fields_are_required_as_text(field: str, value: Any) -> None:
    make_user("ben")

    assert outcome(log_in(**{field: value})) == (400, REQUIRED)


@pytest.mark.parametrize("body", [None, {}, [], {"email": "ben@example.org"}])
def test_body_without_the_fields_is_refused(body: Any) -> None:
    assert outcome(client_of(None).post("/api/auth/login", body)) == (400, REQUIRED)


@pytest.mark.parametrize(
    ("email", "password"), [("ben@example.org", "wrong"), ("nobody@example.org", PASSWORD), ("  ", PASSWORD)]
)
def test_wrong_credentials_are_refused_alike(email: str, password: str) -> None:
    make_user("ben")

    assert outcome(log_in(email, password)) == (401, WRONG)


def test_unknown_email_costs_a_hash_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the time of the answer tells who has an account."""
    hashed: list[str] = []
    encode = hashers.SourceBcryptPasswordHasher.encode
    monkeypatch.setattr(
        hashers.SourceBcryptPasswordHasher,
        "encode",
        lambda self, password, salt: hashed.append(password) or encode(self, password, salt),
    )

    log_in("nobody@example.org", "a guess")

    assert hashed == ["a guess"]


@pytest.mark.parametrize("variant", ["2a", "2b", "2y"])
def test_hash_of_any_variant_logs_in_and_stays(variant: str) -> None:
    ben = make_user("ben", password=imported(PASSWORD, variant))

    assert outcome(log_in()) == (200, "")
    assert User.objects.get().password == ben.password


@pytest.mark.parametrize("long", ["x" * 80, "é" * 40, "x" + "日" * 30])
def test_password_beyond_72_bytes_logs_in_by_its_first_72(long: str) -> None:
    make_user("ben", password=imported(long))

    assert outcome(log_in(password=long)) == (200, "")
    assert outcome(log_in(password="y" + long)) == (401, WRONG)


@pytest.mark.parametrize("stored", ["", "!", "bcrypt$", "bcrypt$password123", "bcrypt$$2b$99$" + "a" * 53])
def test_stored_value_that_is_no_hash_is_refused(stored: str) -> None:
    make_user("ben", password=stored)

    assert outcome(log_in()) == (401, WRONG)


@pytest.mark.parametrize("password", [PASSWORD, "x" * 80])
def test_login_moves_the_password_to_argon2_when_told(settings: Any, password: str) -> None:
    ben = make_user("ben", password=imported(password))
    settings.PASSWORD_HASHERS = ARGON2_FIRST

    assert outcome(log_in(password="wrong")) == (401, WRONG)
    assert User.objects.get().password == ben.password
    assert outcome(log_in(password=password)) == (200, "")
    assert identify_hasher(User.objects.get().password).algorithm == "argon2"
    assert outcome(log_in(password=password)) == (200, "")


def test_login_with_a_nul_is_refused() -> None:
    make_user("ben")

    assert outcome(log_in(password="a\0b"))[0] == 400
    assert outcome(log_in(email="a\0b"))[0] == 400
