"""A save keeps the text as it is given, counts the work, and now and then makes a version."""

from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from assignments.models import AssignmentSubmission
from documents.models import DocumentVersion
from documents.submissions.services import writing
from documents.tests.submission_wire import TEXT, World, plain, refusal
from scribetree.testing import (
    add_submission_collaborator,
    client_of,
    hex_id,
    make_comment,
    make_user,
    make_version,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World()


def test_save_answers_with_the_whole_submission(world: World) -> None:
    data = world.save("<p>hello world</p>", title=" Ferry ", saveType="manual", sessionDuration=1.5)

    submission = world.stored()
    assignment = {
        "_id": hex_id(world.assignment),
        "id": hex_id(world.assignment),
        "collaboration": world.assignment.collaboration_settings,
        "versionControl": world.assignment.version_control_settings,
        "isOverdue": False,
        "daysRemaining": None,
    }
    assert data == {
        "submission": plain(submission, world.people["collaborator"], assignment=assignment),
        "versionCreated": True,
        "currentVersion": 1,
        "diff": {"addedChars": 0, "deletedChars": 2, "addedWords": 0, "deletedWords": 3},
    }
    assert (submission.title, submission.content) == ("Ferry", "<p>hello world</p>")
    assert (submission.word_count, submission.character_count) == (2, 17)
    assert submission.last_saved_at > world.submission.last_saved_at
    assert submission.updated_at > world.submission.updated_at


@pytest.mark.parametrize(
    "content",
    [
        "",
        " ",
        "\ufeff\u2028 <p>a&nbsp;</p>\r\n\t\x01\x85",
        "<script>alert('😀')</script>",
        "é" * 3 + "e\u0301",
        "x" * 1_000_000,
        "😀" * 500_000,
    ],
)
@pytest.mark.parametrize("save_type", ["auto", "manual"])
def test_content_is_kept_to_the_letter(world: World, content: str, save_type: str) -> None:
    data = world.save(content, saveType=save_type)

    assert data["submission"]["content"] == world.stored().content == content
    assert world.ok("author", "get")["content"] == content
    for version in DocumentVersion.objects.all():
        assert version.content == content


@pytest.mark.parametrize(
    ("content", "save_type", "makes_version", "milestone"),
    [
        (TEXT, "auto", False, None),
        (TEXT, "manual", True, "Added 0 words - manual save"),
        ("", "manual", True, "Added 0 words - manual save"),
        ("", "auto", False, None),
        (TEXT + " a" * 25, "auto", False, None),
        (TEXT + " a" * 26, "auto", True, None),
        (TEXT + "a" * 200, "auto", False, None),
        (TEXT + "a" * 201, "collaboration", True, None),
        (TEXT + " a" * 100, "auto", True, None),
        (TEXT + " a" * 101, "auto", True, "Added 101 words - auto save"),
    ],
)
def test_version_is_made_when_told_or_when_enough_changed(
    world: World, content: str, save_type: str, makes_version: bool, milestone: str | None
) -> None:
    data = world.save(content, saveType=save_type)

    assert data["versionCreated"] is makes_version
    assert DocumentVersion.objects.count() == makes_version
    assert [element["description"] for element in world.stored().major_milestones] == ([milestone] if milestone else [])


def test_version_and_milestone_tell_of_the_save(world: World) -> None:
    make_version(world.submission, version=4)
    content = TEXT + " a" * 30

    data = world.save(content, "collaborator", saveType="manual", title="Ferry")

    carl, submission = world.people["collaborator"], world.stored()
    version = submission.versions.get(version=5)
    assert data["currentVersion"] == submission.current_version == 5
    assert (version.title, version.content, version.author) == ("Ferry", content, carl)
    assert version.changes == {"type": "manual", "description": "Manual save", **data["diff"]}
    assert version.metadata == {"wordCount": 35, "characterCount": 46, "readingTime": 1}
    [milestone] = submission.major_milestones
    assert milestone == {
        "_id": milestone["_id"],
        "version": 5,
        "timestamp": milestone["timestamp"],
        "description": "Added 30 words - manual save",
        "wordCount": 35,
        "author": hex_id(carl),
    }


def test_first_save_counts_for_the_day_and_the_person(world: World) -> None:
    with time_machine.travel(datetime(2026, 3, 1, 23, 59, tzinfo=UTC), tick=False):
        world.save(TEXT + " a b", sessionDuration=1)
        world.save(TEXT + " a b c", sessionDuration=2)
    with time_machine.travel(datetime(2026, 3, 2, 0, 1, tzinfo=UTC), tick=False):
        world.save(TEXT, "collaborator", sessionDuration=0.5)

    analytics = world.stored().analytics
    assert [{**day, "_id": None} for day in analytics["writingPattern"]] == [
        {"_id": None, "date": "2026-03-01T00:00:00.000Z", "wordsWritten": 3, "timeSpent": 3, "revisionsCount": 2},
        {"_id": None, "date": "2026-03-02T00:00:00.000Z", "wordsWritten": 0, "timeSpent": 0.5, "revisionsCount": 1},
    ]
    stats = analytics["collaborationMetrics"]["contributorStats"]
    assert [{**stat, "_id": None} for stat in stats] == [
        {"_id": None, "user": hex_id(user), "wordsContributed": words, "editsCount": edits, "commentsCount": 0}
        for user, words, edits in ((world.people["author"], 3, 2), (world.people["collaborator"], 0, 1))
    ]
    assert analytics["totalWritingTime"] == 3.5
    assert len({element["_id"] for element in (*stats, *analytics["writingPattern"])}) == 4


@pytest.mark.parametrize(
    "analytics", [{}, {"writingPattern": [None], "collaborationMetrics": {"contributorStats": None}}]
)
def test_counts_that_were_never_stored_begin_at_nothing(world: World, analytics: dict[str, Any]) -> None:
    AssignmentSubmission.objects.update(analytics=analytics)

    world.save(TEXT + " a", sessionDuration=1)

    assert world.stored().analytics["writingPattern"][-1]["wordsWritten"] == 1


def test_unchanged_text_keeps_its_counts_and_its_date(world: World) -> None:
    AssignmentSubmission.objects.update(word_count=99)

    world.save(TEXT, title="")

    submission = world.stored()
    assert (submission.word_count, submission.last_saved_at) == (99, world.submission.last_saved_at)
    assert submission.analytics["writingPattern"][0]["revisionsCount"] == 1


@pytest.mark.parametrize(
    ("before", "after"),
    [("draft", "in_progress"), ("in_progress", "in_progress"), ("submitted", "submitted"), ("returned", "returned")],
)
def test_first_save_begins_the_work(before: str, after: str) -> None:
    world = World(status=before)

    assert world.save("New.")["submission"]["status"] == after


def test_graded_submission_is_closed() -> None:
    world = World(status="graded")

    answer = world.ask("author", "put", "/content", {"content": "New."})

    assert refusal(answer) == (409, "Submission has been graded")
    assert world.stored().content == TEXT


def test_collaborative_submission_knows_who_is_active() -> None:
    world = World(collaboration_settings={"isCollaborative": True, "activeUsers": [], "conflictResolution": "auto"})

    for name in ("author", "collaborator", "author"):
        data = world.save("New.", name)

    settings = data["submission"]["collaboration"]
    assert settings["activeUsers"] == [hex_id(world.people[name]) for name in ("author", "collaborator")]
    assert data["submission"]["isActivelyCollaborating"] is True


def test_submission_of_one_does_not_say_who_is_active(world: World) -> None:
    assert world.save("New.")["submission"]["collaboration"] == world.submission.collaboration_settings


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({}, "Content is required"),
        ({"content": None}, "Content is required"),
        ({"content": 5}, "Content is required"),
        ({"content": "x" * 1_000_001}, "content: is longer than 1000000 characters"),
        ({"content": "😀" * 500_001}, "content: is longer than 1000000 characters"),
        ({"content": "x\0"}, "content: must not contain the character U+0000"),
        ({"content": "x", "title": " \t"}, "Submission title is required"),
        ({"content": "x", "title": "y" * 201}, "title: is longer than 200 characters"),
        ({"content": "x", "saveType": "never"}, "saveType: `never` is not one of auto, manual, collaboration"),
        ({"content": "x", "sessionDuration": -1}, "sessionDuration: must be at least 0"),
        ({"content": "x", "sessionDuration": "soon"}, "sessionDuration: must be a number"),
        ({"content": "x", "sessionDuration": [1]}, "sessionDuration: must be a number"),
        ({"content": "x", "sessionDuration": 1e300}, "sessionDuration: must be at most 2147483647"),
    ],
)
def test_invalid_save_is_refused_and_changes_nothing(world: World, body: dict[str, Any], error: str) -> None:
    before = AssignmentSubmission.objects.values().get()

    assert refusal(world.ask("author", "put", "/content", body)) == (400, error)
    assert AssignmentSubmission.objects.values().get() == before
    assert not DocumentVersion.objects.exists()


