"""Rejected documents: which they are, what they wait for, and that some are to stay rejected."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from migrate_mongo.exceptions import LoadError
from migrate_mongo.models import RejectedDocument, RejectedDocumentQuerySet, RejectStatus
from migrate_mongo.relations import edges

CHUNK = 500


@dataclass(frozen=True)
class Selection:
    """Some of the rejected documents; what is empty leaves all. `numbers` are their keys in the ledger."""

    numbers: tuple[int, ...] = ()
    reasons: tuple[str, ...] = ()
    collections: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()

    def rows(self) -> RejectedDocumentQuerySet:
        """Raises LoadError for numbers that there are none of."""
        unknown = set(self.numbers).difference(
            RejectedDocument.objects.filter(pk__in=self.numbers).values_list("pk", flat=True)
        )
        if unknown:
            raise LoadError(f"there is no rejected document {', '.join(map(str, sorted(unknown)))}")
        conditions = {
            "pk__in": self.numbers,
            "reason__in": self.reasons,
            "collection__in": self.collections,
            "status__in": self.statuses,
        }
        rows = RejectedDocument.objects.filter(**{name: values for name, values in conditions.items() if values})
        return rows.order_by("pk")


@transaction.atomic
def dismiss(numbers: Iterable[int], note: str) -> int:
    """They stay rejected, and kept whole. Raises LoadError without a note, and when one is loaded already."""
    note = note.strip().replace("\0", "")
    if not note:
        raise LoadError("a note has to say why they are dismissed")
    rows = Selection(numbers=tuple(numbers)).rows()
    loaded = [reject.pk for reject in rows.light().select_for_update() if reject.status == RejectStatus.LOADED]
    if loaded:
        raise LoadError(f"loaded already: {', '.join(map(str, loaded))}")
    return rows.update(status=RejectStatus.DISMISSED, note=note, settled_at=Now())


def with_parents(
    rejects: Iterable[RejectedDocument],
) -> Iterator[tuple[RejectedDocument, RejectedDocument | None]]:
    """Each with the rejected document that it waits for, if it waits for one."""
    rest = iter(rejects)
    while chunk := list(islice(rest, CHUNK)):
        parents = _parents(chunk)
        for reject in chunk:
            yield reject, parents.get(reject.pk)


def children_of(reject: RejectedDocument) -> RejectedDocumentQuerySet:
    """The rejected documents that wait for this one."""
    places = [
        Q(collection=collection, path=path)
        for (collection, path), targets in _targets().items()
        if reject.collection in targets
    ]
    waiting = RejectedDocument.objects.waiting_for([reject.document_id])
    return waiting.filter(Q(*places, _connector=Q.OR)).order_by("pk") if places else waiting.none()


def suspect_of(reject: RejectedDocument) -> Callable[[Any], bool] | None:
    """Tells, of the values that its path leads to, those that can be at fault."""
    if reject.missing_id:
        return lambda value: str(value).lower() == reject.missing_id
    if reject.reason == "nul_removed":
        return lambda value: isinstance(value, str) and "\0" in value
    return None


def _parents(rejects: Iterable[RejectedDocument]) -> dict[int, RejectedDocument]:
    waiting = [reject for reject in rejects if reject.missing_id and reject.status != RejectStatus.LOADED]
    found = RejectedDocument.objects.not_loaded().filter(document_id__in={reject.missing_id for reject in waiting})
    by_id = defaultdict(list)
    for parent in found.light().order_by("pk"):
        by_id[parent.document_id].append(parent)
    return {
        reject.pk: parent
        for reject in waiting
        for parent in reversed(by_id[reject.missing_id])
        if parent.collection in _targets()[reject.collection, reject.path]
    }


@cache
def _targets() -> defaultdict[tuple[str, str], set[str]]:
    """The collections that a path of a collection leads to."""
    targets = defaultdict(set)
    for collection, path, target in edges():
        targets[collection, path].add(target)
    return targets
