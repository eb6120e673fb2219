"""Who may do what to whose documents."""

from typing import Any

import pytest

from accounts.models import Role, User
from documents.models import Document
from documents.tests.wire import written
from scribetree.testing import (
    add_document_collaborator,
    client_of,
    enroll,
    hex_id,
    make_cast,
    make_course,
    make_user,
    make_version,
)

pytestmark = pytest.mark.django_db

PEOPLE = ("author", "collaborator", "instructor", "admin", "classmate", "teacher elsewhere", "student elsewhere")
WRITERS = {"author", "collaborator"}
MANAGERS = {"author", "instructor", "admin"}
COURSE = {"classmate", "instructor"}


class World:
    def __init__(self, **settings: Any) -> None:
        cast = make_cast()
        dora = make_user("dora")
        enroll(dora, cast.course)
        self.people: dict[str, User] = {
            "author": cast.ben,
            "collaborator": make_user("carl"),
            "instructor": cast.ada,
            "admin": cast.omar,
            "classmate": dora,
            "teacher elsewhere": cast.cleo,
            "student elsewhere": make_user("eve"),
        }
        self.course = cast.course
        self.document = written(cast.ben, cast.course, settings={"autoSave": True, **settings})
        add_document_collaborator(self.document, self.people["collaborator"])
        for number in (1, 2):
            make_version(self.document, version=number)

    def statuses(self, method: str, path: str, body: Any = None) -> dict[str, int]:
        """What each gets to hear; nobody sees what another has done."""
        found = {}
        for name, user in self.people.items():
            answer = getattr(client_of(user), method)(f"/api/documents/{hex_id(self.document)}{path}", body)
            found[name] = answer.status_code
            Document.objects.update(status="active")
        return found


def expected(allowed: set[str]) -> dict[str, int]:
    return {name: 200 if name in allowed else 403 for name in PEOPLE}


@pytest.mark.parametrize("path", ["", "/versions", "/compare/1/2"])
def test_document_is_read_by_its_writers_and_managers(path: str) -> None:
    assert World().statuses("get", path) == expected(WRITERS | MANAGERS)


@pytest.mark.parametrize("path", ["", "/versions", "/compare/1/2"])
def test_document_open_to_collaboration_is_read_by_its_course(path: str) -> None:
    assert World(allowCollaboration=True).statuses("get", path) == expected(WRITERS | MANAGERS | COURSE)


def test_document_is_saved_by_its_writers() -> None:
    assert World().statuses("put", "/content", {"content": "New."}) == expected(WRITERS)


def test_document_open_to_collaboration_is_saved_by_its_course_but_no_admin() -> None:
    world = World(allowCollaboration=True)

    assert world.statuses("put", "/content", {"content": "New."}) == expected(WRITERS | COURSE)


@pytest.mark.parametrize("settings", [{}, {"allowCollaboration": True}])
def test_document_is_deleted_by_its_managers(settings: dict[str, Any]) -> None:
    assert World(**settings).statuses("delete", "") == expected(MANAGERS)


@pytest.mark.parametrize("settings", [{}, {"allowCollaboration": True}])
def test_document_is_shared_by_its_managers(settings: dict[str, Any]) -> None:
    world = World(**settings)

    told = world.statuses("post", "/collaborators", {"userId": hex_id(world.people["author"])})

    assert told == {name: 400 if name in MANAGERS else 403 for name in PEOPLE}


@pytest.mark.parametrize(
    "settings", [{}, {"allowCollaboration": False}, {"allowCollaboration": None}, {"allowCollaboration": True}]
)
@pytest.mark.parametrize("in_course", [True, False])
def test_visible_rows_are_those_that_can_be_read(settings: dict[str, Any], in_course: bool) -> None:
    world = World(**settings)
    if not in_course:
        Document.objects.update(course=None)

    for user in world.people.values():
        [document] = Document.objects.with_access(user)
        assert Document.objects.visible_to(user).exists() == document.can_be_read_by(user)


def test_open_document_is_closed_to_other_courses() -> None:
    world = World(allowCollaboration=True)
    fred = make_user("fred")
    enroll(fred, make_course(world.people["teacher elsewhere"]))

    assert not Document.objects.visible_to(fred).exists()
    assert client_of(fred).get(f"/api/documents/{hex_id(world.document)}").status_code == 403


def test_former_educator_still_has_what_is_in_the_course() -> None:
    world = World()
    User.objects.filter(pk=world.course.instructor_id).update(role=Role.STUDENT)

    assert world.statuses("get", "")["instructor"] == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("post", ""),
        ("get", "/course/{course}"),
        ("get", "/my-documents"),
        ("get", "/{document}"),
        ("put", "/{document}/content"),
        ("get", "/{document}/versions"),
        ("get", "/{document}/compare/1/2"),
        ("post", "/{document}/collaborators"),
        ("delete", "/{document}"),
    ],
)
def test_nothing_is_told_without_a_token(method: str, path: str) -> None:
    world = World()
    path = path.format(course=hex_id(world.course), document=hex_id(world.document))

    answer = getattr(client_of(None), method)(f"/api/documents{path}")

    assert (answer.status_code, answer.json()) == (401, {"error": "Access token required"})


UNKNOWN = ("66f1a2b3c4d5e6f708192a3b", "nonsense", "a.b", "0", "' OR 1=1")


@pytest.mark.parametrize("wire_id", UNKNOWN)
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", ""),
        ("put", "/content"),
        ("get", "/versions"),
        ("get", "/compare/1/x"),
        ("post", "/collaborators"),
        ("delete", ""),
    ],
)
def test_unknown_document_is_not_found_before_anything_else(method: str, path: str, wire_id: str) -> None:
    answer = getattr(client_of(make_user("omar", Role.ADMIN)), method)(f"/api/documents/{wire_id}{path}")

    assert (answer.status_code, answer.json()) == (404, {"error": "Document not found"})


@pytest.mark.parametrize("status", ["archived", "deleted"])
@pytest.mark.parametrize(
    ("method", "path"),
    [("get", ""), ("put", "/content"), ("get", "/versions"), ("post", "/collaborators"), ("delete", "")],
)
def test_document_that_is_not_active_is_not_found(method: str, path: str, status: str) -> None:
    world = World()
    Document.objects.update(status=status)
    client = client_of(world.people["author"])

    answer = getattr(client, method)(f"/api/documents/{hex_id(world.document)}{path}", {"content": "", "userId": "x"})

    assert (answer.status_code, answer.json()) == (404, {"error": "Document not found"})


@pytest.mark.parametrize(
    ("method", "path", "denial"),
    [
        ("get", "", "Access denied to this document"),
        ("put", "/content", "No edit permissions for this document"),
        ("get", "/versions?limit=x", "Access denied"),
        ("get", "/compare/x/1", "Access denied"),
        ("post", "/collaborators", "No permission to add collaborators"),
        ("delete", "", "No permission to delete this document"),
    ],
)
def test_outsider_is_denied_before_the_request_is_looked_at(method: str, path: str, denial: str) -> None:
    world = World()
    client = client_of(world.people["student elsewhere"])

    answer = getattr(client, method)(f"/api/documents/{hex_id(world.document)}{path}")

    assert (answer.status_code, answer.json()) == (403, {"error": denial})
