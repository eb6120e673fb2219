"""The database's part of loading in bulk."""

from collections import Counter, defaultdict

from bson import ObjectId
from django.db import connection

from assignments.models import AssignmentSubmission, SubmissionComment
from migrate_mongo.bulk.batch import Batch, Choice, Rows
from migrate_mongo.bulk.encoding import ENCODED_ID, encode_ids, join_columns
from migrate_mongo.bulk.prepare import Prepared
from migrate_mongo.bulk.presence import Presence
from migrate_mongo.pg_copy import check_foreign_keys, copy_encoded
from migrate_mongo.references import existing_ids
from migrate_mongo.tables import table_of
from migrate_mongo.waiting import Step
from scribetree.object_id import object_id_bytes_to_uuid_bytes


def check_regular(prepared: Prepared, presence: Presence) -> None:
    """Looks up what the regular documents refer to or collide with; those that do not fit are irregular, too."""
    _refuse_double_ids(prepared)
    _look_up(prepared.batch, presence)
    if prepared.mapping.collection == "assignmentsubmissions":
        _refuse_superseded(prepared)
        _refuse_shared_comments(prepared)


def copy_regular(prepared: Prepared, meanwhile: Step) -> None:
    """Copies the rows of the regular documents. Raises DatabaseError when the database refuses one of them."""
    with connection.cursor() as cursor:
        for table in prepared.mapping.tables:
            found = [rows for rows in prepared.rows if rows.table is table and rows.places]
            if found:
                copy_encoded(cursor, table, (_regular_rows(rows, prepared.batch) for rows in found), meanwhile)
        check_foreign_keys(cursor)


def _regular_rows(rows: Rows, batch: Batch) -> bytes:
    if batch.irregular.isdisjoint(rows.places):
        return join_columns(rows.columns)
    return join_columns(rows.columns, [place not in batch.irregular for place in rows.places])


def _refuse_double_ids(prepared: Prepared) -> None:
    """Of several documents with one id the first is loaded; that takes them one by one."""
    batch = prepared.batch
    known = Counter(key for key, _ in prepared.ids)
    if prepared.mapping.collection == "writingsessions" and known and _has_session_between(min(known), max(known)):
        # Elsewhere the primary key tells; here it is not of the id alone.
        known.update(key.binary for key in existing_ids("writing_sessions", (ObjectId(key) for key in known)))
    if len(known) < known.total():
        batch.refuse(place for key, place in prepared.ids if known[key] > 1)


def _has_session_between(first: bytes, last: bytes) -> bool:
    """Mostly not, as a source gives them in order: one look into each partition instead of one for each id."""
    with connection.cursor() as cursor:
        keys = [object_id_bytes_to_uuid_bytes(key).hex() for key in (first, last)]
        cursor.execute("SELECT EXISTS (SELECT FROM writing_sessions WHERE id BETWEEN %s AND %s)", keys)
        return bool(cursor.fetchone()[0])


def _look_up(batch: Batch, presence: Presence) -> None:
    """Documents with references to nothing are irregular; of two tables that one may lead to, the first counts."""
    missing: dict[str, set[bytes | None]] = defaultdict(set)
    for step in range(max((len(links.tables) for links in batch.links), default=0)):
        wanted: dict[str, set[bytes | None]] = defaultdict(set)
        for links in batch.links:
            if len(links.tables) > step:
                ids = set(links.ids)
                wanted[links.tables[step]] |= ids & missing[links.tables[step - 1]] if step else ids
        for table, absent in presence.missing(wanted).items():
            missing[table] |= absent
    for links in batch.links:
        lost = missing[links.tables[0]].intersection(*(missing[table] for table in links.tables[1:]))
        if lost and not lost.isdisjoint(links.ids):
            batch.refuse(place for key, place in zip(links.ids, links.places, strict=True) if key in lost)
    for choice in batch.choices:
        choose_columns(choice, missing)


def choose_columns(choice: Choice, missing: dict[str, set[bytes | None]]) -> None:
    rows = choice.rows
    left = [choice.ids[place] for place in rows.places]
    for table, column in choice.columns.items():
        absent = missing[table]
        rows.columns[column] = encode_ids([None if key in absent else key for key in left])
        left = [key if key in absent else None for key in left]


def _refuse_superseded(prepared: Prepared) -> None:
    """Of several submissions of one author for one assignment only one is live: that takes them one by one."""
    table = table_of(AssignmentSubmission)
    columns = table.index["assignment_id"], table.index["author_id"]
    pairs: dict[bytes, list[int]] = defaultdict(list)
    for rows in prepared.rows:
        if rows.table is table:
            for assignment, author, place in zip(
                *(rows.columns[column] for column in columns), rows.places, strict=True
            ):
                pairs[assignment + author].append(place)
    halves = [[pair[start : start + ENCODED_ID] for pair in pairs] for start in (0, ENCODED_ID)]
    there = _found(
        "SELECT assignment_id, author_id FROM assignment_submissions WHERE superseded_by_id IS NULL "
        "AND (assignment_id, author_id) IN (SELECT * FROM unnest(%s::uuid[], %s::uuid[]))",
        halves,
    )
    _refuse_repeated(pairs, there, prepared.batch)


def _refuse_shared_comments(prepared: Prepared) -> None:
    """Of several submissions with a comment of one id only one keeps it: that takes them one by one."""
    table = table_of(SubmissionComment)
    claims: dict[bytes, list[int]] = defaultdict(list)
    for rows in prepared.rows:
        if rows.table is table:
            for key, place in zip(rows.columns[table.index["id"]], rows.places, strict=True):
                claims[key].append(place)
    there = _found("SELECT id FROM submission_comments WHERE id = ANY(%s::uuid[])", [list(claims)])
    _refuse_repeated(claims, there, prepared.batch)


def _found(query: str, ids: list[list[bytes]]) -> set[bytes]:
    """The encoded ids in each row that the query finds, as one."""
    if not ids[0]:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(query, ["{" + ",".join([key[4:].hex() for key in keys]) + "}" for keys in ids])
        return {b"".join(encode_ids([key.bytes for key in row])) for row in cursor.fetchall()}


def _refuse_repeated(claims: dict[bytes, list[int]], there: set[bytes], batch: Batch) -> None:
    for key, places in claims.items():
        if len(places) > 1 or key in there:
            batch.refuse(places)
