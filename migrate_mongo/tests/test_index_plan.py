import json
from pathlib import Path
from typing import Any

import pytest

from migrate_mongo.collection_options import OptionPlan, plan_options
from migrate_mongo.index_plan import IndexPlan, plan_indexes, storable, unreadable
from migrate_mongo.indexes import COLLECTIONS, UNIQUE, metadata_of
from migrate_mongo.models import ImportRun
from migrate_mongo.tests.conftest import Import
from migrate_mongo.tests.dumps import classroom, write_dump

ORIGINAL = storable({name: metadata_of(name) for name in COLLECTIONS})


def plan(collection: str, key: dict[str, Any], **more: Any) -> IndexPlan:
    [found] = plan_indexes(storable({collection: {"indexes": [{"v": 2, "key": key, "name": "an_index", **more}]}}))
    return found


def told(found: IndexPlan) -> tuple[str, str, str]:
    return (found.verdict, found.counterpart, found.why)


CASES: dict[tuple[str, str], tuple[str, str, str]] = {
    ("users", "_id"): ("same", "primary key", ""),
    ("users", "role"): ("same", "idx_users_role", ""),
    ("users", "email"): ("same", "users_email_unique", "compares LOWER(email)"),
    ("courses", "tags"): ("same", "idx_courses_tags", ""),
    ("courses", "isActive"): ("same", "idx_courses_active", "only for rows with is_active"),
    ("courses", "students"): ("same", "idx_enrollments_student", ""),
    ("documents", "course"): ("covered", "idx_documents_course_author", "its first columns are these"),
    ("notifications", "createdAt type"): ("partly", "idx_notifications_type", "its columns stand in another order"),
    ("documents", "author course"): ("partly", "idx_documents_author", "finds by author, then compares course"),
    ("documents", "author type"): ("partly", "idx_documents_author", "finds by author, then compares type"),
    ("documents", "status author"): ("partly", "idx_documents_author", "finds by author, then compares status"),
    ("documents", "submission"): ("none", "", "no index begins with submission"),
    ("documents", "status"): ("none", "", "no index begins with status: few different values"),
    ("documents", "metadata.lastEditedBy"): (
        "none",
        "",
        "metadata.lastEditedBy is inside the JSON of metadata, which has no index",
    ),
    ("documents", "__v"): ("none", "", "__v is not kept: revision counter of the ODM"),
    ("documents", "mood"): ("none", "", "no model declares mood"),
    ("documentversions", "document version"): (
        "same",
        "document_versions_document_unique and document_versions_submission_unique",
        "",
    ),
    ("assignmentsubmissions", "assignment author"): (
        "same",
        "assignment_submissions_one_live",
        "only for rows with superseded_by_id IS NULL",
    ),
    ("assignmentsubmissions", "comments.author"): ("none", "", "no index begins with comments.author"),
    ("notifications", "context.course type"): (
        "partly",
        "idx_notifications_type",
        "finds by type, then compares context.course",
    ),
    ("writingsessions", "user startTime"): ("same", "idx_writing_sessions_user", ""),
}


@pytest.mark.parametrize(("collection", "fields"), CASES)
def test_an_index_has_its_counterpart_or_a_reason(collection: str, fields: str) -> None:
    found = plan(collection, dict.fromkeys(fields.split(), 1))

    assert told(found) == CASES[collection, fields]
    assert found.fields == fields.replace(" ", ", ")
    assert not found.is_warning


def test_those_of_the_original_are_all_told(import_dump: Import) -> None:
    found = plan_indexes(ORIGINAL)

    assert len(found) == sum(len(metadata_of(name)["indexes"]) for name in COLLECTIONS)
    assert [entry for entry in found if entry.is_warning] == []
    unique = {(entry.collection, entry.fields.replace(", ", ",")) for entry in found if "unique" in entry.properties}
    assert unique == UNIQUE
    assert all(entry.counterpart or entry.why for entry in found)


def test_full_text() -> None:
    key = {"_fts": "text", "_ftsx": {"$numberInt": "1"}}
    weights = {field: {"$numberInt": "1"} for field in ("title", "description", "tags")}

    assert told(plan("assignmenttemplates", key, weights=weights)) == ("same", "idx_templates_search", "full text")
    assert plan("assignmenttemplates", key, weights=weights).fields == "description (text), tags (text), title (text)"
    more = plan("assignmenttemplates", key, weights={**weights, "instructions": 1})
    assert told(more) == ("partly", "idx_templates_search", "without instructions")
    assert told(plan("documents", key, weights={"content": 1})) == ("none", "", "there is no index for full text")


