"""`users` -> `users`."""

from typing import Any

from accounts.models import Role, User
from migrate_mongo.mappings.base import CollectionMapping, Column
from migrate_mongo.mappings.common import CREATED_AT, UPDATED_AT
from migrate_mongo.mappings.kinds import Bool, Choice, Text
from migrate_mongo.mappings.notes import Notes, Path
from scribetree.text_metrics import JS_WHITESPACE


class Email(Text):
    """The source trims and lower-cases on write; a direct edit may not have."""

    name = "e-mail"
    as_is = None

    def load(self, value: Any, notes: Notes, path: Path) -> Any:
        stored = super().load(value, notes, path)
        if isinstance(stored, str) and (folded := stored.strip(JS_WHITESPACE).lower()) != stored:
            notes.keep("normalised", path, value)
            return folded
        return stored


class Password(Text):
    """A bcrypt hash, which Django wants with the algorithm in front; and what only Django can have made, as it is."""

    name = "bcrypt hash, or Argon2 of Django's form"
    as_is = None
    prefix = "bcrypt$"
    own = "argon2$"

    def load(self, value: Any, notes: Notes, path: Path) -> Any:
        stored = super().load(value, notes, path)
        return self.prefix + stored if stored and not stored.startswith(self.own) else stored

    def rebuild(self, stored: Any) -> Any:
        return stored.removeprefix(self.prefix)


MAPPING = CollectionMapping(
    collection="users",
    model=User,
    columns=(
        Column("email", "email", Email(required=True)),
        Column("password", "password_hash", Password(fallback="")),
        Column("firstName", "first_name", Text(fallback="")),
        Column("lastName", "last_name", Text(fallback="")),
        Column("role", "role", Choice(Role, fallback="student")),
        Column("profilePicture", "profile_picture", Text(default=None)),
        Column("bio", "bio", Text()),
        Column("isVerified", "is_verified", Bool(default=False)),
        CREATED_AT,
        UPDATED_AT,
    ),
)
