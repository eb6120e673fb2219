"""`courses` -> `courses` and `course_enrollments`."""

from courses.models import Course, CourseStatus, Enrollment
from migrate_mongo.mappings.base import CollectionMapping, Column, Members, Reference
from migrate_mongo.mappings.common import CREATED_AT, UPDATED_AT
from migrate_mongo.mappings.kinds import Bool, Choice, Group, Integer, Moment, Text, TextArray
from migrate_mongo.mappings.notes import Missing

MAPPING = CollectionMapping(
    collection="courses",
    model=Course,
    columns=(
        Column("title", "title", Text(fallback="")),
        Column("description", "description", Text(fallback="")),
        Column("subject", "subject", Text()),
        Reference("instructor", {"users": "instructor_id"}, Missing.REJECT),
        Column("isPublic", "is_public", Bool(default=False)),
        Column("maxStudents", "max_students", Integer(minimum=1)),
        Column("startDate", "start_date", Moment()),
        Column("endDate", "end_date", Moment()),
        Column(
            "settings",
            "settings",
            Group(
                {
                    "allowSelfEnrollment": Bool(default=False),
                    "requireApprovalToJoin": Bool(default=True),
                    "allowStudentDiscussions": Bool(default=True),
                    "gradingScale": Text(default="points"),
                }
            ),
        ),
        Column("status", "status", Choice(CourseStatus, default="draft")),
        Column("isActive", "is_active", Bool(default=True)),
        Column("enrollmentCode", "enrollment_code", Text()),
        Column("tags", "tags", TextArray(Text(), default=[])),
        CREATED_AT,
        UPDATED_AT,
    ),
    children=(
        Members(
            "students",
            Enrollment,
            parent="course_id",
            member="student_id",
            joined="enrolled_at",
            constants={"status": "active"},
        ),
    ),
)
