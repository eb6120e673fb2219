"""Rows that the application makes without saying more than it must come out with all that the original always wrote."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from bson import ObjectId

from migrate_mongo.mappings import MAPPINGS
from migrate_mongo.mappings.base import Column
from migrate_mongo.mappings.kinds import ABSENT, Array, Group, Kind
from migrate_mongo.tests.conftest import Export, Import, Verify
from migrate_mongo.tests.dumps import classroom, submission, write_dump
from migrate_mongo.tests.exported import documents
from scribetree import testing


@pytest.fixture
def school(db: None) -> testing.Cast:
    """Something in every collection."""
    cast = testing.make_cast()
    template = testing.make_template(cast.ada)
    testing.make_assignment(cast.course, template=template)
    submission = testing.make_submission(testing.make_assignment(cast.course), cast.ben)
    testing.add_submission_collaborator(submission, cast.omar)
    testing.make_comment(submission, cast.ben, parent=testing.make_comment(submission, cast.ada))
    document = testing.make_document(cast.ben, course=cast.course)
    testing.add_document_collaborator(document, cast.omar)
    testing.make_version(document)
    testing.make_session(document)
    testing.make_notification(cast.ben)
    return cast


def always_written(kind: Kind) -> bool:
    return kind.constant_default() not in (ABSENT, None) or getattr(kind, "derived", None) is not None


def lacking(kind: Kind, value: Any, path: str) -> Iterator[str]:
    """The paths inside it that the original gives a default, and that are not there."""
    if isinstance(kind, Group):
        assert isinstance(value, dict), path
        for key, inner in kind.fields.items():
            if key in value:
                yield from lacking(inner, value[key], f"{path}.{key}")
            elif always_written(inner):
                yield f"{path}.{key}"
    elif isinstance(kind, Array):
        for element in value:
            yield from lacking(kind.item, element, f"{path}[]")


def test_every_default_of_the_original_is_written(school: testing.Cast, export: Export, out: Path) -> None:
    assert export().status == "clean"

    for mapping in MAPPINGS.values():
        made = documents(out, mapping.collection)
        assert made
        for document in made:
            assert document.keys() >= {"_id", "__v", *(child.source for child in mapping.children)}
            for column in mapping.columns:
                if isinstance(column, Column) and (column.source in document or always_written(column.kind)):
                    assert list(lacking(column.kind, document[column.source], column.source)) == []


def test_dates_that_nobody_gave_are_those_of_the_last_change(school: testing.Cast, export: Export, out: Path) -> None:
    export()

    [document], [work] = (documents(out, name) for name in ("documents", "assignmentsubmissions"))
    assert document["metadata"]["lastEditedAt"] == document["updatedAt"]
    assert work["collaboration"]["lastActiveAt"] == work["updatedAt"]


def test_groups_that_are_null_are_written_with_their_defaults(school: testing.Cast, export: Export, out: Path) -> None:
    export()

    [deployed] = documents(out, "courseassignments")
    assert deployed["courseSpecificRequirements"] == {"requiredSections": [], "allowedResources": []}


def test_a_null_of_the_original_comes_back_all_the_same(
    import_dump: Import, verify_dump: Verify, export: Export, out: Path, tmp_path: Path
) -> None:
    dump = write_dump(tmp_path / "dump", classroom(assignmentsubmissions=[submission(40, 20, 2, grade=None)]))
    import_dump(dump)

    export()

    assert documents(out, "assignmentsubmissions")[0]["grade"] is None
    assert verify_dump(dump).status == "clean"


def test_comments_and_replies_have_ids(school: testing.Cast, export: Export, out: Path) -> None:
    export()

    [found] = documents(out, "assignmentsubmissions")
    [comment] = found["comments"]
    assert isinstance(comment["_id"], ObjectId)
    assert comment["id"] == comment["_id"]
    assert isinstance(comment["replies"][0]["_id"], ObjectId)
