"""Who writes a submission together."""

from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef

from accounts.models import User
from assignments.contributions import add_contributor
from assignments.models import AssignmentSubmission, SubmissionCollaborator
from courses.models import Enrollment
from documents.submissions.services.access import MAY_SHARE, lock_submission
from scribetree.errors import InvalidError, NotFoundError
from scribetree.updates import update_row


@transaction.atomic
def add_collaborator(*, submission_id: UUID | None, user: User, member_id: UUID | None) -> AssignmentSubmission:
    """Raises NotFoundError, DeniedError, ConflictError, and InvalidError for who cannot be one, or not any more."""
    submission = lock_submission(user=user, submission_id=submission_id, rule=MAY_SHARE)
    assignment = submission.assignment
    if not assignment.collaboration_settings.get("enabled"):
        raise InvalidError("Collaboration is not enabled for this assignment")
    # asked again, under the lock: what came with the submission may be older than a wait for it
    present = dict(submission.collaborators.values_list("user_id", "ordinal").order_by("ordinal", "pk"))
    if assignment.max_collaborators and len(present) >= assignment.max_collaborators:
        raise InvalidError("Maximum number of collaborators reached")
    enrolled = Enrollment.objects.filter(course=assignment.course_id, student=OuterRef("pk"))
    member = User.objects.filter(pk=member_id).annotate(is_enrolled=Exists(enrolled)).first() if member_id else None
    if member is None:
        raise NotFoundError("User not found")
    if member.pk in present or member.pk == submission.author_id:
        raise InvalidError("User is already a collaborator")
    if not (member.is_enrolled or member.pk == submission.course_instructor_id):
        raise InvalidError("User is not a member of this course")
    SubmissionCollaborator.objects.create(
        submission=submission, user=member, ordinal=max(present.values(), default=-1) + 1
    )
    update_row(
        submission,
        collaboration_settings={**submission.collaboration_settings, "isCollaborative": True},
        analytics=add_contributor(submission.analytics, member.pk),
    )
    submission.collaborator_ids = [*present, member.pk]
    return submission
