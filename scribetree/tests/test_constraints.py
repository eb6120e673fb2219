"""What can never be false in the thirteen tables: each constraint is violated in plain SQL, and says its name."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import psycopg
import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction

from scribetree.object_id import new_id
from scribetree.tests.sql import ROWS, insert, parent

pytestmark = pytest.mark.django_db

MODELS = {model._meta.db_table: model for model in apps.get_models() if model._meta.db_table in ROWS}


@pytest.fixture
def cursor() -> Iterator[Any]:
    with connection.cursor() as cursor:
        # foreign keys are deferred otherwise
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        yield cursor


class Check(NamedTuple):
    """Columns that break the rule in a row that is valid otherwise."""

    constraint: str
    table: str
    columns: dict[str, Any]


class Unique(NamedTuple):
    """Columns that a second, else different row shares with the first."""

    constraint: str
    table: str
    columns: tuple[str, ...]
    spelled: Callable[[Any], Any] = lambda value: value


class Reference(NamedTuple):
    """A column that leads to a row that must exist; the others make the row valid otherwise."""

    table: str
    column: str
    others: dict[str, Any] = {}


CHECKS = [
    Check("users_role_known", "users", {"role": "teacher"}),
    Check("courses_status_known", "courses", {"status": "active"}),
    Check("courses_max_students_positive", "courses", {"max_students": 0}),
    Check("course_enrollments_status_known", "course_enrollments", {"status": "dropped"}),
    Check("assignment_templates_type_known", "assignment_templates", {"type": "group"}),
    Check("assignment_templates_status_known", "assignment_templates", {"status": "completed"}),
    Check("assignment_templates_usage_count_natural", "assignment_templates", {"usage_count": -1}),
    Check("assignments_type_known", "assignments", {"type": "peer_review"}),
    Check("assignments_status_known", "assignments", {"status": "open"}),
    Check("assignments_max_collaborators_range", "assignments", {"max_collaborators": 1}),
    Check("assignments_max_collaborators_range", "assignments", {"max_collaborators": 11}),
    Check("assignment_submissions_status_known", "assignment_submissions", {"status": "late"}),
    Check("assignment_submissions_counts_natural", "assignment_submissions", {"word_count": -1}),
    Check("assignment_submissions_counts_natural", "assignment_submissions", {"character_count": -1}),
    Check("assignment_submissions_counts_natural", "assignment_submissions", {"current_version": 0}),
    Check(
        "assignment_submissions_not_superseded_by_itself",
        "assignment_submissions",
        dict.fromkeys(("id", "superseded_by_id"), new_id()),
    ),
    Check("submission_collaborators_role_known", "submission_collaborators", {"role": "owner"}),
    Check("submission_comments_type_known", "submission_comments", {"type": "reply"}),
    Check("documents_type_known", "documents", {"type": "essay"}),
    Check("documents_status_known", "documents", {"status": ""}),
    Check("document_collaborators_permission_known", "document_collaborators", {"permission": "view"}),
    Check("document_versions_version_positive", "document_versions", {"version": 0}),
    Check("document_versions_one_parent", "document_versions", {"document_id": None}),
    Check("document_versions_one_parent", "document_versions", {"submission_id": new_id()}),
    Check("writing_sessions_duration_natural", "writing_sessions", {"duration": -1}),
    Check("notifications_type_known", "notifications", {"type": "resolved"}),
    Check("notifications_category_known", "notifications", {"category": "other"}),
    Check("notifications_priority_known", "notifications", {"priority": "critical"}),
    Check("notifications_status_known", "notifications", {"status": "unread"}),
]
UNIQUES = [
    *(Unique(f"{table}_pkey", table, ("id",)) for table in ROWS if table != "writing_sessions"),
    Unique("writing_sessions_pkey", "writing_sessions", ("id", "start_time")),
    Unique("users_email_unique", "users", ("email",)),
    Unique("users_email_unique", "users", ("email",), str.upper),
    Unique("courses_enrollment_code_unique", "courses", ("enrollment_code",)),
    Unique("course_enrollments_pair_unique", "course_enrollments", ("course_id", "student_id")),
    Unique("assignments_one_deployment", "assignments", ("template_id", "course_id")),
    Unique("assignment_submissions_one_live", "assignment_submissions", ("assignment_id", "author_id")),
    Unique("submission_collaborators_pair_unique", "submission_collaborators", ("submission_id", "user_id")),
    Unique("document_collaborators_pair_unique", "document_collaborators", ("document_id", "user_id")),
    Unique("document_versions_document_unique", "document_versions", ("document_id", "version")),
    Unique("document_versions_submission_unique", "document_versions", ("submission_id", "version")),
]
# What a unique column that may be empty holds here.
FILLED: dict[str, Callable[[], dict[str, Any]]] = {
    "courses_enrollment_code_unique": lambda: {"enrollment_code": "ABC123"},
    "assignments_one_deployment": lambda: {"template_id": parent("assignment_templates")},
    "document_versions_submission_unique": lambda: {
        "document_id": None,
        "submission_id": parent("assignment_submissions"),
    },
}
REFERENCES = [
    Reference("courses", "instructor_id"),
    Reference("course_enrollments", "course_id"),
    Reference("course_enrollments", "student_id"),
    Reference("assignment_templates", "instructor_id"),
    Reference("assignments", "template_id"),
    Reference("assignments", "course_id"),
    Reference("assignments", "instructor_id"),
    Reference("assignment_submissions", "assignment_id"),
    Reference("assignment_submissions", "author_id"),
    Reference("assignment_submissions", "superseded_by_id"),
    Reference("submission_collaborators", "submission_id"),
    Reference("submission_collaborators", "user_id"),
    Reference("submission_comments", "submission_id"),
    Reference("submission_comments", "author_id"),
    Reference("submission_comments", "parent_id"),
    Reference("documents", "course_id"),
    Reference("documents", "author_id"),
    Reference("documents", "assignment_id"),
    Reference("documents", "submission_id"),
    Reference("document_collaborators", "document_id"),
    Reference("document_collaborators", "user_id"),
    Reference("document_versions", "document_id"),
    Reference("document_versions", "submission_id", {"document_id": None}),
    Reference("document_versions", "author_id"),
    Reference("writing_sessions", "document_id"),
    Reference("writing_sessions", "user_id"),
    Reference("notifications", "recipient_id"),
    Reference("notifications", "sender_id"),
]
REQUIRED = {
    "users": "id email password_hash first_name last_name role is_verified created_at updated_at",
    "courses": "id title description instructor_id is_public settings status is_active tags created_at updated_at",
    "course_enrollments": "id course_id student_id enrolled_at status ordinal",
    "assignment_templates": "id title description instructions type requirements writing_stages learning_objectives"
    " ai_settings grading_criteria collaboration_settings version_control_settings status tags is_public usage_count"
    " created_at updated_at",
    "assignments": "id title description instructions type requirements writing_stages learning_objectives"
    " ai_settings grading_criteria collaboration_settings version_control_settings course_id instructor_id"
    " stage_due_dates status allow_late_submissions created_at updated_at",
    "assignment_submissions": "id assignment_id author_id title content word_count character_count status"
    " last_saved_at current_version collaboration_settings major_milestones analytics ai_interactions"
    " created_at updated_at",
    "submission_collaborators": "id submission_id user_id role joined_at ordinal",
    "submission_comments": "id submission_id ordinal content type is_resolved created_at updated_at",
    "documents": "id title content author_id type status settings metadata created_at updated_at",
    "document_collaborators": "id document_id user_id permission joined_at ordinal",
    "document_versions": "id version title content changes metadata diff created_at",
    "writing_sessions": "id document_id start_time activity snapshots productivity created_at updated_at",
    "notifications": "id recipient_id type category priority title message context tags channels status"
    " action_required created_at updated_at",
}
REQUIRED_COLUMNS = [(table, column) for table, columns in REQUIRED.items() for column in columns.split()]
ENUMS = [
    (table, field.column, field.choices)
    for table, model in MODELS.items()
    for field in model._meta.concrete_fields
    if field.choices
]


def violated(insertion: Callable[[], object]) -> psycopg.errors.Diagnostic:
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        insertion()
    cause = refused.value.__cause__
    assert isinstance(cause, psycopg.Error)
    return cause.diag


def constraint_of(diagnostic: psycopg.errors.Diagnostic) -> str:
    """The constraint's name; that of the whole table's one where a partition has its own."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT whole.conname FROM pg_constraint AS part"
            " JOIN pg_constraint AS whole ON whole.oid = part.conparentid"
            " WHERE part.conrelid = %s::regclass AND part.conname = %s",
            [diagnostic.table_name, diagnostic.constraint_name],
        )
        whole = cursor.fetchone()
    return whole[0] if whole else diagnostic.constraint_name