@pytest.mark.parametrize("one", [1, 1.0, {"$numberInt": "1"}, {"$numberLong": "1"}, {"$numberDouble": "1.0"}])
def test_numbers_come_in_any_form(one: object) -> None:
    found = plan("documentversions", {"document": one, "createdAt": {"$numberInt": "-1"}}, unique=False)

    assert found.fields == "document, -createdAt"
    assert found.verdict == "partly"


@pytest.mark.parametrize(
    ("key", "kind"),
    [({"place": "2dsphere"}, "2dsphere"), ({"settings.$**": 1}, "wildcard"), ({"place": "2d", "title": 1}, "2d")],
)
def test_kinds_without_a_counterpart(key: dict[str, Any], kind: str) -> None:
    assert told(plan("documents", key)) == ("none", "", f"there is nothing here like MongoDB's kind {kind}")


def test_a_hashed_index_finds_equals() -> None:
    found = plan("documents", {"author": "hashed"})

    assert (found.fields, found.counterpart) == ("author (hashed)", "idx_documents_author")


def test_what_was_unique_and_is_no_more_is_a_warning() -> None:
    title = plan("documents", {"title": 1}, unique=True)
    student = plan("courses", {"students": 1}, unique=True)

    assert title.is_warning
    assert student.is_warning
    assert title.why == "no index begins with title; nothing keeps these values unique any more"
    assert student.counterpart == "idx_enrollments_student"


def test_what_is_unique_by_fewer_fields_is_no_warning() -> None:
    found = plan("users", {"role": 1, "email": 1}, unique=True)

    assert (found.properties, found.is_warning) == (("unique",), False)


def test_properties_and_what_becomes_of_them() -> None:
    expiring = plan("writingsessions", {"document": 1}, expireAfterSeconds={"$numberInt": "3600"})
    partial = plan("documents", {"author": 1}, partialFilterExpression={"status": "active"}, collation={"locale": "de"})
    sparse = plan("courses", {"enrollmentCode": 1}, unique=True, sparse=True)

    assert (expiring.properties, expiring.is_warning) == (("TTL 3600 s",), True)
    assert "nothing deletes rows" in expiring.why
    assert partial.properties == ('partial: {"status": "active"}', 'collation {"locale": "de"}')
    assert partial.why == "holds all rows; compares text as the database does"
    assert sparse.why == "any number of rows may have NULL"


def test_the_order_of_the_fields_outlives_the_database(import_dump: Import, tmp_path: Path) -> None:
    """jsonb keeps shorter keys in front."""
    dump = write_dump(tmp_path, classroom())
    key = {"document": 1, "version": 1, "_id": -1}
    (dump / "documentversions.metadata.json").write_text(json.dumps({"indexes": [{"key": key, "name": "x"}]}))
    (dump / "users.metadata.json").write_text("no json")
    (dump / "courses.metadata.json").write_text("[]")
    import_dump(dump)

    metadata = ImportRun.objects.get().details["metadata"]

    assert [found.fields for found in plan_indexes(metadata)] == ["document, version, -_id"]
    assert set(unreadable(metadata)) == {"users", "courses"}


@pytest.mark.parametrize(
    "held", [{}, {"indexes": None}, {"indexes": ["x", {}, {"key": 5}, {"key": {}}]}, {"indexes": 5}]
)
def test_what_is_no_index_is_passed_over(held: dict[str, Any]) -> None:
    assert plan_indexes(storable({"users": held})) == []


def test_options() -> None:
    options = {
        "capped": True,
        "size": {"$numberInt": "4096"},
        "validator": {"$jsonSchema": {"required": ["x" * 200]}},
        "validationLevel": "strict",
        "expireAfterSeconds": 60,
        "brandNew": 1,
    }

    found = {plan.option: plan for plan in plan_options({"users": {"options": options}, "courses": {}})}

    assert set(found) == {"capped", "validator", "expireAfterSeconds", "brandNew"}
    assert found["capped"] == OptionPlan(
        "users", "capped", "true", "a table keeps all its rows: nothing deletes the oldest", is_warning=True
    )
    assert len(found["validator"].value) == 120
    assert [option for option, plan in found.items() if not plan.is_warning] == ["validator"]
