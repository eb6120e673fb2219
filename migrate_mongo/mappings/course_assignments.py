"""`courseassignments` -> `assignments` with a template, whose content they copy."""

from assignments.models import Assignment, AssignmentTemplate
from migrate_mongo.mappings.assignments import SCHEDULE
from migrate_mongo.mappings.base import CollectionMapping, Column, Copied, Reference
from migrate_mongo.mappings.common import CONFIGURATION, REQUIREMENTS
from migrate_mongo.mappings.kinds import Array, Date, Element, Group, Text
from migrate_mongo.mappings.notes import Missing

MAPPING = CollectionMapping(
    collection="courseassignments",
    model=Assignment,
    columns=(
        Reference("template", {"assignment_templates": "template_id"}, Missing.REJECT),
        *SCHEDULE,
        Column("customInstructions", "custom_instructions", Text()),
        Column("customNotes", "custom_notes", Text()),
        Column("courseSpecificRequirements", "course_specific_requirements", Group(REQUIREMENTS)),
        Column("stageDueDates", "stage_due_dates", Array(Element({"stageId": Text(), "dueDate": Date()}), default=[])),
    ),
    copied=Copied("template_id", AssignmentTemplate, tuple(column.column for column in CONFIGURATION)),
    rows_where="template_id IS NOT NULL",
)
