"""The same of templates, their deployments, and what is written for them."""

from datetime import UTC, datetime
from typing import Any

import orjson

from bench.floors import (
    VERSION_COLUMNS,
    Floor,
    Row,
    person,
    person_columns,
    present,
    summarised,
    wire_id,
)
from scribetree.text_metrics import measure

TEMPLATES = (
    "SELECT t.id AS _id, t.id, title, description, instructions, type, requirements,"
    ' collaboration_settings AS collaboration, version_control_settings AS "versionControl",'
    ' learning_objectives AS "learningObjectives", writing_stages AS "writingStages", ai_settings AS "aiSettings",'
    ' grading_criteria AS grading, status, tags, is_public AS "isPublic", usage_count AS "usageCount",'
    ' t.created_at AS "createdAt", t.updated_at AS "updatedAt",'
    ' (SELECT count(*) FROM assignments d WHERE d.template_id = t.id) AS "deploymentCount",'
    f" {person_columns('i', 'instructor')} FROM assignment_templates t JOIN users i ON i.id = t.instructor_id"
)


def templates(rows: Any) -> Any:
    data = []
    for row in rows:
        for group, members in (("aiSettings", "stageSpecificSettings"), ("grading", "rubric")):
            for element in row[group][members]:
                element["id"] = element["_id"]
        instructor = person(row, "instructor")
        data.append({**row, "instructor": instructor})
    return {"success": True, "data": data}


def my_templates(connection: Any, user: str) -> Any:
    return templates(
        connection.execute(
            f"{TEMPLATES} WHERE t.instructor_id = %s AND status <> 'archived' ORDER BY t.updated_at DESC, t.id DESC",
            [user],
        )
    )


def search(connection: Any, whole: str, unfinished: str) -> Any:
    words = (
        "plainto_tsquery('english', %(whole)s)",
        "(plainto_tsquery('english', %(unfinished)s) || %(prefix)s::tsquery)",
    )
    matching = " + ".join(f"(search_vector @@ {word})::int" for word in words)
    either = " || ".join(words)
    return templates(
        connection.execute(
            f"{TEMPLATES} WHERE status = 'published' AND is_public AND search_vector @@ ({either})"
            f" ORDER BY {matching} DESC, ts_rank(search_vector, {either}) DESC, usage_count DESC, t.id DESC",
            {"whole": whole, "unfinished": unfinished, "prefix": f"'{unfinished}':*"},
        )
    )


def deployments(connection: Any, course: str, user: str) -> Any:
    connection.execute(
        "SELECT instructor_id FROM courses c WHERE id = %s AND (instructor_id = %s OR EXISTS"
        " (SELECT FROM course_enrollments e WHERE e.course_id = c.id AND student_id = %s))",
        [course, user, user],
    ).fetchone()
    rows = connection.execute(
        'SELECT a.id AS _id, a.id, title, type, description, template_id, due_date AS "dueDate",'
        ' allow_late_submissions AS "allowLateSubmissions", course_id AS course, status,'
        ' published_at AS "publishedAt", coalesce(due_date < now(), false) AS "isOverdue",'
        ' ceil(extract(epoch FROM due_date - now()) / 86400)::int AS "daysRemaining", a.created_at AS "createdAt",'
        ' a.updated_at AS "updatedAt", learning_objectives, stage_due_dates AS "stageDueDates",'
        ' coalesce(course_specific_requirements, \'{"requiredSections": [], "allowedResources": []}\')'
        ' AS "courseSpecificRequirements", max_collaborators AS "maxCollaborators",'
        ' custom_instructions AS "customInstructions",'
        ' (SELECT count(*) FROM assignment_submissions s WHERE s.assignment_id = a.id) AS "submissionCount",'
        f" {person_columns('i', 'instructor')} FROM assignments a JOIN users i ON i.id = a.instructor_id"
        " WHERE course_id = %s AND template_id IS NOT NULL AND status = 'published'"
        " ORDER BY a.created_at DESC, a.id DESC",
        [course],
    )
    data = []
    for row in rows:
        key = row.pop("template_id")
        template = {
            "_id": key,
            "id": key,
            "title": row["title"],
            "type": row["type"],
            "description": row.pop("description"),
            "learningObjectives": row.pop("learning_objectives"),
        }
        instructor = person(row, "instructor")
        data.append({**present(row), "template": template, "instructor": instructor})
    return {"success": True, "data": data}


