"""The people of a submission and what they said of it, where there are any."""

from typing import Any

from django.db.models import prefetch_related_objects

from assignments.models import AssignmentSubmission
from assignments.serializers.submission import comments, people


def with_discussion(submission: AssignmentSubmission, *, named: bool = False) -> AssignmentSubmission:
    """Of a row `with_comment_flag`; most have no comments, and need no query for them."""
    return _prefetched(submission, "discussion", submission.has_comments, comments(named=named))


def with_people(submission: AssignmentSubmission) -> AssignmentSubmission:
    return _prefetched(submission, "people", bool(submission.collaborator_ids), people())


def _prefetched(submission: AssignmentSubmission, name: str, wanted: bool, rows: Any) -> AssignmentSubmission:
    setattr(submission, name, [])
    if wanted:
        delattr(submission, name)
        prefetch_related_objects([submission], rows)
    return submission
