"""`assignmenttemplates` -> `assignment_templates`."""

from assignments.models import AssignmentTemplate, TemplateStatus
from migrate_mongo.mappings.base import CollectionMapping, Column, Reference
from migrate_mongo.mappings.common import CONFIGURATION, CREATED_AT, UPDATED_AT
from migrate_mongo.mappings.kinds import Bool, Choice, Integer, Text, TextArray
from migrate_mongo.mappings.notes import Missing

MAPPING = CollectionMapping(
    collection="assignmenttemplates",
    model=AssignmentTemplate,
    columns=(
        *CONFIGURATION,
        Reference("instructor", {"users": "instructor_id"}, Missing.NULL),
        Column("status", "status", Choice(TemplateStatus, default="draft")),
        Column("tags", "tags", TextArray(Text(), default=[])),
        Column("isPublic", "is_public", Bool(default=False)),
        Column("usageCount", "usage_count", Integer(default=0)),
        CREATED_AT,
        UPDATED_AT,
    ),
)
