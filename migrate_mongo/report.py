"""The result of an import, for people and as JSON."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from django.db.models import Count, Sum

from migrate_mongo.mappings import MAPPINGS
from migrate_mongo.models import Finding, ImportRun, RejectedDocument, RunStatus
from migrate_mongo.profile import Profile

COUNTS = ("read", "loaded", "rejected")


@dataclass
class ImportReport:
    """`collections` has the counts of each collection; `skipped`, by collection, why it was not imported."""

    status: str
    source: str
    seconds: float = 0
    fingerprint: str = ""
    error: str = ""
    collections: dict[str, dict[str, int]] = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)
    profiles: dict[str, Any] = field(default_factory=dict)
    run: int | None = None

    @classmethod
    def of_run(cls, run: ImportRun, profiles: Mapping[str, Profile] | None = None, **more: Any) -> "ImportReport":
        sums: Any = run.parts.values("collection").annotate(**{name: Sum(name) for name in COUNTS})
        counts = {row["collection"]: {name: row[name] for name in COUNTS} for row in sums}
        return cls(
            status=run.status,
            source=run.source,
            seconds=round(run.seconds, 3),
            fingerprint=run.fingerprint,
            collections={name: counts.get(name, dict.fromkeys(COUNTS, 0)) for name in MAPPINGS},
            skipped=run.details.get("skipped", {}),
            profiles={name: profile.as_json() for name, profile in (profiles or {}).items()},
            run=run.pk,
            **more,
        )

    @property
    def totals(self) -> dict[str, int]:
        return {name: sum(counts[name] for counts in self.collections.values()) for name in COUNTS}

    @property
    def exit_code(self) -> int:
        return {RunStatus.CLEAN: 0, RunStatus.REJECTS: 2}.get(RunStatus(self.status), 1)

    def findings(self) -> Iterator[dict[str, Any]]:
        if self.run is None:
            return
        rows: Any = Finding.objects.filter(run=self.run).order_by("collection", "path", "kind")
        yield from rows.values("collection", "path", "kind", "count", "samples").iterator()

    def rejects(self) -> Iterator[dict[str, Any]]:
        if self.run is None:
            return
        rows: Any = RejectedDocument.objects.not_loaded().filter(run=self.run).order_by("pk")
        for reject in rows.values("collection", "document_id", "reason", "path", "message").iterator():
            yield {"collection": reject["collection"], "id": reject.pop("document_id"), **reject}

    def write(self, path: Path) -> None:
        """As JSON; findings and rejects go there one by one, however many there are."""
        head = {key: value for key, value in asdict(self).items() if key != "run"}
        with path.open("w", encoding="utf-8") as file:
            file.write(json.dumps({**head, "totals": self.totals}, indent=1)[:-2])
            for name, entries in (("findings", self.findings()), ("rejects", self.rejects())):
                file.write(f',\n "{name}": [')
                for number, entry in enumerate(entries):
                    file.write(("," if number else "") + "\n  " + json.dumps(entry))
                file.write("]")
            file.write("\n}\n")

    def lines(self) -> Iterator[str]:
        """The summary on a terminal."""
        for name, counts in {**self.collections, "all": self.totals}.items():
            yield f"{name:<22}" + "".join(f"{counts[count]:>12,} {count}" for count in COUNTS)
        for name, why in self.skipped.items():
            yield f"{name}: not imported, {why}"
        findings = list(self.findings())
        if findings:
            fitted = sum(finding["count"] for finding in findings)
            yield f"{fitted:,} values were fitted to their columns (their originals are kept):"
        for finding in findings:
            place = f"{finding['collection']}.{finding['path']}"
            yield f"  {place}: {finding['kind']} x {finding['count']:,}, such as {finding['samples'][0]}"
        rejected = RejectedDocument.objects.not_loaded().filter(run=self.run)
        for (collection, reason, path), count in _counted(rejected.values_list("collection", "reason", "path")):
            yield f"  rejected: {collection}.{path}: {reason} x {count:,}"
        totals = self.totals
        yield f"{self.status}: {totals['loaded']:,} of {totals['read']:,} documents loaded in {self.seconds:,.1f} s"


def _counted(rows: Any) -> Iterator[tuple[tuple[str, str, str], int]]:
    for *key, count in rows.annotate(count=Count("pk")).order_by("collection", "reason", "path"):
        yield (key[0], key[1], key[2]), count
