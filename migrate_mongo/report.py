"""The result of an import: one structure, for the terminal, as JSON and as a page."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from django.db.models import Count, Q, Sum

from migrate_mongo.collection_options import OptionPlan, plan_options
from migrate_mongo.index_plan import IndexPlan, plan_indexes, unreadable
from migrate_mongo.mappings import MAPPINGS
from migrate_mongo.models import Finding, ImportRun, RejectedDocument, RunStatus
from migrate_mongo.profile import Profile
from migrate_mongo.reject_summary import Awaited, RejectGroup, awaited, reject_groups
from migrate_mongo.relations import Relation, relations
from migrate_mongo.report_page import write_page
from migrate_mongo.report_text import summary
from migrate_mongo.slow_spots import Pace, paces_of_collections, slowest_parts

COUNTS = ("read", "loaded", "rejected")
PAGE = ".html"
JSON = ".json"


@dataclass
class ImportReport:
    """`collections` has the counts of each collection; `skipped`, by collection, why it was not imported.

    `expected` is how many documents the source had, and `unfinished` names the collections that are not read to their
    end. What takes a look at many rows is looked up when it is asked for.
    """

    status: str
    source: str
    kind: str = ""
    dry_run: bool = False
    started_at: str | None = None
    finished_at: str | None = None
    seconds: float = 0
    bytes: int = 0
    fingerprint: str = ""
    error: str = ""
    notes: list[str] = field(default_factory=list)
    policies: dict[str, str] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    collections: dict[str, dict[str, int]] = field(default_factory=dict)
    expected: dict[str, int] = field(default_factory=dict)
    unfinished: list[str] = field(default_factory=list)
    skipped: dict[str, str] = field(default_factory=dict)
    indexes: list[IndexPlan] = field(default_factory=list)
    options: list[OptionPlan] = field(default_factory=list)
    unreadable: dict[str, str] = field(default_factory=dict)
    verification: dict[str, Any] | None = None
    verified_at: str | None = None
    profiles: dict[str, Any] = field(default_factory=dict)
    run: int | None = None

    @classmethod
    def of_run(cls, run: ImportRun, profiles: Mapping[str, Profile] | None = None, **more: Any) -> "ImportReport":
        held = _held(run)
        details = run.details
        metadata = details.get("metadata", {})
        return cls(
            status=run.status,
            source=run.source,
            kind=run.kind,
            dry_run=details.get("settings", {}).get("dry_run", False),
            started_at=_moment(run.started_at),
            finished_at=_moment(run.finished_at),
            seconds=round(run.seconds, 3),
            bytes=sum(row["size"] for row in held.values()),
            fingerprint=run.fingerprint,
            notes=details.get("notes", []),
            policies=run.policies,
            settings=details.get("settings", {}),
            versions=details.get("versions", {}),
            collections={name: _counts(held.get(name)) for name in MAPPINGS},
            expected={name: held[name]["expected"] if name in held else 0 for name in MAPPINGS},
            unfinished=[name for name in MAPPINGS if name in held and held[name]["left"]],
            skipped=details.get("skipped", {}),
            indexes=plan_indexes(metadata),
            options=list(plan_options(metadata)),
            unreadable=unreadable(metadata),
            verified_at=_moment(run.verified_at),
            profiles={name: profile.as_json() for name, profile in (profiles or {}).items()},
            run=run.pk,
            **{"verification": run.verification, **more},
        )

    @property
    def totals(self) -> dict[str, int]:
        return {name: sum(counts[name] for counts in self.collections.values()) for name in COUNTS}

    @property
    def exit_code(self) -> int:
        return {RunStatus.CLEAN: 0, RunStatus.REJECTS: 2}.get(RunStatus(self.status), 1)

    @property
    def remarks(self) -> list[str]:
        """What a reader ought to know of the source, in words."""
        reasons = {why: [name for name, other in self.skipped.items() if other == why] for why in self.skipped.values()}
        remarks = [f"not imported: {', '.join(names)} ({why})" for why, names in reasons.items()]
        if self.unfinished:
            remarks.append(f"not read to their end: {', '.join(self.unfinished)}")
        return [*remarks, *self.notes]

    @property
    def pace(self) -> tuple[float, float] | None:
        """Documents and bytes a second."""
        return (self.totals["read"] / self.seconds, self.bytes / self.seconds) if self.seconds else None

    @cached_property
    def relations(self) -> list[Relation]:
        return [] if self.run is None else list(relations(self.run))

    @cached_property
    def reject_groups(self) -> list[RejectGroup]:
        return [] if self.run is None else reject_groups(self.run)

    @cached_property
    def awaited(self) -> list[Awaited]:
        return [] if self.run is None else awaited(self.run)

    @cached_property
    def paces(self) -> list[Pace]:
        return [] if self.run is None else paces_of_collections(self.run)

    @cached_property
    def slowest_parts(self) -> list[Pace]:
        return [] if self.run is None else slowest_parts(self.run)

    @cached_property
    def finding_kinds(self) -> dict[str, int]:
        """How many values have a finding of each kind, the most frequent first."""
        if self.run is None:
            return {}
        kinds = Finding.objects.filter(run=self.run).values_list("kind").annotate(sum=Sum("count"))
        return dict(kinds.order_by("-sum", "kind"))

    @cached_property
    def places(self) -> int:
        """How many lines `findings` has."""
        return 0 if self.run is None else Finding.objects.filter(run=self.run).count()

    def findings(self, most: int | None = None) -> Iterator[dict[str, Any]]:
        """By place; with `most`, that many, and the most frequent ones."""
        if self.run is None:
            return
        rows: Any = Finding.objects.filter(run=self.run).values("collection", "path", "kind", "count", "samples")
        if most is None:
            yield from rows.order_by("collection", "path", "kind").iterator()
        else:
            yield from rows.order_by("-count", "collection", "path", "kind")[:most]

    def rejects(self) -> Iterator[dict[str, Any]]:
        if self.run is None:
            return
        rows: Any = RejectedDocument.objects.not_loaded().filter(run=self.run).order_by("pk")
        for reject in rows.values("collection", "document_id", "reason", "path", "message").iterator():
            yield {"collection": reject["collection"], "id": reject.pop("document_id"), **reject}

    def lines(self) -> Iterator[str]:
        """The summary on a terminal."""
        return summary(self)

    def write(self, path: Path) -> None:
        """As a page or as JSON, which its suffix says."""
        if path.suffix.lower() == PAGE:
            write_page(path, self)
        else:
            self._write_json(path)

    def _write_json(self, path: Path) -> None:
        """Findings and rejects go there one by one, however many there are."""
        with path.open("w", encoding="utf-8") as file:
            file.write(json.dumps(self._head(), indent=1, ensure_ascii=False)[:-2])
            for name, entries in (("findings", self.findings()), ("rejects", self.rejects())):
                file.write(f',\n "{name}": [')
                for number, entry in enumerate(entries):
                    file.write(("," if number else "") + "\n  " + json.dumps(entry, ensure_ascii=False))
                file.write("]")
            file.write("\n}\n")

    def _head(self) -> dict[str, Any]:
        return {
            **{key: value for key, value in asdict(self).items() if key != "run"},
            "totals": self.totals,
            "documents_per_second": round(self.pace[0], 1) if self.pace else None,
            "bytes_per_second": round(self.pace[1]) if self.pace else None,
            "relations": [relation.as_json() for relation in self.relations],
            "awaited": [asdict(reject) for reject in self.awaited],
            "paces": [pace.as_json() for pace in self.paces],
            "slowest_parts": [pace.as_json() for pace in self.slowest_parts],
        }


def _held(run: ImportRun) -> dict[str, dict[str, Any]]:
    sums: dict[str, Any] = {name: Sum(name) for name in COUNTS}
    rows: Any = run.parts.values("collection").annotate(
        **sums, expected=Sum("documents"), size=Sum("bytes"), left=Count("pk", filter=Q(is_finished=False))
    )
    return {row["collection"]: row for row in rows}


def _counts(row: dict[str, Any] | None) -> dict[str, int]:
    return {name: row[name] if row else 0 for name in COUNTS}


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat(timespec="seconds")
