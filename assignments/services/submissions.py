"""What happens to submissions."""

from django.db import transaction

from accounts.models import User
from assignments.configuration import AssignmentType
from assignments.contributions import add_contributor
from assignments.models import Assignment, AssignmentSubmission
from assignments.models.submission import default_analytics, default_submission_collaboration
from assignments.services.assignments import MAX_TITLE, NOT_FOUND, title_with
from courses.models import Enrollment
from scribetree.api.fields import wire_date
from scribetree.errors import DeniedError, NotFoundError
from scribetree.fields import now
from scribetree.object_id import uuid_to_hex
from scribetree.text_metrics import trim, truncate


@transaction.atomic
def start_submission(
    *,
    assignment: Assignment,
    author: User,
    title: str | None = None,
    is_collaborative: bool = False,
    not_enrolled: str | None,
) -> AssignmentSubmission:
    """The author's live submission, begun if there is none.

    `not_enrolled` refuses, by DeniedError, who is not in the course; None lets anybody. The enrolment is locked, so
    that nobody leaves the course in between.
    """
    enrollments = Enrollment.objects.select_for_update().filter(course=assignment.course_id, student=author)
    if not_enrolled is not None and not enrollments.values("pk").first():
        raise DeniedError(not_enrolled)
    # so that it is not deleted in between
    if not Assignment.objects.select_for_update(no_key=True).filter(pk=assignment.pk).values("pk").first():
        raise NotFoundError(NOT_FOUND)
    submission, _ = AssignmentSubmission.objects.get_or_create(
        assignment=assignment,
        author=author,
        superseded_by=None,
        defaults=_beginning(assignment, author, title, is_collaborative),
    )
    submission.assignment, submission.author = assignment, author
    return submission


def _beginning(assignment: Assignment, author: User, title: str | None, is_collaborative: bool) -> dict[str, object]:
    title = trim(title or "")
    moment, key = now(), uuid_to_hex(author.pk)
    return {
        "title": truncate(title, MAX_TITLE) if title else title_with(assignment.title, " - Submission"),
        "last_saved_at": moment,
        "collaboration_settings": {
            **default_submission_collaboration(),
            "isCollaborative": is_collaborative or assignment.type == AssignmentType.COLLABORATIVE,
            "activeUsers": [key],
            "lastActiveAt": wire_date(moment),
        },
        "analytics": add_contributor(default_analytics(), author.pk),
    }
