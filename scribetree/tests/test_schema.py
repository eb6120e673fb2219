"""What the tables have beside their constraints: storage, index names, the update trigger, template search."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.db.models import UniqueConstraint

from assignments.models import AssignmentTemplate
from scribetree.fields import MillisecondField
from scribetree.tests.sql import ROWS, fetch, insert

pytestmark = pytest.mark.django_db

MODELS = {model._meta.db_table: model for model in apps.get_models() if model._meta.db_table in ROWS}
UPDATED = [
    "users",
    "courses",
    "assignment_templates",
    "assignments",
    "assignment_submissions",
    "submission_comments",
    "documents",
    "writing_sessions",
    "notifications",
]
LONG_AGO = datetime(2020, 2, 29, 12, tzinfo=UTC)
EARLIER = LONG_AGO - timedelta(days=1)


@pytest.fixture
def cursor() -> Iterator[Any]:
    with connection.cursor() as cursor:
        yield cursor


def test_there_are_thirteen_tables() -> None:
    assert len(ROWS) == 13
    assert MODELS.keys() == ROWS.keys()


@pytest.mark.parametrize("table", ROWS)
def test_every_index_has_a_declared_name(cursor: Any, table: str) -> None:
    cursor.execute("SELECT indexname FROM pg_indexes WHERE tablename = %s", [table])
    in_database = {name for (name,) in cursor.fetchall()}

    options = MODELS[table]._meta
    declared = {index.name for index in options.indexes}
    unique = {constraint.name for constraint in options.constraints if isinstance(constraint, UniqueConstraint)}
    assert in_database == {f"{table}_pkey", *declared, *unique}


@pytest.mark.parametrize("table", ["documents", "document_versions"])
def test_table_leaves_room_for_updates(cursor: Any, table: str) -> None:
    assert fetch(cursor, "SELECT reloptions FROM pg_class WHERE oid = %s::regclass", table) == ["fillfactor=80"]


def test_sessions_are_partitioned_by_their_start(cursor: Any) -> None:
    assert fetch(cursor, "SELECT pg_get_partkeydef('writing_sessions'::regclass)") == "RANGE (start_time)"


def test_tables_with_updated_at_are_those_with_the_trigger(cursor: Any) -> None:
    having = [table for table, model in MODELS.items() if any(f.name == "updated_at" for f in model._meta.fields)]
    assert sorted(having) == sorted(UPDATED)

    cursor.execute(
        "SELECT tgrelid::regclass::text, tgname FROM pg_trigger"
        " WHERE tgfoid = 'keep_updated_at'::regproc AND tgparentid = 0"
    )
    assert sorted(cursor.fetchall()) == sorted((table, f"{table}_updated_at") for table in UPDATED)


@pytest.mark.parametrize("table", UPDATED)
def test_updated_at_moves_with_an_update(cursor: Any, table: str) -> None:
    row = insert(cursor, table, updated_at=LONG_AGO)
    before = fetch(cursor, "SELECT date_trunc('milliseconds', clock_timestamp())")

    cursor.execute(f"UPDATE {table} SET extra = '{{}}' WHERE id = %s RETURNING updated_at", [row["id"]])
    moved = cursor.fetchone()[0]

    assert row["updated_at"] == LONG_AGO
    assert before <= moved <= fetch(cursor, "SELECT clock_timestamp()")
    assert moved.microsecond % 1000 == 0
    assert fetch(cursor, f"SELECT created_at FROM {table} WHERE id = %s", row["id"]) == row["created_at"]


@pytest.mark.parametrize("table", UPDATED)
def test_updated_at_that_is_given_stays(cursor: Any, table: str) -> None:
    row = insert(cursor, table)

    cursor.execute(
        f"UPDATE {table} SET extra = '{{}}', updated_at = %s WHERE id = %s RETURNING updated_at", [EARLIER, row["id"]]
    )

    assert cursor.fetchone()[0] == EARLIER


@pytest.mark.parametrize("table", UPDATED)
def test_updated_at_stays_when_the_transaction_says_so(cursor: Any, table: str) -> None:
    row = insert(cursor, table, updated_at=LONG_AGO)
    update = f"UPDATE {table} SET extra = '{{}}' WHERE id = %s RETURNING updated_at"

    cursor.execute("SET LOCAL scribetree.keep_updated_at = 'on'")
    assert fetch(cursor, update, row["id"]) == LONG_AGO

    cursor.execute("SET LOCAL scribetree.keep_updated_at = 'off'")
    assert fetch(cursor, update, row["id"]) > LONG_AGO


@pytest.mark.parametrize("table", UPDATED)
def test_times_have_millisecond_precision(cursor: Any, table: str) -> None:
    columns = {field.column for field in MODELS[table]._meta.fields if isinstance(field, MillisecondField)}
    cursor.execute(
        "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0"
        " AND format_type(atttypid, atttypmod) = 'timestamp(3) with time zone'",
        [table],
    )

    assert {name for (name,) in cursor.fetchall()} == columns
    assert {"created_at", "updated_at"} <= columns


@pytest.mark.parametrize("table", UPDATED)
def test_model_that_is_saved_moves_updated_at(cursor: Any, table: str) -> None:
    row = insert(cursor, table, updated_at=LONG_AGO)

    MODELS[table].objects.get(pk=row["id"]).save()

    assert MODELS[table].objects.get(pk=row["id"]).updated_at > LONG_AGO


TEMPLATE = {
    "title": "Arguing about cities",
    "description": "Students compared the libraries of two towns.",
    "tags": ["persuasion", "field trips"],
}


@pytest.mark.parametrize(
    "word", ["argue", "City", "comparing", "library", "town", "persuasion", "trip", "student city"]
)
def test_search_finds_title_description_and_tags_by_stem(cursor: Any, word: str) -> None:
    found = insert(cursor, "assignment_templates", **TEMPLATE)
    insert(cursor, "assignment_templates", title="Haiku", description="Three lines.", tags=["poetry"])

    cursor.execute("SELECT id FROM assignment_templates WHERE search_vector @@ plainto_tsquery('english', %s)", [word])

    assert cursor.fetchall() == [(found["id"],)]


def test_search_follows_an_edit(cursor: Any) -> None:
    row = insert(cursor, "assignment_templates", **TEMPLATE)

    cursor.execute("UPDATE assignment_templates SET tags = '{sonnets}' WHERE id = %s", [row["id"]])

    assert AssignmentTemplate.objects.filter(search_vector="sonnet").exists()
    assert not AssignmentTemplate.objects.filter(search_vector="persuasion").exists()


@pytest.mark.parametrize("tags", ["{}", "{NULL}", "{NULL,poetry,NULL}"])
def test_search_needs_no_tags(cursor: Any, tags: str) -> None:
    row = insert(cursor, "assignment_templates", title="Haiku", description="", tags=tags)

    assert fetch(
        cursor,
        "SELECT search_vector @@ 'haiku'::tsquery FROM assignment_templates WHERE id = %s",
        row["id"],
    )


@pytest.mark.parametrize("column", ["title", "description", "tags"])
def test_search_would_survive_a_null(cursor: Any, column: str) -> None:
    cursor.execute(f"ALTER TABLE assignment_templates ALTER COLUMN {column} DROP NOT NULL")

    row = insert(cursor, "assignment_templates", **{**TEMPLATE, column: None})

    assert row["search_vector"]


def test_search_uses_its_index(cursor: Any) -> None:
    cursor.execute("SET LOCAL enable_seqscan = off")
    query = AssignmentTemplate.objects.filter(search_vector="haiku")

    assert "idx_templates_search" in query.explain()
