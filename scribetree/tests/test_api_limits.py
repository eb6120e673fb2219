"""Limits on guessing, counted in the database; pages of lists."""

from typing import Any

import pytest
from django.core.cache import caches
from django.db import connection

from accounts.models import Role, User
from scribetree.testing import PASSWORD, client_of, make_user

pytestmark = pytest.mark.django_db

LOGIN, REGISTER, PROFILE, USERS = "/api/auth/login", "/api/auth/register", "/api/auth/profile", "/api/admin/users"


@pytest.fixture
def throttling(settings: Any) -> None:
    settings.THROTTLING = True
    caches["throttle"].clear()


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three a minute from one address."""
    for name in ("LoginAddressThrottle", "RegistrationThrottle"):
        monkeypatch.setattr(f"scribetree.api.throttles.{name}.rate", "3/min")


def log_in(email: str = "ben@example.org", password: str = "wrong", address: str = "10.0.0.1") -> Any:
    return client_of(None).post(LOGIN, {"email": email, "password": password}, REMOTE_ADDR=address)


@pytest.mark.usefixtures("throttling")
def test_passwords_of_an_account_are_not_guessed() -> None:
    make_user("ben")
    spellings = ("ben@example.org", " BEN@example.org", "\ufeffBen@Example.Org ")

    statuses = [log_in(spellings[number % 3], address=f"10.0.0.{number}").status_code for number in range(10)]
    answer = log_in(password=PASSWORD)

    assert statuses == [401] * 10
    assert (answer.status_code, answer.json()) == (429, {"error": "Too many attempts, please try again later"})
    assert 0 < int(answer["Retry-After"]) <= 61
    assert log_in("other@example.org").status_code == 401


@pytest.mark.usefixtures("throttling", "few")
def test_accounts_are_not_tried_out_from_one_address() -> None:
    statuses = [log_in(f"student{number}@example.org").status_code for number in range(4)]

    assert statuses == [401, 401, 401, 429]
    assert log_in(address="10.0.0.2").status_code == 401


@pytest.mark.usefixtures("throttling", "few")
def test_registrations_from_one_address_are_limited() -> None:
    statuses = [client_of(None).post(REGISTER, {}).status_code for _ in range(4)]

    assert statuses == [400, 400, 400, 429]


@pytest.mark.usefixtures("throttling")
@pytest.mark.parametrize("body", [None, {}, {"email": None}, {"email": ["x"]}, {"email": 5}])
def test_attempt_without_an_account_counts_for_its_address_only(body: Any) -> None:
    assert [client_of(None).post(LOGIN, body).status_code for _ in range(11)] == [400] * 11


@pytest.mark.usefixtures("throttling")
def test_counts_are_in_the_database_for_all_workers() -> None:
    log_in()

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM throttle_counts")
        assert cursor.fetchone() == (2,)


@pytest.mark.usefixtures("throttling")
def test_profile_is_never_limited() -> None:
    client = client_of(make_user("ben"))

    assert {client.get(PROFILE).status_code for _ in range(50)} == {200}
    assert caches["throttle"].get("x") is None


def test_limits_can_be_switched_off() -> None:
    assert {log_in().status_code for _ in range(12)} == {401}


@pytest.fixture
def omar() -> User:
    for number in range(24):
        make_user(f"student{number:02}")
    return make_user("omar", Role.ADMIN)


@pytest.mark.parametrize(
    ("query", "first", "shown", "page"),
    [
        ("", "omar", 25, None),
        ("?page=1", "omar", 20, {"page": 1, "limit": 20, "total": 25, "pages": 2}),
        ("?limit=5", "omar", 5, {"page": 1, "limit": 5, "total": 25, "pages": 5}),
        ("?page=2&limit=10", "student14", 10, {"page": 2, "limit": 10, "total": 25, "pages": 3}),
        ("?page=&limit=", "omar", 20, {"page": 1, "limit": 20, "total": 25, "pages": 2}),
        ("?page=3&limit=20", None, 0, {"page": 3, "limit": 20, "total": 25, "pages": 2}),
        ("?page=2147483647&limit=100", None, 0, {"page": 2147483647, "limit": 100, "total": 25, "pages": 1}),
        ("?limit=100000", "omar", 25, {"page": 1, "limit": 100, "total": 25, "pages": 1}),
        ("?role=admin&page=1", "omar", 1, {"page": 1, "limit": 20, "total": 1, "pages": 1}),
        ("?unknown=1", "omar", 25, None),
        ("?page=9&page=1", "omar", 20, {"page": 1, "limit": 20, "total": 25, "pages": 2}),
    ],
)
def test_list_is_paged_when_asked(
    omar: User, query: str, first: str | None, shown: int, page: dict[str, int] | None
) -> None:
    body = client_of(omar).get(f"{USERS}{query}").json()

    names = [user["email"].partition("@")[0] for user in body["users"]]
    assert (names[0] if names else None, len(names), body.get("pagination")) == (first, shown, page)


@pytest.mark.parametrize("name", ["page", "limit"])
@pytest.mark.parametrize(
    "value", ["0", "-1", "1.0", "x", "1e3", "٣", "2147483648", "9" * 5000, "%00"], ids=lambda value: value[:10]
)
def test_page_that_is_no_whole_number_is_refused(omar: User, name: str, value: str) -> None:
    answer = client_of(omar).get(f"{USERS}?{name}={value}")

    assert (answer.status_code, answer.json()) == (400, {"error": f"{name} must be a positive whole number"})


def test_search_takes_no_nul(omar: User) -> None:
    answer = client_of(omar).get(f"{USERS}?search=%00")

    assert (answer.status_code, answer.json()) == (400, {"error": "search: Null characters are not allowed."})