def foreign_key(table: str, column: str) -> str:
    with connection.cursor() as cursor:
        constraints = connection.introspection.get_constraints(cursor, table)
    (name,) = (name for name, one in constraints.items() if one["foreign_key"] and one["columns"] == [column])
    return name


@pytest.mark.parametrize("table", ROWS)
def test_rows_of_these_tests_are_valid(cursor: Any, table: str) -> None:
    insert(cursor, table)
    insert(cursor, table)


@pytest.mark.parametrize("case", CHECKS, ids=lambda case: f"{case.constraint}-{'-'.join(case.columns)}")
def test_check_is_kept(cursor: Any, case: Check) -> None:
    diagnostic = violated(lambda: insert(cursor, case.table, **case.columns))

    assert (diagnostic.sqlstate, constraint_of(diagnostic)) == ("23514", case.constraint)


@pytest.mark.parametrize("case", UNIQUES, ids=lambda case: case.constraint)
def test_unique_is_kept(cursor: Any, case: Unique) -> None:
    fill = FILLED.get(case.constraint, dict)
    first = insert(cursor, case.table, **fill())
    shared = {column: case.spelled(first[column]) for column in case.columns}

    diagnostic = violated(lambda: insert(cursor, case.table, **{**fill(), **shared}))

    assert None not in shared.values()
    assert (diagnostic.sqlstate, constraint_of(diagnostic)) == ("23505", case.constraint)


