"""The result of a verification, for people and as JSON."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from migrate_mongo.models import ImportRun
from migrate_mongo.report import PAGE, ImportReport
from migrate_mongo.report_page import write_page

if TYPE_CHECKING:
    from migrate_mongo.verify import PartResult

MAX_DIFFERENCES = 10_000
MAX_VALUE_CHARACTERS = 200

Difference = tuple[str, Any, Any]  # path, the source's value, the target's


@dataclass
class VerifyCounts:
    """compared = matching + different + missing + rejected; `extra` rows have no document."""

    compared: int = 0
    matching: int = 0
    different: int = 0
    missing: int = 0
    extra: int = 0
    rejected: int = 0


@dataclass
class VerifyReport:
    """`integrity` counts orphans by foreign key, `missing_keys` names those that the database lacks.

    `recomputed` counts, by number, documents checked and differing; `run` is the import of the same source.
    """

    source: str
    collections: dict[str, VerifyCounts] = field(default_factory=dict)
    differences: list[dict[str, str]] = field(default_factory=list)
    unlisted: int = 0
    repaired: int = 0
    integrity: dict[str, int] = field(default_factory=dict)
    missing_keys: list[str] = field(default_factory=list)
    recomputed: dict[str, dict[str, Any]] = field(default_factory=dict)
    error: str = ""
    run: ImportRun | None = None

    def add(self, collection: str, result: "PartResult") -> None:
        self.collections[collection] = result.counts
        self.recomputed.update(result.recomputed)
        self.unlisted += result.unlisted
        self.repaired += len(result.repaired)
        for difference in result.differences:
            self.differ(collection, *difference)

    def differ(self, collection: str, document_id: str, path: str, source: Any, target: Any) -> None:
        if len(self.differences) >= MAX_DIFFERENCES:
            self.unlisted += 1
            return
        sides = {"source": _shortened(source), "target": _shortened(target)}
        self.differences.append({"collection": collection, "id": document_id, "path": path, **sides})

    @property
    def totals(self) -> VerifyCounts:
        totals = VerifyCounts()
        for counts in self.collections.values():
            for name, count in asdict(counts).items():
                setattr(totals, name, getattr(totals, name) + count)
        return totals

    @property
    def status(self) -> str:
        totals = self.totals
        if self.error:
            return "failed"
        faults = (
            totals.different + totals.missing + totals.extra + sum(self.integrity.values()) + len(self.missing_keys)
        )
        return "mismatches" if faults else "clean"

    @property
    def exit_code(self) -> int:
        return {"clean": 0, "mismatches": 2, "failed": 1}[self.status]

    def counted(self) -> dict[str, Any]:
        """All but the single differences."""
        return {
            "status": self.status,
            **asdict(self.totals),
            "collections": {name: asdict(counts) for name, counts in self.collections.items()},
            "integrity": self.integrity,
            "missing_keys": self.missing_keys,
            "recomputed": self.recomputed,
        }

    def write(self, path: Path) -> None:
        """As JSON or, in the report of the import, as a page; its suffix says which."""
        if path.suffix.lower() == PAGE:
            write_page(path, self._of_import(), self.differences, self.unlisted)
            return
        counted = {name: value for name, value in self.counted().items() if name not in asdict(VerifyCounts())}
        differences = {"differences": self.differences, "unlisted": self.unlisted}
        result = {**counted, "totals": asdict(self.totals), **differences, "source": self.source, "error": self.error}
        path.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")

    def _of_import(self) -> ImportReport:
        verification = {**self.counted(), "error": self.error}
        if self.run is None:
            return ImportReport(status="", source=self.source, verification=verification)
        return ImportReport.of_run(self.run, verification=verification)

    def lines(self) -> Iterator[str]:
        for name, counts in {**self.collections, "all": self.totals}.items():
            yield f"{name:<22}" + "".join(f"{count:>10,} {kind}" for kind, count in asdict(counts).items())
        for difference in self.differences[:20]:
            yield "  {collection} {id} {path}: source {source}, PostgreSQL {target}".format(**difference)
        if (more := len(self.differences) - 20 + self.unlisted) > 0:
            yield f"  and {more:,} more; --report FILE.json lists {len(self.differences):,} of them"
        for name in self.missing_keys:
            yield f"  the foreign key {name} is missing: an import was killed, run the same command again"
        for name, orphaned in self.integrity.items():
            if orphaned:
                yield f"  {name}: {orphaned:,} rows refer to nothing"
        for name, result in self.recomputed.items():
            if result["differing"]:
                share = f"{result['differing']:,} of {result['checked']:,}"
                yield f"  note: {name} is not what the document says in {share}, such as {result['samples'][0]}"
        if self.repaired:
            yield f"  note: instead of {self.repaired:,} of the rejected, PostgreSQL has what they were repaired to"
        totals = self.totals
        yield (
            f"{self.status}: {totals.matching:,} of {totals.compared:,} documents are in PostgreSQL, value for value; "
            f"{totals.rejected:,} are kept whole as rejected"
        )


def _shortened(value: Any) -> str:
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= MAX_VALUE_CHARACTERS else f"{text[:MAX_VALUE_CHARACTERS]}… ({len(text):,} characters)"
