"""An import's report as one page that needs nothing else: to be read, printed and filed.

What can be long is cut here; all of it is in the JSON.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.template.loader import render_to_string

from migrate_mongo.index_plan import NONE
from migrate_mongo.mappings import MAPPINGS
from migrate_mongo.reject_summary import RejectGroup, reject_samples
from migrate_mongo.verdict import verdict
from migrate_mongo.vocabulary import FINDINGS, REASONS

if TYPE_CHECKING:
    from migrate_mongo.report import ImportReport

TEMPLATE = "migrate_mongo/report.html"
MOST_REJECT_GROUPS = 100
SAMPLES_OF_A_GROUP = 5
MOST_AWAITED = 20
MOST_FINDINGS = 500
SAMPLES_OF_A_FINDING = 3
MOST_DIFFERENCES = 100
MOST_PATHS = 300  # of the profile of a collection

SETTINGS = {
    "on_nul": "text with U+0000 (--on-nul)",
    "on_dangling": "optional references that lead nowhere (--on-dangling)",
    "only": "collections (--only)",
    "batch_size": "documents per commit (--batch-size)",
    "workers": "processes (--workers)",
    "max_rejects": "rejected documents at most (--max-rejects)",
}


@dataclass(frozen=True)
class Bar:
    """A collection's share: `width` of the largest one's, `loaded` and `rejected` of its own, all in percent."""

    name: str
    counts: dict[str, int]
    expected: int
    width: str
    loaded: str
    rejected: str


@dataclass(frozen=True)
class Reason:
    name: str
    meaning: str
    count: int
    groups: list[RejectGroup]


def write_page(
    path: Path, report: "ImportReport", differences: Sequence[dict[str, str]] = (), unlisted: int = 0
) -> None:
    """`differences` are those that a verification found, with so many `unlisted`; `report.verification` counts."""
    shown = {
        "differences": differences[:MOST_DIFFERENCES],
        "more_differences": max(len(differences) - MOST_DIFFERENCES, 0) + unlisted,
    }
    path.write_text(render_to_string(TEMPLATE, {**_context(report), **shown}), encoding="utf-8")


def _context(report: "ImportReport") -> dict[str, Any]:
    groups = report.reject_groups[:MOST_REJECT_GROUPS]
    findings = sorted(report.findings(MOST_FINDINGS), key=_by_mapping)
    relations = report.relations
    return {
        "report": report,
        "verdict": verdict(report),
        "bars": list(_bars(report)),
        "orphans": {name: count for name, count in (report.verification or {}).get("integrity", {}).items() if count},
        "reasons": list(_reasons(report, groups)),
        "more_groups": len(report.reject_groups) - MOST_REJECT_GROUPS,
        "awaited": report.awaited[:MOST_AWAITED],
        "more_awaited": len(report.awaited) - MOST_AWAITED,
        "kinds": [(kind, FINDINGS.get(kind, ""), count) for kind, count in report.finding_kinds.items()],
        "values": sum(report.finding_kinds.values()),
        "findings": _by_collection(findings),
        "samples": f":{SAMPLES_OF_A_FINDING}",
        "more_findings": report.places - MOST_FINDINGS,
        "relations": _by_collection([relation.as_json() for relation in relations]),
        "matching": _share(sum(entry.matching for entry in relations), sum(entry.total for entry in relations)),
        "indexes": _by_collection([vars(plan) for plan in report.indexes]),
        "with_counterpart": sum(plan.verdict != NONE for plan in report.indexes),
        "warnings": [plan for plan in report.indexes if plan.is_warning],
        "chosen": list(_chosen(report)),
        "profiles": [_profile(name, profile) for name, profile in report.profiles.items()],
    }


def _by_mapping(entry: dict[str, Any]) -> tuple[int, str, str]:
    return list(MAPPINGS).index(entry["collection"]), entry["path"], entry["kind"]


def _bars(report: "ImportReport") -> Iterator[Bar]:
    largest = max(report.expected.values(), default=0)
    for name, counts in report.collections.items():
        expected = max(report.expected[name], counts["read"])
        shares = (_share(counts[count], expected) for count in ("loaded", "rejected"))
        width = _share(expected, max(largest, expected))
        yield Bar(name, counts, expected, *(f"{100 * (share or 0):.2f}" for share in (width, *shares)))


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _reasons(report: "ImportReport", groups: list[RejectGroup]) -> Iterator[Reason]:
    if report.run is None or not groups:
        return
    sampled = reject_samples(report.run, groups, SAMPLES_OF_A_GROUP)
    names = dict.fromkeys(group.reason for group in groups)
    found = [(name, [group for group in sampled if group.reason == name]) for name in names]
    for name, own in sorted(found, key=lambda pair: -sum(group.count for group in pair[1])):
        yield Reason(name, REASONS.get(name, ""), sum(group.count for group in own), own)


def _by_collection(entries: Iterable[dict[str, Any]]) -> list[tuple[str, list[dict[str, Any]]]]:
    """Entries that are in the order of their collections."""
    return [(name, list(own)) for name, own in groupby(entries, key=lambda entry: str(entry["collection"]))]


def _chosen(report: "ImportReport") -> Iterator[tuple[str, str]]:
    """What the command was told, and what it took for granted."""
    for name, value in {**report.policies, **report.settings}.items():
        if name in SETTINGS and value is not None:
            yield SETTINGS[name], ", ".join(value) if isinstance(value, list) else str(value)


def _profile(name: str, profile: dict[str, Any]) -> dict[str, Any]:
    paths = [{"path": path, **shares} for path, shares in profile["paths"].items()]
    return {**profile, "name": name, "paths": paths[:MOST_PATHS], "more": len(paths) - MOST_PATHS}
