"""What the tests expect of the wire."""

from typing import Any

from accounts.models import User
from courses.models import Course
from documents.models import Document
from scribetree.api.fields import wire_date
from scribetree.fields import now
from scribetree.object_id import uuid_to_hex
from scribetree.testing import hex_id, make_document


def written(author: User, course: Course | None, **fields: Any) -> Document:
    """A document as the application leaves it: with marks of who edited it last."""
    metadata = {
        "wordCount": 5,
        "characterCount": 16,
        "readingTime": 1,
        "lastEditedAt": wire_date(now()),
        "lastEditedBy": hex_id(author),
    }
    return make_document(author, course=course, **{"metadata": metadata, **fields})


def person(user: User) -> dict[str, Any]:
    return {**name(user), "email": user.email}


def name(user: User) -> dict[str, Any]:
    return {"_id": hex_id(user), "firstName": user.first_name, "lastName": user.last_name}


def plain(document: Document, *collaborators: User) -> dict[str, Any]:
    """With all references as ids."""
    return {
        "_id": hex_id(document),
        "id": hex_id(document),
        "title": document.title,
        "content": document.content,
        "course": uuid_to_hex(document.course_id),
        "author": uuid_to_hex(document.author_id),
        "collaborators": [hex_id(user) for user in collaborators],
        "type": document.type,
        "status": document.status,
        "settings": document.settings,
        "metadata": document.metadata,
        "createdAt": wire_date(document.created_at),
        "updatedAt": wire_date(document.updated_at),
    }
