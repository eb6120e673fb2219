"""What came out wrong in the original when requests met (contract, section 11), asked of real processes at once."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from django.db import connection, transaction

from accounts.models import Role, User
from assignments.models import Assignment, AssignmentSubmission
from courses.models import Course, Enrollment
from courses.services import unenroll_student
from documents.models import Document, DocumentCollaborator, DocumentStatus, DocumentVersion
from scribetree.testing import enroll, hex_id, make_assignment, make_cast, make_course, make_document, make_user
from scribetree.tests.server import Answer, Server, outcomes, wait_for

pytestmark = pytest.mark.usefixtures("server")


def test_one_of_many_registrations_wins(server: Server) -> None:
    person = {"password": "password123", "firstName": "Nora", "lastName": "New", "role": "student"}
    spellings = ["new@example.org", "New@Example.org", " NEW@example.org "] * 2

    answers = server.at_once(
        *(partial(server.ask, "POST", "/auth/register", body={**person, "email": email}) for email in spellings)
    )

    assert outcomes(answers) == {(201, None): 1, (409, "User already exists with this email"): 5}
    assert User.objects.filter(email__iexact="new@example.org").count() == 1


def test_toggles_of_a_role_take_turns(server: Server) -> None:
    ben = make_user("ben")

    answers = server.at_once(*[partial(server.ask, "POST", "/admin/toggle-my-role", ben)] * 8)

    assert Counter(answer.body["message"] for answer in answers) == {
        "Role switched from student to educator": 4,
        "Role switched from educator to student": 4,
    }
    ben.refresh_from_db()
    assert ben.role == Role.STUDENT


def test_who_becomes_an_admin_meanwhile_stays_one(server: Server) -> None:
    cast = make_cast()
    body = {"userId": hex_id(cast.ben), "newRole": "educator"}

    def promote() -> None:
        User.objects.filter(pk=cast.ben.pk).update(role=Role.ADMIN)

    answer = asked_during(promote, partial(server.ask, "POST", "/admin/switch-role", cast.omar, body))

    assert outcomes([answer]) == {(403, "Cannot switch admin roles"): 1}
    cast.ben.refresh_from_db()
    assert cast.ben.role == Role.ADMIN


def test_courses_made_at_once_each_have_a_code(server: Server) -> None:
    ada = make_user("ada", Role.EDUCATOR)
    courses = [{"title": f"Course {number}", "description": "On a place"} for number in range(20)]

    answers = server.at_once(*(partial(server.ask, "POST", "/courses", ada, course) for course in courses))

    assert outcomes(answers) == {(201, None): 20}
    codes = set(Course.objects.values_list("enrollment_code", flat=True))
    assert {len(code) for code in codes} == {6}
    assert len(codes) == 20


def test_course_takes_no_more_students_than_it_has_seats(server: Server) -> None:
    course = make_course(make_user("ada", Role.EDUCATOR), max_students=30, enrollment_code="SEATS1")
    students = [make_user(f"student{number}") for number in range(50)]

    answers = server.at_once(
        *(partial(server.ask, "POST", "/courses/enroll", student, {"enrollmentCode": "SEATS1"}) for student in students)
    )

    assert outcomes(answers) == {(200, None): 30, (400, "Course is at maximum capacity"): 20}
    enrolled = {student.pk for student, answer in zip(students, answers, strict=True) if answer.status == 200}
    assert set(Enrollment.objects.filter(course=course).values_list("student", flat=True)) == enrolled


def test_student_enrols_once(server: Server) -> None:
    make_course(make_user("ada", Role.EDUCATOR), enrollment_code="SEATS1")
    ben = make_user("ben")

    answers = server.at_once(*[partial(server.ask, "POST", "/courses/enroll", ben, {"enrollmentCode": "SEATS1"})] * 5)

    assert outcomes(answers) == {(200, None): 1, (400, "Already enrolled in this course"): 4}
    assert Enrollment.objects.count() == 1


def test_student_leaves_once(server: Server) -> None:
    cast = make_cast()

    answers = server.at_once(*[partial(server.ask, "POST", f"/courses/{hex_id(cast.course)}/unenroll", cast.ben)] * 5)

    assert outcomes(answers) == {(200, None): 1, (400, "Not enrolled in this course"): 4}
    assert Enrollment.objects.count() == 0


def test_changes_of_a_course_are_all_kept(server: Server) -> None:
    cast = make_cast()
    changes = ({"title": "New"}, {"description": "New"}, {"maxStudents": 5}, {"tags": ["new"]}, {"isActive": False})

    answers = server.at_once(
        *(partial(server.ask, "PUT", f"/courses/{hex_id(cast.course)}", cast.ada, change) for change in changes)
    )

    assert outcomes(answers) == {(200, None): 5}
    course = Course.objects.get()
    assert (course.title, course.description, course.max_students, course.tags, course.is_active) == (
        "New",
        "New",
        5,
        ["new"],
        False,
    )


def test_stages_and_what_refers_to_them_stay_together(server: Server) -> None:
    """Each change alone is sound; after both, a setting would refer to a stage that is gone."""
    cast = make_cast()
    stages = [{"id": name, "name": name, "description": "x", "order": order} for order, name in enumerate("ab", 1)]
    setting = {"stageId": "a", "allowedTypes": [], "boundaryLevel": "strict"}

    for _ in range(5):
        assignment = make_assignment(cast.course, writing_stages=stages, description="x", instructions="x")
        change = partial(server.ask, "PUT", f"/assignments/{hex_id(assignment)}", cast.ada)

        answers = server.at_once(
            partial(change, {"writingStages": stages[1:]}),
            partial(change, {"aiSettings": {"enabled": True, "stageSpecificSettings": [setting]}}),
        )

        assert outcomes(answers) == {(200, None): 1, (400, "AI setting references invalid stage ID: a"): 1}
        assignment.refresh_from_db()
        names = {stage["id"] for stage in assignment.writing_stages}
        assert {each["stageId"] for each in assignment.ai_settings["stageSpecificSettings"]} <= names


def test_submission_is_made_once(server: Server) -> None:
    cast = make_cast()
    assignment = make_assignment(cast.course)

    answers = server.at_once(
        *[partial(server.ask, "POST", f"/assignments/{hex_id(assignment)}/submit", cast.ben, {})] * 8
    )

    assert outcomes(answers) == {(201, None): 8}
    submission = AssignmentSubmission.objects.get()
    assert {answer.body["data"]["_id"] for answer in answers} == {hex_id(submission)}


@pytest.mark.parametrize("path", ["/assignments/{assignment}/submit", "/documents"])
def test_who_leaves_the_course_meanwhile_begins_nothing(server: Server, path: str) -> None:
    cast = make_cast()
    assignment = make_assignment(cast.course)
    body = {"title": "Notes", "courseId": hex_id(cast.course)}

    answer = asked_during(
        partial(unenroll_student, student=cast.ben, course_id=cast.course.pk),
        partial(server.ask, "POST", path.format(assignment=hex_id(assignment)), cast.ben, body),
    )

    assert answer.status == 403
    assert (AssignmentSubmission.objects.count(), Document.objects.count()) == (0, 0)


def test_clone_is_of_one_moment_of_its_source(server: Server) -> None:
    cast = make_cast()
    parts = ("title", "description", "instructions")
    source = make_assignment(cast.course, **dict.fromkeys(parts, "Text 0"))
    path = f"/assignments/{hex_id(source)}"
    changes = [dict.fromkeys(parts, f"Text {number}") for number in range(1, 5)]

    answers = server.at_once(
        *(partial(server.ask, "PUT", path, cast.ada, change) for change in changes),
        *[partial(server.ask, "POST", f"{path}/clone", cast.ada, {"courseId": hex_id(cast.course)})] * 4,
    )

    assert outcomes(answers) == {(200, None): 4, (201, None): 4}
    clones = Assignment.objects.exclude(pk=source.pk)
    assert clones.count() == 4
    assert {(clone.title, clone.instructions) for clone in clones} <= {
        (f"{clone.description} (Copy)", clone.description) for clone in clones
    }


def test_documents_made_at_once_each_have_a_first_version(server: Server) -> None:
    cast = make_cast()
    body = {"title": "Notes", "courseId": hex_id(cast.course)}

    answers = server.at_once(*[partial(server.ask, "POST", "/documents", cast.ben, body)] * 20)

    assert outcomes(answers) == {(201, None): 20}
    versions = list(DocumentVersion.objects.values_list("document", "version"))
    assert sorted(versions) == sorted((key, 1) for key in Document.objects.values_list("pk", flat=True))
    assert len(versions) == 20


def test_no_save_of_a_document_is_lost(server: Server) -> None:
    cast = make_cast()
    document = make_document(cast.ben, course=cast.course)
    texts = [f"Text number {number}." for number in range(20)]

    answers = server.at_once(
        *(
            partial(
                server.ask,
                "PUT",
                f"/documents/{hex_id(document)}/content",
                cast.ben,
                {"content": text, "saveType": "manual"},
            )
            for text in texts
        )
    )

    assert outcomes(answers) == {(200, None): 20}
    versions = list(DocumentVersion.objects.order_by("version"))
    assert [version.version for version in versions] == list(range(1, 21))
    assert sorted(version.content for version in versions) == sorted(texts)
    document.refresh_from_db()
    assert document.content == versions[-1].content


def test_collaborator_is_added_once(server: Server) -> None:
    cast = make_cast()
    document = make_document(cast.ben, course=cast.course)
    dora = make_user("dora")
    enroll(dora, cast.course)
    path = f"/documents/{hex_id(document)}/collaborators"

    answers = server.at_once(*[partial(server.ask, "POST", path, cast.ben, {"userId": hex_id(dora)})] * 5)

    assert outcomes(answers) == {(200, None): 1, (400, "User is already a collaborator"): 4}
    assert DocumentCollaborator.objects.get().user == dora


def test_deleted_document_does_not_change_any_more(server: Server) -> None:
    cast = make_cast()
    dora = make_user("dora")
    enroll(dora, cast.course)
    document = make_document(cast.ben, course=cast.course)
    path = f"/documents/{hex_id(document)}"
    saves = [
        partial(server.ask, "PUT", f"{path}/content", cast.ben, {"content": f"Text {number}.", "saveType": "manual"})
        for number in range(4)
    ]

    *answers, added, deleted = server.at_once(
        *saves,
        partial(server.ask, "POST", f"{path}/collaborators", cast.ben, {"userId": hex_id(dora)}),
        partial(server.ask, "DELETE", path, cast.ben),
    )

    assert deleted.status == 200
    assert set(outcomes(answers)) <= {(200, None), (404, "Document not found")}
    document = Document.objects.get()
    assert document.status == DocumentStatus.DELETED
    assert document.versions.count() == outcomes(answers)[200, None]
    last = document.versions.order_by("version").last()
    assert document.content == (last.content if last else "It was a dark night.")
    assert (added.status, document.collaborators.count()) in {(200, 1), (404, 0)}


def asked_during(change: Callable[[], object], request: Callable[[], Answer]) -> Answer:
    """The answer to a request that meets a change which is made but not committed, and has to wait for that."""
    with ThreadPoolExecutor(1) as threads:
        with transaction.atomic():
            change()
            answer = threads.submit(request)
            wait_for(lambda: somebody_waits() or answer.done())
            assert not answer.done(), answer.result()
        return answer.result()


def somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid)))"
        )
        return bool(cursor.fetchone()[0])
