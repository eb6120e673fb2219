"""Which ids exist, looked up once, or not at all where they were loaded here."""

from collections import defaultdict
from collections.abc import Iterable

from django.db import connection

from migrate_mongo.rows import uuid_array
from scribetree.object_id import uuid_to_object_id

_MOST_IDS = 200_000


class Presence:
    """Ids of imported rows, as their 12 bytes. An import removes no rows, so what was there once is there."""

    def __init__(self) -> None:
        self._present: dict[str, set[bytes | None]] = defaultdict(set)
        self._loaded: dict[str, set[bytes]] = defaultdict(set)

    def note(self, collection: str, ids: Iterable[bytes]) -> None:
        """They have been loaded, and are there unless one has to make way for another document of the collection."""
        if len(self._loaded[collection]) < _MOST_IDS:
            self._loaded[collection].update(ids)

    def confirm(self, collection: str, table: str) -> None:
        """The collection is loaded, and none has made way."""
        self._present[table] |= self._loaded.pop(collection, set())

    def missing(self, wanted: dict[str, set[bytes | None]]) -> dict[str, set[bytes]]:
        """Those of the ids, by table, that do not exist."""
        unknown = {table: {key for key in ids - self._present[table] if key} for table, ids in wanted.items()}
        unknown = {table: ids for table, ids in unknown.items() if ids}
        missing: dict[str, set[bytes]] = defaultdict(set)
        for table, key in _look_up(unknown) if unknown else ():
            missing[table].add(key)
        for table, ids in unknown.items():
            if len(self._present[table]) > _MOST_IDS:
                self._present[table].clear()
            self._present[table] |= ids - missing[table]
        return missing


def _look_up(wanted: dict[str, set[bytes]]) -> list[tuple[str, bytes]]:
    statements = [
        f"SELECT '{table}', wanted FROM unnest(%s::uuid[]) AS wanted "
        f'WHERE NOT EXISTS (SELECT FROM "{table}" WHERE id = wanted)'
        for table in wanted
    ]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(statements), [uuid_array(sorted(ids)) for ids in wanted.values()])
        return [(table, uuid_to_object_id(key).binary) for table, key in cursor.fetchall()]
