"""The documents of a course, and one's own."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from documents.models import Document
from documents.tests.wire import name, person, plain, written
from scribetree.api.fields import wire_date
from scribetree.fields import now
from scribetree.testing import (
    Cast,
    add_document_collaborator,
    client_of,
    enroll,
    hex_id,
    make_assignment,
    make_cast,
    make_course,
    make_user,
    make_version,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def of_course(cast: Cast, query: str = "") -> str:
    return f"/api/documents/course/{hex_id(cast.course)}{query}"


def listed(user: User, path: str) -> list[dict[str, Any]]:
    answer = client_of(user).get(path)
    assert answer.status_code == 200
    body = answer.json()
    assert body.pop("message") == "Documents retrieved successfully"
    assert body.keys() <= {"data", "pagination"}
    return body["data"]


def titles(user: User, path: str) -> list[str]:
    return [document["title"] for document in listed(user, path)]


def edited(age: int) -> dict[str, Any]:
    return {"wordCount": 0, "lastEditedAt": wire_date(now() - timedelta(seconds=age))}


@pytest.mark.parametrize("reader", ["ada", "ben", "omar"])
def test_course_list_holds_whole_documents_and_their_people(cast: Cast, reader: str) -> None:
    carl, dora = make_user("carl"), make_user("dora")
    document = written(cast.ben, cast.course, chapter="3", lesson="1", assignment=make_assignment(cast.course))
    document.metadata["lastEditedBy"] = hex_id(dora)
    document.save()
    document.refresh_from_db()
    add_document_collaborator(document, dora, ordinal=1)
    add_document_collaborator(document, carl, ordinal=0)
    for number in (1, 2):
        make_version(document, version=number)

    assert listed(getattr(cast, reader), of_course(cast)) == [
        {
            **plain(document),
            "author": person(cast.ben),
            "collaborators": [person(carl), person(dora)],
            "metadata": {**document.metadata, "lastEditedBy": name(dora)},
            "assignment": hex_id(document.assignment),
            "chapter": "3",
            "lesson": "1",
            "versionCount": 2,
        }
    ]


def test_own_list_holds_whole_documents_with_their_course(cast: Cast) -> None:
    document = written(cast.ben, cast.course)
    add_document_collaborator(document, cast.cleo)

    for user in (cast.ben, cast.cleo):
        assert listed(user, "/api/documents/my-documents") == [
            {
                **plain(document),
                "author": person(cast.ben),
                "collaborators": [person(cast.cleo)],
                "course": {"_id": hex_id(cast.course), "title": "Ada's course"},
                "versionCount": 0,
            }
        ]
    for user in (cast.ada, cast.omar):
        assert listed(user, "/api/documents/my-documents") == []


def test_editor_who_is_gone_is_null_and_one_never_known_is_absent(cast: Cast) -> None:
    written(cast.ben, cast.course, metadata={**edited(0), "lastEditedBy": "66f1a2b3c4d5e6f708192a3b"})
    written(cast.ben, cast.course, metadata=edited(1))

    gone, unknown = listed(cast.ada, of_course(cast))

    assert gone["metadata"]["lastEditedBy"] is None
    assert "lastEditedBy" not in unknown["metadata"]


def test_course_that_is_gone_is_null(cast: Cast) -> None:
    written(cast.ben, None)

    [document] = listed(cast.ben, "/api/documents/my-documents")

    assert document["course"] is None


def test_course_list_shows_each_what_they_may_open(cast: Cast) -> None:
    dora = make_user("dora")
    enroll(dora, cast.course)
    written(cast.ben, cast.course, title="own", metadata=edited(1))
    shared = written(dora, cast.course, title="shared", metadata=edited(2))
    add_document_collaborator(shared, cast.ben)
    written(dora, cast.course, title="open", settings={"allowCollaboration": True}, metadata=edited(3))
    written(dora, cast.course, title="private", type="collaborative", metadata=edited(4))
    written(cast.ben, cast.course, title="deleted", status="deleted")
    written(cast.ben, cast.course, title="archived", status="archived")
    written(cast.ben, make_course(cast.ada), title="elsewhere")

    assert titles(cast.ada, of_course(cast)) == ["own", "shared", "open", "private"]
    assert titles(cast.omar, of_course(cast)) == ["own", "shared", "open", "private"]
    assert titles(cast.ben, of_course(cast)) == ["own", "shared", "open"]
    assert titles(dora, of_course(cast)) == ["shared", "open", "private"]


@pytest.mark.parametrize("wire_id", ["66f1a2b3c4d5e6f708192a3b", "nonsense", "a.b"])
def test_course_must_exist(cast: Cast, wire_id: str) -> None:
    answer = client_of(cast.omar).get(f"/api/documents/course/{wire_id}")

    assert (answer.status_code, answer.json()) == (404, {"error": "Course not found"})


def test_course_list_is_denied_to_outsiders_even_collaborators(cast: Cast) -> None:
    add_document_collaborator(written(cast.ben, cast.course), cast.cleo)

    answer = client_of(cast.cleo).get(of_course(cast))

    assert (answer.status_code, answer.json()) == (403, {"error": "Access denied to this course"})


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["a", "b", "c"]),
        ("?", ["a", "b", "c"]),
        ("?chapter=2", ["a", "b"]),
        ("?chapter=2&lesson=4", ["b"]),
        ("?type=assignment_work", ["c"]),
        ("?type=submission", ["c"]),
        ("?type=poem", []),
        ("?author=", ["a", "b", "c"]),
        ("?author=66f1a2b3c4d5e6f708192a3b", []),
        ("?search=ADA c", ["c"]),
        ("?page=2&limit=2", ["c"]),
    ],
)
def test_course_list_is_filtered(cast: Cast, query: str, found: list[str]) -> None:
    written(cast.ben, cast.course, title="a", chapter="2", metadata=edited(1))
    written(cast.ben, cast.course, title="b", chapter="2", lesson="4", metadata=edited(2))
    written(cast.ada, cast.course, title="c", type="assignment_work", metadata=edited(3))

    assert titles(cast.ada, of_course(cast, query)) == found


def test_author_filter_takes_an_id_and_nothing_else(cast: Cast) -> None:
    written(cast.ben, cast.course, title="a")
    written(cast.ada, cast.course, title="b")

    assert titles(cast.ada, of_course(cast, f"?author={hex_id(cast.ben)}")) == ["a"]
    answer = client_of(cast.ada).get(of_course(cast, "?author=ben"))
    assert (answer.status_code, answer.json()) == (400, {"error": "author: is not an id"})


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["a", "b"]),
        ("?status=", ["a", "b"]),
        ("?status=deleted", ["c"]),
        ("?status=archived", []),
        ("?status=lost", []),
        ("?type=collaborative", ["b"]),
        ("?search=A", ["a"]),
        ("?page=1&limit=1", ["a"]),
    ],
)
def test_own_list_is_filtered(cast: Cast, query: str, found: list[str]) -> None:
    written(cast.ben, cast.course, title="a", metadata=edited(1))
    written(cast.ben, None, title="b", type="collaborative", metadata=edited(2))
    written(cast.ben, cast.course, title="c", status="deleted", metadata=edited(3))

    assert titles(cast.ben, f"/api/documents/my-documents{query}") == found


def test_own_list_is_filtered_by_course(cast: Cast) -> None:
    written(cast.ben, cast.course, title="a")
    written(cast.ben, make_course(cast.ada), title="b")

    assert titles(cast.ben, f"/api/documents/my-documents?course={hex_id(cast.course)}") == ["a"]
    assert client_of(cast.ben).get("/api/documents/my-documents?course=essays").status_code == 400


def test_rows_edited_at_once_come_by_descending_id_and_those_never_edited_last(cast: Cast) -> None:
    never = written(cast.ben, cast.course, title="never", metadata={})
    together = edited(0)
    made = [written(cast.ben, cast.course, title=str(number), metadata=together) for number in range(3)]

    found = [document["_id"] for document in listed(cast.ben, "/api/documents/my-documents")]

    assert found == [*(hex_id(document) for document in reversed(made)), hex_id(never)]


@pytest.mark.parametrize(
    ("reader", "own", "queries"),
    [("ada", False, 4), ("ben", False, 4), ("ben", True, 3)],  # user, course; documents, people
)
def test_lists_cost_the_same_for_any_number_of_rows(cast: Cast, reader: str, own: bool, queries: int) -> None:
    client = client_of(getattr(cast, reader))
    path = "/api/documents/my-documents" if own else of_course(cast)
    costs = []
    for rows in (1, 30):
        while Document.objects.count() < rows:
            document = written(cast.ben, cast.course)
            add_document_collaborator(document, make_user(f"s{Document.objects.count()}"))
            make_version(document)
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert len(client.get(path).json()["data"]) == rows
        costs.append(len(captured))

    assert costs == [queries, queries]
