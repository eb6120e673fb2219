"""The smallest SQL for the JSON of each request of the benchmark, from columns that come in the form of the wire."""

from collections.abc import Callable, Iterable
from typing import Any

import orjson

from scribetree.text_metrics import measure

Row = dict[str, Any]
Floor = Callable[..., Any]


def present(row: Row) -> Row:
    return {name: value for name, value in row.items() if value is not None}


def person(row: Row, prefix: str, *, email: bool = True) -> Row:
    """Takes a person's columns out of a row."""
    found = {
        "_id": row.pop(f"{prefix}_id"),
        "firstName": row.pop(f"{prefix}_first"),
        "lastName": row.pop(f"{prefix}_last"),
    }
    if email:
        found["email"] = row.pop(f"{prefix}_email")
    return found


def person_columns(alias: str, prefix: str, *, email: bool = True) -> str:
    columns = f"{alias}.id AS {prefix}_id, {alias}.first_name AS {prefix}_first, {alias}.last_name AS {prefix}_last"
    return f"{columns}, {alias}.email AS {prefix}_email" if email else columns


def profile(connection: Any, user: str) -> Any:
    row = connection.execute(
        'SELECT id, email, first_name AS "firstName", last_name AS "lastName", role,'
        ' profile_picture AS "profilePicture", bio, is_verified AS "isVerified", created_at AS "createdAt"'
        " FROM users WHERE id = %s",
        [user],
    ).fetchone()
    return {"user": {**present(row), "profilePicture": row["profilePicture"]}}


COURSES = (
    'SELECT c.id AS _id, title, description, subject, is_public AS "isPublic", max_students AS "maxStudents",'
    ' start_date AS "startDate", end_date AS "endDate", settings, status, is_active AS "isActive",'
    ' enrollment_code AS "enrollmentCode", tags, c.created_at AS "createdAt", c.updated_at AS "updatedAt",'
    f" {person_columns('i', 'instructor')} FROM courses c JOIN users i ON i.id = instructor_id "
)


def with_students(connection: Any, rows: Iterable[Row], where: str, parameters: list[str], *, email: bool) -> list[Row]:
    courses = {row["_id"]: {**present(row), "students": []} for row in rows}
    for course in courses.values():
        course["instructor"] = person(course, "instructor")
    students = connection.execute(
        f"SELECT course_id, {person_columns('s', 's', email=email)} FROM course_enrollments e"
        f" JOIN users s ON s.id = student_id WHERE course_id IN ({where}) ORDER BY ordinal",
        parameters,
    )
    for row in students:
        courses[row["course_id"]]["students"].append(person(row, "s", email=email))
    return list(courses.values())


def courses_of_educator(connection: Any, user: str) -> Any:
    rows = connection.execute(f"{COURSES} WHERE instructor_id = %s ORDER BY c.created_at DESC, c.id DESC", [user])
    data = with_students(connection, rows, "SELECT id FROM courses WHERE instructor_id = %s", [user], email=True)
    return {"success": True, "data": data, "totalCount": len(data)}


def courses_of_student(connection: Any, user: str) -> Any:
    joined = "SELECT course_id FROM course_enrollments WHERE student_id = %s"
    rows = connection.execute(
        f"{COURSES} WHERE is_active AND c.id IN ({joined}) ORDER BY c.created_at DESC, c.id DESC", [user]
    )
    data = with_students(connection, rows, joined, [user], email=False)
    return {"success": True, "data": data, "totalCount": len(data)}


def course(connection: Any, key: str) -> Any:
    rows = connection.execute(f"{COURSES} WHERE c.id = %s", [key])
    return {"course": with_students(connection, rows, "%s", [key], email=True)[0]}


ASSIGNMENTS = (
    'SELECT a.id AS _id, a.id, a.title, a.description, instructions, type, due_date AS "dueDate",'
    ' allow_late_submissions AS "allowLateSubmissions", max_collaborators AS "maxCollaborators", requirements,'
    ' collaboration_settings AS collaboration, version_control_settings AS "versionControl",'
    ' learning_objectives AS "learningObjectives", writing_stages AS "writingStages", ai_settings AS "aiSettings",'
    ' grading_criteria AS grading, a.status, published_at AS "publishedAt", a.created_at AS "createdAt",'
    ' a.updated_at AS "updatedAt", coalesce(due_date < now(), false) AS "isOverdue",'
    ' ceil(extract(epoch FROM due_date - now()) / 86400)::int AS "daysRemaining",'
    ' (SELECT count(*) FROM assignment_submissions s WHERE s.assignment_id = a.id) AS "submissionCount",'
)