SUBMISSION_COLUMNS = (
    'SELECT s.id AS _id, s.id, assignment_id AS assignment, title, content, word_count AS "wordCount",'
    ' character_count AS "characterCount", status, submitted_at AS "submittedAt", last_saved_at AS "lastSavedAt",'
    ' current_version AS "currentVersion", collaboration_settings AS collaboration,'
    ' major_milestones AS "majorMilestones", analytics, grade, ai_interactions AS "aiInteractions",'
    ' s.created_at AS "createdAt", s.updated_at AS "updatedAt", (word_count + 199) / 200 AS "estimatedReadingTime"'
)
SUBMISSIONS = (
    f"{SUBMISSION_COLUMNS}, {person_columns('u', 'author')} FROM assignment_submissions s"
    " JOIN users u ON u.id = author_id"
)


def submissions(connection: Any, assignment_key: str, user: str) -> Any:
    connection.execute("SELECT FROM assignments WHERE id = %s AND instructor_id = %s", [assignment_key, user])
    found = {}
    for row in connection.execute(
        f"{SUBMISSIONS} WHERE assignment_id = %s ORDER BY last_saved_at DESC, s.id DESC", [assignment_key]
    ):
        author = person(row, "author")
        found[row["_id"]] = {
            **present(row),
            "author": author,
            "collaborators": [],
            "comments": [],
            "isActivelyCollaborating": False,
            "gradePercentage": None,
        }
    those = "SELECT id FROM assignment_submissions WHERE assignment_id = %s"
    for row in connection.execute(
        f"SELECT submission_id, {person_columns('u', 'u')} FROM submission_collaborators JOIN users u ON u.id = user_id"
        f" WHERE submission_id IN ({those}) ORDER BY ordinal",
        [assignment_key],
    ):
        found[row["submission_id"]]["collaborators"].append(person(row, "u"))
    for row in connection.execute(
        "SELECT submission_id, coalesce(element_id, id) AS _id, id, author_id AS author, content, position, type,"
        ' is_resolved AS resolved, created_at AS "createdAt" FROM submission_comments'
        f" WHERE submission_id IN ({those}) ORDER BY ordinal",
        [assignment_key],
    ):
        found[row.pop("submission_id")]["comments"].append({**present(row), "replies": []})
    return {"message": "Assignment submissions retrieved successfully", "data": list(found.values())}


def submission(connection: Any, key: str) -> Any:
    row = connection.execute(
        f"{SUBMISSION_COLUMNS}, {person_columns('u', 'author')}, task.*, ARRAY(SELECT user_id"
        " FROM submission_collaborators m WHERE m.submission_id = s.id ORDER BY ordinal) AS collaborators"
        " FROM assignment_submissions s JOIN users u ON u.id = author_id JOIN"
        " (SELECT id AS task_id, title AS task_title, due_date AS task_due, requirements AS task_requirements,"
        " collaboration_settings AS task_collaboration, course_id AS task_course, instructor_id AS task_instructor,"
        " coalesce(due_date < now(), false) AS task_overdue,"
        " ceil(extract(epoch FROM due_date - now()) / 86400)::int AS task_days FROM assignments) task"
        " ON task_id = assignment_id WHERE s.id = %s",
        [key],
    ).fetchone()
    assignment = {
        "_id": row["task_id"],
        "id": row.pop("task_id"),
        "title": row.pop("task_title"),
        "dueDate": row.pop("task_due"),
        "requirements": row.pop("task_requirements"),
        "collaboration": row.pop("task_collaboration"),
        "course": row.pop("task_course"),
        "instructor": row.pop("task_instructor"),
        "isOverdue": row.pop("task_overdue"),
        "daysRemaining": row.pop("task_days"),
    }
    author = person(row, "author")
    data = {**computed(row), "assignment": assignment, "author": author, "comments": comments(connection, key)}
    return {"message": "Submission retrieved successfully", "data": data}


def computed(row: Row) -> Row:
    return {**present(row), "isActivelyCollaborating": False, "gradePercentage": None}


