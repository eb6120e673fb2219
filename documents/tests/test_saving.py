"""A save keeps the text as it is given, counts it, and now and then makes a version."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from documents import services
from documents.models import Document, DocumentVersion
from documents.tests.wire import plain, written
from scribetree.testing import (
    Cast,
    add_document_collaborator,
    client_of,
    enroll,
    hex_id,
    make_cast,
    make_user,
    make_version,
)

pytestmark = pytest.mark.django_db

TEXT = "It was a dark night."


@pytest.fixture
def cast() -> Cast:
    return make_cast()


@pytest.fixture
def document(cast: Cast) -> Document:
    return written(cast.ben, cast.course)


def put(user: User, document: Document, **body: Any) -> Any:
    return client_of(user).put(f"/api/documents/{hex_id(document)}/content", body)


def saved(user: User, document: Document, **body: Any) -> bool:
    """Whether the save made a version."""
    answer = put(user, document, **body)
    assert answer.status_code == 200, answer.json()
    return answer.json()["data"]["versionCreated"]


def test_save_answers_with_the_whole_document(cast: Cast, document: Document) -> None:
    add_document_collaborator(document, cast.cleo)

    answer = put(cast.cleo, document, content="<p>hello world</p>", title=" Ferry ", sessionId="x")

    before = document.metadata["lastEditedAt"], document.updated_at
    document.refresh_from_db()
    assert answer.json() == {
        "message": "Document updated successfully",
        "data": {"document": plain(document, cast.cleo), "versionCreated": False},
    }
    assert (document.title, document.content) == ("Ferry", "<p>hello world</p>")
    assert (document.metadata["lastEditedAt"], document.updated_at) >= before
    assert document.metadata == {
        "wordCount": 2,
        "characterCount": 17,
        "readingTime": 1,
        "lastEditedAt": document.metadata["lastEditedAt"],
        "lastEditedBy": hex_id(cast.cleo),
    }


@pytest.mark.parametrize(
    "content",
    [
        "",
        " ",
        "\ufeff\u2028 <p>a&nbsp;</p>\r\n\t\x01\x85",
        "<script>alert('😀')</script>",
        "é" * 3 + "e\u0301",
        "x" * 500_000,
        "😀" * 250_000,
    ],
)
def test_content_is_kept_to_the_letter(cast: Cast, document: Document, content: str) -> None:
    answer = put(cast.ben, document, content=content)

    document.refresh_from_db()
    assert answer.json()["data"]["document"]["content"] == document.content == content


@pytest.mark.parametrize(
    ("content", "save_type", "makes_version"),
    [
        (TEXT, "auto", False),
        (TEXT, "manual", True),
        (TEXT, "collaboration", False),
        (TEXT + " a" * 10, "auto", False),
        (TEXT + " a" * 11, "auto", True),
        (TEXT + " a" * 11, "collaboration", True),
        (TEXT + "a" * 100, "auto", False),
        (TEXT + "a" * 101, "auto", True),
        (TEXT + "😀" * 51, "auto", True),
        ("", "auto", False),
        ("", "manual", True),
    ],
)
def test_version_is_made_when_told_or_when_enough_changed(
    cast: Cast, document: Document, content: str, save_type: str, makes_version: bool
) -> None:
    assert saved(cast.ben, document, content=content, saveType=save_type) is makes_version

    assert DocumentVersion.objects.count() == makes_version


def test_removed_words_make_a_version_and_removed_characters_do_not(cast: Cast, document: Document) -> None:
    Document.objects.update(content="a " * 11)
    assert saved(cast.ben, document, content="")

    Document.objects.update(content="a" * 5_000)
    assert not saved(cast.ben, document, content="a")


@pytest.mark.parametrize(
    ("save_type", "description"),
    [("auto", "Auto-save"), ("manual", "Manual save"), ("collaboration", "Manual save")],
)
def test_version_holds_title_and_text_after_the_save(
    cast: Cast, document: Document, save_type: str, description: str
) -> None:
    make_version(document, version=4)
    enroll(dora := make_user("dora"), cast.course)
    add_document_collaborator(document, dora)

    assert saved(dora, document, content="a " * 60, title="Ferry", saveType=save_type)

    version = document.versions.get(version=5)
    assert (version.title, version.content, version.author) == ("Ferry", "a " * 60, dora)
    assert version.changes == {
        "type": save_type,
        "description": description,
        "addedChars": 100,
        "deletedChars": 0,
        "addedWords": 55,
        "deletedWords": 0,
    }
    assert version.metadata == {"wordCount": 60, "characterCount": 60, "readingTime": 1}


def test_first_save_of_a_document_without_versions_makes_number_one(cast: Cast, document: Document) -> None:
    assert saved(cast.ben, document, content=TEXT, saveType="manual")

    assert list(document.versions.values_list("version", flat=True)) == [1]


def test_unchanged_text_keeps_its_counts_and_its_date(cast: Cast, document: Document) -> None:
    Document.objects.update(metadata={"wordCount": 99, "lastEditedAt": "2026-01-02T03:04:05.006Z"})

    assert saved(cast.ben, document, content=TEXT, saveType="manual")

    document.refresh_from_db()
    assert document.metadata == {
        "wordCount": 99,
        "lastEditedAt": "2026-01-02T03:04:05.006Z",
        "lastEditedBy": hex_id(cast.ben),
    }
    assert document.versions.get().metadata["wordCount"] == 5


def test_save_that_changes_nothing_moves_nothing(cast: Cast, document: Document) -> None:
    before = Document.objects.values().get()

    assert not saved(cast.ben, document, content=TEXT, title="Notes")

    assert Document.objects.values().get() == before


@pytest.mark.parametrize("title", [None, "", False, 0])
def test_empty_title_changes_nothing(cast: Cast, document: Document, title: Any) -> None:
    saved(cast.ben, document, content="New.", title=title)

    document.refresh_from_db()
    assert (document.title, document.content) == ("Notes", "New.")


@pytest.mark.parametrize("save_type", [None, ""])
def test_save_type_that_is_not_said_is_auto(cast: Cast, document: Document, save_type: str | None) -> None:
    assert saved(cast.ben, document, content="a " * 60, saveType=save_type)

    assert document.versions.get().changes["type"] == "auto"


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({}, "Content is required"),
        ({"content": None}, "Content is required"),
        ({"content": 5}, "Content is required"),
        ({"content": ["a"]}, "Content is required"),
        ({"content": "x" * 500_001}, "content: is longer than 500000 characters"),
        ({"content": "😀" * 250_001}, "content: is longer than 500000 characters"),
        ({"content": "x\0"}, "content: must not contain the character U+0000"),
        ({"content": "x", "title": " \t"}, "Document title is required"),
        ({"content": "x", "title": "y" * 201}, "title: is longer than 200 characters"),
        ({"content": "x", "saveType": "never"}, "saveType: `never` is not one of auto, manual, collaboration"),
        ({"content": "x", "saveType": 1}, "saveType: must be text"),
    ],
)
def test_invalid_save_is_refused_and_changes_nothing(
    cast: Cast, document: Document, body: dict[str, Any], error: str
) -> None:
    before = Document.objects.values().get()

    answer = put(cast.ben, document, **body)

    assert (answer.status_code, answer.json()) == (400, {"error": error})
    assert Document.objects.values().get() == before
    assert not DocumentVersion.objects.exists()


def test_text_is_not_kept_without_the_version_that_is_due(
    cast: Cast, document: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(**values: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(services, "record_version", fail)

    assert put(cast.ben, document, content="New.", saveType="manual").status_code == 500
    document.refresh_from_db()
    assert document.content == TEXT


@pytest.mark.parametrize(
    ("save_type", "queries"),
    [("auto", 5), ("manual", 6)],  # user; savepoint, document, update, version, release
)
def test_save_costs_the_same_for_any_number_of_versions_and_people(
    cast: Cast, document: Document, save_type: str, queries: int
) -> None:
    client = client_of(cast.ben)
    costs = []
    for count in (1, 30):
        for number in range(document.versions.count(), count):
            add_document_collaborator(document, make_user(f"s{number}"), ordinal=number)
            make_version(document, version=number + 1)
        with CaptureQueriesContext(connection) as captured:
            body = {"content": f"{count} rows", "saveType": save_type}
            assert client.put(f"/api/documents/{hex_id(document)}/content", body).status_code == 200
        costs.append(len(captured))
        DocumentVersion.objects.filter(version__gt=count).delete()

    assert costs == [queries, queries]
