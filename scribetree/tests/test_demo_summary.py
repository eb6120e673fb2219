from io import StringIO

import pytest
from django.core.management import call_command

from accounts.models import Role
from migrate_mongo.sample import LOGINS
from scribetree.testing import make_cast, make_user

pytestmark = pytest.mark.django_db


def summary(**options: str) -> list[str]:
    out = StringIO()
    call_command("demo_summary", stdout=out, **options)
    return out.getvalue().splitlines()


def test_summary_counts_every_table() -> None:
    make_cast()

    lines = [line.split() for line in summary()[:13]]

    counts = {table: int(count) for table, count in lines}
    assert len(counts) == 13
    assert {table: count for table, count in counts.items() if count} == {
        "users": 4,
        "courses": 1,
        "course_enrollments": 1,
    }


def test_summary_names_the_logins_of_the_sample() -> None:
    for login in LOGINS:
        make_user(login.first_name.lower(), Role(login.role), email=login.email)

    lines = [line.split() for line in summary()[-3:]]

    assert lines == [[login.role, login.email, "password123"] for login in LOGINS]


def test_summary_names_one_person_of_each_role_of_another_dump() -> None:
    make_user("ada", Role.EDUCATOR)
    make_user("cleo", Role.EDUCATOR)
    make_user("ben")

    lines = summary()[-3:]

    assert [line.split()[:2] for line in lines] == [
        ["admin", "nobody"],
        ["educator", "ada@example.org"],
        ["student", "ben@example.org"],
    ]
    assert "password123" not in "".join(lines)


def test_summary_tells_the_address_when_it_knows() -> None:
    lines = summary(address="http://localhost:8001/")

    assert [line.split()[-1] for line in lines[-3:]] == [
        "http://localhost:8001/",
        "http://localhost:8001/admin/",
        "http://localhost:8001/api/health",
    ]
