"""`assignmentsubmissions` -> `assignment_submissions`, `submission_collaborators` and `submission_comments`."""

from assignments.models import AssignmentSubmission, SubmissionCollaborator, SubmissionStatus
from migrate_mongo.mappings.base import CollectionMapping, Column, Members, Reference
from migrate_mongo.mappings.comments import Comments
from migrate_mongo.mappings.common import CREATED_AT, UPDATED_AT
from migrate_mongo.mappings.kinds import (
    Array,
    Bool,
    Choice,
    Date,
    Element,
    Group,
    Id,
    Integer,
    Moment,
    Number,
    Text,
)
from migrate_mongo.mappings.notes import Missing, Notes


def _moment(notes: Notes) -> int:
    return notes.moment


COLLABORATION = Group(
    {
        "isCollaborative": Bool(default=False),
        "activeUsers": Array(Id("users"), default=[]),
        "lastActiveAt": Date(derived=_moment),
        "conflictResolution": Text(default="auto"),
    }
)
MILESTONE = Element(
    {
        "version": Number(),
        "timestamp": Date(derived=_moment),
        "description": Text(),
        "wordCount": Number(),
        "author": Id("users"),
    }
)
WRITING_PATTERN = Element({"date": Date(), "wordsWritten": Number(), "timeSpent": Number(), "revisionsCount": Number()})
CONTRIBUTOR = Element(
    {
        "user": Id("users"),
        "wordsContributed": Number(default=0),
        "editsCount": Number(default=0),
        "commentsCount": Number(default=0),
    }
)
ANALYTICS = Group(
    {
        "writingSessions": Number(default=0),
        "totalWritingTime": Number(default=0),
        "averageSessionLength": Number(default=0),
        "writingPattern": Array(WRITING_PATTERN, default=[]),
        "collaborationMetrics": Group(
            {
                "contributorStats": Array(CONTRIBUTOR, default=[]),
                "conflictsResolved": Number(default=0),
                "realTimeMinutes": Number(default=0),
            }
        ),
    }
)
RUBRIC_SCORE = Element({"criteria": Text(), "score": Number(), "maxScore": Number(), "feedback": Text()})
GRADE = Group(
    {
        "score": Number(),
        "maxScore": Number(),
        "rubricScores": Array(RUBRIC_SCORE, default=[]),
        "overallFeedback": Text(),
        "gradedBy": Id("users"),
        "gradedAt": Date(),
    }
)
AI_INTERACTION = Element(
    {
        "sessionId": Text(),
        "type": Text(),
        "prompt": Text(),
        "response": Text(),
        "accepted": Bool(default=False),
        "reflection": Text(),
        "timestamp": Date(derived=_moment),
    }
)

MAPPING = CollectionMapping(
    collection="assignmentsubmissions",
    model=AssignmentSubmission,
    columns=(
        Reference("assignment", {"assignments": "assignment_id"}, Missing.REJECT),
        Reference("author", {"users": "author_id"}, Missing.REJECT),
        Column("title", "title", Text(fallback="")),
        Column("content", "content", Text(default="")),
        Column("wordCount", "word_count", Integer(default=0)),
        Column("characterCount", "character_count", Integer(default=0)),
        Column("status", "status", Choice(SubmissionStatus, default="draft")),
        Column("submittedAt", "submitted_at", Moment()),
        Column("lastSavedAt", "last_saved_at", Moment(derived=_moment)),
        Column("collaboration", "collaboration_settings", COLLABORATION),
        Column("currentVersion", "current_version", Integer(minimum=1, default=1)),
        Column("majorMilestones", "major_milestones", Array(MILESTONE, default=[])),
        Column("analytics", "analytics", ANALYTICS),
        Column("grade", "grade", GRADE),
        Column("aiInteractions", "ai_interactions", Array(AI_INTERACTION, default=[])),
        CREATED_AT,
        UPDATED_AT,
    ),
    children=(
        Members(
            "collaborators",
            SubmissionCollaborator,
            parent="submission_id",
            member="user_id",
            joined="joined_at",
            constants={"role": "collaborator"},
            not_the="author",
        ),
        Comments(),
    ),
)
