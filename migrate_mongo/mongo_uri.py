"""The address of a MongoDB, of which only a part may be shown."""

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote

from migrate_mongo.exceptions import MigrateMongoError

SCHEMES = ("mongodb://", "mongodb+srv://")
_URI = re.compile(
    r"(?P<scheme>mongodb(?:\+srv)?)://(?:(?P<user>[^@/?]*)@)?(?P<hosts>[^@/?]+)(?:/(?P<database>[^@/?]*))?(?:\?(?P<query>[^@]*))?"
)
_SECRET_OPTIONS = ("tlscertificatekeyfilepassword", "authmechanismproperties")


@dataclass(frozen=True)
class MongoUri:
    """`label` is what may be shown: scheme, hosts and database."""

    text: str
    label: str
    database: str
    secrets: frozenset[str]

    def without_secrets(self, message: str) -> str:
        for secret in sorted(self.secrets, key=len, reverse=True):
            message = message.replace(secret, "***")
        return message


def parse_mongo_uri(text: str, database: str | None = None) -> MongoUri:
    """`database` counts before the one in the URI. Raises MigrateMongoError, without a word of what stands there."""
    found = _URI.fullmatch(text)
    if found is None:
        raise MigrateMongoError("the MongoDB URI cannot be read: are user name and password percent-encoded?")
    name = database or unquote(found["database"] or "")
    if not name:
        raise MigrateMongoError("the MongoDB URI names no database: add it to the URI, or give --database")
    secrets = {found["user"] or "", *(found["user"] or "").partition(":")[2:]}
    secrets |= {value for key, value in parse_qsl(found["query"] or "") if key.lower() in _SECRET_OPTIONS}
    secrets |= {unquote(secret) for secret in secrets}
    return MongoUri(text, f"{found['scheme']}://{found['hosts']}/{name}", name, frozenset(secrets - {""}))
