"""An import's report on a terminal: what a stranger needs to see, and where the rest is."""

from collections.abc import Iterable, Iterator
from textwrap import wrap
from typing import TYPE_CHECKING

from migrate_mongo.quantities import count, counted, duration, size

if TYPE_CHECKING:
    from migrate_mongo.report import ImportReport

MOST_REJECTS = 10
MOST_FINDINGS = 15
WIDTH = 110
EMPTY_NAME = '""'
_MARGIN = "  "


def summary(report: "ImportReport") -> Iterator[str]:
    if report.dry_run:
        yield "dry run: nothing was written\n"
    yield from _table(report)
    yield from _remarks(report)
    yield from _rejects(report)
    yield from _findings(report)
    yield from _warnings(report)
    yield ""
    yield _end(report)


def _table(report: "ImportReport") -> Iterator[str]:
    yield f"{'collection':<22}{'read':>12}{'loaded':>12}{'rejected':>12}"
    for name, counts in {**report.collections, "all": report.totals}.items():
        yield f"{name:<22}" + "".join(f"{number:>12,}" for number in counts.values())


def _remarks(report: "ImportReport") -> Iterator[str]:
    if report.remarks:
        yield ""
    for remark in report.remarks:
        yield from wrap(f"note: {remark}", WIDTH, subsequent_indent="      ", break_on_hyphens=False)


def _rejects(report: "ImportReport") -> Iterator[str]:
    groups = report.reject_groups
    if not groups:
        return
    yield f"\n{counted(report.totals['rejected'], 'document')} rejected. What is rejected is kept whole; the reasons:"
    lines = [
        (group.count, _place(group.collection, group.path), group.reason, group.samples[0].id)
        for group in groups[:MOST_REJECTS]
    ]
    yield from _aligned(lines)
    if (more := len(groups) - MOST_REJECTS) > 0:
        yield f"{_MARGIN}and {count(more)} more places: --report FILE.json lists every document"
    if report.awaited:
        first, waiting = report.awaited[0], sum(entry.waiting for entry in report.awaited)
        yield (
            f"{_MARGIN}rejected only because another document is: {count(waiting)}, "
            f"of which {count(first.waiting)} because of {first.id} of {first.collection}"
        )


def _findings(report: "ImportReport") -> Iterator[str]:
    if not report.places:
        return
    values = sum(report.finding_kinds.values())
    yield f"\n{counted(values, 'value')} fitted to the columns, with the original kept beside each:"
    kinds = ", ".join(f"{kind}\xa0{count(number)}" for kind, number in report.finding_kinds.items())
    for line in wrap(kinds, WIDTH, initial_indent=_MARGIN, subsequent_indent=_MARGIN):
        yield line.replace("\xa0", " ")
    found = report.findings(MOST_FINDINGS)
    yield "by place, the most frequent first:"
    yield from _aligned(
        (entry["count"], f"{entry['collection']}.{entry['path'] or EMPTY_NAME}", entry["kind"], entry["samples"][0])
        for entry in found
    )
    if (more := report.places - MOST_FINDINGS) > 0:
        yield f"{_MARGIN}and {count(more)} more places: --report FILE.html shows them, and says what the words mean"


def _warnings(report: "ImportReport") -> Iterator[str]:
    warnings = [f"{plan.collection} ({plan.fields}): {plan.why}" for plan in report.indexes if plan.is_warning]
    warnings += [f"{plan.collection}, {plan.option}: {plan.counterpart}" for plan in report.options if plan.is_warning]
    warnings += [f"the metadata of {name} cannot be read: {why}" for name, why in report.unreadable.items()]
    if warnings:
        yield "\nWhat the source's collections had and the tables do not:"
    for warning in warnings[:MOST_REJECTS]:
        yield from wrap(warning, WIDTH, initial_indent=_MARGIN, subsequent_indent=2 * _MARGIN, break_on_hyphens=False)


def _aligned(lines: Iterable[tuple[int, str, str, str]]) -> Iterator[str]:
    rows = [(count(number), *texts) for number, *texts in lines]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    for number, place, word, sample in rows:
        yield f"{_MARGIN}{number:>{widths[0]}}  {place:<{widths[1]}}  {word:<{widths[2]}}  such as {sample}"


def _place(collection: str, path: str) -> str:
    return f"{collection}.{path}" if path else collection


def _end(report: "ImportReport") -> str:
    totals = report.totals
    if report.dry_run:
        rejected = f", and reject {count(totals['rejected'])}" if totals["rejected"] else ""
        return (
            f"prediction: an import into empty tables would load {count(totals['loaded'])} of "
            f"{count(totals['read'])} documents{rejected} (exit code {report.exit_code})"
        )
    end = f"{report.status}: {count(totals['loaded'])} of {count(totals['read'])} documents loaded in "
    end += duration(report.seconds)
    if report.pace:
        end += f", {count(report.pace[0])} documents and {size(report.pace[1])} a second"
    return end
