import bcrypt
import pytest
from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from accounts.hashers import SourceBcryptPasswordHasher


def test_new_password_has_the_form_of_the_source() -> None:
    encoded = make_password("password123")

    assert encoded.startswith("bcrypt$$2b$12$")
    assert bcrypt.checkpw(b"password123", encoded.removeprefix("bcrypt$").encode())


def test_hash_of_another_library_is_verified() -> None:
    # bcryptjs 2.4.3: bcrypt.hashSync("U*U", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.")
    assert check_password("U*U", "bcrypt$$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW")


def test_only_the_first_72_bytes_count() -> None:
    hasher = SourceBcryptPasswordHasher()
    encoded = hasher.encode("x" * 72 + "one tail", bcrypt.gensalt(4))

    assert hasher.verify("x" * 72 + "another", encoded)
    assert not hasher.verify("x" * 71, encoded)


@pytest.mark.parametrize("encoded", ["bcrypt$", "bcrypt$plain", "bcrypt$$2b$04$", "bcrypt$日本"])
def test_value_that_is_no_hash_verifies_nothing(encoded: str) -> None:
    assert SourceBcryptPasswordHasher().verify("password123", encoded) is False


@pytest.mark.parametrize("encoded", ["bcrypt$$2a$04$" + "a" * 53, "bcrypt$$2b$10$" + "a" * 53, "bcrypt$"])
def test_hash_is_never_renewed_for_its_form(encoded: str) -> None:
    assert SourceBcryptPasswordHasher().must_update(encoded) is False


@pytest.mark.parametrize("password", ["x" * 72, "é" * 36, "sixsix"])
def test_password_of_up_to_72_bytes_is_accepted(password: str) -> None:
    validate_password(password)


@pytest.mark.parametrize(
    ("password", "code"),
    [("x" * 73, "password_too_long"), ("é" * 36 + "x", "password_too_long"), ("fives", "password_too_short")],
)
def test_password_that_would_not_count_whole_is_refused(password: str, code: str) -> None:
    with pytest.raises(ValidationError) as refused:
        validate_password(password)

    assert [error.code for error in refused.value.error_list] == [code]
