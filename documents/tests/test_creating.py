"""A document begins with an empty text, and that is its first version."""

from typing import Any

import pytest

from accounts.models import User
from documents import services
from documents.models import Document, DocumentVersion
from documents.tests.wire import person, plain
from scribetree.testing import Cast, client_of, hex_id, make_cast, make_course

pytestmark = pytest.mark.django_db

PATH = "/api/documents"
DEFAULTS = {"autoSave": True, "autoSaveInterval": 30, "allowCollaboration": False}


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def create(user: User, **body: Any) -> Any:
    return client_of(user).post(PATH, body)


def refusal(answer: Any) -> tuple[int, str]:
    assert not Document.objects.exists()
    return answer.status_code, answer.json()["error"]


@pytest.mark.parametrize("name", ["ben", "ada", "omar"])
def test_member_or_admin_creates(cast: Cast, name: str) -> None:
    user = getattr(cast, name)

    answer = create(user, courseId=hex_id(cast.course), title="  The ferry \ufeff", chapter="2", lesson=3)

    document = Document.objects.get()
    assert answer.status_code == 201
    assert answer.json() == {
        "message": "Document created successfully",
        "data": {
            **plain(document),
            "title": "The ferry",
            "content": "",
            "course": {"_id": hex_id(cast.course), "title": "Ada's course"},
            "author": person(user),
            "type": "draft",
            "status": "active",
            "settings": DEFAULTS,
            "metadata": {
                "wordCount": 0,
                "characterCount": 0,
                "readingTime": 0,
                "lastEditedAt": document.metadata["lastEditedAt"],
                "lastEditedBy": hex_id(user),
            },
            "chapter": "2",
            "lesson": "3",
        },
    }
    assert len(document.metadata["lastEditedAt"]) == len("2026-11-22T07:14:21.164Z")


def test_first_version_is_the_empty_text(cast: Cast) -> None:
    create(cast.ben, courseId=hex_id(cast.course), title="The ferry")

    version = DocumentVersion.objects.get()
    assert (version.document, version.version, version.author) == (Document.objects.get(), 1, cast.ben)
    assert (version.title, version.content) == ("The ferry", "")
    assert version.changes == {
        "type": "manual",
        "description": "Initial document creation",
        "addedChars": 0,
        "deletedChars": 0,
        "addedWords": 0,
        "deletedWords": 0,
    }
    assert version.metadata == {"wordCount": 0, "characterCount": 0, "readingTime": 0}


@pytest.mark.parametrize(
    ("given", "settings"),
    [
        (None, DEFAULTS),
        ({}, DEFAULTS),
        ({"autoSaveInterval": "45", "foreign": 1}, {**DEFAULTS, "autoSaveInterval": 45}),
        ({"allowCollaboration": "yes", "autoSave": None}, {**DEFAULTS, "allowCollaboration": True}),
        ({"versionLimit": 100, "autoSaveInterval": 30.5}, {**DEFAULTS, "versionLimit": 100, "autoSaveInterval": 30.5}),
    ],
)
def test_settings_are_laid_over_the_defaults(cast: Cast, given: Any, settings: dict[str, Any]) -> None:
    answer = create(cast.ben, courseId=hex_id(cast.course), title="The ferry", settings=given)

    assert answer.json()["data"]["settings"] == settings


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (None, "draft"),
        ("draft", "draft"),
        ("collaborative", "collaborative"),
        ("assignment_work", "assignment_work"),
        ("assignment", "assignment_work"),
        ("submission", "assignment_work"),
    ],
)
def test_types_of_the_client_are_known(cast: Cast, given: str | None, kept: str) -> None:
    answer = create(cast.ben, courseId=hex_id(cast.course), title="The ferry", type=given)

    assert (answer.status_code, answer.json()["data"]["type"]) == (201, kept)


def test_optional_null_is_absent(cast: Cast) -> None:
    answer = create(cast.ben, courseId=hex_id(cast.course), title="The ferry", chapter=None, lesson=None)

    assert answer.status_code == 201
    assert answer.json()["data"].keys().isdisjoint({"chapter", "lesson", "assignment", "submission"})


@pytest.mark.parametrize("course_id", [None, "", 7, {"$ne": None}, "nonsense", "66f1a2b3c4d5e6f708192a3b"])
def test_course_must_exist_before_anything_else(cast: Cast, course_id: Any) -> None:
    assert refusal(create(cast.ben, courseId=course_id)) == (404, "Course not found")


@pytest.mark.parametrize("body", [{"title": "The ferry"}, {}])
def test_outsider_is_denied(cast: Cast, body: dict[str, Any]) -> None:
    foreign = make_course(cast.cleo)

    for user in (cast.ben, cast.ada):
        assert refusal(create(user, courseId=hex_id(foreign), **body)) == (403, "Access denied to this course")


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({}, "Document title is required"),
        ({"title": None}, "Document title is required"),
        ({"title": ""}, "Document title is required"),
        ({"title": " \ufeff"}, "Document title is required"),
        ({"title": {}}, "title: must be text"),
        ({"title": "😀" * 101}, "title: is longer than 200 characters"),
        ({"title": "x", "type": "poem"}, None),
        ({"title": "x", "settings": "loose"}, None),
        ({"title": "x", "settings": {"autoSaveInterval": 9}}, "settings.autoSaveInterval: must be at least 10"),
        ({"title": "x", "settings": {"autoSaveInterval": 301}}, "settings.autoSaveInterval: must be at most 300"),
        ({"title": "x", "settings": {"versionLimit": 0}}, "settings.versionLimit: must be at least 1"),
        ({"title": "x", "settings": {"versionLimit": 101}}, "settings.versionLimit: must be at most 100"),
        ({"title": "x", "settings": {"autoSave": "perhaps"}}, "settings.autoSave: must be true or false"),
    ],
)
def test_invalid_values_are_refused_and_leave_nothing(cast: Cast, body: dict[str, Any], error: str | None) -> None:
    status, text = refusal(create(cast.ben, courseId=hex_id(cast.course), **body))

    assert status == 400
    assert error in (None, text)


def test_document_without_its_first_version_does_not_stay(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(**values: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(services, "record_version", fail)

    assert create(cast.ben, courseId=hex_id(cast.course), title="The ferry").status_code == 500
    assert not Document.objects.exists()
