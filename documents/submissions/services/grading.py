"""What an educator makes of a submission that was handed in."""

from typing import Any
from uuid import UUID

from bson import ObjectId
from django.db import transaction

from accounts.models import User
from assignments.models import Assignment, AssignmentSubmission, SubmissionStatus
from assignments.models.submission import default_grade
from documents.rules import Rule
from documents.submissions.services.access import LOCKED_WITH_RUBRIC, MAY_GRADE, MAY_RETURN, lock_submission
from scribetree.api.fields import wire_date
from scribetree.errors import ConflictError, InvalidError
from scribetree.fields import now
from scribetree.object_id import uuid_to_hex
from scribetree.updates import update_row

HANDED_IN = (SubmissionStatus.SUBMITTED, SubmissionStatus.RETURNED, SubmissionStatus.GRADED)
NOT_HANDED_IN = "Submission has not been submitted for grading"


@transaction.atomic
def grade_submission(
    *,
    submission_id: UUID | None,
    grader: User,
    rubric_scores: list[dict[str, Any]] | None = None,
    score: float | None = None,
    maximum: float | None = None,
    feedback: str | None = None,
) -> AssignmentSubmission:
    """Grades it, in place of an earlier grade. Without a score it is the sum of the rubric's.

    Raises NotFoundError, DeniedError, ConflictError for what is not handed in, and InvalidError for scores that the
    assignment does not know or are too high for it.
    """
    submission = _handed_in(submission_id, grader, MAY_GRADE)
    scores = [_criterion_score(submission.assignment, given) for given in rubric_scores or ()]
    if len({each["criteria"] for each in scores}) < len(scores):
        raise InvalidError("rubricScores: each criterion can be scored once")
    if score is None and not scores:
        raise InvalidError("A score or rubric scores are required")
    maximum = _maximum(submission.assignment, scores if score is None else [], maximum)
    total = sum(each["score"] for each in scores) if score is None else score
    if maximum is not None and total > maximum:
        raise InvalidError(f"score: must be at most {_plain(maximum)}")
    grade = {
        "score": total,
        "maxScore": maximum,
        "rubricScores": scores,
        "overallFeedback": feedback or None,
        "gradedBy": uuid_to_hex(grader.pk),
        "gradedAt": wire_date(now()),
    }
    stored = {name: value for name, value in grade.items() if value is not None}
    update_row(submission, status=SubmissionStatus.GRADED, grade=stored)
    return submission


@transaction.atomic
def return_submission(
    *, submission_id: UUID | None, educator: User, feedback: str | None = None
) -> AssignmentSubmission:
    """Opens it to its writers again; an earlier grade stays with it.

    Raises NotFoundError, DeniedError, and ConflictError for what is not handed in.
    """
    submission = _handed_in(submission_id, educator, MAY_RETURN)
    changes: dict[str, Any] = {"status": SubmissionStatus.RETURNED}
    if feedback:
        changes["grade"] = {**(submission.grade or default_grade()), "overallFeedback": feedback}
    update_row(submission, **changes)
    return submission


def _handed_in(submission_id: UUID | None, user: User, rule: Rule) -> AssignmentSubmission:
    submission = lock_submission(user=user, submission_id=submission_id, rule=rule, rows=LOCKED_WITH_RUBRIC)
    if submission.status not in HANDED_IN:
        raise ConflictError(NOT_HANDED_IN)
    return submission


def _rubric(assignment: Assignment) -> dict[str, float]:
    criteria = (criterion or {} for criterion in assignment.grading_criteria.get("rubric") or ())
    return {criterion.get("criteria", ""): criterion.get("points") or 0 for criterion in criteria if criterion}


def _criterion_score(assignment: Assignment, given: dict[str, Any]) -> dict[str, Any]:
    """As it is stored. Where the assignment has a rubric, it says what there is to reach."""
    rubric, name = _rubric(assignment), given["criteria"]
    if rubric and name not in rubric:
        raise InvalidError(f"rubricScores: `{name}` is not in the rubric of the assignment")
    limit = rubric.get(name)
    maximum = given.get("maxScore", limit)
    if maximum is None:
        raise InvalidError(f"rubricScores: maxScore of `{name}` is required")
    if limit is not None and maximum > limit:
        raise InvalidError(f"rubricScores: maxScore of `{name}` must be at most {_plain(limit)}")
    if given["score"] > maximum:
        raise InvalidError(f"rubricScores: score of `{name}` must be at most {_plain(maximum)}")
    return {"_id": str(ObjectId()), **given, "maxScore": maximum}


def _maximum(assignment: Assignment, scores: list[dict[str, Any]], given: float | None) -> float | None:
    """What there is to reach in all: of the rubric where the score is its sum, else of the assignment."""
    total, rubric = assignment.grading_criteria.get("totalPoints"), _rubric(assignment)
    limits = [limit for limit in (total, sum(rubric.values()) if rubric else None) if limit is not None]
    if given is not None:
        if limits and given > max(limits):
            raise InvalidError(f"maxScore: must be at most {_plain(max(limits))}")
        return given
    if limits:
        return min(limits) if scores else limits[0]
    return sum(score["maxScore"] for score in scores) if scores else None


def _plain(number: float) -> str:
    return f"{number:.10g}"
