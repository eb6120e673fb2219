"""`documentversions` -> `document_versions`; `document` names a document or a submission."""

from documents.models import DocumentVersion
from migrate_mongo.mappings.base import CollectionMapping, Column, Reference
from migrate_mongo.mappings.common import CREATED_AT, TEXTS
from migrate_mongo.mappings.kinds import Group, Integer, Number, Text
from migrate_mongo.mappings.notes import Missing

MAPPING = CollectionMapping(
    collection="documentversions",
    model=DocumentVersion,
    columns=(
        Reference("document", {"documents": "document_id", "assignment_submissions": "submission_id"}, Missing.REJECT),
        Column("version", "version", Integer(minimum=1, required=True)),
        Column("title", "title", Text(fallback="")),
        Column("content", "content", Text(fallback="")),
        Reference("author", {"users": "author_id"}, Missing.NULL),
        Column(
            "changes",
            "changes",
            Group(
                {
                    "type": Text(),
                    "description": Text(),
                    "addedChars": Number(default=0),
                    "deletedChars": Number(default=0),
                    "addedWords": Number(default=0),
                    "deletedWords": Number(default=0),
                }
            ),
        ),
        Column(
            "metadata",
            "metadata",
            Group(
                {
                    "wordCount": Number(),
                    "characterCount": Number(),
                    "readingTime": Number(),
                    "sessionDuration": Number(),
                }
            ),
        ),
        Column("diff", "diff", Group({"additions": TEXTS, "deletions": TEXTS, "summary": Text()})),
        CREATED_AT,
    ),
)
