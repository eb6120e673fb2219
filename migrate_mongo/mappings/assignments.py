"""`assignments` -> `assignments` without a template."""

from assignments.models import Assignment, AssignmentStatus
from migrate_mongo.mappings.base import CollectionMapping, Column, Reference
from migrate_mongo.mappings.common import CONFIGURATION, CREATED_AT, UPDATED_AT
from migrate_mongo.mappings.kinds import Bool, Choice, Integer, Moment
from migrate_mongo.mappings.notes import Missing

# What a deployed template and a direct assignment have in common beside their content.
SCHEDULE = (
    Reference("course", {"courses": "course_id"}, Missing.REJECT),
    Reference("instructor", {"users": "instructor_id"}, Missing.REJECT),
    Column("dueDate", "due_date", Moment()),
    Column("allowLateSubmissions", "allow_late_submissions", Bool(default=True)),
    Column("maxCollaborators", "max_collaborators", Integer(minimum=2, maximum=10)),
    Column("status", "status", Choice(AssignmentStatus, default="draft")),
    Column("publishedAt", "published_at", Moment()),
    CREATED_AT,
    UPDATED_AT,
)

MAPPING = CollectionMapping(
    collection="assignments",
    model=Assignment,
    columns=(*CONFIGURATION, *SCHEDULE),
    constants={"stage_due_dates": []},
    rows_where="template_id IS NULL",
)
