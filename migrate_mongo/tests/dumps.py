"""Small dumps, made document by document."""

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import bson
from bson import ObjectId

CREATED = datetime(2025, 3, 1, 8, 30, 15, 123000, tzinfo=UTC)
TIMES = {"createdAt": CREATED, "updatedAt": CREATED, "__v": 0}

Documents = dict[str, Iterable[dict[str, Any] | bytes]]


def write_dump(folder: Path, collections: Documents) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, documents in collections.items():
        raws = (document if isinstance(document, bytes) else bson.encode(document) for document in documents)
        (folder / f"{name}.bson").write_bytes(b"".join(raws))
    return folder


def oid(number: int) -> ObjectId:
    """Ids in the order of the numbers, all of March 2025."""
    return ObjectId(f"67c2c500{number:016x}")


def user(number: int, **fields: Any) -> dict[str, Any]:
    return {
        "_id": oid(number),
        "email": f"user{number}@school.test",
        "password": "$2b$12$" + "x" * 53,
        "firstName": "Uma",
        "lastName": "Reed",
        "role": "student",
        "profilePicture": None,
        "isVerified": False,
        **TIMES,
        **fields,
    }


def course(number: int, instructor: int, **fields: Any) -> dict[str, Any]:
    return {
        "_id": oid(number),
        "title": "Rhetoric",
        "description": "How to persuade",
        "instructor": oid(instructor),
        "students": [],
        **TIMES,
        **fields,
    }


def assignment(number: int, course_number: int, instructor: int, **fields: Any) -> dict[str, Any]:
    return {
        "_id": oid(number),
        "title": "An essay",
        "description": "On a place",
        "instructions": "Write it.",
        "course": oid(course_number),
        "instructor": oid(instructor),
        **TIMES,
        **fields,
    }


def submission(number: int, assignment_number: int, author: int, **fields: Any) -> dict[str, Any]:
    return {
        "_id": oid(number),
        "assignment": oid(assignment_number),
        "author": oid(author),
        "title": "My essay",
        "content": "<p>Words</p>",
        "lastSavedAt": CREATED,
        "collaboration": {"lastActiveAt": CREATED},
        **TIMES,
        **fields,
    }


def document(number: int, author: int, **fields: Any) -> dict[str, Any]:
    return {
        "_id": oid(number),
        "title": "Notes",
        "author": oid(author),
        "metadata": {"lastEditedAt": CREATED},
        **TIMES,
        **fields,
    }


def version(number: int, parent: int, count: int, **fields: Any) -> dict[str, Any]:
    return {
        "_id": oid(number),
        "document": oid(parent),
        "version": count,
        "title": "Notes",
        "content": "x",
        "createdAt": CREATED,
        **fields,
    }


def classroom(**more: Any) -> Documents:
    """An educator (1), students (2 to 4), a course (10) and an assignment (20), and what is added."""
    return {
        "users": [user(1, role="educator"), user(2), user(3), user(4)],
        "courses": [course(10, 1)],
        "assignments": [assignment(20, 10, 1)],
        **more,
    }
