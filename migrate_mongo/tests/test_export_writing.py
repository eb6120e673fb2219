"""What the application writes comes out as the original would have written it, and goes in again."""

from pathlib import Path
from typing import Any

from bson import ObjectId
from bson.datetime_ms import DatetimeMS
from django.db import connection

from documents.models import Document, DocumentVersion
from documents.services import add_collaborator, create_document, save_content
from migrate_mongo.tests.conftest import Export, Import, Verify
from migrate_mongo.tests.exported import documents
from scribetree.api.fields import parse_date
from scribetree.object_id import uuid_to_object_id
from scribetree.testing import Cast, enroll, make_cast, make_user


def write_document(cast: Cast) -> Document:
    document = create_document(author=cast.ben, course_id=cast.course.pk, title="Ferry", chapter="2")
    dora = enroll(make_user("dora"), cast.course).student
    add_collaborator(document_id=document.pk, user=cast.ben, member_id=dora.pk)
    save_content(document_id=document.pk, editor=dora, content="<p>hello world</p>", save_type="manual")
    document.refresh_from_db()
    return document


def object_id(row: Any) -> ObjectId:
    return uuid_to_object_id(row.pk)


def test_document_made_and_saved_here_has_the_form_of_the_original(export: Export, out: Path) -> None:
    cast = make_cast()
    document = write_document(cast)
    dora = document.collaborators.get().user

    export()

    assert documents(out, "documents") == [
        {
            "_id": object_id(document),
            "title": "Ferry",
            "content": "<p>hello world</p>",
            "course": object_id(cast.course),
            "author": object_id(cast.ben),
            "collaborators": [object_id(dora)],
            "type": "draft",
            "status": "active",
            "settings": {"autoSave": True, "autoSaveInterval": 30, "allowCollaboration": False},
            "metadata": {
                "wordCount": 2,
                "characterCount": 17,
                "readingTime": 1,
                "lastEditedAt": DatetimeMS(parse_date(document.metadata["lastEditedAt"])),
                "lastEditedBy": object_id(dora),
            },
            "chapter": "2",
            "createdAt": DatetimeMS(document.created_at),
            "updatedAt": DatetimeMS(document.updated_at),
            "__v": 0,
        }
    ]


def test_version_made_here_has_the_form_of_the_original(export: Export, out: Path) -> None:
    document = write_document(make_cast())
    version = document.versions.get(version=2)

    export()

    [made] = [found for found in documents(out, "documentversions") if found["version"] == 2]
    assert made == {
        "_id": object_id(version),
        "document": object_id(document),
        "version": 2,
        "title": "Ferry",
        "content": "<p>hello world</p>",
        "author": object_id(version.author),
        "changes": {
            "type": "manual",
            "description": "Manual save",
            "addedChars": 18,
            "deletedChars": 0,
            "addedWords": 2,
            "deletedWords": 0,
        },
        "metadata": {"wordCount": 2, "characterCount": 17, "readingTime": 1},
        "diff": {"additions": [], "deletions": []},
        "createdAt": DatetimeMS(version.created_at),
        "__v": 0,
    }


def test_writing_is_imported_again_as_it_was(
    import_dump: Import, verify_dump: Verify, export: Export, out: Path
) -> None:
    write_document(make_cast())
    rows = [list(model.objects.order_by("pk").values()) for model in (Document, DocumentVersion)]

    export()
    connection.check_constraints()  # nothing may be pending where tables are emptied
    report = import_dump(out, restart=True)

    assert (report.totals["rejected"], verify_dump(out).status) == (0, "clean")
    assert [list(model.objects.order_by("pk").values()) for model in (Document, DocumentVersion)] == rows
