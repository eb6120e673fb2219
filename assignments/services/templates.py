"""What happens to templates. Their deployments keep up with them."""

from typing import Any
from uuid import UUID

from django.db import transaction

from accounts.models import User
from assignments.configuration import CONFIGURATION
from assignments.models import Assignment, AssignmentTemplate, TemplateStatus
from assignments.services.assignments import title_with
from scribetree.errors import InvalidError, NotFoundError
from scribetree.fields import keeping_updated_at

NOT_FOUND = "Template not found"


def create_template(*, instructor: User, **content: Any) -> AssignmentTemplate:
    """Raises InvalidError for parts that do not fit together."""
    template = AssignmentTemplate(instructor=instructor, **content)
    _make_consistent(template)
    template.save(force_insert=True)
    return template


@transaction.atomic
def update_template(*, template_id: UUID, **changes: Any) -> None:
    """Also in the deployments, which are not edited by that. Raises InvalidError as `create_template` does."""
    template = lock_template(template_id)
    for name, value in changes.items():
        setattr(template, name, value)
    _make_consistent(template)
    if not changes:
        return
    changed = {*changes, "collaboration_settings"}
    template.save(update_fields=changed)
    content = {name: getattr(template, name) for name in CONFIGURATION if name in changed}
    with keeping_updated_at():
        Assignment.objects.filter(template=template).update(**content)


@transaction.atomic
def publish_template(*, template_id: UUID) -> None:
    """From any state. Raises InvalidError where an imported template's parts do not fit together."""
    template = lock_template(template_id)
    _make_consistent(template)
    _change_status(template, TemplateStatus.PUBLISHED)


@transaction.atomic
def archive_template(*, template_id: UUID) -> None:
    _change_status(lock_template(template_id), TemplateStatus.ARCHIVED)


def clone_template(*, template: AssignmentTemplate, owner: User) -> AssignmentTemplate:
    """A draft of the owner's own."""
    content = {**template.configuration(), "title": title_with(template.title, " (Copy)")}
    return AssignmentTemplate.objects.create(instructor=owner, tags=template.tags, **content)


@transaction.atomic
def delete_template(*, template_id: UUID) -> None:
    """Raises InvalidError while there are deployments, archived ones too."""
    template = lock_template(template_id)
    if template.deployments.exists():
        raise InvalidError("Cannot delete template with active deployments. Archive it instead.")
    template.delete()


def lock_template(template_id: UUID) -> AssignmentTemplate:
    """Until the end of the transaction nobody edits, deploys or deletes it. Raises NotFoundError."""
    rows = AssignmentTemplate.objects.select_for_update().defer("search_vector")
    template = rows.filter(pk=template_id).first()
    if template is None:
        raise NotFoundError(NOT_FOUND)
    return template


def _make_consistent(template: AssignmentTemplate) -> None:
    template.apply_type()
    for fault in template.faults():
        raise InvalidError(fault)


def _change_status(template: AssignmentTemplate, status: TemplateStatus) -> None:
    if template.status != status:
        template.status = status
        template.save(update_fields=["status"])
