"""What a worker needs to know."""

from dataclasses import dataclass

from migrate_mongo.sources import Reader


@dataclass(frozen=True)
class Work:
    """It goes through a pipe to processes that have begun before.

    `refused` are the kinds of finding that reject a document; `schema` is where the tables are, where it is not the
    usual place; `profiles` asks for the shape of the documents; `ahead` is how many parts a worker keeps for
    later, so that no other prepares the same.
    """

    reader: Reader
    run: int
    only: tuple[str, ...]
    max_rejects: int | None
    batch_size: int
    refused: frozenset[str]
    database: str
    schema: str | None
    profiles: bool
    ahead: int
