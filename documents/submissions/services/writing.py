"""What happens to a submission while it is written, until it is handed in."""

from typing import Any, NamedTuple
from uuid import UUID

from bson import ObjectId
from django.db import transaction

from accounts.models import User
from assignments.configuration import default_version_control
from assignments.contributions import count_save
from assignments.models import AssignmentSubmission, SubmissionStatus
from documents.submissions.services.access import LOCKED, MAY_EDIT, MAY_SUBMIT, lock_submission, refuse_graded
from documents.versions import OF_SUBMISSIONS, Diff, SaveType, diff, record_version
from scribetree.api.fields import wire_date
from scribetree.errors import InvalidError
from scribetree.fields import now
from scribetree.object_id import uuid_to_hex
from scribetree.text_metrics import measure, trim
from scribetree.updates import update_row

FINAL = "Final submission for grading"
MILESTONE_WORDS = 100


class Save(NamedTuple):
    submission: AssignmentSubmission
    makes_version: bool
    change: Diff


@transaction.atomic
def save_content(
    *,
    submission_id: UUID | None,
    editor: User,
    content: str,
    title: str | None = None,
    save_type: str = SaveType.AUTO,
    minutes: float = 0,
) -> Save:
    """Raises NotFoundError, DeniedError, and ConflictError for what is superseded or graded."""
    submission = lock_submission(user=editor, submission_id=submission_id, rule=MAY_EDIT)
    refuse_graded(submission)
    change = diff(submission.content, content)
    changes = {
        **_text_changes(submission, content, title),
        **_activity(submission, editor),
        "analytics": count_save(
            submission.analytics, editor=editor.pk, words=change.added_words, minutes=minutes, moment=now()
        ),
    }
    for name, value in changes.items():  # the version is made of what is saved, and the row is updated once
        setattr(submission, name, value)
    makes_version = OF_SUBMISSIONS.makes_version(save_type, change)
    if makes_version:
        milestone = f"Added {change.added_words} words - {save_type} save"
        is_milestone = save_type == SaveType.MANUAL or change.added_words > MILESTONE_WORDS
        changes |= _version(
            submission,
            editor,
            save_type=save_type,
            description=OF_SUBMISSIONS.describe(save_type),
            change=change,
            milestone=milestone if is_milestone else None,
        )
    update_row(submission, **changes)
    return Save(submission, makes_version, change)


@transaction.atomic
def submit_submission(*, submission_id: UUID | None, user: User) -> AssignmentSubmission:
    """Hands it in for grading; again, where its text is another since.

    Raises NotFoundError, DeniedError, ConflictError for what is superseded or graded, and InvalidError for what is
    empty or late.
    """
    submission = lock_submission(user=user, submission_id=submission_id, rule=MAY_SUBMIT, rows=LOCKED)
    refuse_graded(submission)
    if submission.status == SubmissionStatus.SUBMITTED and _is_as_submitted(submission):
        return submission
    assignment, moment = submission.assignment, now()
    if not trim(submission.content):
        raise InvalidError("Cannot submit an empty submission")
    if assignment.due_date and moment > assignment.due_date and not assignment.allow_late_submissions:
        raise InvalidError("The due date has passed")
    changes: dict[str, Any] = {"status": SubmissionStatus.SUBMITTED, "submitted_at": moment}
    if {**default_version_control(), **assignment.version_control_settings}["createVersionOnSubmit"]:
        changes |= _version(
            submission, user, save_type=SaveType.MANUAL, description=FINAL, change=Diff(), milestone=FINAL
        )
    update_row(submission, **changes)
    return submission


def _text_changes(submission: AssignmentSubmission, content: str, title: str | None) -> dict[str, Any]:
    """An unchanged text keeps its counts, even imported ones, and its date. The first save begins the work."""
    changes: dict[str, Any] = {}
    if submission.status == SubmissionStatus.DRAFT:
        changes["status"] = SubmissionStatus.IN_PROGRESS
    if content != submission.content:
        metrics = measure(content)
        changes |= {"content": content, "word_count": metrics.words, "character_count": metrics.chars}
    if title and title != submission.title:
        changes["title"] = title
    if "content" in changes or "title" in changes:
        changes["last_saved_at"] = now()
    return changes


def _activity(submission: AssignmentSubmission, editor: User) -> dict[str, Any]:
    settings, key = submission.collaboration_settings, uuid_to_hex(editor.pk)
    if not settings.get("isCollaborative"):
        return {}
    active = settings.get("activeUsers") or []
    users = active if key in active else [*active, key]
    return {"collaboration_settings": {**settings, "activeUsers": users, "lastActiveAt": wire_date(now())}}


def _version(
    submission: AssignmentSubmission,
    author: User,
    *,
    save_type: str,
    description: str,
    change: Diff,
    milestone: str | None,
) -> dict[str, Any]:
    """Makes one, and gives the columns that tell of it."""
    version = record_version(
        parent=submission, author=author, save_type=save_type, description=description, change=change
    )
    changes: dict[str, Any] = {"current_version": version.version}
    if milestone is not None:
        element = {
            "_id": str(ObjectId()),
            "version": version.version,
            "timestamp": wire_date(now()),
            "description": milestone,
            "wordCount": submission.word_count,
            "author": uuid_to_hex(author.pk),
        }
        changes["major_milestones"] = [*submission.major_milestones, element]
    return changes


def _is_as_submitted(submission: AssignmentSubmission) -> bool:
    """Whether nothing was saved since, or all that was is undone: then the final version holds the same."""
    if submission.submitted_at is not None and submission.last_saved_at < submission.submitted_at:
        return True
    finals = submission.versions.filter(changes__description=FINAL).order_by("-version")
    return finals.values_list("title", "content").first() == (submission.title, submission.content)