def comments(connection: Any, key: str) -> list[Row]:
    found: dict[str, Row] = {}
    replies = []
    for row in connection.execute(
        "SELECT c.id AS key, coalesce(element_id, c.id) AS _id, c.id, parent_id, content, position, type,"
        f' is_resolved AS resolved, c.created_at AS "createdAt", {person_columns("u", "author")}'
        " FROM submission_comments c JOIN users u ON u.id = author_id WHERE submission_id = %s ORDER BY ordinal, c.id",
        [key],
    ):
        author, own, parent = person(row, "author"), row.pop("key"), row.pop("parent_id")
        if parent is None:
            found[own] = {**present(row), "author": author, "replies": []}
        else:
            reply = {name: row[name] for name in ("_id", "id", "content", "createdAt")}
            replies.append((parent, {**reply, "author": author}))
    for parent, reply in replies:
        found[parent]["replies"].append(reply)
    return list(found.values())


def save(connection: Any, key: str, user: str, body: Row) -> Any:
    """An automatic save, too small for a version, of what was saved before on the same day."""
    with connection.transaction():
        before = connection.execute(
            "SELECT word_count, length, analytics, collaboration_settings, version_control_settings"
            " FROM (SELECT assignment_id, word_count, length(content), analytics FROM assignment_submissions"
            " WHERE id = %s FOR NO KEY UPDATE) s JOIN assignments a ON a.id = assignment_id",
            [key],
        ).fetchone()
        metrics = measure(body["content"])
        words, chars = metrics.words - before["word_count"], len(body["content"]) - before["length"]
        analytics = counted(before["analytics"], wire_id(user), max(0, words), body["sessionDuration"])
        row = connection.execute(
            "WITH s AS (UPDATE assignment_submissions SET content = %s, word_count = %s, character_count = %s,"
            " analytics = %s, last_saved_at = date_trunc('milliseconds', clock_timestamp()) WHERE id = %s RETURNING *)"
            f" {SUBMISSION_COLUMNS}, author_id AS author, ARRAY(SELECT user_id FROM submission_collaborators m"
            " WHERE m.submission_id = s.id ORDER BY ordinal) AS collaborators, EXISTS (SELECT FROM submission_comments"
            " c WHERE c.submission_id = s.id) AS comments FROM s",
            [body["content"], metrics.words, metrics.chars, orjson.dumps(analytics).decode(), key],
        ).fetchone()
    for element in (
        *row["analytics"]["writingPattern"],
        *row["analytics"]["collaborationMetrics"]["contributorStats"],
    ):
        element["id"] = element["_id"]
    assignment = {
        "_id": row["assignment"],
        "id": row["assignment"],
        "collaboration": before["collaboration_settings"],
        "versionControl": before["version_control_settings"],
        "isOverdue": False,
        "daysRemaining": None,
    }
    saved = {
        **computed(row),
        "assignment": assignment,
        "comments": comments(connection, key) if row["comments"] else [],
    }
    difference = {
        "addedWords": max(0, words),
        "deletedWords": max(0, -words),
        "addedChars": max(0, chars),
        "deletedChars": max(0, -chars),
    }
    data = {
        "submission": saved,
        "versionCreated": False,
        "currentVersion": row["currentVersion"],
        "diff": difference,
    }
    return {"message": "Submission updated successfully", "data": data}


def counted(analytics: Row, user: str, words: int, minutes: float) -> Row:
    """Changes it in place."""
    today = datetime.now(UTC).date().isoformat()
    analytics["totalWritingTime"] += minutes
    for day in analytics["writingPattern"]:
        if day["date"][:10] == today:
            day["wordsWritten"] += words
            day["timeSpent"] += minutes
            day["revisionsCount"] += 1
    for contributor in analytics["collaborationMetrics"]["contributorStats"]:
        if contributor["user"] == user:
            contributor["wordsContributed"] += words
            contributor["editsCount"] += 1
    return analytics


def versions(connection: Any, key: str) -> Any:
    connection.execute("SELECT FROM assignment_submissions WHERE id = %s", [key]).fetchone()
    rows = connection.execute(
        "SELECT v.id AS _id, v.id, submission_id AS document, version, title, content, changes, metadata, diff,"
        f" {VERSION_COLUMNS} FROM document_versions v JOIN users u ON u.id = author_id"
        " WHERE submission_id = %s ORDER BY version DESC",
        [key],
    )
    return {"message": "Submission versions retrieved successfully", "data": summarised(rows)}


FLOORS: dict[str, Floor] = {
    "my templates": my_templates,
    "search of the library": search,
    "deployments of a course": deployments,
    "submissions": submissions,
    "one submission": submission,
    "save a submission": save,
    "versions of a submission": versions,
}
