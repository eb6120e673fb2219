"""`documents` -> `documents` and `document_collaborators`."""

from documents.models import Document, DocumentCollaborator, DocumentStatus, DocumentType
from migrate_mongo.mappings.base import CollectionMapping, Column, Members, Reference
from migrate_mongo.mappings.common import CREATED_AT, UPDATED_AT
from migrate_mongo.mappings.kinds import Bool, Choice, Date, Group, Id, Number, Text
from migrate_mongo.mappings.notes import Missing

MAPPING = CollectionMapping(
    collection="documents",
    model=Document,
    columns=(
        Column("title", "title", Text(fallback="")),
        Column("content", "content", Text(default="")),
        Reference("course", {"courses": "course_id"}, Missing.NULL),
        Reference("author", {"users": "author_id"}, Missing.REJECT),
        Reference("assignment", {"assignments": "assignment_id"}, Missing.NULL),
        Reference("submission", {"assignment_submissions": "submission_id"}, Missing.NULL),
        Column("type", "type", Choice(DocumentType, default="draft")),
        Column("status", "status", Choice(DocumentStatus, default="active")),
        Column(
            "settings",
            "settings",
            Group(
                {
                    "autoSave": Bool(default=True),
                    "autoSaveInterval": Number(default=30),
                    "allowCollaboration": Bool(default=False),
                    "versionLimit": Number(),
                }
            ),
        ),
        Column(
            "metadata",
            "metadata",
            Group(
                {
                    "wordCount": Number(default=0),
                    "characterCount": Number(default=0),
                    "readingTime": Number(default=0),
                    "lastEditedAt": Date(derived=lambda notes: notes.moment),
                    "lastEditedBy": Id("users"),
                }
            ),
        ),
        Column("chapter", "chapter", Text()),
        Column("lesson", "lesson", Text()),
        CREATED_AT,
        UPDATED_AT,
    ),
    children=(
        Members(
            "collaborators",
            DocumentCollaborator,
            parent="document_id",
            member="user_id",
            joined="joined_at",
            constants={"permission": "edit"},
            not_the="author",
        ),
    ),
)
