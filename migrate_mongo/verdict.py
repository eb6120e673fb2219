"""What a report comes to, in a few sentences."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from migrate_mongo.mappings import MAPPINGS
from migrate_mongo.models import RunStatus
from migrate_mongo.quantities import count, counted

if TYPE_CHECKING:
    from migrate_mongo.report import ImportReport

GOOD, ATTENTION, BAD = "good", "attention", "bad"


@dataclass(frozen=True)
class Verdict:
    level: str
    title: str
    sentences: tuple[str, ...]

    @property
    def mark(self) -> str:
        """For those who cannot tell the colours."""
        return {GOOD: "✓", ATTENTION: "!", BAD: "✕"}[self.level]


def verdict(report: "ImportReport") -> Verdict:
    level, title = next((level, title) for applies, level, title in _titles(report) if applies)
    told = [_sentences(report), _proof(report)]
    if (report.verification or {}).get("status") not in (None, "clean"):
        told.reverse()
    return Verdict(level, title, tuple(sentence for sentences in told for sentence in sentences))


def _titles(report: "ImportReport") -> Iterator[tuple[object, str, str]]:
    """When which one applies; the first one counts."""
    proof = (report.verification or {}).get("status")
    is_proven = proof == "clean" and not _compared_only(report)
    rejected = report.totals["rejected"]
    yield report.error, BAD, f"The {'dry run' if report.dry_run else 'import'} stopped before its end"
    yield proof == "failed", BAD, "The verification stopped before its end"
    yield proof == "mismatches", BAD, "The database is not what the source holds"
    yield report.dry_run and rejected, ATTENTION, f"Dry run: {counted(rejected, 'document')} would be rejected"
    yield report.dry_run, GOOD, "Dry run: everything would be loaded"
    yield report.run is None, GOOD, "The database is what the source holds"
    yield report.unfinished, ATTENTION, "Not everything is imported yet"
    yield report.status == RunStatus.REJECTS, ATTENTION, f"Imported, with {counted(rejected, 'document')} rejected"
    yield is_proven, GOOD, "Everything is imported, and proven the same"
    yield True, GOOD, "Everything is imported"


def _compared_only(report: "ImportReport") -> list[str]:
    """The collections that the verification compared, if those are not all."""
    compared = (report.verification or {}).get("collections", MAPPINGS)
    return [] if len(compared) == len(MAPPINGS) else list(compared)


def _sentences(report: "ImportReport") -> Iterator[str]:
    if report.error:
        yield f"{report.error[:1].upper()}{report.error[1:]}."
    if report.run is None:
        return
    totals, expected = report.totals, sum(report.expected.values())
    if report.dry_run:
        yield "Nothing was written."
    if report.dry_run and not report.error:
        yield f"An import into empty tables would load {count(totals['loaded'])} of {counted(expected, 'document')}."
    elif report.dry_run:
        yield f"{count(totals['read'])} of {counted(expected, 'document')} had been read by then."
    elif report.error or report.unfinished:
        loaded = f"{count(totals['loaded'])} of {counted(expected, 'document')} loaded so far"
        yield f"{loaded}; the same command goes on from there."
    else:
        yield f"{count(totals['loaded'])} of {counted(totals['read'], 'document')} loaded."
    if totals["rejected"]:
        yield f"{counted(totals['rejected'], 'document')} rejected: kept whole, each with the reason."
    if values := sum(report.finding_kinds.values()):
        yield f"{counted(values, 'value')} fitted to the columns, with the original kept beside each."


def _proof(report: "ImportReport") -> Iterator[str]:
    proof: dict[str, Any] | None = report.verification
    if proof is None:
        if report.run is not None and not report.dry_run and not report.error:
            yield "Not verified yet: verify_mongo compares every document, value for value."
        return
    if proof["status"] == "failed":
        yield str(proof.get("error", ""))
        return
    only = _compared_only(report)
    compared = counted(proof["compared"], "document") + (f" of {', '.join(only)}" if only else "")
    if proof["status"] == "clean":
        kept = f"; {count(proof['rejected'])} kept whole as rejected" if proof["rejected"] else ""
        same = f"{count(proof['matching'])} the same, value for value"
        yield f"{compared} compared with the source: {same}{kept}."
        return
    faults = [f"{count(proof[name])} {name}" for name in ("different", "missing", "extra") if proof[name]]
    if orphans := sum(proof.get("integrity", {}).values()):
        faults.append(f"{counted(orphans, 'row')} that lead nowhere")
    yield f"{compared} compared with the source: {', '.join(faults)}."
