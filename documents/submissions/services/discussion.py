"""What is said of a submission."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max

from accounts.models import User
from assignments.contributions import count_comment
from assignments.models import AssignmentSubmission, CommentType, SubmissionComment
from documents.rules import Rule
from documents.submissions.services.access import MAY_COMMENT, MAY_REPLY, lock_submission
from scribetree.errors import DeniedError, NotFoundError
from scribetree.updates import update_row

RESOLVE_DENIED = "No permission to resolve this comment"
ANYBODY = Rule(lambda submission, user: True, RESOLVE_DENIED)  # it depends on the comment, which comes first


@transaction.atomic
def add_comment(
    *,
    submission_id: UUID | None,
    author: User,
    content: str,
    position: dict[str, int] | None = None,
    kind: str = CommentType.COMMENT,
) -> AssignmentSubmission:
    """Raises NotFoundError, DeniedError, ConflictError."""
    submission = lock_submission(user=author, submission_id=submission_id, rule=MAY_COMMENT)
    _append(submission, author, content=content, position=position, type=kind)
    # educators have no part in the writing, so they get no place among those who have
    changes = {"analytics": count_comment(submission.analytics, author=author.pk)}
    update_row(submission, **(changes if submission.is_written_by(author) else {}))
    return submission


@transaction.atomic
def reply_to_comment(
    *, submission_id: UUID | None, comment_id: UUID | None, author: User, content: str
) -> AssignmentSubmission:
    """Raises NotFoundError, DeniedError, ConflictError."""
    submission = lock_submission(user=author, submission_id=submission_id, rule=MAY_REPLY)
    _append(submission, author, content=content, parent=find_comment(submission, comment_id))
    update_row(submission)
    return submission


@transaction.atomic
def resolve_comment(*, submission_id: UUID | None, comment_id: UUID | None, user: User) -> AssignmentSubmission:
    """Raises NotFoundError, DeniedError, ConflictError."""
    submission = lock_submission(user=user, submission_id=submission_id, rule=ANYBODY)
    comment = find_comment(submission, comment_id)
    if not (user.pk in (submission.author_id, comment.author_id) or submission.can_be_graded_by(user)):
        raise DeniedError(RESOLVE_DENIED)
    if not comment.is_resolved:
        update_row(comment, is_resolved=True)
        update_row(submission)
    submission.has_comments = True
    return submission


def find_comment(submission: AssignmentSubmission, comment_id: UUID | None) -> SubmissionComment:
    """A comment, which a reply is not. Raises NotFoundError."""
    comments = submission.comments.filter(parent=None).defer("extra")
    comment = comments.filter(pk=comment_id).first() if comment_id else None
    if comment is None:
        raise NotFoundError("Comment not found")
    return comment


def _append(
    submission: AssignmentSubmission, author: User, *, parent: SubmissionComment | None = None, **fields: Any
) -> None:
    last = submission.comments.filter(parent=parent).aggregate(last=Max("ordinal"))["last"]
    SubmissionComment.objects.create(
        submission=submission, author=author, parent=parent, ordinal=0 if last is None else last + 1, **fields
    )
    submission.has_comments = True
