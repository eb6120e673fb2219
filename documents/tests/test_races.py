"""What happens to a document at once, in threads with connections of their own."""

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction

from accounts.models import User
from courses.models import Course
from documents.models import Document, DocumentCollaborator, DocumentVersion
from documents.services import find_course
from documents.tests.wire import written
from scribetree.testing import Cast, client_of, enroll, hex_id, make_cast, make_user, make_version

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cast() -> Cast:
    return make_cast()


@pytest.fixture
def document(cast: Cast) -> Document:
    return written(cast.ben, cast.course)


def at_once(*requests: Callable[[], Any]) -> Counter[tuple[int, str]]:
    """How often which status came with which text."""
    start = threading.Barrier(len(requests))

    def run(request: Callable[[], Any]) -> tuple[int, str]:
        try:
            connection.ensure_connection()
            start.wait(timeout=30)
            answer = request()
            return answer.status_code, answer.json().get("error", "")
        finally:
            connection.close()

    with ThreadPoolExecutor(len(requests)) as threads:
        return Counter(threads.map(run, requests))


def save(user: User, document: Document, content: str) -> Callable[[], Any]:
    path, body = f"/api/documents/{hex_id(document)}/content", {"content": content, "saveType": "manual"}
    return lambda: client_of(user).put(path, body)


def add(user: User, document: Document, member: User) -> Callable[[], Any]:
    path, body = f"/api/documents/{hex_id(document)}/collaborators", {"userId": hex_id(member)}
    return lambda: client_of(user).post(path, body)


def delete(user: User, document: Document) -> Callable[[], Any]:
    return lambda: client_of(user).delete(f"/api/documents/{hex_id(document)}")


def test_parallel_saves_all_become_versions_with_contiguous_numbers(cast: Cast, document: Document) -> None:
    make_version(document)
    texts = [f"text {number} " * number for number in range(20)]

    outcomes = at_once(*(save(cast.ben, document, text) for text in texts))

    assert outcomes == {(200, ""): 20}
    versions = DocumentVersion.objects.filter(version__gt=1).order_by("version")
    assert [version.version for version in versions] == list(range(2, 22))
    assert sorted(version.content for version in versions) == sorted(texts)
    document.refresh_from_db()
    assert document.content == versions.last().content
    assert document.metadata["wordCount"] == versions.last().metadata["wordCount"]


def test_parallel_saves_are_compared_with_the_text_that_they_replace(cast: Cast, document: Document) -> None:
    at_once(*(save(cast.ben, document, "a " * number) for number in range(1, 9)))

    before = 5
    for version in DocumentVersion.objects.order_by("version"):
        change = version.changes["addedWords"] - version.changes["deletedWords"]
        assert before + change == version.metadata["wordCount"]
        before = version.metadata["wordCount"]


def test_collaborator_is_added_once(cast: Cast, document: Document) -> None:
    dora = enroll(make_user("dora"), cast.course).student

    outcomes = at_once(*[add(cast.ben, document, dora)] * 6)

    assert outcomes == {(200, ""): 1, (400, "User is already a collaborator"): 5}
    assert DocumentCollaborator.objects.count() == 1


def test_collaborators_added_at_once_each_have_a_place(cast: Cast, document: Document) -> None:
    students = [enroll(make_user(f"s{number}"), cast.course).student for number in range(6)]

    outcomes = at_once(*(add(cast.ben, document, student) for student in students))

    assert outcomes == {(200, ""): 6}
    assert sorted(DocumentCollaborator.objects.values_list("ordinal", flat=True)) == list(range(6))


def test_document_is_deleted_once(cast: Cast, document: Document) -> None:
    outcomes = at_once(*[delete(cast.ben, document)] * 4)

    assert outcomes == {(200, ""): 1, (404, "Document not found"): 3}


def test_deleted_document_changes_no_more(cast: Cast, document: Document) -> None:
    dora = enroll(make_user("dora"), cast.course).student
    saves = [save(cast.ben, document, f"text {number}") for number in range(4)]

    outcomes = at_once(delete(cast.ben, document), add(cast.ben, document, dora), *saves)

    assert outcomes.keys() <= {(200, ""), (404, "Document not found")}
    served = outcomes[200, ""]
    done = 1 + DocumentCollaborator.objects.count() + DocumentVersion.objects.count()
    assert served == done
    document.refresh_from_db()
    assert document.status == "deleted"
    last = DocumentVersion.objects.order_by("version").last()
    assert document.content == (last.content if last else "It was a dark night.")


def test_nobody_leaves_the_course_until_their_new_document_is_there(cast: Cast) -> None:
    def begin_to_leave() -> None:
        try:
            with transaction.atomic():
                Course.objects.select_for_update(nowait=True).get()
        finally:
            connection.close()

    with transaction.atomic(), ThreadPoolExecutor(1) as threads:
        find_course(user=cast.ben, course_id=cast.course.pk, lock=True)

        with pytest.raises(OperationalError, match="could not obtain lock"):
            threads.submit(begin_to_leave).result(timeout=30)
