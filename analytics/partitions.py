"""The quarterly partitions of `writing_sessions`."""

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import partial
from typing import NamedTuple

from django.db import connection, transaction

# Outside these years a session's start is a mistake, and stays in the default partition.
YEARS = range(2000, 2101)


class Quarter(NamedTuple):
    year: int
    number: int

    @classmethod
    def of(cls, moment: datetime) -> "Quarter":
        utc = moment.astimezone(UTC)
        return cls(utc.year, (utc.month + 2) // 3)

    @property
    def next(self) -> "Quarter":
        return Quarter(self.year + 1, 1) if self.number == 4 else Quarter(self.year, self.number + 1)

    @property
    def start(self) -> datetime:
        return datetime(self.year, 3 * self.number - 2, 1, tzinfo=UTC)

    @property
    def table(self) -> str:
        return f"writing_sessions_{self.year}_q{self.number}"


# Partitions that this process has seen committed.
_seen: set[Quarter] = set()


@transaction.atomic
def ensure_quarters(moments: Iterable[datetime]) -> list[str]:
    """Makes the partitions that sessions starting at these moments belong in; returns the new ones' names."""
    quarters = {quarter for quarter in map(Quarter.of, moments) if quarter.year in YEARS} - _seen
    made = [quarter.table for quarter in sorted(quarters) if _make(quarter)]
    transaction.on_commit(partial(_seen.update, quarters))
    return made


def forget_quarters() -> None:
    """For when `writing_sessions` is from now on another table than before."""
    _seen.clear()


def _make(quarter: Quarter) -> bool:
    with connection.cursor() as cursor:
        # one maker at a time, so that two do not make the same partition
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('writing_sessions partitions'))")
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [quarter.table])
        if cursor.fetchone()[0]:
            return False
        bounds = [quarter.start.isoformat(), quarter.next.start.isoformat()]
        cursor.execute(f"CREATE TABLE {quarter.table} (LIKE writing_sessions INCLUDING ALL) WITH (fillfactor = 80)")
        # Sessions that came before their partition wait in the default one.
        cursor.execute(
            "WITH moved AS ("
            "  DELETE FROM writing_sessions_default WHERE start_time >= %s AND start_time < %s RETURNING *"
            ")"
            f" INSERT INTO {quarter.table} SELECT * FROM moved",
            bounds,
        )
        cursor.execute(
            f"ALTER TABLE writing_sessions ATTACH PARTITION {quarter.table} FOR VALUES FROM (%s) TO (%s)", bounds
        )
        return True
