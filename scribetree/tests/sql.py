"""Rows of the thirteen tables in plain SQL, as programs other than Django write them."""

from collections.abc import Callable
from itertools import count
from typing import Any
from uuid import UUID, uuid4

_number = count(1)


def parent(table: str) -> Callable[[Any], UUID]:
    return lambda cursor: insert(cursor, table)["id"]


def unique(text: str) -> Callable[[Any], str]:
    return lambda cursor: text.format(next(_number))


_MOMENT = "2024-05-17T10:30:00.123Z"
_PAIR = {"id": lambda cursor: uuid4(), "ordinal": 0}
_CONFIGURATION = {
    "title": "Argument",
    "description": "",
    "instructions": "",
    "type": "individual",
    "requirements": "{}",
    "writing_stages": "[]",
    "learning_objectives": "[]",
    "ai_settings": "{}",
    "grading_criteria": "{}",
    "collaboration_settings": "{}",
    "version_control_settings": "{}",
}

# What a row needs beside what the database fills in itself. A function is called for each row.
ROWS: dict[str, dict[str, Any]] = {
    "users": {
        "email": unique("person{}@example.org"),
        "password_hash": "",
        "first_name": "Ada",
        "last_name": "Lang",
        "role": "student",
        "is_verified": False,
    },
    "courses": {
        "title": "Rhetoric",
        "description": "",
        "instructor_id": parent("users"),
        "is_public": False,
        "settings": "{}",
        "status": "draft",
        "is_active": True,
        "tags": "{}",
    },
    "course_enrollments": {
        **_PAIR,
        "course_id": parent("courses"),
        "student_id": parent("users"),
        "enrolled_at": _MOMENT,
        "status": "active",
    },
    "assignment_templates": {
        **_CONFIGURATION,
        "instructor_id": parent("users"),
        "status": "draft",
        "tags": "{}",
        "is_public": False,
        "usage_count": 0,
    },
    "assignments": {
        **_CONFIGURATION,
        "course_id": parent("courses"),
        "instructor_id": parent("users"),
        "stage_due_dates": "[]",
        "status": "draft",
        "allow_late_submissions": True,
    },
    "assignment_submissions": {
        "assignment_id": parent("assignments"),
        "author_id": parent("users"),
        "title": "Essay",
        "content": "",
        "word_count": 0,
        "character_count": 0,
        "status": "draft",
        "last_saved_at": _MOMENT,
        "current_version": 1,
        "collaboration_settings": "{}",
        "major_milestones": "[]",
        "analytics": "{}",
        "ai_interactions": "[]",
    },
    "submission_collaborators": {
        **_PAIR,
        "submission_id": parent("assignment_submissions"),
        "user_id": parent("users"),
        "role": "collaborator",
        "joined_at": _MOMENT,
    },
    "submission_comments": {
        "submission_id": parent("assignment_submissions"),
        "author_id": parent("users"),
        "ordinal": 0,
        "content": "Why?",
        "type": "comment",
        "is_resolved": False,
    },
    "documents": {
        "title": "Essay",
        "content": "",
        "author_id": parent("users"),
        "type": "draft",
        "status": "active",
        "settings": "{}",
        "metadata": "{}",
    },
    "document_collaborators": {
        **_PAIR,
        "document_id": parent("documents"),
        "user_id": parent("users"),
        "permission": "edit",
        "joined_at": _MOMENT,
    },
    "document_versions": {
        "document_id": parent("documents"),
        "version": 1,
        "title": "Essay",
        "content": "",
        "author_id": parent("users"),
        "changes": "{}",
        "metadata": "{}",
        "diff": "{}",
    },
    "writing_sessions": {
        "document_id": parent("documents"),
        "user_id": parent("users"),
        "start_time": _MOMENT,
        "activity": "{}",
        "snapshots": "[]",
        "productivity": "{}",
    },
    "notifications": {
        "recipient_id": parent("users"),
        "type": "comment_added",
        "category": "collaboration",
        "priority": "medium",
        "title": "A comment",
        "message": "",
        "context": "{}",
        "tags": "{}",
        "channels": "{}",
        "status": "pending",
        "action_required": False,
    },
}


def insert(cursor: Any, table: str, **columns: Any) -> dict[str, Any]:
    """Inserts a row that is valid but for the columns given, and those that it refers to; returns all of it."""
    row = {name: value(cursor) if callable(value) else value for name, value in {**ROWS[table], **columns}.items()}
    names, places = ", ".join(row), ", ".join(["%s"] * len(row))
    cursor.execute(f"INSERT INTO {table} ({names}) VALUES ({places}) RETURNING *", list(row.values()))
    return dict(zip([column.name for column in cursor.description], cursor.fetchone(), strict=True))


def fetch(cursor: Any, query: str, *parameters: Any) -> Any:
    """The first column of the first row."""
    cursor.execute(query, parameters)
    return cursor.fetchone()[0]