@pytest.mark.parametrize("case", [case for case in UNIQUES if len(case.columns) > 1], ids=lambda case: case.constraint)
def test_unique_is_about_all_its_columns_together(cursor: Any, case: Unique) -> None:
    fill = FILLED.get(case.constraint, dict)
    first = insert(cursor, case.table, **fill())
    others = {"version": 2, "start_time": "2024-06-03T09:15:00Z"}  # what is the same in every row of these tests

    for column in case.columns:
        shared = {name: others.get(name) if name == column else first[name] for name in case.columns}
        shared = {name: value for name, value in shared.items() if value is not None}
        insert(cursor, case.table, **{**fill(), **shared})


@pytest.mark.parametrize("case", REFERENCES, ids=lambda case: f"{case.table}-{case.column}")
def test_reference_leads_to_a_row(cursor: Any, case: Reference) -> None:
    diagnostic = violated(lambda: insert(cursor, case.table, **{**case.others, case.column: new_id()}))

    assert (diagnostic.sqlstate, constraint_of(diagnostic)) == ("23503", foreign_key(case.table, case.column))


@pytest.mark.parametrize("case", REFERENCES, ids=lambda case: f"{case.table}-{case.column}")
def test_row_that_is_referred_to_stays(cursor: Any, case: Reference) -> None:
    field = next(field for field in MODELS[case.table]._meta.concrete_fields if field.column == case.column)
    target = field.related_model._meta.db_table
    row = insert(cursor, target)
    insert(cursor, case.table, **{**case.others, case.column: row["id"]})

    diagnostic = violated(lambda: cursor.execute(f"DELETE FROM {target} WHERE id = %s", [row["id"]]))

    assert (diagnostic.sqlstate, constraint_of(diagnostic)) == ("23503", foreign_key(case.table, case.column))


@pytest.mark.parametrize(("table", "column"), REQUIRED_COLUMNS)
def test_required_column_is_not_null(cursor: Any, table: str, column: str) -> None:
    diagnostic = violated(lambda: insert(cursor, table, **{column: None}))

    # a session without a start goes to the default partition
    assert diagnostic.table_name in (table, "writing_sessions_default")
    assert (diagnostic.sqlstate, diagnostic.column_name) == ("23502", column)


