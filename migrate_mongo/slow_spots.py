"""What took an import its time: by collection, and the parts that were slowest."""

from dataclasses import dataclass
from typing import Any

from django.db.models import F, Max, Sum

from migrate_mongo.models import ImportPart

SLOWEST = 5
LEAST_SECONDS = 0.1  # below, a part tells more of the clock than of its documents


@dataclass(frozen=True)
class Pace:
    """Of a collection or a part of one, named by its place; `seconds` are those that workers spent on it."""

    collection: str
    documents: int
    bytes: int
    largest: int
    seconds: float
    part: int | None = None
    start: str = ""
    end: str = ""

    @property
    def documents_per_second(self) -> float | None:
        return self.documents / self.seconds if self.seconds else None

    @property
    def bytes_per_second(self) -> float | None:
        return self.bytes / self.seconds if self.seconds else None

    def as_json(self) -> dict[str, Any]:
        return {**vars(self), "seconds": round(self.seconds, 3), "documents_per_second": _rounded(self)}


def paces_of_collections(run: int) -> list[Pace]:
    """Those that anything was read of, the one that took longest first."""
    sums = ImportPart.objects.filter(run=run, read__gt=0).values("collection")
    rows: Any = sums.annotate(
        documents_read=Sum("read"), size=Sum("bytes"), greatest=Max("largest"), spent=Sum("seconds")
    )
    paces = [Pace(row["collection"], row["documents_read"], row["size"], row["greatest"], row["spent"]) for row in rows]
    return sorted(paces, key=lambda pace: -pace.seconds)


def slowest_parts(run: int) -> list[Pace]:
    """Those with the fewest documents in a second."""
    parts = ImportPart.objects.filter(run=run, read__gt=0, seconds__gte=LEAST_SECONDS)
    found = parts.annotate(pace=F("read") / F("seconds")).order_by("pace", "pk")[:SLOWEST]
    return [
        Pace(part.collection, part.read, part.bytes, part.largest, part.seconds, part.number, part.start, part.end)
        for part in found
    ]


def _rounded(pace: Pace) -> float | None:
    return None if pace.documents_per_second is None else round(pace.documents_per_second, 1)
