"""Logging in, through the admin's page, with passwords as the original application stored them."""

import bcrypt
import pytest
from django.contrib.auth.hashers import identify_hasher
from django.test import Client

from accounts.models import Role, User
from scribetree.testing import PASSWORD, make_user

pytestmark = pytest.mark.django_db

ARGON2_FIRST = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "accounts.hashers.SourceBcryptPasswordHasher",
]


def imported(password: str, *, rounds: int = 4, variant: str = "2b") -> str:
    """A stored password as the import leaves it."""
    made = bcrypt.hashpw(password.encode()[:72], bcrypt.gensalt(rounds)).decode()
    return f"bcrypt$${variant}${made[4:]}"


def educator(stored: str) -> User:
    return make_user("ada", Role.EDUCATOR, password=stored)


def logs_in(client: Client, password: str = PASSWORD, email: str = "ada@example.org") -> bool:
    response = client.post("/admin/login/?next=/admin/", {"username": email, "password": password})
    assert response.status_code == (302 if "_auth_user_id" in client.session else 200)
    return "_auth_user_id" in client.session


@pytest.mark.parametrize("variant", ["2a", "2b", "2y"])
def test_imported_password_logs_in(client: Client, variant: str) -> None:
    educator(imported(PASSWORD, rounds=12, variant=variant))

    assert logs_in(client)
    assert client.get("/admin/").status_code == 200


@pytest.mark.parametrize("email", ["Ada@Example.ORG", "  ada@example.org ", "\tADA@EXAMPLE.ORG\n"])
def test_email_logs_in_in_any_case_and_between_blanks(client: Client, email: str) -> None:
    educator(imported(PASSWORD))

    assert logs_in(client, email=email)


def test_stored_email_with_capitals_logs_in(client: Client) -> None:
    make_user("ada", Role.EDUCATOR, email="Ada@Example.org")

    assert logs_in(client)


@pytest.mark.parametrize("password", ["password124", "Password123", " password123", "password123 ", ""])
def test_wrong_password_is_refused(client: Client, password: str) -> None:
    educator(imported(PASSWORD))

    assert not logs_in(client, password)


def test_unknown_email_is_refused(client: Client) -> None:
    assert not logs_in(client, email="nobody@example.org")


@pytest.mark.parametrize(
    "stored",
    ["bcrypt$", "bcrypt$password123", "bcrypt$$2b$12$short", "bcrypt$$2b$99$" + "a" * 53, "bcrypt$é", "", "!x"],
)
def test_stored_value_that_is_no_hash_is_refused(client: Client, stored: str) -> None:
    educator(stored)

    assert not logs_in(client)


@pytest.mark.parametrize("long", ["x" * 80, "é" * 40, "x" + "日" * 30])
def test_password_beyond_72_bytes_logs_in_by_its_first_72(client: Client, long: str) -> None:
    educator(imported(long))

    assert logs_in(client, long)


def test_password_beyond_72_bytes_needs_its_first_72(client: Client) -> None:
    educator(imported("x" * 80))

    assert not logs_in(client, "x" * 71 + "y" * 9)


def test_login_leaves_the_stored_password_alone(client: Client) -> None:
    ada = educator(imported(PASSWORD, rounds=10, variant="2a"))
    stored = ada.password

    assert logs_in(client)
    ada.refresh_from_db()
    assert ada.password == stored


def test_login_moves_the_password_to_argon2_when_told(client: Client, settings: object) -> None:
    ada = educator(imported(PASSWORD))
    settings.PASSWORD_HASHERS = ARGON2_FIRST

    assert logs_in(client)

    ada.refresh_from_db()
    assert identify_hasher(ada.password).algorithm == "argon2"
    client.logout()
    assert logs_in(client)


def test_failed_login_moves_nothing(client: Client, settings: object) -> None:
    ada = educator(imported(PASSWORD))
    settings.PASSWORD_HASHERS = ARGON2_FIRST

    assert not logs_in(client, "password124")

    ada.refresh_from_db()
    assert identify_hasher(ada.password).algorithm == "bcrypt"


def test_student_may_not_enter(client: Client) -> None:
    make_user("ben")

    assert not logs_in(client, email="ben@example.org")


def test_student_with_a_session_may_not_enter(client: Client) -> None:
    client.force_login(make_user("ben"))

    assert client.get("/admin/").status_code == 302
    assert client.get("/admin/accounts/user/").status_code == 302


def change_password(client: Client, new: str) -> bool:
    fields = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    return client.post("/admin/password_change/", fields).status_code == 302


def test_own_password_is_changed_in_the_form_of_the_source(client: Client) -> None:
    ada = educator(imported(PASSWORD))
    client.force_login(ada)

    assert change_password(client, "another one")

    ada.refresh_from_db()
    assert ada.password.startswith("bcrypt$$2b$12$")
    assert ada.check_password("another one")


@pytest.mark.parametrize("new", ["x" * 73, "é" * 37, "short"])
def test_own_password_cannot_become_one_that_bcrypt_cuts(client: Client, new: str) -> None:
    ada = educator(imported(PASSWORD))
    client.force_login(ada)

    assert not change_password(client, new)

    ada.refresh_from_db()
    assert ada.check_password(PASSWORD)
