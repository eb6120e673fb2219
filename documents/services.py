"""What happens to documents."""

from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, F, OuterRef

from accounts.models import User
from courses.models import Course, Enrollment
from documents.models import (
    Document,
    DocumentCollaborator,
    DocumentQuerySet,
    DocumentStatus,
    default_document_settings,
)
from documents.rules import Rule
from documents.versions import OF_DOCUMENTS, Diff, SaveType, diff, record_version, text_metadata
from scribetree.api.fields import wire_date
from scribetree.errors import DeniedError, InvalidError, NotFoundError
from scribetree.fields import now
from scribetree.object_id import uuid_to_hex
from scribetree.prepared import Prepared
from scribetree.updates import update_row

MAY_READ = Rule(Document.can_be_read_by, "Access denied to this document")
MAY_READ_VERSIONS = Rule(Document.can_be_read_by, "Access denied")
MAY_EDIT = Rule(Document.can_be_edited_by, "No edit permissions for this document")
MAY_SHARE = Rule(Document.can_be_managed_by, "No permission to add collaborators")
MAY_DELETE = Rule(Document.can_be_managed_by, "No permission to delete this document")


def _active(rows: DocumentQuerySet, document_id: UUID, user_id: UUID) -> DocumentQuerySet:
    return rows.with_access(user_id).filter(pk=document_id, status=DocumentStatus.ACTIVE)


EXCERPT = Prepared(partial(_active, Document.objects.only("author", "course", "settings")))
WHOLE = Prepared(partial(_active, Document.objects.defer("extra").annotate(course_title=F("course__title"))))
LOCKED = Prepared(partial(_active, Document.objects.defer("extra").select_for_update(of=("self",), no_key=True)))

_COURSE = Prepared(
    lambda course_id, user_id: Course.objects.only("title", "instructor").with_membership(user_id).filter(pk=course_id)
)


@transaction.atomic
def create_document(*, author: User, course_id: UUID | None, settings: Any = None, **fields: Any) -> Document:
    """With an empty text, and that as its first version. Raises NotFoundError, DeniedError."""
    course = find_course(user=author, course_id=course_id, lock=True)
    document = Document.objects.create(
        **fields,
        author=author,
        course=course,
        settings={**default_document_settings(), **(settings or {})},
        metadata={**text_metadata(""), **_edit_marks(author)},
    )
    record_version(
        parent=document,
        author=author,
        save_type=SaveType.MANUAL,
        description="Initial document creation",
        change=Diff(),
    )
    document.collaborator_ids = []
    return document


@transaction.atomic
def save_content(
    *, document_id: UUID | None, editor: User, content: str, title: str | None = None, save_type: str = SaveType.AUTO
) -> tuple[Document, bool]:
    """The document, and whether the save made a version. Raises NotFoundError, DeniedError."""
    document = find_document(user=editor, document_id=document_id, rule=MAY_EDIT, rows=LOCKED)
    change = diff(document.content, content)
    changes = _changes(document, editor, content, title)
    if changes:
        update_row(document, **changes)
    makes_version = OF_DOCUMENTS.makes_version(save_type, change)
    if makes_version:
        record_version(
            parent=document,
            author=editor,
            save_type=save_type,
            description=OF_DOCUMENTS.describe(save_type),
            change=change,
        )
    return document, makes_version


@transaction.atomic
def add_collaborator(*, document_id: UUID | None, user: User, member_id: UUID | None) -> Document:
    """Raises NotFoundError, DeniedError, and InvalidError for who is one already or not in the course."""
    document = find_document(user=user, document_id=document_id, rule=MAY_SHARE, rows=LOCKED)
    enrolled = Enrollment.objects.filter(course=document.course_id, student=OuterRef("pk"))
    member = User.objects.filter(pk=member_id).annotate(is_enrolled=Exists(enrolled)).first() if member_id else None
    if member is None:
        raise NotFoundError("User not found")
    # asked again, under the lock: what came with the document may be older than a wait for it
    present = dict(document.collaborators.values_list("user_id", "ordinal").order_by("ordinal", "joined_at"))
    if member.pk in present or member.pk == document.author_id:
        raise InvalidError("User is already a collaborator")
    if not (member.is_enrolled or member.pk == document.instructor_id):
        raise InvalidError("User is not a member of this course")
    ordinal = max(present.values(), default=-1) + 1
    DocumentCollaborator.objects.create(document=document, user=member, ordinal=ordinal)
    update_row(document)
    document.collaborator_ids = [*present, member.pk]
    return document


@transaction.atomic
def delete_document(*, document_id: UUID | None, user: User) -> None:
    """Its versions stay. Raises NotFoundError, DeniedError."""
    document = find_document(user=user, document_id=document_id, rule=MAY_DELETE, rows=LOCKED)
    update_row(document, status=DocumentStatus.DELETED)


def find_course(*, user: User, course_id: UUID | None, lock: bool = False) -> Course:
    """A course that the user belongs to, or any for an admin. While it is locked nobody leaves: that takes the lock."""
    if lock and course_id:
        Course.objects.select_for_update(no_key=True).only("pk").filter(pk=course_id).first()
    course = _COURSE.first(course_id, user.pk) if course_id else None
    if course is None:
        raise NotFoundError("Course not found")
    if course.can_be_read_by(user):
        return course
    raise DeniedError("Access denied to this course")


def find_document(*, user: User, document_id: UUID | None, rule: Rule, rows: Prepared[Document] = EXCERPT) -> Document:
    """An active document, with what its rules need. Raises NotFoundError, DeniedError."""
    document = rows.first(document_id, user.pk) if document_id else None
    if document is None:
        raise NotFoundError("Document not found")
    if not rule.allows(document, user):
        raise DeniedError(rule.denial)
    return document


def _changes(document: Document, editor: User, content: str, title: str | None) -> dict[str, Any]:
    """The columns that a save changes. An unchanged text keeps its counts, even imported ones, and its date."""
    changes: dict[str, Any] = {}
    marks: dict[str, Any] = {"lastEditedBy": uuid_to_hex(editor.pk)}
    if content != document.content:
        changes["content"] = content
        marks = {**text_metadata(content), **_edit_marks(editor)}
    if title and title != document.title:
        changes["title"] = title
    if any(document.metadata.get(name) != value for name, value in marks.items()):
        changes["metadata"] = {**document.metadata, **marks}
    return changes


def _edit_marks(editor: User) -> dict[str, str]:
    return {"lastEditedAt": wire_date(now()), "lastEditedBy": uuid_to_hex(editor.pk)}
