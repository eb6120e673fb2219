"""What happens to assignments."""

from typing import Any
from uuid import UUID

from bson import ObjectId
from django.db import transaction
from django.db.models import F

from accounts.models import User
from assignments.configuration import CONFIGURATION
from assignments.models import Assignment, AssignmentStatus, AssignmentTemplate
from assignments.models.assignment import UNLISTED
from courses.models import Course
from scribetree.errors import DeniedError, InvalidError, NotFoundError
from scribetree.prepared import Prepared
from scribetree.text_metrics import truncate, utf16_length
from scribetree.updates import update_row

NOT_FOUND = "Assignment not found"
MAX_TITLE = 200
SCHEDULE = ("due_date", "allow_late_submissions", "max_collaborators")
# what a deployment has of its own; the rest of its content is its template's
OWN_OF_DEPLOYMENT = (*SCHEDULE, "status")
# what every student asks for who goes on writing
_DETAIL = Prepared(
    lambda assignment_id, reader_id: (
        Assignment.objects.defer(*UNLISTED)
        .with_course()
        .with_instructor()
        .with_submission_count()
        .with_membership(reader_id)
        .filter(pk=assignment_id)
    )
)


def read_assignment(*, assignment_id: UUID | None, reader: User) -> Assignment:
    """With its course, instructor and `submission_count`.

    Raises NotFoundError, also for what its reader may not see yet, and DeniedError for who is not of the course.
    """
    assignment = _DETAIL.first(assignment_id, reader.pk) if assignment_id else None
    if assignment is None:
        raise NotFoundError(NOT_FOUND)
    if assignment.is_run_by(reader):
        return assignment
    if not assignment.is_member:
        raise DeniedError("Access denied to this assignment")
    if not assignment.is_published:
        raise NotFoundError(NOT_FOUND)
    return assignment


def create_assignment(*, course: Course, instructor: User, **values: Any) -> Assignment:
    """A draft. Raises InvalidError for parts that do not fit together."""
    assignment = Assignment(**values, course=course, instructor=instructor)
    _complete(assignment)
    assignment.save(force_insert=True)
    return assignment


@transaction.atomic
def update_assignment(*, assignment: Assignment, **changes: Any) -> Assignment:
    """The assignment as it is now. Of a deployment, only what is not its template's changes.

    Raises NotFoundError, and InvalidError for parts that do not fit together.
    """
    assignment = lock_assignment(assignment)
    if assignment.template_id is not None:
        changes = {name: value for name, value in changes.items() if name in OWN_OF_DEPLOYMENT}
    if not changes:
        return assignment
    for name, value in changes.items():
        setattr(assignment, name, value)
    if changes.get("status") == AssignmentStatus.PUBLISHED:
        _publish(assignment)
    _save(assignment, *changes)
    return assignment


@transaction.atomic
def publish_assignment(*, assignment: Assignment) -> Assignment:
    """Raises NotFoundError, and InvalidError for parts that do not fit together."""
    assignment = lock_assignment(assignment)
    _publish(assignment)
    _save(assignment, "status")
    return assignment


@transaction.atomic
def archive_assignment(*, assignment: Assignment) -> None:
    """Instead of deleting it: submissions stay. Raises NotFoundError."""
    update_row(lock_assignment(assignment), status=AssignmentStatus.ARCHIVED)


def clone_assignment(*, source: Assignment, course: Course, instructor: User, **changes: Any) -> Assignment:
    """A draft of the instructor in the course, made of one reading of the source. Raises InvalidError."""
    values = {name: getattr(source, name) for name in (*CONFIGURATION, *SCHEDULE)}
    values |= {
        "title": title_with(source.title, " (Copy)"),
        "instructions": source.effective_instructions,
        "requirements": source.effective_requirements,
    }
    values |= changes
    for name in ("learning_objectives", "writing_stages"):
        values[name] = _with_fresh_ids(values[name])
    for name, part in (("ai_settings", "stageSpecificSettings"), ("grading_criteria", "rubric")):
        values[name] = {**values[name], part: _with_fresh_ids(values[name].get(part) or [])}
    return create_assignment(course=course, instructor=instructor, **values)


def lock_assignment(assignment: Assignment) -> Assignment:
    """The row as it is now, with its course and instructor. Raises NotFoundError.

    The template of a deployment is locked first, as those who edit templates do.
    """
    if assignment.template_id is not None:
        AssignmentTemplate.objects.select_for_update().filter(pk=assignment.template_id).values("pk").first()
    rows = Assignment.objects.with_course().with_instructor().select_for_update(of=("self",))
    locked = rows.filter(pk=assignment.pk).first()
    if locked is None:
        raise NotFoundError(NOT_FOUND)
    return locked


def title_with(title: str, suffix: str) -> str:
    """Cut so that both fit into a title."""
    return truncate(title, MAX_TITLE - utf16_length(suffix)) + suffix


def _publish(assignment: Assignment) -> None:
    """A template counts the first publication of each of its deployments as a use."""
    if assignment.publish() and assignment.template_id is not None:
        AssignmentTemplate.objects.filter(pk=assignment.template_id).update(usage_count=F("usage_count") + 1)


def _save(assignment: Assignment, *columns: str) -> None:
    if assignment.template_id is None:
        _complete(assignment)
    columns = (*columns, "published_at", "collaboration_settings", "max_collaborators")
    update_row(assignment, **{name: getattr(assignment, name) for name in columns})


def _complete(assignment: Assignment) -> None:
    """What has to hold of every row that is saved; of a deployment's content, its template answers for it."""
    assignment.apply_type()
    if faults := assignment.faults():
        raise InvalidError(faults[0])


def _with_fresh_ids(elements: list[Any]) -> list[Any]:
    return [{**element, "_id": str(ObjectId())} for element in elements if element is not None]
