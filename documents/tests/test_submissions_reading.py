"""What lists, one submission and its versions say."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from assignments.models import AssignmentStatus, AssignmentSubmission
from documents.models import DocumentVersion
from documents.tests.submission_wire import World, named, refusal
from documents.tests.wire import person
from scribetree.api.fields import wire_date
from scribetree.fields import now
from scribetree.testing import (
    add_submission_collaborator,
    client_of,
    hex_id,
    make_assignment,
    make_comment,
    make_submission,
    make_template,
    make_user,
    make_version,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World(assignment={"due_date": now() + timedelta(hours=30)})


def own(world: World, query: str = "", name: str = "author") -> Any:
    return client_of(world.people[name]).get(f"/api/submissions/my-submissions{query}")


def titles(world: World, query: str = "", name: str = "author") -> list[str]:
    return [row["title"] for row in own(world, query, name).json()["data"]]


def queries(world: World, path: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client_of(world.people["author"]).get(f"/api/submissions/{path}").status_code == 200
    return len(captured)


def dated(world: World) -> dict[str, Any]:
    assignment = world.assignment
    return {
        "_id": hex_id(assignment),
        "id": hex_id(assignment),
        "title": assignment.title,
        "dueDate": wire_date(assignment.due_date),
        "course": hex_id(world.course),
        "isOverdue": False,
        "daysRemaining": 2,
    }


def wire_comment(comment: Any, author: Any, replies: list[Any]) -> dict[str, Any]:
    return {
        "_id": hex_id(comment),
        "id": hex_id(comment),
        "author": author,
        "content": comment.content,
        "type": "comment",
        "resolved": False,
        "createdAt": wire_date(comment.created_at),
        "replies": replies,
    }


def wire_reply(reply: Any, author: Any) -> dict[str, Any]:
    key = hex_id(reply)
    moment = wire_date(reply.created_at)
    return {"_id": key, "id": key, "author": author, "content": reply.content, "createdAt": moment}


@pytest.mark.parametrize("name", ["author", "collaborator"])
def test_list_shows_what_one_writes(world: World, name: str) -> None:
    ada = world.people["educator"]
    comment = make_comment(world.submission, ada)

    body = own(world, name=name).json()

    shown = named(
        world.submission,
        world.people["collaborator"],
        assignment=dated(world),
        comments=[wire_comment(comment, hex_id(ada), [])],
    )
    assert body == {"message": "Submissions retrieved successfully", "data": [shown]}


@pytest.mark.parametrize("name", ["educator", "course's educator", "admin", "classmate"])
def test_list_shows_nothing_that_others_write(world: World, name: str) -> None:
    assert titles(world, name=name) == []


def test_list_has_the_last_saved_first_and_superseded_ones_too(world: World) -> None:
    ben = world.people["author"]
    moment = world.submission.last_saved_at
    live = make_submission(make_assignment(world.course), ben, title="live", last_saved_at=moment)
    make_submission(live.assignment, ben, title="old", superseded_by=live, last_saved_at=moment - timedelta(days=1))
    make_submission(make_assignment(world.course), ben, title="new", last_saved_at=moment + timedelta(days=1))

    assert titles(world) == ["new", "live", "First essay", "old"]


def test_list_is_filtered_searched_and_paged(world: World) -> None:
    ben = world.people["author"]
    other = make_assignment(world.course, title="The ferry")
    make_submission(other, ben, title="Mine", status="submitted")

    assert titles(world, "?status=submitted") == ["Mine"]
    assert titles(world, "?status=never") == []
    assert titles(world, f"?assignment={hex_id(world.assignment)}") == ["First essay"]
    assert titles(world, f"?assignment={other.pk}&status=draft") == []
    assert titles(world, "?search=ferry") == titles(world, "?search=mine") == ["Mine"]
    assert titles(world, "?page=2&limit=1") == ["First essay"]
    assert own(world, "?limit=1").json()["pagination"] == {"page": 1, "limit": 1, "total": 2, "pages": 2}
    assert refusal(own(world, "?assignment=nonsense")) == (400, "assignment: is not an id")


def test_deployment_is_named_by_its_own_id(world: World) -> None:
    template = make_template(world.people["educator"], title="An argument")
    deployment = make_assignment(
        world.course,
        template=template,
        title="An argument",
        requirements={"minWords": 5, "requiredSections": [], "allowedResources": []},
        course_specific_requirements={"maxWords": 9},
    )
    submission = make_submission(deployment, world.people["author"], last_saved_at=now() + timedelta(days=1))

    listed = own(world).json()["data"][0]["assignment"]
    opened = client_of(world.people["author"]).get(f"/api/submissions/{hex_id(submission)}").json()["data"]

    assert listed["_id"] == opened["assignment"]["_id"] == hex_id(deployment)
    assert opened["assignment"]["requirements"]["maxWords"] == 9


@pytest.mark.parametrize("name", ["author", "collaborator", "educator", "course's educator", "admin"])
def test_one_is_read_whole(world: World, name: str) -> None:
    ada, ben = world.people["educator"], world.people["author"]
    comment = make_comment(world.submission, ada)
    reply = make_comment(world.submission, ben, parent=comment, content="I will.")

    body = world.ask(name, "get").json()

    assignment = {
        **dated(world),
        "instructor": hex_id(ada),
        "requirements": world.assignment.requirements,
        "collaboration": world.assignment.collaboration_settings,
    }
    comments = [wire_comment(comment, person(ada), [wire_reply(reply, person(ben))])]
    shown = named(world.submission, world.people["collaborator"], assignment=assignment, comments=comments)
    assert body == {"message": "Submission retrieved successfully", "data": shown}


def test_one_without_anybody_else_and_of_an_archived_assignment_is_read(world: World) -> None:
    world.submission.collaborators.all().delete()
    type(world.assignment).objects.update(status=AssignmentStatus.ARCHIVED, due_date=None)

    data = world.ok("author", "get")

    assert (data["collaborators"], data["comments"], data["assignment"]["daysRemaining"]) == ([], [], None)


def test_what_deleted_people_said_stays(world: World) -> None:
    make_comment(world.submission, None, content="Well.")
    make_version(world.submission, author=None, metadata={"wordCount": 1})

    assert world.ok("author", "get")["comments"][0]["author"] is None
    assert world.ok("author", "get", "/versions")[0]["author"] is None


def test_stored_nulls_are_given_as_defaults(world: World) -> None:
    type(world.assignment).objects.update(requirements={"requiredSections": None}, collaboration_settings={})
    AssignmentSubmission.objects.update(collaboration_settings={}, analytics={}, grade=None)

    data = world.ok("author", "get")

    assert data["assignment"]["collaboration"]["allowComments"] is True
    assert data["assignment"]["requirements"]["requiredSections"] == []
    assert data["collaboration"] == {"isCollaborative": False, "activeUsers": [], "conflictResolution": "auto"}
    assert data["analytics"]["collaborationMetrics"]["contributorStats"] == []
    assert data["grade"] is None


def test_versions_are_listed_latest_first_with_their_texts(world: World) -> None:
    changes = {"type": "auto", "addedWords": 2, "deletedWords": 0, "addedChars": 9, "deletedChars": 0}
    metadata = {"wordCount": 2, "characterCount": 9, "readingTime": 1}
    for number in (1, 2, 3):
        make_version(world.submission, version=number, content=f"{number}", changes=changes, metadata=metadata)

    body = world.ask("author", "get", "/versions?limit=2").json()

    version = DocumentVersion.objects.get(version=3)
    first = body["data"][0]
    assert body["message"] == "Submission versions retrieved successfully"
    assert [row["content"] for row in body["data"]] == ["3", "2"]
    assert first == {
        "_id": hex_id(version),
        "id": hex_id(version),
        "document": hex_id(world.submission),
        "version": 3,
        "title": version.title,
        "content": "3",
        "changes": changes,
        "author": person(world.people["author"]),
        "metadata": metadata,
        "diff": {},
        "createdAt": wire_date(version.created_at),
        "age": first["age"],
        "changeSummary": "+2 words, +9 chars",
    }
    assert len(world.ok("author", "get", "/versions")) == 3


@pytest.mark.parametrize("limit", ["0", "-1", "1.5", "x"])
def test_limit_that_is_no_positive_whole_number_is_refused(world: World, limit: str) -> None:
    assert refusal(world.ask("author", "get", f"/versions?limit={limit}")) == (
        400,
        "limit must be a positive whole number",
    )


@pytest.mark.parametrize(
    ("path", "cost"),
    [("my-submissions", 4), ("{submission}", 4), ("{submission}/versions", 3)],
)
def test_reading_costs_the_same_for_any_number_of_rows(world: World, path: str, cost: int) -> None:
    path = path.format(submission=hex_id(world.submission))
    ben, ada = world.people["author"], world.people["educator"]
    costs = []
    for count in (1, 30):
        for number in range(world.submission.versions.count(), count):
            student = make_user(f"student{number}")
            comment = make_comment(world.submission, student, ordinal=number)
            make_comment(world.submission, ada, parent=comment)
            add_submission_collaborator(world.submission, student, ordinal=number + 1)
            make_version(world.submission, version=number + 1)
            other = make_submission(make_assignment(world.course), ben)
            add_submission_collaborator(other, student)
            make_comment(other, student)
        costs.append(queries(world, path))

    assert costs == [cost, cost]


def test_alone_one_submission_is_one_query(world: World) -> None:
    world.submission.collaborators.all().delete()

    assert queries(world, hex_id(world.submission)) == 2  # and the user
