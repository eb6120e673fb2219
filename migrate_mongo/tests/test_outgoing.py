"""Documents leave in order, in batches that need little memory."""

from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from documents.models import Document
from migrate_mongo import outgoing, stored
from migrate_mongo.mappings import MAPPINGS
from migrate_mongo.tests.conftest import Import
from scribetree import testing


def sizes(name: str) -> list[int]:
    return [len(batch.documents) for batch in outgoing.outgoing(MAPPINGS[name])]


def test_batches_end_at_their_size(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(25):
        testing.make_user(f"user{number}")
    monkeypatch.setattr(stored, "BATCH_ROWS", 10)

    assert sizes("users") == [10, 10, 5]


def test_batches_end_at_their_weight(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    ben = testing.make_user("ben")
    for size in (9000, 100, 100, 9000, 20_000, 100):
        testing.make_document(ben, content="x" * size)
    monkeypatch.setattr(stored, "BATCH_BYTES", 15_000)

    assert sizes("documents") == [3, 1, 1, 1]


def test_comments_weigh_too(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    cast = testing.make_cast()
    for _ in range(3):
        submission = testing.make_submission(testing.make_assignment(cast.course), cast.ben)
        testing.make_comment(submission, cast.ada, content="x" * 9000)
    monkeypatch.setattr(stored, "BATCH_BYTES", 15_000)

    assert sizes("assignmentsubmissions") == [1, 1, 1]


@pytest.mark.parametrize("rows", [1, 30])
def test_queries_do_not_grow_with_rows(db: None, rows: int) -> None:
    cast = testing.make_cast()
    for number in range(rows):
        submission = testing.make_submission(testing.make_assignment(cast.course), cast.ben)
        for _ in range(3):
            testing.make_comment(submission, cast.ada)
        testing.add_submission_collaborator(submission, testing.make_user(f"friend{number}"))

    with CaptureQueriesContext(connection) as queries:
        assert sizes("assignmentsubmissions") == [rows]

    # ids, a weight and the rows of each of three tables, and no more ids
    assert len(queries) == 1 + 3 + 3 + 1


def test_documents_come_in_the_order_of_their_ids(
    import_dump: Import, sample: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_dump(sample)
    monkeypatch.setattr(stored, "BATCH_ROWS", 7)

    for mapping in MAPPINGS.values():
        keys = [key for batch in outgoing.outgoing(mapping) for key in batch.documents]

        assert keys == sorted(keys)
        assert len(keys) == stored.count(mapping)


def test_documents_deleted_meanwhile_are_left_out(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    ben = testing.make_user("ben")
    gone, stays = testing.make_document(ben), testing.make_document(ben)
    read = outgoing.document_rows

    def delete_and_read(*arguments: Any) -> Any:
        Document.objects.filter(pk=gone.pk).delete()
        return read(*arguments)

    monkeypatch.setattr(outgoing, "document_rows", delete_and_read)
    [batch] = outgoing.outgoing(MAPPINGS["documents"])

    assert (list(batch.documents), batch.faults) == ([stays.pk], {})
