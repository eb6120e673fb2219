"""Loads rejected documents again, and takes those along that wait for them."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import NamedTuple, cast

from bson import ObjectId
from django.db import connection, transaction
from django.db.models import F, Func, IntegerField

from migrate_mongo.decoding import Undecodable, decode
from migrate_mongo.exceptions import LoadError
from migrate_mongo.foreign_keys import missing_foreign_keys
from migrate_mongo.ledger import fault, record_found, record_loaded
from migrate_mongo.loader import BatchResult, Reject, Terms, load_one_by_one
from migrate_mongo.locks import require_alone
from migrate_mongo.mappings import MAPPINGS
from migrate_mongo.models import ImportPart, RejectedDocument, RejectStatus
from migrate_mongo.pipeline import Policies
from migrate_mongo.progress import Meter
from migrate_mongo.quarantine import Selection
from migrate_mongo.relinking import relink

BATCH = 200
BATCH_BYTES = 4 * 1024 * 1024
LISTED = 20

Wanted = defaultdict[str, set[int]]  # numbers by collection


class Replacement(NamedTuple):
    """The BSON of a repaired document, and what the ledger is to say of it."""

    raw: bytes
    note: str


@dataclass(frozen=True)
class RetryOptions:
    """Policies that are not given are those of the import. Replacements are by number."""

    on_nul: str | None = None
    on_dangling: str | None = None
    replacements: Mapping[int, Replacement] = field(default_factory=dict)

    def refused(self, policies: dict[str, str]) -> frozenset[str]:
        given = {"on_nul": self.on_nul, "on_dangling": self.on_dangling}
        return replace(Policies(**policies), **{name: choice for name, choice in given.items() if choice}).refused


class Failure(NamedTuple):
    number: int
    collection: str
    document_id: str
    reason: str
    message: str


@dataclass
class RetryReport:
    """`loaded` counts by collection, `relinked`, by collection and path, the references that were given back."""

    loaded: Counter[str] = field(default_factory=Counter)
    relinked: Counter[tuple[str, str]] = field(default_factory=Counter)
    failures: list[Failure] = field(default_factory=list)

    @property
    def exit_code(self) -> int:
        return 2 if self.failures else 0

    def lines(self) -> Iterator[str]:
        for failure in self.failures[:LISTED]:
            which = f"{failure.number} {failure.collection} {failure.document_id}".rstrip()
            yield f"{which}: {failure.reason}: {failure.message}"
        if (more := len(self.failures) - LISTED) > 0:
            yield f"and {more:,} more, see `rejected_mongo list`"
        for (collection, path), count in sorted(self.relinked.items()):
            yield f"{collection}.{path}: {count:,} given back"
        counts = Counter(failure.collection for failure in self.failures)
        for name in (name for name in MAPPINGS if self.loaded[name] or counts[name]):
            yield f"{name:<22}{self.loaded[name]:>10,} loaded{counts[name]:>10,} still rejected"
        yield f"{self.loaded.total():,} documents loaded, {len(self.failures):,} still rejected"


def retry(selection: Selection, options: RetryOptions, meter: Meter) -> RetryReport:
    """Those of the selection that are open, and of those that are named also dismissed ones.

    Named ones that are loaded already only take others along, so that the same command goes on after it was stopped.
    Each batch commits with its part of the ledger. Raises LoadError where something else has to be done before.
    """
    report = RetryReport()
    wanted = _wanted(selection)
    for collection in MAPPINGS:  # in an order in which nothing waits for a later one
        task, done = f"loading {collection} again", 0
        if wanted[collection]:
            meter.expect(task, len(wanted[collection]))
        for numbers in _batches(wanted[collection]):
            for waiting, number in _retry_batch(collection, numbers, options, report):
                wanted[waiting].add(number)
            done += len(numbers)
            meter.reach(task, done)
    return report


def _wanted(selection: Selection) -> Wanted:
    wanted: Wanted = defaultdict(set)
    rows = selection.rows()
    if missing_foreign_keys():
        raise LoadError("an import was stopped before its end: run import_mongo again first")
    for collection, number in (rows.not_loaded() if selection.numbers else rows.open()).values_list("collection", "pk"):
        wanted[collection].add(number)
    if unfinished := _unfinished().intersection(wanted):
        names = ", ".join(name for name in MAPPINGS if name in unfinished)
        raise LoadError(f"the import of {names} is not finished: run import_mongo again first")
    if selection.numbers:
        loaded = rows.filter(status=RejectStatus.LOADED).iterator(chunk_size=10)
        for collection, number in _left_waiting({str(_id_of(bytes(row.replacement or row.raw))) for row in loaded}):
            wanted[collection].add(number)
    return wanted


def _left_waiting(loaded: set[str]) -> Iterator[tuple[str, int]]:
    """Those that wait for these, or for what was loaded along with them, when that was stopped."""
    while loaded:
        yield from _waiting_for(loaded)
        along = RejectedDocument.objects.filter(missing_id__in=loaded, status=RejectStatus.LOADED)
        loaded = set(along.values_list("document_id", flat=True))


def _unfinished() -> set[str]:
    """Collections of which the import may still have to choose between a document and one that this would load."""
    return set(ImportPart.objects.filter(is_finished=False).values_list("collection", flat=True))


def _waiting_for(ids: Iterable[str]) -> list[tuple[str, int]]:
    rows = RejectedDocument.objects.waiting_for(ids).exclude(collection__in=_unfinished())
    return list(rows.values_list("collection", "pk"))


def _batches(numbers: set[int]) -> Iterator[list[int]]:
    """Of one run each, in order, as many at a time as need little memory."""
    size = Func(F("raw"), function="octet_length", output_field=IntegerField())
    rows = RejectedDocument.objects.filter(pk__in=numbers).order_by("run", "pk")
    for _, group in groupby(rows.values_list("run", "pk", size), key=lambda row: row[0]):
        batch: list[int] = []
        weight = 0
        for _, number, octets in group:
            if batch and (len(batch) == BATCH or weight + octets > BATCH_BYTES):
                yield batch
                batch, weight = [], 0
            batch.append(number)
            weight += octets
        yield batch


@transaction.atomic
def _retry_batch(
    collection: str, numbers: list[int], options: RetryOptions, report: RetryReport
) -> list[tuple[str, int]]:
    """The collections and numbers of those that waited for what is loaded now."""
    require_alone()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL scribetree.keep_updated_at = 'on'")  # what else changes is not edited
    rejects = RejectedDocument.objects.not_loaded().filter(pk__in=numbers).order_by("pk").select_for_update()
    attempts = [_Attempt(reject, options.replacements.get(reject.pk)) for reject in rejects]
    if not attempts:
        return []
    run = attempts[0].reject.run
    result = _load(collection, attempts, options.refused(run.policies))
    record_found(run.pk, collection, result)
    record_loaded([attempt.as_loaded() for attempt in attempts if attempt.why is None])
    report.failures += [attempt.failure() for attempt in attempts if attempt.why is not None]
    ids = [_id_of(attempt.raw) for attempt in attempts if attempt.why is None]
    report.loaded[collection] += len(ids)
    report.relinked += relink(run.pk, collection, ids)
    return _waiting_for(map(str, ids))


@dataclass
class _Attempt:
    """To load a rejected document, or what is to take its place; `why` it could not be."""

    reject: RejectedDocument
    replacement: Replacement | None
    why: Reject | None = None

    @property
    def raw(self) -> bytes:
        return self.replacement.raw if self.replacement else bytes(self.reject.raw)

    def as_loaded(self) -> RejectedDocument:
        if self.replacement is not None:
            self.reject.replacement, self.reject.note = self.replacement
        return self.reject

    def failure(self) -> Failure:
        """Keeps why the document is still rejected. What is wrong with a replacement says nothing of it."""
        assert self.why is not None
        reject = self.reject
        why = fault(self.why)
        if self.replacement is None and self.why.reason != "undecodable":  # there, the source knew more
            RejectedDocument.objects.filter(pk=reject.pk).update(**why)
        return Failure(reject.pk, reject.collection, reject.document_id, why["reason"], why["message"])


def _load(collection: str, attempts: list[_Attempt], refused: frozenset[str]) -> BatchResult:
    readable = []
    for attempt in attempts:
        try:
            decode(attempt.raw)
            readable.append(attempt)
        except Undecodable as error:
            attempt.why = Reject("", "undecodable", "", str(error), attempt.raw)
    result = load_one_by_one(MAPPINGS[collection], [attempt.raw for attempt in readable], Terms(refused))
    reasons = defaultdict(list)
    for reject in result.rejects:
        reasons[reject.raw].append(reject)
    for attempt in reversed(readable):  # of several that are the same, the first was loaded
        if reasons[attempt.raw]:
            attempt.why = reasons[attempt.raw].pop()
    return result


def _id_of(raw: bytes) -> ObjectId:
    """Of a document that has been loaded."""
    return cast(ObjectId, decode(raw)["_id"])
