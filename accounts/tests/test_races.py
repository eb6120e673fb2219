"""What happens to accounts at once, in threads with connections of their own."""

import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from accounts import services
from accounts.models import Role, User
from scribetree.testing import at_once, client_of, hex_id, make_user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    monkeypatch.setattr("accounts.hashers.SourceBcryptPasswordHasher.rounds", 4)
    settings.ALLOW_ROLE_SELF_SWITCH = True


def outcomes(*requests: Callable[[], Any]) -> Counter[tuple[int, str]]:
    return Counter((answer.status_code, answer.json().get("error", "")) for answer in at_once(*requests))


def test_email_is_registered_once() -> None:
    body = {"password": "password123", "firstName": "Ben", "lastName": "Test", "role": "student"}
    emails = ("ben@example.org", "BEN@example.org", " Ben@Example.Org", "ben@example.org")

    found = outcomes(
        *[lambda email=email: client_of(None).post("/api/auth/register", {**body, "email": email}) for email in emails]
    )

    assert found == {(201, ""): 1, (409, "User already exists with this email"): 3}
    assert User.objects.count() == 1


def test_every_toggle_is_told_what_it_did() -> None:
    ben = make_user("ben")

    answers = at_once(*[lambda: client_of(ben).post("/api/admin/toggle-my-role")] * 4)

    assert Counter(answer.json()["message"] for answer in answers) == {
        "Role switched from student to educator": 2,
        "Role switched from educator to student": 2,
    }


def test_admin_who_was_made_meanwhile_is_not_demoted(monkeypatch: pytest.MonkeyPatch) -> None:
    """The promotion commits while the switch is under way, before it has the row."""
    omar, ben = make_user("omar", Role.ADMIN), make_user("ben")
    locked = services._locked

    def promoted_first(user_id: Any) -> User:
        promotion = threading.Thread(target=promote, args=(ben,))
        promotion.start()
        promotion.join(30)
        return locked(user_id)

    monkeypatch.setattr(services, "_locked", promoted_first)

    answer = client_of(omar).post("/api/admin/switch-role", {"userId": hex_id(ben), "newRole": "educator"})

    assert (answer.status_code, answer.json()) == (403, {"error": "Cannot switch admin roles"})
    assert User.objects.get(pk=ben.pk).role == Role.ADMIN


def promote(user: User) -> None:
    at_once(lambda: User.objects.filter(pk=user.pk).update(role=Role.ADMIN))
