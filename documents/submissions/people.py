"""The people of a submission and what they said of it, where there are any."""

from functools import partial
from uuid import UUID

from django.db.models import QuerySet

from assignments.models import AssignmentSubmission, SubmissionComment
from assignments.serializers.submission import comments_in_order, people_in_order
from scribetree.prepared import Prepared


def _comments(named: bool, submission_id: UUID) -> QuerySet[SubmissionComment]:
    return comments_in_order(named=named).filter(submission=submission_id)


_COMMENTS = {named: Prepared(partial(_comments, named)) for named in (False, True)}
_PEOPLE = Prepared(lambda submission_id: people_in_order().filter(submission=submission_id))


def with_discussion(submission: AssignmentSubmission, *, named: bool = False) -> AssignmentSubmission:
    """Of a row `with_comment_flag`; most have no comments, and need no query for them."""
    submission.discussion = _COMMENTS[named].all(submission.pk) if submission.has_comments else []
    return submission


def with_people(submission: AssignmentSubmission) -> AssignmentSubmission:
    submission.people = _PEOPLE.all(submission.pk) if submission.collaborator_ids else []
    return submission