def assignment_row(row: Row) -> Row:
    for group, members in (("aiSettings", "stageSpecificSettings"), ("grading", "rubric")):
        for element in row[group][members]:
            element["id"] = element["_id"]
    return {**present(row), "daysRemaining": row["daysRemaining"]}


def assignments_of_course(connection: Any, course: str, user: str) -> Any:
    connection.execute(
        "SELECT instructor_id FROM courses c WHERE id = %s AND (instructor_id = %s OR EXISTS"
        " (SELECT FROM course_enrollments e WHERE e.course_id = c.id AND student_id = %s))",
        [course, user, user],
    ).fetchone()
    rows = connection.execute(
        f"{ASSIGNMENTS} course_id AS course, {person_columns('i', 'instructor')} FROM assignments a"
        " JOIN users i ON i.id = a.instructor_id WHERE course_id = %s AND template_id IS NULL"
        " ORDER BY a.created_at DESC, a.id DESC",
        [course],
    )
    data = []
    for row in rows:
        instructor = person(row, "instructor")
        data.append({**assignment_row(row), "instructor": instructor})
    return {"message": "Assignments retrieved successfully", "data": data}


def my_assignments(connection: Any, user: str) -> Any:
    rows = connection.execute(
        f"{ASSIGNMENTS} a.instructor_id AS instructor, c.id AS course_id, c.title AS course_title FROM assignments a"
        " JOIN courses c ON c.id = a.course_id WHERE a.instructor_id = %s AND template_id IS NULL"
        " ORDER BY a.created_at DESC, a.id DESC",
        [user],
    )
    data = []
    for row in rows:
        course = {"_id": row.pop("course_id"), "title": row.pop("course_title")}
        data.append({**assignment_row(row), "course": course})
    return {"message": "Assignments retrieved successfully", "data": data}


def assignment(connection: Any, key: str, user: str) -> Any:
    row = connection.execute(
        f"{ASSIGNMENTS} {person_columns('i', 'instructor')}, c.id AS course_id, c.title AS course_title"
        " FROM assignments a JOIN users i ON i.id = a.instructor_id JOIN courses c ON c.id = a.course_id"
        " WHERE a.id = %s AND (a.instructor_id = %s OR EXISTS (SELECT FROM course_enrollments e"
        " WHERE e.course_id = c.id AND student_id = %s))",
        [key, user, user],
    ).fetchone()
    instructor = person(row, "instructor")
    course = {"_id": row.pop("course_id"), "title": row.pop("course_title"), "students": []}
    data = {**assignment_row(row), "instructor": instructor, "course": course}
    return {"message": "Assignment retrieved successfully", "data": data}


DOCUMENTS = (
    "SELECT d.id AS _id, d.id, d.title, content, assignment_id AS assignment, submission_id AS submission, type,"
    ' d.status, d.settings, metadata, chapter, lesson, d.created_at AS "createdAt", d.updated_at AS "updatedAt",'
    f" {person_columns('a', 'author')}, {person_columns('l', 'editor', email=False)}"
)
PEOPLE = (
    " FROM documents d JOIN users a ON a.id = author_id"
    " LEFT JOIN users l ON l.id = object_id_uuid(metadata->>'lastEditedBy')"
)


def document_row(row: Row) -> Row:
    row["author"] = person(row, "author")
    row["metadata"]["lastEditedBy"] = person(row, "editor", email=False)
    return {**present(row), "collaborators": []}


def add_collaborators(connection: Any, found: dict[str, Row], where: str, key: str) -> None:
    for row in connection.execute(
        f"SELECT document_id, {person_columns('u', 'u')} FROM document_collaborators JOIN users u ON u.id = user_id"
        f" WHERE document_id IN ({where}) ORDER BY ordinal",
        [key],
    ):
        found[row["document_id"]]["collaborators"].append(person(row, "u"))


def documents_of_course(connection: Any, course: str, user: str) -> Any:
    connection.execute("SELECT FROM courses WHERE id = %s AND instructor_id = %s", [course, user])
    rows = connection.execute(
        f"{DOCUMENTS}, course_id AS course,"
        ' (SELECT count(*) FROM document_versions v WHERE v.document_id = d.id) AS "versionCount"'
        f" {PEOPLE} WHERE course_id = %s AND d.status = 'active' ORDER BY metadata->>'lastEditedAt' DESC, d.id DESC",
        [course],
    )
    found = {row["_id"]: document_row(row) for row in rows}
    add_collaborators(connection, found, "SELECT id FROM documents WHERE course_id = %s", course)
    return {"message": "Documents retrieved successfully", "data": list(found.values())}


