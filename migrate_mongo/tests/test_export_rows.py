"""Rows made since the move come out in the original's shape: what its own models write."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from bson.datetime_ms import DatetimeMS
from django.db import connection

from accounts.models import Role, User
from migrate_mongo.tests.conftest import Export, Import, Verify
from migrate_mongo.tests.exported import documents
from scribetree import testing
from scribetree.fields import now
from scribetree.object_id import uuid_to_object_id

ARGON2_HASH = "argon2$argon2id$v=19$m=1,t=1,p=1$c29tZXNhbHQ$aGFzaA"


class TestRowsMadeSince:
    """In the original's shape: see what it writes in its own models."""

    def of(self, out: Path, row: Any, collection: str) -> dict[str, Any]:
        [found] = [found for found in documents(out, collection) if found["_id"] == uuid_to_object_id(row.pk)]
        return found

    def ms(self, moment: Any) -> DatetimeMS:
        return DatetimeMS(moment)

    def test_user(self, export: Export, out: Path) -> None:
        ada = testing.make_user("ada", Role.EDUCATOR)

        export()

        assert self.of(out, ada, "users") == {
            "_id": uuid_to_object_id(ada.pk),
            "email": "ada@example.org",
            "password": testing.PASSWORD_HASH.removeprefix("bcrypt$"),
            "firstName": "Ada",
            "lastName": "Test",
            "role": "educator",
            "profilePicture": None,
            "isVerified": False,
            "createdAt": self.ms(ada.created_at),
            "updatedAt": self.ms(ada.updated_at),
            "__v": 0,
        }

    def test_course_with_its_students_in_the_order_of_joining(self, export: Export, out: Path) -> None:
        ada = testing.make_user("ada", Role.EDUCATOR)
        course = testing.make_course(ada)
        students = [testing.make_user(f"s{number}") for number in range(4)]
        for place, student in enumerate(reversed(students)):
            testing.enroll(student, course, enrolled_at=now() + timedelta(seconds=place))

        export()

        found = self.of(out, course, "courses")
        assert found["students"] == [uuid_to_object_id(student.pk) for student in reversed(students)]
        assert found["instructor"] == uuid_to_object_id(ada.pk)
        assert found.keys() == {
            "_id",
            "title",
            "description",
            "instructor",
            "students",
            "isPublic",
            "settings",
            "status",
            "isActive",
            "tags",
            "createdAt",
            "updatedAt",
            "__v",
        }

    def test_deployment_holds_only_what_is_its_own(self, export: Export, out: Path) -> None:
        ada = testing.make_user("ada", Role.EDUCATOR)
        template = testing.make_template(ada)
        overrides = {"minWords": 100, "requiredSections": [], "allowedResources": []}
        deployed = testing.make_assignment(
            testing.make_course(ada), template=template, course_specific_requirements=overrides
        )

        export()

        assert documents(out, "assignments") == []
        found = self.of(out, deployed, "courseassignments")
        assert found["template"] == uuid_to_object_id(template.pk)
        assert found["courseSpecificRequirements"] == overrides
        assert "title" not in found

    def test_submission_with_comments_and_replies(self, export: Export, out: Path) -> None:
        cast = testing.make_cast()
        submission = testing.make_submission(testing.make_assignment(cast.course), cast.ben)
        comment = testing.make_comment(submission, cast.ada)
        reply = testing.make_comment(submission, cast.ben, parent=comment, content="What?")
        later = testing.make_comment(submission, cast.ada)

        export()

        found = self.of(out, submission, "assignmentsubmissions")
        assert [one["id"] for one in found["comments"]] == [uuid_to_object_id(comment.pk), uuid_to_object_id(later.pk)]
        assert found["comments"][0] == {
            "_id": uuid_to_object_id(comment.pk),
            "id": uuid_to_object_id(comment.pk),
            "author": uuid_to_object_id(cast.ada.pk),
            "content": "Say more.",
            "type": "comment",
            "resolved": False,
            "createdAt": self.ms(comment.created_at),
            "replies": [
                {
                    "_id": uuid_to_object_id(reply.pk),
                    "author": uuid_to_object_id(cast.ben.pk),
                    "content": "What?",
                    "createdAt": self.ms(reply.created_at),
                }
            ],
        }
        assert (found["grade"], found["aiInteractions"], found["__v"]) == ({"rubricScores": []}, [], 0)

    def test_versions_name_what_they_belong_to(self, export: Export, out: Path) -> None:
        cast = testing.make_cast()
        submission = testing.make_submission(testing.make_assignment(cast.course), cast.ben)
        document = testing.make_document(cast.ben)
        made = [testing.make_version(document), testing.make_version(submission)]

        export()

        assert [self.of(out, version, "documentversions")["document"] for version in made] == [
            uuid_to_object_id(document.pk),
            uuid_to_object_id(submission.pk),
        ]
        assert self.of(out, made[0], "documentversions")["diff"] == {"additions": [], "deletions": []}

    def test_session_and_notification(self, export: Export, out: Path) -> None:
        ben = testing.make_user("ben")
        session = testing.make_session(testing.make_document(ben))
        notification = testing.make_notification(ben)

        export()

        found = self.of(out, session, "writingsessions")
        assert (found["user"], found["snapshots"], found["__v"]) == (uuid_to_object_id(ben.pk), [], 0)
        told = self.of(out, notification, "notifications")
        assert told["intervention"] == {
            "severity": "info",
            "suggestedActions": [],
            "escalationRules": {"escalateTo": []},
        }
        assert {"sender", "readAt", "relatedMetrics"}.isdisjoint(told)

    def test_all_of_it_is_imported_again(
        self, import_dump: Import, verify_dump: Verify, export: Export, out: Path
    ) -> None:
        cast = testing.make_cast()
        submission = testing.make_submission(testing.make_assignment(cast.course), cast.ben)
        testing.make_comment(submission, cast.ada, parent=testing.make_comment(submission, cast.ada))
        document = testing.make_document(cast.ben, course=cast.course)
        testing.make_version(document)
        testing.make_session(document)
        testing.make_notification(cast.ben)

        export()
        connection.check_constraints()
        report = import_dump(out, restart=True)

        assert (report.totals["loaded"], report.totals["rejected"]) == (11, 0)
        assert verify_dump(out).status == "clean"


def test_passwords_that_the_original_cannot_verify_are_counted(export: Export) -> None:
    testing.make_user("ada")
    testing.make_user("ben", password=ARGON2_HASH)

    report = export()

    assert (report.status, report.notes["password_resets"]) == ("clean", 1)
    assert any(line.startswith("1 accounts need a password reset in the original") for line in report.lines())


def test_passwords_of_either_form_come_back(import_dump: Import, export: Export, out: Path) -> None:
    for name, password in [("ada", testing.PASSWORD_HASH), ("ben", ARGON2_HASH), ("cleo", "")]:
        testing.make_user(name, password=password)

    export()
    import_dump(out, restart=True)

    assert list(User.objects.order_by("email").values_list("password", flat=True)) == [
        testing.PASSWORD_HASH,
        ARGON2_HASH,
        "",
    ]


def test_versions_without_content_are_counted(export: Export) -> None:
    testing.make_version(testing.make_document(testing.make_user("ben")), content="")

    assert any(line.startswith("1 versions have no content") for line in export().lines())