def test_text_is_not_kept_without_the_version_that_is_due(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(**values: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(writing, "record_version", fail)

    assert world.ask("author", "put", "/content", {"content": "New.", "saveType": "manual"}).status_code == 500
    assert world.stored().content == TEXT


@pytest.mark.parametrize(
    ("save_type", "comments", "queries"),
    [("auto", 0, 5), ("manual", 0, 6), ("auto", 30, 6)],  # user; savepoint, submission, version, update, release
)
def test_save_costs_the_same_for_any_number_of_versions_and_people(
    world: World, save_type: str, comments: int, queries: int
) -> None:
    client = client_of(world.people["author"])
    for number in range(comments):
        make_comment(world.submission, world.people["educator"], ordinal=number)
    costs = []
    for count in (1, 30):
        for number in range(world.submission.versions.count(), count):
            add_submission_collaborator(world.submission, make_user(f"s{number}"), ordinal=number + 1)
            make_version(world.submission, version=number + 1)
        with CaptureQueriesContext(connection) as captured:
            body = {"content": f"{count} rows", "saveType": save_type}
            assert client.put(f"/api/submissions/{hex_id(world.submission)}/content", body).status_code == 200
        costs.append(len(captured))
        DocumentVersion.objects.filter(version__gt=count).delete()

    assert costs == [queries, queries]
