"""Comments, replies, and what is done with."""

from typing import Any

import pytest

from assignments.models import AssignmentSubmission, SubmissionComment
from documents.tests.submission_wire import UNKNOWN, World, plain, refusal
from documents.tests.wire import person
from scribetree.api.fields import wire_date
from scribetree.testing import hex_id, make_comment

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World()


def reply(world: World, name: str, comment: SubmissionComment | str, content: Any = "I will.") -> Any:
    key = comment if isinstance(comment, str) else hex_id(comment)
    return world.ask(name, "post", f"/comments/{key}/reply", {"content": content})


def resolve(world: World, name: str, comment: SubmissionComment) -> Any:
    return world.ask(name, "patch", f"/comments/{hex_id(comment)}/resolve")


def wire(comment: SubmissionComment, author: Any, **others: Any) -> dict[str, Any]:
    return {
        "_id": hex_id(comment),
        "id": hex_id(comment),
        "author": author,
        "content": comment.content,
        "type": comment.type,
        "resolved": comment.is_resolved,
        "createdAt": wire_date(comment.created_at),
        "replies": [],
        **others,
    }


def test_comment_is_added_after_the_others(world: World) -> None:
    ada, ben = world.people["educator"], world.people["author"]
    first = make_comment(world.submission, ben, ordinal=3)
    answer = make_comment(world.submission, ada, parent=first, ordinal=9)
    body = {"content": " Why? ", "type": "question", "position": {"start": 1, "end": 4.0, "note": 5}}

    data = world.ok("educator", "post", "/comments", body, 201)

    comment = SubmissionComment.objects.get(ordinal=4)
    position = {"start": 1, "end": 4}
    answers = [wire(answer, hex_id(ada))]
    for name in ("type", "resolved", "replies"):
        del answers[0][name]
    assert data == plain(
        world.stored(),
        world.people["collaborator"],
        comments=[wire(first, person(ben), replies=answers), wire(comment, person(ada), position=position)],
    )
    assert (comment.content, comment.type, comment.position) == ("Why?", "question", position)
    assert world.stored().updated_at > world.submission.updated_at


def test_comments_of_writers_are_counted_from_the_first(world: World) -> None:
    for name in ("author", "author", "collaborator", "educator", "admin"):
        world.ok(name, "post", "/comments", {"content": "Well."}, 201)

    stats = world.stored().analytics["collaborationMetrics"]["contributorStats"]
    assert {stat["user"]: (stat["commentsCount"], stat["editsCount"]) for stat in stats} == {
        hex_id(world.people["author"]): (2, 0),
        hex_id(world.people["collaborator"]): (1, 0),
    }


@pytest.mark.parametrize(
    "position",
    [
        None,
        5,
        [1, 2],
        {},
        {"start": 1},
        {"start": "1", "end": 2},
        {"start": 1.5, "end": 2},
        {"start": True, "end": 2},
        {"start": None, "end": 3},
        {"start": 1, "end": 1e300},
    ],
)
def test_position_that_is_none_is_ignored(world: World, position: Any) -> None:
    data = world.ok("author", "post", "/comments", {"content": "Well.", "position": position}, 201)

    assert "position" not in data["comments"][0]


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({}, "Content is required"),
        ({"content": None}, "Content is required"),
        ({"content": " \n"}, "content: must not be blank"),
        ({"content": []}, "content: must be text"),
        ({"content": "x" * 2001}, "content: is longer than 2000 characters"),
        ({"content": "x", "type": "praise"}, "type: `praise` is not one of comment, suggestion, question, approval"),
    ],
)
def test_invalid_comment_is_refused(world: World, body: dict[str, Any], error: str) -> None:
    assert refusal(world.ask("author", "post", "/comments", body)) == (400, error)
    assert not SubmissionComment.objects.exists()


def test_reply_is_added_below_its_comment(world: World) -> None:
    ada = world.people["educator"]
    comment = make_comment(world.submission, ada)

    for text in ("I will.", "I did."):
        answer = reply(world, "collaborator", comment, text)

    carl = hex_id(world.people["collaborator"])
    assert (answer.status_code, answer.json()["message"]) == (200, "Reply added successfully")
    [shown] = answer.json()["data"]["comments"]
    assert shown["author"] == hex_id(ada)
    assert [(row["content"], row["author"]) for row in shown["replies"]] == [("I will.", carl), ("I did.", carl)]
    assert list(comment.replies.order_by("ordinal").values_list("ordinal", flat=True)) == [0, 1]
    assert world.stored().updated_at > world.submission.updated_at


def test_only_comments_of_the_submission_are_answered_and_resolved(world: World) -> None:
    comment = make_comment(world.submission, world.people["author"])
    answer = make_comment(world.submission, world.people["author"], parent=comment)

    for key in (UNKNOWN, "nonsense", hex_id(answer)):
        assert refusal(reply(world, "author", key)) == (404, "Comment not found")
        assert refusal(reply(world, "author", key, 7 * [""])) == (404, "Comment not found")
    assert refusal(resolve(world, "author", answer)) == (404, "Comment not found")


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (None, "Content is required"),
        ("", "content: must not be blank"),
        ("x" * 1001, "content: is longer than 1000 characters"),
    ],
)
def test_invalid_reply_is_refused(world: World, content: Any, error: str) -> None:
    comment = make_comment(world.submission, world.people["author"])

    assert refusal(reply(world, "author", comment, content)) == (400, error)


def test_resolved_comment_stays_resolved(world: World) -> None:
    ada, key = world.people["educator"], hex_id(world.assignment)
    comment = make_comment(world.submission, ada)

    first, again = (resolve(world, "author", comment) for _ in range(2))

    comment.refresh_from_db()
    assignment = {"_id": key, "id": key, "instructor": hex_id(ada), "isOverdue": False, "daysRemaining": None}
    assert comment.is_resolved
    assert (
        first.json()
        == again.json()
        == {
            "message": "Comment resolved successfully",
            "data": plain(
                world.stored(),
                world.people["collaborator"],
                assignment=assignment,
                comments=[wire(comment, hex_id(ada))],
            ),
        }
    )


def test_graded_submission_is_still_talked_about() -> None:
    world = World(status="graded")

    assert world.ask("author", "post", "/comments", {"content": "Why?"}).status_code == 201
    assert AssignmentSubmission.objects.get().status == "graded"
