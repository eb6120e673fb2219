"""The address of a MongoDB, of which only a part may be shown."""

import re
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote, unquote_plus

from migrate_mongo.exceptions import MigrateMongoError

SCHEMES = ("mongodb://", "mongodb+srv://")
UNREADABLE = "the MongoDB URI cannot be read: are user name and password percent-encoded?"
_URI = re.compile(
    r"(?P<scheme>mongodb(?:\+srv)?://)(?:(?P<credentials>[^@/?]*)@)?(?P<hosts>[^@/?]+)"
    r"(?:/(?P<database>[^@/?]*))?(?:\?(?P<query>[^@]*))?"
)
_SECRET_OPTION = re.compile(r"password|passphrase|authmechanismproperties", re.IGNORECASE)


@dataclass(frozen=True)
class MongoUri:
    """`label` is what may be shown: scheme, hosts and database."""

    text: str = field(repr=False)
    label: str
    database: str


def parse_mongo_uri(text: str, database: str | None = None) -> MongoUri:
    """`database` counts before the one in the URI. Raises MigrateMongoError, without a word of what stands there."""
    found = _URI.fullmatch(text)
    if found is None:
        raise MigrateMongoError(UNREADABLE)
    name = database or unquote(found["database"] or "")
    if not name:
        raise MigrateMongoError("the MongoDB URI names no database: add it to the URI, or give --database")
    return MongoUri(text, f"{label(text)}/{name}", name)


def is_readable(uri: str) -> bool:
    """Whether it is known which parts of it are secret."""
    return _URI.fullmatch(uri) is not None


def label(uri: str) -> str:
    """Where the server is, without who asks and how."""
    found = _URI.fullmatch(uri)
    return f"{found['scheme']}{found['hosts']}" if found else f"{uri.partition('://')[0]}://***"


def redacted(text: str, uri: str) -> str:
    """The text without the secrets of the URI, in one line."""
    found = _URI.fullmatch(uri)
    if not found:
        return UNREADABLE  # where its secrets are, nobody knows
    credentials = found["credentials"] or ""
    options = parse_qsl(found["query"] or "")
    secrets = {credentials, credentials.partition(":")[2]}
    secrets |= {value for name, value in options if _SECRET_OPTION.search(name)}
    secrets |= {decode(secret) for secret in secrets for decode in (unquote, unquote_plus)}
    for secret in sorted(secrets - {""}, key=len, reverse=True):
        text = text.replace(secret, "***")
    return " ".join(text.split())
