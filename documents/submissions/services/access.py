"""Submissions by their ids, for who may do a thing to them."""

from functools import partial
from uuid import UUID

from accounts.models import User
from assignments.models import AssignmentSubmission, SubmissionStatus
from assignments.models.submission import AssignmentSubmissionQuerySet
from documents.rules import Rule
from scribetree.errors import ConflictError, DeniedError, NotFoundError
from scribetree.prepared import Prepared

SUPERSEDED = "Submission has been superseded by a later one"
GRADED = "Submission has been graded"


MAY_READ = Rule(AssignmentSubmission.can_be_read_by, "Access denied to this submission")
MAY_READ_VERSIONS = Rule(AssignmentSubmission.can_be_read_by, "Access denied")
MAY_EDIT = Rule(AssignmentSubmission.can_be_edited_by, "No edit permissions for this submission")
MAY_COMMENT = Rule(AssignmentSubmission.can_be_read_by, "No permission to comment on this submission")
MAY_REPLY = Rule(AssignmentSubmission.can_be_read_by, "Access denied")
MAY_SHARE = Rule(AssignmentSubmission.can_be_managed_by, "Only the submission author can add collaborators")
MAY_SUBMIT = Rule(AssignmentSubmission.can_be_managed_by, "Only the submission author can submit for grading")
MAY_GRADE = Rule(AssignmentSubmission.can_be_graded_by, "Only the instructor can grade this submission")
MAY_RETURN = Rule(AssignmentSubmission.can_be_graded_by, "Only the instructor can return this submission")

# of the assignment: what its answers and the rules of saving and submitting need
ASSIGNMENT = (
    "course",
    "instructor",
    "status",
    "due_date",
    "allow_late_submissions",
    "max_collaborators",
    "collaboration_settings",
    "version_control_settings",
)
DETAIL = ("title", "requirements", "course_specific_requirements")
AUTHOR = ("first_name", "last_name", "email")
OWN = tuple(field.name for field in AssignmentSubmission._meta.concrete_fields if field.name != "extra")


def _one(assignment: tuple[str, ...], author: tuple[str, ...], submission_id: UUID) -> AssignmentSubmissionQuerySet:
    paths = [f"assignment__{name}" for name in assignment] + [f"author__{name}" for name in author]
    rows = AssignmentSubmission.objects.filter(pk=submission_id).with_access().with_comment_flag()
    return rows.select_related("assignment", *(["author"] if author else [])).only(*OWN, *paths)


def _excerpt(submission_id: UUID) -> AssignmentSubmissionQuerySet:
    return AssignmentSubmission.objects.filter(pk=submission_id).with_access().only("author")


def _locked(assignment: tuple[str, ...], submission_id: UUID) -> AssignmentSubmissionQuerySet:
    return _one(assignment, (), submission_id).select_for_update(of=("self",), no_key=True)


EXCERPT = Prepared(_excerpt)
OPEN = Prepared(partial(_one, ASSIGNMENT + DETAIL, AUTHOR))
LOCKED = Prepared(partial(_locked, ASSIGNMENT))
LOCKED_WITH_RUBRIC = Prepared(partial(_locked, (*ASSIGNMENT, "grading_criteria")))


def find_submission(
    *, user: User, submission_id: UUID | None, rule: Rule, rows: Prepared[AssignmentSubmission] = EXCERPT
) -> AssignmentSubmission:
    """With what its rules need. Raises NotFoundError, DeniedError."""
    submission = rows.first(submission_id) if submission_id else None
    if submission is None:
        raise NotFoundError("Submission not found")
    if not rule.allows(submission, user):
        raise DeniedError(rule.denial)
    return submission


def lock_submission(
    *,
    user: User,
    submission_id: UUID | None,
    rule: Rule,
    rows: Prepared[AssignmentSubmission] = LOCKED,
) -> AssignmentSubmission:
    """The same, for a change of it. Raises ConflictError too, for one that another has superseded."""
    submission = find_submission(user=user, submission_id=submission_id, rule=rule, rows=rows)
    if submission.superseded_by_id is not None:
        raise ConflictError(SUPERSEDED)
    return submission


def refuse_graded(submission: AssignmentSubmission) -> None:
    """Raises ConflictError."""
    if submission.status == SubmissionStatus.GRADED:
        raise ConflictError(GRADED)
