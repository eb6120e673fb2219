"""Lists that were imported with notes come out as their rows are now; nobody comes back by an original."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from accounts.models import User
from assignments.models import AssignmentSubmission, SubmissionComment
from courses.models import Course, Enrollment
from documents.models import Document
from migrate_mongo.tests.conftest import Export, Import
from migrate_mongo.tests.dumps import CREATED, classroom, course, document, oid, submission, write_dump
from migrate_mongo.tests.exported import documents
from scribetree import testing
from scribetree.object_id import object_id_to_uuid

NOBODY = oid(99)


def key(number: int) -> Any:
    return object_id_to_uuid(oid(number))


class Editing:
    """A dump that is imported, edited and exported."""

    def __init__(self, folder: Path, import_dump: Import, export: Export, out: Path) -> None:
        self.folder = folder
        self.import_dump = import_dump
        self.export = export
        self.out = out

    def load(self, **collections: Any) -> None:
        self.import_dump(write_dump(self.folder / "dump", classroom(**collections)))

    def exported(self, collection: str, number: int) -> dict[str, Any]:
        self.export()
        [found] = [found for found in documents(self.out, collection) if found["_id"] == oid(number)]
        return found


@pytest.fixture
def editing(tmp_path: Path, import_dump: Import, export: Export, out: Path) -> Editing:
    return Editing(tmp_path, import_dump, export, out)


class TestMembers:
    STUDENTS = (None, str(oid(2)), oid(3), oid(2), NOBODY, "x", oid(3))

    def load(self, editing: Editing, students: Any = STUDENTS) -> None:
        editing.load(courses=[course(10, 1, students=students)])

    def students(self, editing: Editing) -> Any:
        return editing.exported("courses", 10)["students"]

    def test_unedited(self, editing: Editing) -> None:
        self.load(editing)

        assert self.students(editing) == list(self.STUDENTS)

    def test_one_who_left_is_not_brought_back_by_a_second_mention(self, editing: Editing) -> None:
        self.load(editing)
        Enrollment.objects.filter(student=key(3)).delete()

        assert self.students(editing) == [None, str(oid(2)), oid(2), NOBODY, "x"]

    def test_one_who_left_and_came_again_stands_at_the_end(self, editing: Editing) -> None:
        self.load(editing)
        Enrollment.objects.filter(student=key(2)).delete()
        testing.enroll(User.objects.get(pk=key(2)), Course.objects.get())

        assert self.students(editing) == [None, oid(3), NOBODY, "x", oid(3), oid(2)]

    def test_new_members_stand_at_the_end_in_the_order_of_joining(self, editing: Editing) -> None:
        self.load(editing, [oid(2), oid(3)])
        new = [testing.make_user(name) for name in ("ben", "cleo")]
        for place, student in enumerate(reversed(new)):
            testing.enroll(student, Course.objects.get(), enrolled_at=CREATED + timedelta(days=1 + place))

        assert self.students(editing)[:2] == [oid(2), oid(3)]
        assert [object_id_to_uuid(one) for one in self.students_again(editing)[2:]] == [new[1].pk, new[0].pk]

    def students_again(self, editing: Editing) -> Any:
        return documents(editing.out, "courses")[0]["students"]

    def test_a_row_that_is_given_to_someone_else_leaves_its_original_behind(self, editing: Editing) -> None:
        self.load(editing)
        Enrollment.objects.filter(student=key(2)).update(student=key(4))

        assert self.students(editing) == [None, oid(4), oid(3), NOBODY, "x", oid(3)]

    def test_one_who_led_nowhere_and_exists_now_is_no_member(self, editing: Editing) -> None:
        self.load(editing)
        testing.make_user("ben", pk=object_id_to_uuid(NOBODY))

        assert NOBODY not in self.students(editing)

    @pytest.mark.parametrize("students", [None, str(oid(2)), "x", 7])
    def test_what_is_no_list_gives_way_to_new_members(self, editing: Editing, students: Any) -> None:
        self.load(editing, students)
        assert self.students(editing) == students
        testing.enroll(User.objects.get(pk=key(4)), Course.objects.get())
        editing.export(editing.folder / "again")

        [found] = documents(editing.folder / "again" / editing.out.name, "courses")
        assert found["students"] == ([] if students is None else [students]) + [oid(4)]

    def test_an_author_who_collaborates_does_so_no_more_as_another_is_the_author(self, editing: Editing) -> None:
        editing.load(documents=[document(30, 2, collaborators=[oid(2), oid(3)])])
        Document.objects.update(author=key(4))

        assert editing.exported("documents", 30)["collaborators"] == [oid(3)]


class TestComments:
    FIRST = {"_id": oid(51), "id": oid(51), "author": oid(1), "content": "a\0b", "type": "shout", "createdAt": CREATED}
    SECOND = {
        "_id": oid(52),
        "author": str(oid(1)),
        "content": 5,
        "replies": [
            None,
            {"_id": oid(61), "author": NOBODY, "content": "x\0", "createdAt": CREATED},
            {"_id": oid(62), "author": oid(2), "content": "y"},
        ],
    }

    def load(self, editing: Editing, comments: Any = (FIRST, "x", SECOND)) -> None:
        editing.load(assignmentsubmissions=[submission(40, 20, 2, comments=comments)])

    def comments(self, editing: Editing) -> Any:
        return editing.exported("assignmentsubmissions", 40)["comments"]

    def test_an_edited_comment_keeps_its_other_originals(self, editing: Editing) -> None:
        self.load(editing)
        SubmissionComment.objects.filter(pk=key(51)).update(content="Better.")
        SubmissionComment.objects.filter(pk=key(52)).update(author=key(2), is_resolved=True)
        SubmissionComment.objects.filter(pk=key(61)).update(author=key(3))

        first, other, second = self.comments(editing)
        assert (first["content"], first["type"], other) == ("Better.", "shout", "x")
        assert (second["author"], second["content"], second["resolved"]) == (oid(2), 5, True)
        assert {"id", "createdAt"}.isdisjoint(second)
        nothing, reply, last = second["replies"]
        assert (nothing, reply["author"], reply["content"]) == (None, oid(3), "x\0")
        assert last == {"_id": oid(62), "author": oid(2), "content": "y"}

    def test_comments_that_go_and_come(self, editing: Editing) -> None:
        self.load(editing)
        SubmissionComment.objects.filter(pk=key(61)).delete()
        ada = User.objects.get(pk=key(1))
        new = testing.make_comment(AssignmentSubmission.objects.get(), ada, content="New.")
        parent = SubmissionComment.objects.get(pk=key(52))
        testing.make_comment(new.submission, ada, content="Well.", parent=parent)

        comments = self.comments(editing)
        assert [one["content"] if one != "x" else one for one in comments] == ["a\0b", "x", 5, "New."]
        assert [reply and reply["content"] for reply in comments[2]["replies"]] == [None, "y", "Well."]

    @pytest.mark.parametrize("comments", [None, {"content": "Alone."}, "x"])
    def test_what_is_no_list_gives_way_to_new_comments(self, editing: Editing, comments: Any) -> None:
        self.load(editing, comments)
        assert self.comments(editing) == comments
        testing.make_comment(AssignmentSubmission.objects.get(), User.objects.get(pk=key(1)), ordinal=1)
        editing.export(editing.folder / "again")

        [found] = documents(editing.folder / "again" / editing.out.name, "assignmentsubmissions")
        assert found["comments"][-1]["content"] == "Say more."
        assert len(found["comments"]) == (1 if comments is None else 2)

    def test_replies_that_were_no_list(self, editing: Editing) -> None:
        self.load(editing, [{**self.FIRST, "replies": None}])
        assert self.comments(editing)[0]["replies"] is None
        parent = SubmissionComment.objects.get()
        testing.make_comment(parent.submission, User.objects.get(pk=key(1)), parent=parent)
        editing.export(editing.folder / "again")

        [found] = documents(editing.folder / "again" / editing.out.name, "assignmentsubmissions")
        assert [reply["content"] for reply in found["comments"][0]["replies"]] == ["Say more."]
