"""What a save changed, when it makes a version, and what the version says of itself."""

from typing import Any

import pytest

from assignments.models import AssignmentSubmission
from documents.models import Document, DocumentVersion
from documents.versions import OF_DOCUMENTS, OF_SUBMISSIONS, Diff, SaveType, VersionPolicy, diff, record_version
from scribetree.testing import make_assignment, make_cast, make_document, make_submission, make_version


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("", "", Diff()),
        ("same", "same", Diff()),
        ("", "<p>hello world</p>", Diff(added_chars=18, added_words=2)),
        ("one two three", "one", Diff(deleted_chars=10, deleted_words=2)),
        ("one two", "six ten", Diff()),
        ("aaaaaaaaaa", "a b c", Diff(deleted_chars=5, added_words=2)),
        ("a", "a😀", Diff(added_chars=2)),
        ("a\ufeffb", "a\x85b", Diff(deleted_words=1)),
    ],
)
def test_diff_counts_net_words_and_utf16_units(old: str, new: str, expected: Diff) -> None:
    assert diff(old, new) == expected


@pytest.mark.parametrize(("policy", "words", "chars"), [(OF_DOCUMENTS, 10, 100), (OF_SUBMISSIONS, 25, 200)])
def test_thresholds_are_exceeded_not_reached(policy: VersionPolicy, words: int, chars: int) -> None:
    at = [Diff(added_words=words), Diff(deleted_words=words), Diff(added_chars=chars)]
    over = [Diff(added_words=words + 1), Diff(deleted_words=words + 1), Diff(added_chars=chars + 1)]

    for save_type in (SaveType.AUTO, SaveType.COLLABORATION):
        assert [policy.makes_version(save_type, change) for change in at] == [False] * 3
        assert [policy.makes_version(save_type, change) for change in over] == [True] * 3
        assert not policy.makes_version(save_type, Diff(deleted_chars=10_000))
    assert policy.makes_version(SaveType.MANUAL, Diff())


@pytest.mark.parametrize(
    ("policy", "descriptions"),
    [
        (OF_DOCUMENTS, ["Auto-save", "Manual save", "Manual save"]),
        (OF_SUBMISSIONS, ["Auto-save checkpoint", "Manual save", "Manual save"]),
    ],
)
def test_description_tells_only_automatic_saves_apart(policy: VersionPolicy, descriptions: list[str]) -> None:
    assert [policy.describe(save_type) for save_type in SaveType] == descriptions


@pytest.mark.parametrize(
    ("changes", "summary"),
    [
        ({}, "No changes"),
        ({"addedWords": 0, "deletedWords": 0, "addedChars": 7}, "No changes"),
        ({"addedWords": 3, "deletedWords": 0, "addedChars": 17, "deletedChars": 0}, "+3 words, +17 chars"),
        ({"addedWords": 0, "deletedWords": 2, "addedChars": 0, "deletedChars": 9}, "-2 words, -9 chars"),
        ({"addedWords": 1, "deletedWords": 0, "addedChars": 0, "deletedChars": 4}, "+1 words, -4 chars"),
        ({"addedWords": None, "deletedWords": None}, ""),
    ],
)
def test_change_summary_is_led_by_the_words(changes: dict[str, Any], summary: str) -> None:
    assert DocumentVersion(changes=changes).change_summary == summary


def make_parent(kind: type[Document] | type[AssignmentSubmission]) -> Document | AssignmentSubmission:
    cast = make_cast()
    if kind is Document:
        return make_document(cast.ben, content="<p>hello world</p>")
    return make_submission(make_assignment(cast.course), cast.ben, content="<p>hello world</p>")


@pytest.mark.django_db
@pytest.mark.parametrize("kind", [Document, AssignmentSubmission])
def test_recorded_versions_are_numbered_from_the_highest(kind: type[Document] | type[AssignmentSubmission]) -> None:
    parent = make_parent(kind)
    values = {"parent": parent, "author": parent.author, "save_type": "manual", "description": "x", "change": Diff()}

    numbers = [record_version(**values).version]
    make_version(parent, version=7)
    numbers += [record_version(**values).version for _ in range(2)]

    assert numbers == [1, 8, 9]


@pytest.mark.django_db
@pytest.mark.parametrize("kind", [Document, AssignmentSubmission])
def test_recorded_version_has_what_the_original_stored(kind: type[Document] | type[AssignmentSubmission]) -> None:
    parent = make_parent(kind)

    made = record_version(
        parent=parent,
        author=parent.author,
        save_type=SaveType.AUTO,
        description="Auto-save",
        change=diff("", parent.content),
    )

    made.refresh_from_db()
    assert made.parent_id == parent.pk
    assert (made.title, made.content, made.author) == (parent.title, parent.content, parent.author)
    assert made.changes == {
        "type": "auto",
        "description": "Auto-save",
        "addedChars": 18,
        "deletedChars": 0,
        "addedWords": 2,
        "deletedWords": 0,
    }
    assert made.metadata == {"wordCount": 2, "characterCount": 17, "readingTime": 1}
    assert made.diff == {"additions": [], "deletions": []}
