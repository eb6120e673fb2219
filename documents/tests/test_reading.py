"""One document, its versions, and two of them side by side."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from documents.models import Document
from documents.tests.wire import name, person, plain, written
from scribetree.api.fields import wire_date
from scribetree.fields import now
from scribetree.testing import (
    Cast,
    add_document_collaborator,
    client_of,
    hex_id,
    make_assignment,
    make_cast,
    make_submission,
    make_user,
    make_version,
)

pytestmark = pytest.mark.django_db

CHANGES = {
    "type": "auto",
    "description": "Auto-save",
    "addedChars": 20,
    "deletedChars": 0,
    "addedWords": 4,
    "deletedWords": 0,
}
METADATA = {"wordCount": 5, "characterCount": 16, "readingTime": 1}
DIFF: dict[str, Any] = {"additions": [], "deletions": []}


@pytest.fixture
def cast() -> Cast:
    return make_cast()


@pytest.fixture
def document(cast: Cast) -> Document:
    return written(cast.ben, cast.course)


def path(document: Document, rest: str = "") -> str:
    return f"/api/documents/{hex_id(document)}{rest}"


def test_document_comes_with_its_people_and_its_taught_course(cast: Cast, document: Document) -> None:
    add_document_collaborator(document, cast.cleo)
    submission = make_submission(make_assignment(cast.course), cast.ben)
    Document.objects.update(submission=submission, chapter="3")
    document.refresh_from_db()

    answer = client_of(cast.ada).get(path(document))

    assert answer.json() == {
        "message": "Document retrieved successfully",
        "data": {
            **plain(document),
            "author": person(cast.ben),
            "collaborators": [person(cast.cleo)],
            "course": {"_id": hex_id(cast.course), "title": "Ada's course", "instructor": hex_id(cast.ada)},
            "metadata": {**document.metadata, "lastEditedBy": name(cast.ben)},
            "submission": hex_id(submission),
            "chapter": "3",
        },
    }


def test_content_is_served_as_it_is_stored(cast: Cast, document: Document) -> None:
    text = "\ufeff <p>a\u2028&amp;\x85 <script>😀</script>\r\n\t" + "é" * 3
    Document.objects.update(content=text)

    assert client_of(cast.ben).get(path(document)).json()["data"]["content"] == text


def test_document_of_no_course_and_no_known_editor_is_served(cast: Cast, document: Document) -> None:
    Document.objects.update(course=None, metadata={"wordCount": 1})

    data = client_of(cast.ben).get(path(document)).json()["data"]

    assert (data["course"], data["metadata"]) == (None, {"wordCount": 1})


@pytest.mark.parametrize("rest", ["", "/versions", "/compare/1/2"])
@pytest.mark.parametrize("spelling", ["hex", "uuid", "upper"])
def test_id_has_two_spellings(cast: Cast, document: Document, rest: str, spelling: str) -> None:
    for number in (1, 2):
        make_version(document, version=number)
    wire_id = {"hex": hex_id(document), "uuid": str(document.pk), "upper": hex_id(document).upper()}[spelling]

    assert client_of(cast.ben).get(f"/api/documents/{wire_id}{rest}/").status_code == 200


def test_versions_come_newest_first_without_their_text(cast: Cast, document: Document) -> None:
    moment = now() - timedelta(hours=1)
    versions = [
        make_version(
            document, version=number, author=author, changes=CHANGES, metadata=METADATA, diff=DIFF, created_at=moment
        )
        for number, author in ((1, cast.ben), (3, None))
    ]

    answer = client_of(cast.ben).get(path(document, "/versions"))

    body = answer.json()
    ages = [version.pop("age") for version in body["data"]]
    assert all(3_600_000 <= age < 3_660_000 for age in ages)
    assert body == {
        "message": "Versions retrieved successfully",
        "data": [
            {
                "_id": hex_id(version),
                "id": hex_id(version),
                "document": hex_id(document),
                "version": number,
                "title": "Notes",
                "changes": CHANGES,
                "metadata": METADATA,
                "diff": DIFF,
                "author": author,
                "createdAt": wire_date(moment),
                "changeSummary": "+4 words, +20 chars",
            }
            for version, number, author in ((versions[1], 3, None), (versions[0], 1, person(cast.ben)))
        ],
    }


@pytest.mark.parametrize(
    ("query", "count"),
    [("", 10), ("?limit=", 10), ("?limit=1", 1), ("?limit=50", 50), ("?limit=100", 100), ("?limit=1000", 100)],
)
def test_versions_are_limited(cast: Cast, document: Document, query: str, count: int) -> None:
    for number in range(1, 102):
        make_version(document, version=number)

    found = client_of(cast.ben).get(path(document, f"/versions{query}")).json()["data"]

    assert [version["version"] for version in found] == list(range(101, 101 - count, -1))


@pytest.mark.parametrize("limit", ["0", "-5", "1.0", "ten", "1e1", "%2B3", "٣", "99999999999"])
def test_limit_that_is_no_positive_whole_number_is_refused(cast: Cast, document: Document, limit: str) -> None:
    answer = client_of(cast.ben).get(path(document, f"/versions?limit={limit}"))

    assert (answer.status_code, answer.json()) == (400, {"error": "limit must be a positive whole number"})


@pytest.mark.parametrize("order", ["1/3", "3/1", "01/3"])
def test_compared_versions_come_older_first(cast: Cast, document: Document, order: str) -> None:
    moment = now()
    older, newer = (
        make_version(
            document,
            version=number,
            content=f"text {number}",
            changes=CHANGES,
            metadata=METADATA,
            diff=DIFF,
            created_at=moment + timedelta(milliseconds=number),
        )
        for number in (1, 3)
    )

    answer = client_of(cast.ben).get(path(document, f"/compare/{order}"))

    def wire(version: Any, number: int) -> dict[str, Any]:
        return {
            "_id": hex_id(version),
            "document": hex_id(document),
            "version": number,
            "title": "Notes",
            "content": f"text {number}",
            "changes": CHANGES,
            "metadata": METADATA,
            "diff": DIFF,
            "author": hex_id(cast.ben),
            "createdAt": wire_date(version.created_at),
        }

    assert answer.json() == {
        "message": "Version comparison retrieved successfully",
        "data": {"older": wire(older, 1), "newer": wire(newer, 3), "timeDiff": 2},
    }


@pytest.mark.parametrize("numbers", ["1/1", "1/2", "2/1", "8/9"])
def test_equal_and_missing_versions_cannot_be_compared(cast: Cast, document: Document, numbers: str) -> None:
    make_version(document, version=1)
    make_version(written(cast.ben, cast.course), version=2)

    answer = client_of(cast.ben).get(path(document, f"/compare/{numbers}"))

    assert (answer.status_code, answer.json()) == (404, {"error": "One or both versions not found"})


@pytest.mark.parametrize("numbers", ["1.0/2", "1/0", "-1/2", "one/2", "1/2e0", "1/99999999999"])
def test_numbers_that_no_version_can_have_are_refused(cast: Cast, document: Document, numbers: str) -> None:
    answer = client_of(cast.ben).get(path(document, f"/compare/{numbers}"))

    assert (answer.status_code, answer.json()) == (400, {"error": "version must be a positive whole number"})


@pytest.mark.parametrize(
    ("rest", "queries"),
    [("", 3), ("/versions", 3), ("/compare/1/2", 3)],  # user, document with what its rules need, people or versions
)
def test_reading_costs_the_same_for_any_number_of_people_and_versions(
    cast: Cast, document: Document, rest: str, queries: int
) -> None:
    costs = []
    for count in (2, 30):
        for number in range(document.versions.count(), count):
            add_document_collaborator(document, make_user(f"s{number}"), ordinal=number)
            make_version(document, version=number + 1)
        with CaptureQueriesContext(connection) as captured:
            assert client_of(cast.ben).get(path(document, rest)).status_code == 200
        costs.append(len(captured))

    assert costs == [queries, queries]