@pytest.mark.parametrize(("table", "column", "choices"), ENUMS, ids=[f"{table}-{column}" for table, column, _ in ENUMS])
def test_enum_accepts_each_of_its_values(cursor: Any, table: str, column: str, choices: list[tuple[str, str]]) -> None:
    assert choices
    for value, _ in choices:
        assert insert(cursor, table, **{column: value})[column] == value


def test_every_enum_has_its_check() -> None:
    checks = {case.constraint for case in CHECKS}

    assert {f"{table}_{column}_known" for table, column, _ in ENUMS} == {
        name for name in checks if name.endswith("_known")
    }


def test_every_constraint_of_the_database_is_violated_here(cursor: Any) -> None:
    cursor.execute(
        "SELECT conname FROM pg_constraint WHERE contype <> 'n' AND conrelid = ANY (%s::regclass[])"
        " UNION SELECT relname FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid"
        " WHERE indisunique AND indrelid = ANY (%s::regclass[])",
        [list(ROWS), list(ROWS)],
    )
    in_database = {name for (name,) in cursor.fetchall()}

    violated_here = {case.constraint for case in (*CHECKS, *UNIQUES)}
    violated_here |= {foreign_key(case.table, case.column) for case in REFERENCES}
    assert in_database == violated_here


def test_every_required_column_of_the_database_is_violated_here(cursor: Any) -> None:
    cursor.execute(
        "SELECT attrelid::regclass::text, attname FROM pg_attribute"
        " WHERE attnotnull AND attnum > 0 AND attrelid = ANY (%s::regclass[])",
        [list(ROWS)],
    )

    assert set(cursor.fetchall()) == set(REQUIRED_COLUMNS)


@pytest.mark.parametrize("table", ROWS)
def test_every_declared_constraint_is_in_the_database(cursor: Any, table: str) -> None:
    declared = {constraint.name for constraint in MODELS[table]._meta.constraints}

    assert declared <= connection.introspection.get_constraints(cursor, table).keys()
    assert all(name.startswith(f"{table}_") for name in declared)


def test_superseded_submissions_stay_beside_the_live_one(cursor: Any) -> None:
    live = insert(cursor, "assignment_submissions")
    pair = {column: live[column] for column in ("assignment_id", "author_id")}

    insert(cursor, "assignment_submissions", **pair, superseded_by_id=live["id"])
    second = insert(cursor, "assignment_submissions", **pair, superseded_by_id=live["id"])

    diagnostic = violated(
        lambda: cursor.execute(
            "UPDATE assignment_submissions SET superseded_by_id = NULL WHERE id = %s", [second["id"]]
        )
    )
    assert diagnostic.constraint_name == "assignment_submissions_one_live"


def test_successor_may_be_written_after_the_submission_it_supersedes(cursor: Any) -> None:
    live_id = new_id()
    cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    old = insert(cursor, "assignment_submissions", superseded_by_id=live_id)

    insert(
        cursor,
        "assignment_submissions",
        id=live_id,
        **{column: old[column] for column in ("assignment_id", "author_id")},
    )

    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_course_may_have_many_assignments_without_a_template(cursor: Any) -> None:
    first = insert(cursor, "assignments")

    insert(cursor, "assignments", course_id=first["course_id"])


def test_courses_may_lack_an_enrollment_code(cursor: Any) -> None:
    insert(cursor, "courses", enrollment_code=None)
    insert(cursor, "courses", enrollment_code=None)


def test_documents_and_submissions_number_their_versions_on_their_own(cursor: Any) -> None:
    of_document = insert(cursor, "document_versions", version=1)
    of_submission = insert(
        cursor,
        "document_versions",
        version=1,
        document_id=None,
        submission_id=insert(cursor, "assignment_submissions")["id"],
    )

    for column, version in (("document_id", of_document), ("submission_id", of_submission)):
        columns = {"document_id": None, column: version[column]}
        insert(cursor, "document_versions", version=2, **columns)


def test_models_agree_with_the_tables() -> None:
    assert MODELS.keys() == ROWS.keys() == REQUIRED.keys()
