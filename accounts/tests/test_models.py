import pytest
from django.db import IntegrityError

from accounts.models import Role, User
from scribetree.testing import make_cast, make_user

pytestmark = pytest.mark.django_db


def test_create_user_folds_the_email_and_hashes_the_password() -> None:
    user = User.objects.create_user(" Ben@Example.ORG ", "password123", first_name="Ben", last_name="Test")

    user.refresh_from_db()
    assert (user.email, user.role, user.is_staff, user.is_superuser) == ("ben@example.org", Role.STUDENT, False, False)
    assert user.password.startswith("bcrypt$$2b$12$")
    assert user.check_password("password123")


def test_create_superuser_makes_an_admin_whatever_is_said() -> None:
    omar = User.objects.create_superuser("omar@example.org", "password123", role=Role.STUDENT)

    omar.refresh_from_db()
    assert (omar.role, omar.is_staff, omar.is_superuser) == (Role.ADMIN, True, True)
    assert (omar.first_name, omar.last_name) == ("", "")


def test_email_is_unique_in_any_case() -> None:
    make_user("ben")

    with pytest.raises(IntegrityError, match="users_email_unique"):
        make_user("other", email="BEN@example.org")


def test_natural_key_is_the_email_in_any_case() -> None:
    ben = make_user("ben")

    assert User.objects.get_by_natural_key(" BEN@Example.org") == ben
    with pytest.raises(User.DoesNotExist):
        User.objects.get_by_natural_key(None)


@pytest.mark.parametrize(
    ("name", "seen"),
    [("ada", {"ada", "ben"}), ("ben", {"ben"}), ("cleo", {"cleo"}), ("omar", {"ada", "ben", "cleo", "omar"})],
)
def test_people_see_themselves_and_teachers_their_students(name: str, seen: set[str]) -> None:
    cast = make_cast()

    visible = User.objects.visible_to(getattr(cast, name))

    assert sorted(visible.values_list("email", flat=True)) == sorted(f"{other}@example.org" for other in seen)


@pytest.mark.parametrize(
    ("name", "permission", "allowed"),
    [
        ("omar", "courses.delete_course", True),
        ("omar", "migrate_mongo.view_importrun", True),
        ("ada", "courses.view_course", True),
        ("ada", "courses.change_course", False),
        ("ada", "migrate_mongo.view_importrun", False),
        ("ben", "courses.view_course", False),
    ],
)
def test_permissions_follow_the_role(name: str, permission: str, allowed: bool) -> None:
    person = getattr(make_cast(), name)

    assert person.has_perm(permission) is allowed