def document(connection: Any, key: str) -> Any:
    row = connection.execute(
        f"{DOCUMENTS}, c.id AS course_id, c.title AS course_title, c.instructor_id AS course_instructor {PEOPLE}"
        " JOIN courses c ON c.id = course_id WHERE d.id = %s AND d.status = 'active'",
        [key],
    ).fetchone()
    course = {
        "_id": row.pop("course_id"),
        "title": row.pop("course_title"),
        "instructor": row.pop("course_instructor"),
    }
    data = {**document_row(row), "course": course}
    add_collaborators(connection, {data["_id"]: data}, "%s", key)
    return {"message": "Document retrieved successfully", "data": data}


def save(connection: Any, key: str, user: str, body: Row) -> Any:
    """An automatic save, too small for a version."""
    with connection.transaction():
        connection.execute("SELECT content, metadata FROM documents WHERE id = %s FOR UPDATE", [key]).fetchone()
        metrics = measure(body["content"])
        metadata = {
            "wordCount": metrics.words,
            "characterCount": metrics.chars,
            "readingTime": metrics.reading_minutes,
            "lastEditedBy": wire_id(user),
        }
        row = connection.execute(
            "UPDATE documents SET content = %s, metadata = metadata || %s::jsonb || jsonb_build_object('lastEditedAt',"
            """ to_char(clock_timestamp(), 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')) WHERE id = %s"""
            " RETURNING id AS _id, id, title, content, course_id AS course, author_id AS author,"
            " assignment_id AS assignment, submission_id AS submission, type, status, settings, metadata, chapter,"
            ' lesson, created_at AS "createdAt", updated_at AS "updatedAt"',
            [body["content"], orjson.dumps(metadata).decode(), key],
        ).fetchone()
    people = connection.execute(
        "SELECT user_id FROM document_collaborators WHERE document_id = %s ORDER BY ordinal", [key]
    )
    data = {**present(row), "collaborators": [each["user_id"] for each in people]}
    return {"message": "Document updated successfully", "data": {"document": data, "versionCreated": False}}


def wire_id(key: str) -> str:
    bits = int(key.replace("-", ""), 16)
    return f"{(bits >> 80) << 48 | (bits >> 64 & 0xFFF) << 36 | bits >> 26 & 0xFFFFFFFFF:024x}"


VERSION_COLUMNS = (
    'v.created_at AS "createdAt", (extract(epoch FROM now() - v.created_at) * 1000)::bigint AS age,'
    f" {person_columns('u', 'author')}"
)


def summarised(versions: Any) -> list[dict[str, Any]]:
    return [
        # the author's columns are taken out of the row before the rest of it is
        {"author": person(row, "author"), **row, "changeSummary": change_summary(row["changes"])}
        for row in versions
    ]


def versions(connection: Any, key: str) -> Any:
    connection.execute("SELECT FROM documents WHERE id = %s AND status = 'active'", [key]).fetchone()
    rows = connection.execute(
        "SELECT v.id AS _id, v.id, document_id AS document, version, title, changes, metadata, diff,"
        f" {VERSION_COLUMNS} FROM document_versions v JOIN users u ON u.id = author_id"
        " WHERE document_id = %s ORDER BY version DESC LIMIT 10",
        [key],
    )
    return {"message": "Versions retrieved successfully", "data": summarised(rows)}


def change_summary(changes: Row) -> str:
    if not changes["addedWords"] and not changes["deletedWords"]:
        return "No changes"
    counts = (
        ("+", "addedWords", "words"),
        ("-", "deletedWords", "words"),
        ("+", "addedChars", "chars"),
        ("-", "deletedChars", "chars"),
    )
    return ", ".join(f"{sign}{changes[name]} {unit}" for sign, name, unit in counts if changes[name])


FLOORS: dict[str, Floor] = {
    "profile": profile,
    "courses of an educator": courses_of_educator,
    "courses of a student": courses_of_student,
    "one course": course,
    "assignments of a course": assignments_of_course,
    "one assignment": assignment,
    "my assignments": my_assignments,
    "documents of a course": documents_of_course,
    "one document": document,
    "save a document": save,
    "versions of a document": versions,
}
