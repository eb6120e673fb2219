from assignments.models.assignment import Assignment, AssignmentStatus
from assignments.models.comment import CommentType, SubmissionComment
from assignments.models.submission import (
    AssignmentSubmission,
    CollaboratorRole,
    SubmissionCollaborator,
    SubmissionStatus,
)
from assignments.models.template import AssignmentTemplate, TemplateStatus

__all__ = (
    "Assignment",
    "AssignmentStatus",
    "AssignmentSubmission",
    "AssignmentTemplate",
    "CollaboratorRole",
    "CommentType",
    "SubmissionCollaborator",
    "SubmissionComment",
    "SubmissionStatus",
    "TemplateStatus",
)
