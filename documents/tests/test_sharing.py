"""Documents get collaborators, and are deleted, by who manages them."""

from typing import Any

import pytest

from accounts.models import User
from documents.models import Document, DocumentCollaborator
from documents.tests.wire import person, plain, written
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


@pytest.fixture
def cast() -> Cast:
    return make_cast()


@pytest.fixture
def document(cast: Cast) -> Document:
    return written(cast.ben, cast.course)


@pytest.fixture
def dora(cast: Cast) -> User:
    return enroll(make_user("dora"), cast.course).student


def add(user: User, document: Document, **body: Any) -> Any:
    return client_of(user).post(f"/api/documents/{hex_id(document)}/collaborators", body)


def refusal(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]


@pytest.mark.parametrize("name", ["ben", "ada", "omar"])
def test_member_of_the_course_becomes_a_collaborator(cast: Cast, document: Document, dora: User, name: str) -> None:
    add_document_collaborator(document, cast.cleo, ordinal=2)

    answer = add(getattr(cast, name), document, userId=hex_id(dora))

    before = document.updated_at
    document.refresh_from_db()
    assert answer.json() == {
        "message": "Collaborator added successfully",
        "data": {**plain(document), "collaborators": [person(cast.cleo), person(dora)]},
    }
    assert document.updated_at > before
    assert list(DocumentCollaborator.objects.order_by("ordinal").values_list("user", "ordinal", "permission")) == [
        (cast.cleo.pk, 2, "edit"),
        (dora.pk, 3, "edit"),
    ]


def test_instructor_can_be_made_a_collaborator_and_write(cast: Cast, document: Document) -> None:
    assert add(cast.ben, document, userId=str(cast.ada.pk)).status_code == 200

    answer = client_of(cast.ada).put(f"/api/documents/{hex_id(document)}/content", {"content": "Well."})
    assert answer.status_code == 200


@pytest.mark.parametrize("body", [{}, {"userId": None}, {"userId": ""}])
def test_missing_user_is_refused(cast: Cast, document: Document, body: dict[str, Any]) -> None:
    assert refusal(add(cast.ben, document, **body)) == (400, "User ID is required")


@pytest.mark.parametrize("wire_id", ["66f1a2b3c4d5e6f708192a3b", "dora", 5, ["x"], {"$ne": None}])
def test_unknown_user_is_not_found(cast: Cast, document: Document, wire_id: Any) -> None:
    assert refusal(add(cast.ben, document, userId=wire_id)) == (404, "User not found")
    assert not DocumentCollaborator.objects.exists()


def test_author_and_present_collaborators_are_collaborators_already(cast: Cast, document: Document) -> None:
    add_document_collaborator(document, cast.cleo)

    for user in (cast.ben, cast.cleo):
        assert refusal(add(cast.ben, document, userId=hex_id(user))) == (400, "User is already a collaborator")


def test_outsiders_of_the_course_cannot_collaborate(cast: Cast, document: Document) -> None:
    for user in (cast.cleo, cast.omar, make_user("eve")):
        assert refusal(add(cast.ben, document, userId=hex_id(user))) == (400, "User is not a member of this course")


def test_document_of_no_course_has_no_members(cast: Cast, document: Document, dora: User) -> None:
    Document.objects.update(course=None)

    assert refusal(add(cast.ben, document, userId=hex_id(dora))) == (400, "User is not a member of this course")


def test_deleted_document_keeps_its_row_and_versions(cast: Cast, document: Document) -> None:
    make_version(document)
    path = f"/api/documents/{hex_id(document)}"

    answer = client_of(cast.ben).delete(path)

    assert (answer.status_code, answer.json()) == (200, {"message": "Document deleted successfully"})
    before = document.updated_at
    document.refresh_from_db()
    assert (document.status, document.versions.count()) == ("deleted", 1)
    assert document.updated_at > before
    assert refusal(client_of(cast.ben).delete(path)) == (404, "Document not found")
