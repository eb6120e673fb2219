"""What happens to a submission at once, in threads with connections of their own."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from assignments.configuration import default_collaboration
from assignments.models import Assignment, SubmissionCollaborator, SubmissionComment
from documents.models import DocumentVersion
from documents.tests.submission_wire import TEXT, World
from scribetree import testing
from scribetree.testing import enroll, hex_id, make_comment, make_user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world() -> World:
    return World(collaboration_settings={"isCollaborative": True, "activeUsers": [], "conflictResolution": "auto"})


def asking(world: World, name: str, method: str, path: str, body: Any = None) -> Callable[[], tuple[int, str]]:
    def ask() -> tuple[int, str]:
        answer = world.ask(name, method, path, body)
        return answer.status_code, answer.json().get("error", "")

    return ask


def saving(world: World, content: str, name: str = "author", **body: Any) -> Callable[[], tuple[int, str]]:
    return asking(world, name, "put", "/content", {"content": content, "saveType": "manual", **body})


def at_once(*actions: Callable[[], tuple[int, str]]) -> Counter[tuple[int, str]]:
    """How often which status came with which text."""
    return Counter(testing.at_once(*actions))


def test_parallel_saves_lose_neither_text_nor_count(world: World) -> None:
    texts = [f"text {number} " * number for number in range(1, 17)]
    names = ("author", "collaborator")

    outcomes = at_once(
        *(saving(world, text, names[number % 2], sessionDuration=1) for number, text in enumerate(texts))
    )

    assert outcomes == {(200, ""): 16}
    versions = list(DocumentVersion.objects.order_by("version"))
    assert [version.version for version in versions] == list(range(1, 17))
    assert sorted(version.content for version in versions) == sorted(texts)
    submission = world.stored()
    assert (submission.content, submission.current_version) == (versions[-1].content, 16)
    assert [milestone["version"] for milestone in submission.major_milestones] == list(range(1, 17))
    [day] = submission.analytics["writingPattern"]
    stats = submission.analytics["collaborationMetrics"]["contributorStats"]
    added = sum(version.changes["addedWords"] for version in versions)
    assert (day["revisionsCount"], day["timeSpent"], submission.analytics["totalWritingTime"]) == (16, 16, 16)
    assert {stat["user"]: stat["editsCount"] for stat in stats} == {hex_id(world.people[name]): 8 for name in names}
    assert day["wordsWritten"] == sum(stat["wordsContributed"] for stat in stats) == added
    assert set(submission.collaboration_settings["activeUsers"]) == {hex_id(world.people[name]) for name in names}


def test_parallel_saves_are_compared_with_the_text_that_they_replace(world: World) -> None:
    at_once(*(saving(world, "a " * number) for number in range(1, 9)))

    before = 5
    for version in DocumentVersion.objects.order_by("version"):
        before += version.changes["addedWords"] - version.changes["deletedWords"]
        assert before == version.metadata["wordCount"]


def test_submission_is_handed_in_once(world: World) -> None:
    outcomes = at_once(*[asking(world, "author", "patch", "/submit")] * 6)

    assert outcomes == {(200, ""): 6}
    assert DocumentVersion.objects.count() == len(world.stored().major_milestones) == 1


def test_final_version_is_what_was_handed_in(world: World) -> None:
    outcomes = at_once(asking(world, "author", "patch", "/submit"), *(saving(world, f"text {n}") for n in range(6)))

    assert outcomes == {(200, ""): 7}
    versions = list(DocumentVersion.objects.order_by("version").values_list("changes__description", "content"))
    place = [description for description, _ in versions].index("Final submission for grading")
    assert versions[place][1] == (versions[place - 1][1] if place else TEXT)
    assert world.stored().content == versions[-1][1]


def test_no_save_follows_the_grade(world: World) -> None:
    world.ok("author", "patch", "/submit")

    outcomes = at_once(
        asking(world, "educator", "patch", "/grade", {"score": 5}), *(saving(world, f"text {n}") for n in range(6))
    )

    assert outcomes.keys() <= {(200, ""), (409, "Submission has been graded")}
    submission = world.stored()
    versions = DocumentVersion.objects.order_by("version")
    assert (submission.status, submission.grade["score"]) == ("graded", 5)
    assert outcomes[200, ""] == versions.count()  # of which one is the final version, and one answer the grade's
    assert submission.content == versions.last().content


def test_submission_is_graded_and_returned_in_some_order(world: World) -> None:
    world.ok("author", "patch", "/submit")

    outcomes = at_once(
        asking(world, "educator", "patch", "/grade", {"score": 5}),
        asking(world, "educator", "patch", "/return", {"feedback": "More."}),
    )

    assert outcomes == {(200, ""): 2}
    assert world.stored().grade["score"] == 5


def test_comments_each_have_a_place_and_are_counted(world: World) -> None:
    first = make_comment(world.submission, world.people["educator"])
    path = f"/comments/{hex_id(first)}"

    outcomes = at_once(
        *[asking(world, "author", "post", "/comments", {"content": "Well."})] * 5,
        *[asking(world, "collaborator", "post", f"{path}/reply", {"content": "Yes."})] * 3,
        *[asking(world, "educator", "patch", f"{path}/resolve")] * 2,
        saving(world, "New."),
    )

    assert outcomes == {(201, ""): 5, (200, ""): 6}
    comments = SubmissionComment.objects.filter(parent=None).order_by("ordinal")
    assert list(comments.values_list("ordinal", "is_resolved")) == [(0, True), *((n, False) for n in range(1, 6))]
    assert sorted(first.replies.values_list("ordinal", flat=True)) == [0, 1, 2]
    [stat] = world.stored().analytics["collaborationMetrics"]["contributorStats"]
    assert (stat["commentsCount"], stat["editsCount"]) == (5, 1)


def test_collaborators_are_no_more_than_allowed_and_each_once(world: World) -> None:
    Assignment.objects.update(max_collaborators=3, collaboration_settings={**default_collaboration(), "enabled": True})
    students = [enroll(make_user(f"s{number}"), world.course).student for number in range(4)]
    additions = [
        asking(world, "author", "post", "/collaborators", {"collaboratorId": hex_id(student)})
        for student in (*students, *students)
    ]

    outcomes = at_once(*additions)

    assert outcomes[200, ""] == 2
    assert outcomes.keys() <= {
        (200, ""),
        (400, "User is already a collaborator"),
        (400, "Maximum number of collaborators reached"),
    }
    assert sorted(SubmissionCollaborator.objects.values_list("ordinal", flat=True)) == [0, 1, 2]
    stats = world.stored().analytics["collaborationMetrics"]["contributorStats"]
    assert len({stat["user"] for stat in stats}) == len(stats) == 2
