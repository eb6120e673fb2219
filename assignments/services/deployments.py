"""What happens to templates in courses."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from assignments.configuration import ConfigurationModel, default_requirements
from assignments.models import Assignment, AssignmentTemplate
from assignments.services.assignments import lock_assignment
from assignments.services.templates import lock_template
from courses.models import Course
from scribetree.errors import InvalidError

ALREADY_DEPLOYED = "Template is already deployed to this course"


def check_deployment(*, template: AssignmentTemplate, course: Course, stage_ids: Iterable[Any]) -> None:
    """Raises InvalidError for a pair that exists, and for stages that the template does not have."""
    if Assignment.objects.filter(template=template, course=course).exists():
        raise InvalidError(ALREADY_DEPLOYED)
    check_stages(template, stage_ids)


def check_stages(configuration: ConfigurationModel, stage_ids: Iterable[Any]) -> None:
    known = [stage.get("id") for stage in configuration.writing_stages if stage]
    for stage_id in stage_ids:
        if stage_id not in known:
            raise InvalidError(f"Invalid stage ID in due dates: {stage_id}")


def deploy_template(*, template_id: UUID, course_id: UUID, instructor_id: UUID, **details: Any) -> Assignment:
    """A draft with the template's content. Raises InvalidError when somebody else was first."""
    try:
        with transaction.atomic():
            template = lock_template(template_id)  # an edit now would miss the copy
            return Assignment.objects.create(
                template=template,
                course_id=course_id,
                instructor_id=instructor_id,
                **{"course_specific_requirements": default_requirements(), **details},
                **template.configuration(),
            )
    except IntegrityError as error:
        diagnostics = getattr(error.__cause__, "diag", None)
        if getattr(diagnostics, "constraint_name", None) == "assignments_one_deployment":
            raise InvalidError(ALREADY_DEPLOYED) from None
        raise


@transaction.atomic
def update_deployment(*, deployment: Assignment, **changes: Any) -> None:
    deployment = lock_assignment(deployment)
    for name, value in changes.items():
        setattr(deployment, name, value)
    if changes:
        deployment.save(update_fields=list(changes))


@transaction.atomic
def delete_deployment(*, deployment: Assignment) -> None:
    """Raises InvalidError once it has been begun."""
    deployment = lock_assignment(deployment)
    if deployment.submissions.exists():
        raise InvalidError("Cannot delete assignment with submissions. Archive it instead.")
    deployment.delete()
