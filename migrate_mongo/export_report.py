"""The result of an export, for people and as JSON."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

MAX_FAULTS = 10_000
MAX_MESSAGE_CHARACTERS = 300


@dataclass
class ExportCounts:
    """`again` are those that changed during the export; `rejected` come from the ledger; `failed` are listed.

    Of a server: `deleted` had no row here, as has `extra`, still there; `missing` ought to be there.
    """

    exported: int = 0
    rejected: int = 0
    again: int = 0
    failed: int = 0
    deleted: int = 0
    extra: int = 0
    missing: int = 0


@dataclass
class ExportReport:
    """`notes` counts what the original takes, but with a difference that people notice."""

    target: str
    began_at: str = field(default_factory=lambda: f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}")
    seconds: float = 0
    collections: dict[str, ExportCounts] = field(default_factory=dict)
    faults: list[dict[str, str]] = field(default_factory=list)
    unlisted: int = 0
    notes: dict[str, int] = field(default_factory=dict)
    error: str = ""

    def counts(self, collection: str) -> ExportCounts:
        return self.collections.setdefault(collection, ExportCounts())

    def fail(self, collection: str, name: str, message: str) -> None:
        self.counts(collection).failed += 1
        if len(self.faults) >= MAX_FAULTS:
            self.unlisted += 1
            return
        self.faults.append({"collection": collection, "id": name, "message": message[:MAX_MESSAGE_CHARACTERS]})

    @property
    def totals(self) -> dict[str, int]:
        counted = [asdict(counts) for counts in self.collections.values()]
        return {name: sum(counts[name] for counts in counted) for name in asdict(ExportCounts())}

    @property
    def status(self) -> str:
        if self.error:
            return "failed"
        totals = self.totals
        return "incomplete" if totals["failed"] or totals["missing"] else "clean"

    @property
    def exit_code(self) -> int:
        return {"clean": 0, "incomplete": 2, "failed": 1}[self.status]

    def write(self, path: Path) -> None:
        result = {"status": self.status, "totals": self.totals, **asdict(self)}
        path.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")

    def lines(self) -> Iterator[str]:
        totals = self.totals
        shown = [name for name in totals if totals[name] or name == "exported"]
        everything: dict[str, Any] = {name: asdict(counts) for name, counts in self.collections.items()}
        for name, counts in {**everything, "all": totals}.items():
            yield f"{name:<22}" + "".join(f"{counts[count]:>12,} {count}" for count in shown)
        for fault in self.faults[:20]:
            yield "  {collection} {id}: {message}".format(**fault)
        if (more := len(self.faults) - 20 + self.unlisted) > 0:
            yield f"  and {more:,} more; --report FILE lists {len(self.faults):,} of them"
        if totals["extra"]:
            yield f"{totals['extra']:,} documents there have no row in PostgreSQL; --delete-extra deletes such"
        if totals["missing"]:
            yield f"{totals['missing']:,} documents of PostgreSQL are not there"
        yield from self._notes()
        written = totals["exported"] + totals["rejected"]
        yield (
            f"{self.status}: {written:,} documents written to {self.target} in {self.seconds:,.1f} s,"
            f" begun {self.began_at}"
        )

    def _notes(self) -> Iterator[str]:
        if resets := self.notes.get("password_resets"):
            yield f"{resets:,} accounts need a password reset in the original: it cannot verify their passwords"
        if empty := self.notes.get("empty_versions"):
            yield f"{empty:,} versions have no content: the original reads them, but would not have saved them"
