"""`/api/admin`: roles are switched by admins and, where that is allowed, by oneself."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Role, User
from scribetree.testing import Cast, client_of, hex_id, make_cast, make_user

pytestmark = pytest.mark.django_db

SWITCH, TOGGLE, USERS = (f"/api/admin/{name}" for name in ("switch-role", "toggle-my-role", "users"))
DENIED = {"error": "Insufficient permissions"}
UNKNOWN = "66f1a2b3c4d5e6f708192a3b"


@pytest.fixture
def cast() -> Cast:
    return make_cast()


@pytest.fixture(autouse=True)
def self_switching(settings: Any) -> None:
    settings.ALLOW_ROLE_SELF_SWITCH = True


def profile(user: User) -> Any:
    return client_of(user).get("/api/auth/profile").json()["user"]


@pytest.mark.parametrize("role", ["educator", "student"])
def test_admin_switches_a_role(cast: Cast, role: str) -> None:
    answer = client_of(cast.omar).post(SWITCH, {"userId": hex_id(cast.ben), "newRole": role})

    assert answer.status_code == 200
    assert answer.json() == {"message": f"User role switched to {role}", "user": profile(cast.ben)}
    assert answer.json()["user"]["role"] == role


def test_admin_names_the_user_in_either_spelling(cast: Cast) -> None:
    answer = client_of(cast.omar).post(SWITCH, {"userId": str(cast.ben.pk), "newRole": "educator"})

    assert answer.json()["user"]["id"] == hex_id(cast.ben)


@pytest.mark.parametrize(
    ("body", "status", "error"),
    [
        (None, 400, "userId and newRole are required"),
        ({"userId": "", "newRole": "admin"}, 400, "userId and newRole are required"),
        ({"userId": UNKNOWN}, 400, "userId and newRole are required"),
        ({"userId": UNKNOWN, "newRole": "admin"}, 400, "Role must be either student or educator"),
        ({"userId": UNKNOWN, "newRole": ["student"]}, 400, "Role must be either student or educator"),
        ({"userId": UNKNOWN, "newRole": "student"}, 404, "User not found"),
        ({"userId": "no-id", "newRole": "student"}, 404, "User not found"),
        ({"userId": {"$ne": None}, "newRole": "student"}, 404, "User not found"),
        ({"userId": 5, "newRole": "student"}, 404, "User not found"),
    ],
)
def test_role_is_not_switched(cast: Cast, body: Any, status: int, error: str) -> None:
    answer = client_of(cast.omar).post(SWITCH, body)

    assert (answer.status_code, answer.json()) == (status, {"error": error})


def test_role_of_an_admin_is_not_switched(cast: Cast) -> None:
    answer = client_of(cast.omar).post(SWITCH, {"userId": hex_id(cast.omar), "newRole": "student"})

    assert (answer.status_code, answer.json()) == (403, {"error": "Cannot switch admin roles"})


@pytest.mark.parametrize("who", ["ada", "ben"])
@pytest.mark.parametrize(("method", "path"), [("post", SWITCH), ("get", USERS)])
def test_only_admins_pass(cast: Cast, who: str, method: str, path: str) -> None:
    answer = getattr(client_of(getattr(cast, who)), method)(path)

    assert (answer.status_code, answer.json()) == (403, DENIED)


@pytest.mark.parametrize(("who", "before", "after"), [("ben", "student", "educator"), ("ada", "educator", "student")])
def test_own_role_is_toggled_and_in_force_at_once(cast: Cast, who: str, before: str, after: str) -> None:
    user = getattr(cast, who)
    client = client_of(user)

    answer = client.post(TOGGLE)

    assert answer.status_code == 200
    assert answer.json() == {"message": f"Role switched from {before} to {after}", "user": profile(user)}
    assert client.get("/api/courses/enrolled").status_code == (200 if after == "student" else 403)


@pytest.mark.parametrize("allowed", [True, False])
def test_admin_does_not_toggle(cast: Cast, settings: Any, allowed: bool) -> None:
    settings.ALLOW_ROLE_SELF_SWITCH = allowed

    answer = client_of(cast.omar).post(TOGGLE)

    assert (answer.status_code, answer.json()) == (403, {"error": "Admins cannot toggle their own role"})


def test_toggling_can_be_switched_off(cast: Cast, settings: Any) -> None:
    settings.ALLOW_ROLE_SELF_SWITCH = False

    answer = client_of(cast.ben).post(TOGGLE)

    assert (answer.status_code, answer.json()) == (403, DENIED)
    assert User.objects.get(pk=cast.ben.pk).role == Role.STUDENT


def emails(answer: Any) -> list[str]:
    return [user["email"].partition("@")[0] for user in answer.json()["users"]]


def test_users_are_listed_newest_first(cast: Cast) -> None:
    answer = client_of(cast.omar).get(USERS)

    assert list(answer.json()) == ["users"]
    assert emails(answer) == ["omar", "cleo", "ben", "ada"]
    assert answer.json()["users"][0] == profile(cast.omar)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("role=educator", ["cleo", "ada"]),
        ("role=nobody", []),
        ("search=EXAMPLE+be", ["ben"]),
        ("search=", ["omar", "cleo", "ben", "ada"]),
        ("search=%25", []),
    ],
)
def test_users_are_filtered(cast: Cast, query: str, found: list[str]) -> None:
    assert emails(client_of(cast.omar).get(f"{USERS}?{query}")) == found


def test_users_cost_the_same_for_any_rows(cast: Cast) -> None:
    client = client_of(cast.omar)

    with CaptureQueriesContext(connection) as few:
        client.get(USERS)
    for number in range(30):
        make_user(f"student{number}")
    with CaptureQueriesContext(connection) as many:
        client.get(USERS)

    assert len(few) == len(many) == 2
