"""`GET` and `PUT /api/auth/profile`: one's own account."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from accounts.services import update_profile
from scribetree.errors import NotFoundError
from scribetree.testing import client_of, hex_id, make_user

pytestmark = pytest.mark.django_db

PATH = "/api/auth/profile"


@pytest.fixture
def ben() -> User:
    return make_user("ben")


def test_profile_is_the_whole_user(ben: User) -> None:
    with CaptureQueriesContext(connection) as queries:
        answer = client_of(ben).get(PATH)

    assert answer.status_code == 200
    assert answer.json() == {
        "user": {
            "id": hex_id(ben),
            "email": "ben@example.org",
            "firstName": "Ben",
            "lastName": "Test",
            "role": "student",
            "profilePicture": None,
            "isVerified": False,
            "createdAt": ben.created_at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        }
    }
    assert len(queries) == 1


@pytest.mark.parametrize(
    ("body", "stored"),
    [
        ({"firstName": " Benjamin "}, {"first_name": "Benjamin"}),
        ({"lastName": "Tester", "bio": " Hello "}, {"last_name": "Tester", "bio": " Hello "}),
        ({"bio": "", "profilePicture": ""}, {"bio": "", "profile_picture": ""}),
        ({"bio": None, "profilePicture": None}, {"bio": None, "profile_picture": None}),
        ({"bio": 5, "firstName": 12.5}, {"bio": "5", "first_name": "12.5"}),
        ({"bio": "😀" * 250}, {"bio": "😀" * 250}),
        ({"profilePicture": "no address"}, {"profile_picture": "no address"}),
        ({"email": "x@y.z", "role": "admin", "isVerified": True, "password": "other password"}, {}),
        ({}, {}),
        (None, {}),
        ([], {}),
    ],
)
def test_profile_is_changed(ben: User, body: Any, stored: dict[str, Any]) -> None:
    before = {**User.objects.values().get()}

    answer = client_of(ben).put(PATH, body)

    assert answer.status_code == 200
    after = User.objects.values().get()
    assert (after.pop("updated_at") > before.pop("updated_at")) == bool(stored)
    assert after == {**before, **stored}
    assert answer.json() == {
        "message": "Profile updated successfully",
        "user": client_of(ben).get(PATH).json()["user"],
    }


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"firstName": "", "lastName": "", "bio": "x" * 501}, "First name is required"),
        ({"firstName": None}, "First name is required"),
        ({"firstName": ["Ben"]}, "First name is required"),
        ({"firstName": "B", "lastName": ""}, "First name must be at least 2 characters long"),
        ({"firstName": "B" * 51}, "First name cannot exceed 50 characters"),
        ({"lastName": " ", "bio": "x" * 501}, "Last name is required"),
        ({"lastName": "T"}, "Last name must be at least 2 characters long"),
        ({"lastName": "T" * 51}, "Last name cannot exceed 50 characters"),
        ({"bio": "x" * 501}, "Bio cannot exceed 500 characters"),
        ({"bio": "😀" * 251}, "Bio cannot exceed 500 characters"),
        ({"bio": {}}, "bio: must be text"),
        ({"bio": "a\0b"}, "bio: must not contain the character U+0000"),
        ({"profilePicture": []}, "profilePicture: must be text"),
        ({"profilePicture": "x" * 200_001}, "profilePicture: is longer than 200000 characters"),
    ],
)
def test_profile_is_not_changed_to(ben: User, body: dict[str, Any], error: str) -> None:
    answer = client_of(ben).put(PATH, body)

    assert (answer.status_code, answer.json()) == (400, {"error": error})
    ben.refresh_from_db()
    assert (ben.first_name, ben.last_name, ben.bio) == ("Ben", "Test", None)


@pytest.mark.parametrize("method", ["get", "put"])
def test_profile_needs_a_token(method: str) -> None:
    answer = getattr(client_of(None), method)(PATH)

    assert (answer.status_code, answer.json()) == (401, {"error": "Access token required"})


def test_profile_of_someone_who_has_gone_is_not_changed(ben: User) -> None:
    User.objects.all().delete()

    with pytest.raises(NotFoundError, match="User not found"):
        update_profile(user=ben, bio="Hello")
