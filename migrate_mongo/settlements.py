"""What one collection's batch needs from, or does to, rows that are there already.

Each settlement has the same outcome whatever the order of the documents and wherever a batch ends.
"""

from collections.abc import Callable, Iterable
from typing import Any, cast
from uuid import UUID

import orjson
from bson import ObjectId
from django.db import connection

from analytics.models import WritingSession
from analytics.partitions import ensure_quarters
from assignments.models import AssignmentSubmission, SubmissionComment
from migrate_mongo.extended_json import canonical
from migrate_mongo.mappings.base import CollectionMapping, Loaded
from migrate_mongo.mappings.comments import derived_key
from migrate_mongo.mappings.notes import Notes
from migrate_mongo.rows import select, uuid_array
from migrate_mongo.tables import Row, table_of
from migrate_mongo.transforms import ms_to_datetime
from scribetree.object_id import object_id_to_uuid

Finding = tuple[ObjectId, str, str]  # document, path, kind


def copy_from_templates(mapping: CollectionMapping, batch: list[Loaded]) -> list[Finding]:
    """Gives each deployment its copy of the template's content."""
    assert mapping.copied is not None
    table, source = mapping.table, table_of(mapping.copied.model)
    reference = table.index[mapping.copied.reference]
    rows: list[Any] = [loaded.rows[table.name][0] for loaded in batch]
    wanted = uuid_array({row[reference] for row in rows})
    found = {row[source.index["id"]]: row for row in select(source, "id = ANY(%s::uuid[])", [wanted])}
    for row in rows:
        template = found[row[reference]]
        for column in mapping.copied.columns:
            row[table.index[column]] = template[source.index[column]]
    return []


def make_partitions(batch: Iterable[Loaded], starts: Iterable[int] = ()) -> None:
    """For the sessions of the batch, and for others that start at those ms.

    Before anything reads the table: a transaction that already has may block another that makes partitions.
    """
    table = table_of(WritingSession)
    start = table.index["start_time"]
    starts = [*starts, *(cast(int, loaded.rows[table.name][0][start]) for loaded in batch)]
    ensure_quarters(map(ms_to_datetime, starts))


def settle_submissions(mapping: CollectionMapping, batch: list[Loaded]) -> list[Finding]:
    return [*supersede(batch), *share_comment_ids(batch)]


def supersede(batch: list[Loaded]) -> list[Finding]:
    """Of several submissions of one author for one assignment, the one saved last (then the greater id) is live."""
    table = table_of(AssignmentSubmission)
    index = table.index
    pairs: dict[tuple[Any, Any], list[tuple[Any, ObjectId, Row | None]]] = {}
    for loaded in batch:
        row = loaded.rows[table.name][0]
        pair = (row[index["assignment_id"]], row[index["author_id"]])
        pairs.setdefault(pair, []).append((row[index["last_saved_at"]], loaded.id, row))
    assignments, authors = (uuid_array(ids) for ids in zip(*pairs, strict=True))
    condition = (
        "superseded_by_id IS NULL AND (assignment_id, author_id) IN (SELECT * FROM unnest(%s::uuid[], %s::uuid[]))"
    )
    for there in cast(list[Any], select(table, condition, [assignments, authors])):
        pair = (there[index["assignment_id"]], there[index["author_id"]])
        pairs[pair].append((there[index["last_saved_at"]], there[index["id"]], None))

    findings: list[Finding] = []
    for candidates in pairs.values():
        *older, (_, live, _) = sorted(candidates, key=lambda candidate: candidate[:2])
        for _, object_id, new in older:
            findings.append((object_id, "_id", "superseded"))
            if new is not None:
                new[index["superseded_by_id"]] = live
            else:
                _point_to(live, object_id)
    return findings


def _point_to(live: ObjectId, older: ObjectId) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE assignment_submissions SET superseded_by_id = %(live)s WHERE %(older)s IN (id, superseded_by_id)",
            {"live": object_id_to_uuid(live), "older": object_id_to_uuid(older)},
        )


def share_comment_ids(batch: list[Loaded]) -> list[Finding]:
    """Of several submissions that have a comment of one id (restored copies), the smallest keeps it."""
    table = table_of(SubmissionComment)
    index = table.index
    claims: dict[ObjectId, list[tuple[ObjectId, Loaded | None, Row]]] = {}
    for loaded in batch:
        for row in loaded.rows.get(table.name, []):
            if isinstance(key := row[index["id"]], ObjectId):
                claims.setdefault(key, []).append((loaded.id, loaded, row))
    if not claims:
        return []
    for there in select(table, "id = ANY(%s::uuid[])", [uuid_array(claims)]):
        claims[cast(ObjectId, there[index["id"]])].append((cast(ObjectId, there[index["submission_id"]]), None, there))

    findings: list[Finding] = []
    for claimants in claims.values():
        for submission, owner, row in sorted(claimants, key=lambda claimant: claimant[0])[1:]:
            is_reply = row[index["parent_id"]] is not None
            findings.append((submission, "comments[].replies[]._id" if is_reply else "comments[].id", "id_collision"))
            if owner is not None:
                _rename_new(owner, row)
            else:
                _rename_stored(submission, row)
    return findings


def _rename_new(loaded: Loaded, row: Row) -> None:
    table = table_of(SubmissionComment)
    index = table.index
    old, rows = row[index["id"]], loaded.rows[table.name]
    parent = next((other for other in rows if other[index["id"]] == row[index["parent_id"]]), None)
    new = _name(loaded.id, row, parent)
    notes = next(notes for noted, _, notes in loaded.noted if noted is row)
    _keep_id(notes, row, old)
    row[index["id"]] = new
    for other in rows:
        if other[index["parent_id"]] == old:
            other[index["parent_id"]] = new


def _keep_id(notes: Notes, row: Row, old: object) -> None:
    path = ("id",) if row[table_of(SubmissionComment).index["parent_id"]] is None else ("_id",)
    if path not in notes.originals and path not in notes.absent:
        notes.originals[path] = old


def _rename_stored(submission: ObjectId, row: Row) -> None:
    table = table_of(SubmissionComment)
    index = table.index
    old = object_id_to_uuid(cast(ObjectId, row[index["id"]]))
    parents = select(table, "id = (SELECT parent_id FROM submission_comments WHERE id = %s)", [old])
    new = _name(submission, row, parents[0] if parents else None)
    source = "_id" if parents else "id"
    extra: Any = row[index["extra"]] or {}
    if source not in extra.get("original", {}) and source not in extra.get("absent", ()):
        extra["original"] = {**extra.get("original", {}), source: canonical(row[index["id"]])}
    with connection.cursor() as cursor:
        cursor.execute("UPDATE submission_comments SET parent_id = %s WHERE parent_id = %s", [new, old])
        cursor.execute(
            "UPDATE submission_comments SET id = %s, extra = %s::jsonb WHERE id = %s",
            [new, orjson.dumps(extra).decode(), old],
        )


def _name(submission: ObjectId, row: Row, parent: Row | None) -> UUID:
    ordinal = table_of(SubmissionComment).index["ordinal"]
    return derived_key(submission, *([parent[ordinal]] if parent else []), row[ordinal])


SETTLEMENTS: dict[str, Callable[[CollectionMapping, list[Loaded]], list[Finding]]] = {
    "courseassignments": copy_from_templates,
    "assignmentsubmissions": settle_submissions,
}
