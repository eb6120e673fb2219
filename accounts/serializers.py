"""Users on the wire: whole for themselves and admins, by name and e-mail where others refer to them."""

import re
from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from accounts.models import Role
from scribetree.api.fields import Date, Flag, Id, Text
from scribetree.api.serializers import WireSerializer
from scribetree.errors import InvalidError
from scribetree.text_metrics import trim

SELF_CHOSEN = (Role.STUDENT, Role.EDUCATOR)
WRONG_ROLE = "Role must be either student or educator"
# as the original: one @, something before it, and a dot inside what follows
_address = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+").fullmatch


class UserSerializer(WireSerializer):
    """The only object with `id` and no `_id`: so the client has always had its own user."""

    id = Id()
    email = Text()
    firstName = Text(source="first_name")
    lastName = Text(source="last_name")
    role = Text(choices=Role)
    profilePicture = Text(source="profile_picture", allow_null=True)
    bio = Text(required=False)
    isVerified = Flag(source="is_verified")
    createdAt = Date(source="created_at")


class UserNameSerializer(WireSerializer):
    _id = Id(source="pk")
    firstName = Text(source="first_name")
    lastName = Text(source="last_name")


class UserRefSerializer(UserNameSerializer):
    email = Text()


def name_field(label: str, source: str, **kwargs: Any) -> Text:
    required = f"{label} is required"
    return Text(
        source=source,
        trim=True,
        blank=False,
        min_length=2,
        max_length=50,
        messages={
            "required": required,
            "null": required,
            "blank": required,
            "type": required,
            "min_length": f"{label} must be at least 2 characters long",
            "max_length": f"{label} cannot exceed 50 characters",
        },
        **kwargs,
    )


class Email(Text):
    """Lower-cased and trimmed, as it is stored."""

    default_error_messages = {"invalid": "Please provide a valid email address"}

    def to_internal_value(self, data: Any) -> str:
        text = trim(super().to_internal_value(data)).lower()
        if not _address(text):
            self.fail("invalid")
        return text


class RegistrationSerializer(serializers.Serializer):
    """The fields stand in the order in which they are checked."""

    role = Text(choices=SELF_CHOSEN, messages={"choice": WRONG_ROLE, "type": WRONG_ROLE})
    password = Text(
        strict=True,
        min_length=6,
        write_only=True,
        messages=dict.fromkeys(("min_length", "type"), "Password must be at least 6 characters long"),
    )
    email = Email(
        strict=True, max_length=254, messages=dict.fromkeys(("invalid", "type"), "Please provide a valid email address")
    )
    firstName = name_field("First name", "first_name")
    lastName = name_field("Last name", "last_name")

    def to_internal_value(self, data: Mapping[str, Any]) -> Any:
        if not all(data.get(name) for name in self.fields):
            raise InvalidError("All fields are required")
        return super().to_internal_value(data)


class LoginSerializer(serializers.Serializer):
    email = Text()
    password = Text()

    def to_internal_value(self, data: Mapping[str, Any]) -> Any:
        if not all(isinstance(data.get(name), str) and data[name] for name in self.fields):
            raise InvalidError("Email and password are required")
        return super().to_internal_value(data)


class ProfileSerializer(serializers.Serializer):
    firstName = name_field("First name", "first_name", required=False)
    lastName = name_field("Last name", "last_name", required=False)
    bio = Text(
        max_length=500, required=False, allow_null=True, messages={"max_length": "Bio cannot exceed 500 characters"}
    )
    profilePicture = Text(source="profile_picture", max_length=200_000, required=False, allow_null=True)


class RoleSwitchSerializer(serializers.Serializer):
    userId = Id(source="user_id")
    newRole = Text(source="role", choices=SELF_CHOSEN, messages={"choice": WRONG_ROLE, "type": WRONG_ROLE})

    def to_internal_value(self, data: Mapping[str, Any]) -> Any:
        if not all(data.get(name) for name in self.fields):
            raise InvalidError("userId and newRole are required")
        return super().to_internal_value(data)
