"""What happens to accounts."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts.models import Role, User
from accounts.validators import PasswordBytesValidator
from scribetree.errors import ConflictError, DeniedError, InvalidError, NotFoundError

OTHER = {Role.STUDENT: Role.EDUCATOR, Role.EDUCATOR: Role.STUDENT}


def register_user(*, email: str, password: str, first_name: str, last_name: str, role: str) -> User:
    """Raises ConflictError when the e-mail is taken, InvalidError for a password that bcrypt would cut."""
    try:
        validate_password(password, password_validators=[PasswordBytesValidator()])
    except ValidationError as error:
        raise InvalidError(error.messages[0]) from None
    try:
        with transaction.atomic():
            return User.objects.create_user(email, password, first_name=first_name, last_name=last_name, role=role)
    except IntegrityError:
        raise ConflictError("User already exists with this email") from None


def update_profile(*, user: User, **changes: Any) -> User:
    """Raises NotFoundError when the user has gone since the token was read."""
    if changes and not User.objects.filter(pk=user.pk).update(**changes):
        raise NotFoundError("User not found")
    for name, value in changes.items():
        setattr(user, name, value)
    return user


@transaction.atomic
def switch_role(*, user_id: UUID | None, role: str) -> User:
    """Raises NotFoundError, and DeniedError for an admin: admins are made and unmade outside the API."""
    user = _locked(user_id)
    if user.role == Role.ADMIN:
        raise DeniedError("Cannot switch admin roles")
    return _with_role(user, role)


@transaction.atomic
def toggle_role(*, user_id: UUID) -> tuple[User, str]:
    """The user with the other role, and the role before. Raises DeniedError for admins and where it is switched off."""
    user = _locked(user_id)
    if user.role == Role.ADMIN:
        raise DeniedError("Admins cannot toggle their own role")
    if not settings.ALLOW_ROLE_SELF_SWITCH:
        raise DeniedError("Insufficient permissions")
    before = user.role
    return _with_role(user, OTHER[Role(before)]), before


def _locked(user_id: UUID | None) -> User:
    user: User | None = User.objects.select_for_update().filter(pk=user_id).first() if user_id else None
    if user is None:
        raise NotFoundError("User not found")
    return user


def _with_role(user: User, role: str) -> User:
    user.role = role
    user.save(update_fields=["role"])
    return user
