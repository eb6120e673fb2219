"""The rejected documents on a terminal: a line for each, or everything that is known of one."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from migrate_mongo.marking import lines_of
from migrate_mongo.models import RejectedDocument
from migrate_mongo.quarantine import Selection, children_of, suspect_of, with_parents
from migrate_mongo.vocabulary import REASONS

MARK = ">>> "
LISTED_CHILDREN = 20
MESSAGE_CHARACTERS = 80
_COLUMNS = "{:>6}  {:<21}  {:<24}  {:<18}  {:<28}  {:<9}  {}"


def entries(selection: Selection) -> Iterator[dict[str, Any]]:
    """Each as JSON has it, without its document."""
    for reject, parent in with_parents(selection.rows().light().iterator()):
        yield {
            "number": reject.pk,
            "collection": reject.collection,
            "id": reject.document_id,
            "reason": reject.reason,
            "path": reject.path,
            "status": reject.status,
            "message": reject.message,
            "waits_for": parent.pk if parent else None,
            "missing_id": reject.missing_id,
            "note": reject.note,
            "settled_at": reject.settled_at.isoformat() if reject.settled_at else None,
        }


def json_entries(selection: Selection) -> Iterator[str]:
    """The same as an array, one on a line."""
    yield "["
    before = ""
    for entry in entries(selection):
        if before:
            yield before + ","
        before = json.dumps(entry, ensure_ascii=False)
    yield from (line for line in (before, "]") if line)


def list_lines(selection: Selection) -> Iterator[str]:
    totals: Counter[str] = Counter()
    waiting: Counter[str] = Counter()
    for entry in entries(selection):
        if not totals:
            yield _COLUMNS.format("number", "collection", "_id", "reason", "path", "status", "message")
        reason, parent = entry["reason"], entry["waits_for"]
        totals[reason] += 1
        waiting[reason] += parent is not None
        message = f"waits for {parent}" if parent else _cut(entry["message"], MESSAGE_CHARACTERS)
        path, object_id = _cut(entry["path"], 28), _cut(entry["id"], 24)
        yield _COLUMNS.format(entry["number"], entry["collection"], object_id, reason, path, entry["status"], message)
    for reason, count in totals.most_common():
        others = f", of which {waiting[reason]:,} wait for another" if waiting[reason] else ""
        yield f"{reason}: {count:,}{others}"
    yield f"{totals.total():,} rejected documents"


def show_lines(reject: RejectedDocument) -> Iterator[str]:
    [(_, parent)] = with_parents([reject])
    settled = f", {reject.settled_at:%Y-%m-%d %H:%M}" if reject.settled_at else ""
    facts = {
        "number": f"{reject.pk}, {reject.status}{settled}",
        "note": reject.note,
        "source": f"{reject.run.source}, part {reject.part.number} of {reject.collection}",
        "_id": reject.document_id,
        "bytes": f"{len(reject.raw):,}, SHA-256 {bytes(reject.digest).hex()}",
        "reason": f"{reject.reason}. {REASONS[reject.reason]}",
        "path": reject.path,
        "message": reject.message,
        "waits for": f"{parent.pk}, {parent.document_id} of {parent.collection}: {parent.reason}" if parent else "",
        "awaited by": ", ".join(_children(reject)),
    }
    for name, fact in facts.items():
        if fact:
            yield f"{name:<11}{fact}"
    yield ""
    yield from _document_lines(reject)
    if reject.replacement is not None:
        yield ""
        yield "What was loaded in its place:"
        for line in lines_of(reject.collection, bytes(reject.replacement), []):
            yield " " * len(MARK) + line.text


def _document_lines(reject: RejectedDocument) -> Iterator[str]:
    is_said = False
    for line in lines_of(reject.collection, bytes(reject.raw), reject.path.split(", "), suspect_of(reject)):
        yield (MARK if line.is_marked else " " * len(MARK)) + line.text
        if line.is_marked and not is_said:
            yield " " * len(MARK) + line.text[: len(line.text) - len(line.text.lstrip())] + f"^ {reject.message}"
            is_said = True


def _children(reject: RejectedDocument) -> Iterator[str]:
    children = children_of(reject)
    for child in children.light()[:LISTED_CHILDREN]:
        yield f"{child.pk} ({child.collection})"
    if (more := children.count() - LISTED_CHILDREN) > 0:
        yield f"and {more:,} more"


def _cut(text: str, width: int) -> str:
    text = " ".join(text.split())
    return text if len(text) <= width else text[: width - 1] + "…"
