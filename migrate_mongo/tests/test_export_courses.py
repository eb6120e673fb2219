"""Courses and users made over the API come out as the original's own models wrote them."""

from pathlib import Path

import pytest
from bson.datetime_ms import DatetimeMS

from accounts.models import User
from courses.models import Course
from migrate_mongo.tests.conftest import Export
from migrate_mongo.tests.exported import documents
from scribetree.object_id import uuid_to_object_id
from scribetree.testing import client_of, hex_id, make_cast, make_user


def test_created_course_comes_out_with_its_students_in_order(export: Export, out: Path) -> None:
    cast = make_cast()
    body = {"title": "Poems", "description": "Rhyme", "subject": "English", "maxStudents": 30, "tags": ["Verse"]}
    client_of(cast.cleo).post("/api/courses", body)
    row = Course.objects.get(instructor=cast.cleo)
    students = [make_user(name) for name in ("zoe", "ann", "kim")]
    for student in [cast.ben, *students]:
        client_of(student).post("/api/courses/enroll", {"enrollmentCode": row.enrollment_code})
    client_of(students[0]).post(f"/api/courses/{hex_id(row)}/unenroll")
    row.refresh_from_db()

    export()

    [found] = [document for document in documents(out, "courses") if document["title"] == "Poems"]
    assert found == {
        "_id": uuid_to_object_id(row.pk),
        "title": "Poems",
        "description": "Rhyme",
        "subject": "English",
        "instructor": uuid_to_object_id(cast.cleo.pk),
        "students": [uuid_to_object_id(student.pk) for student in (cast.ben, *students[1:])],
        "isPublic": False,
        "maxStudents": 30,
        "settings": {
            "allowSelfEnrollment": False,
            "requireApprovalToJoin": True,
            "allowStudentDiscussions": True,
            "gradingScale": "points",
        },
        "status": "draft",
        "isActive": True,
        "enrollmentCode": row.enrollment_code,
        "tags": ["verse"],
        "createdAt": DatetimeMS(row.created_at),
        "updatedAt": DatetimeMS(row.updated_at),
        "__v": 0,
    }


def test_registered_user_comes_out_with_a_password_that_the_original_verifies(
    export: Export, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("accounts.hashers.SourceBcryptPasswordHasher.rounds", 4)
    body = {"email": " Ben@Example.org", "password": "password123", "firstName": "Ben", "lastName": "Test"}
    client_of(None).post("/api/auth/register", {**body, "role": "student"})
    row = User.objects.get()
    client_of(row).put("/api/auth/profile", {"bio": "Hello"})
    row.refresh_from_db()

    export()

    [found] = documents(out, "users")
    assert found == {
        "_id": uuid_to_object_id(row.pk),
        "email": "ben@example.org",
        "password": row.password.removeprefix("bcrypt$"),
        "firstName": "Ben",
        "lastName": "Test",
        "role": "student",
        "profilePicture": None,
        "bio": "Hello",
        "isVerified": False,
        "createdAt": DatetimeMS(row.created_at),
        "updatedAt": DatetimeMS(row.updated_at),
        "__v": 0,
    }
    assert found["password"].startswith("$2b$04$")
