from collections.abc import Collection

from bson import ObjectId


class MigrateMongoError(Exception):
    """A failure that its message explains to the person at the keyboard."""


class SourceError(MigrateMongoError):
    """The source cannot be read as what it should be."""


class LoadError(MigrateMongoError):
    """The import cannot go on."""


class VerifyError(MigrateMongoError):
    """The verification cannot go on."""


class ExportError(MigrateMongoError):
    """The export cannot go on."""


def sqlstate(error: Exception) -> str:
    """PostgreSQL's code for what is behind an error of Django's."""
    return getattr(error.__cause__, "sqlstate", None) or ""


class Rejected(Exception):  # noqa: N818 an outcome, which no one but the loader meets
    """One document cannot be loaded; `path` is the field at fault."""

    def __init__(self, reason: str, path: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.path = path
        self.message = message


class Dangling(Rejected):
    """A reference leads to a document that is not there: `target` is its id, in one of the tables."""

    def __init__(self, path: str, target: ObjectId, tables: Collection[str]) -> None:
        message = f"{path} refers to {target}, which is not in {' or '.join(tables)}"
        super().__init__("dangling_reference", path, message)
        self.target = target
        self.tables = tables
