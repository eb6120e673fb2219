from functools import cache
from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from assignments.filters.assignments import PublishedAssignmentFilter
from assignments.filters.templates import LibraryFilter, OwnTemplateFilter
from assignments.models import Assignment, AssignmentTemplate
from assignments.models.template import AssignmentTemplateQuerySet
from assignments.serializers.deployment import TemplateDeploymentSerializer
from assignments.serializers.template import NewTemplateSerializer, TemplateChangesSerializer, TemplateSerializer
from assignments.services.templates import (
    NOT_FOUND,
    archive_template,
    clone_template,
    create_template,
    delete_template,
    publish_template,
    update_template,
)
from assignments.views.assignment_lists import EDUCATORS
from scribetree.api.schema import successful, with_message
from scribetree.api.views import ANYONE, ApiViewSet, find
from scribetree.errors import DeniedError
from scribetree.prepared import Prepared

TEMPLATES = successful("Templates", data=TemplateSerializer(many=True))
TEMPLATE = successful("OneTemplate", data=TemplateSerializer())
DEPLOYMENTS = successful("TemplateDeployments", data=TemplateDeploymentSerializer(many=True))
OWN = Prepared(
    lambda user_id: (
        AssignmentTemplate.objects.served().filter(instructor=user_id).not_archived().order_by("-updated_at", "-pk")
    )
)
DELETED = with_message("Deleted", success=serializers.BooleanField())


@cache
def _library() -> AssignmentTemplateQuerySet:
    """Never evaluated itself; putting it together takes as long as a tenth of a search."""
    return AssignmentTemplate.objects.served().library().order_by("-usage_count", "-updated_at", "-pk")


class TemplateViewSet(ApiViewSet):
    gates = {
        "my_templates": EDUCATORS,
        "library": ANYONE,
        "retrieve": ANYONE,
        "create": EDUCATORS,
        "update": EDUCATORS,
        "publish": EDUCATORS,
        "archive": EDUCATORS,
        "clone": EDUCATORS,
        "deployments": EDUCATORS,
        "destroy": EDUCATORS,
    }

    @extend_schema(responses=TEMPLATES)
    @action(detail=False, url_path="my-templates", filterset_class=OwnTemplateFilter)
    def my_templates(self, request: Request) -> Response:
        """A search also finds what the library has; archived ones are listed where the status asks for them."""
        asked = request.query_params
        if not asked:
            return self.listed(OWN, request.user.pk)
        searches = bool(asked.get("search", "").strip())
        rows = AssignmentTemplate.objects.served()
        rows = rows.offered_to(request.user) if searches else rows.filter(instructor=request.user)
        if searches or not asked.get("status"):
            rows = rows.not_archived()
        return self.listed(rows.order_by("-updated_at", "-pk"))

    @extend_schema(responses=TEMPLATES)
    @action(detail=False, filterset_class=LibraryFilter)
    def library(self, request: Request) -> Response:
        return self.listed(_library().all())

    @extend_schema(responses=TEMPLATE)
    def retrieve(self, request: Request, pk: str) -> Response:
        return Response({"success": True, "data": TemplateSerializer(self.readable(pk)).data})

    @extend_schema(request=NewTemplateSerializer, responses={201: TEMPLATE})
    def create(self, request: Request) -> Response:
        template = create_template(instructor=request.user, **self.checked(NewTemplateSerializer))
        return self.shown(template.pk, 201)

    @extend_schema(request=TemplateChangesSerializer, responses=TEMPLATE)
    def update(self, request: Request, pk: str) -> Response:
        template = self.editable(pk, "Only template owner can update template")
        update_template(template_id=template.pk, **self.checked(TemplateChangesSerializer))
        return self.shown(template.pk)

    @extend_schema(request=None, responses=TEMPLATE)
    @action(detail=True, methods=["patch"])
    def publish(self, request: Request, pk: str) -> Response:
        template = self.editable(pk, "Only template owner can publish template")
        publish_template(template_id=template.pk)
        return self.shown(template.pk)

    @extend_schema(request=None, responses=TEMPLATE)
    @action(detail=True, methods=["patch"])
    def archive(self, request: Request, pk: str) -> Response:
        template = self.editable(pk, "Only template owner can archive template")
        archive_template(template_id=template.pk)
        return self.shown(template.pk)

    @extend_schema(request=None, responses={201: TEMPLATE})
    @action(detail=True, methods=["post"])
    def clone(self, request: Request, pk: str) -> Response:
        template = clone_template(template=self.readable(pk), owner=request.user)
        return self.shown(template.pk, 201)

    @extend_schema(responses=DEPLOYMENTS)
    @action(detail=True, filterset_class=PublishedAssignmentFilter)
    def deployments(self, request: Request, pk: str) -> Response:
        """Those that the owner may open: others may deploy a template of the library to their own courses."""
        template = self.editable(pk, "Only template owner can view deployments")
        rows = Assignment.objects.filter(template=template).not_archived()
        rows = rows.visible_to(request.user).with_notes_for(request.user).with_submission_count()
        page = self.page(rows.with_course().with_instructor().briefly().order_by("-created_at", "-pk"))
        return Response({"success": True, "data": TemplateDeploymentSerializer(page.rows, many=True).data, **page.info})

    @extend_schema(responses={200: DELETED})
    def destroy(self, request: Request, pk: str) -> Response:
        delete_template(template_id=self.editable(pk, "Only template owner can delete template").pk)
        return Response({"success": True, "message": "Template deleted successfully"})

    def readable(self, pk: str) -> AssignmentTemplate:
        template = find(AssignmentTemplate.objects.served(), pk, NOT_FOUND)
        if not template.is_visible_to(self.request.user):
            raise DeniedError("Access denied to this template")
        return template

    def editable(self, pk: str, refusal: str) -> AssignmentTemplate:
        template = find(AssignmentTemplate.objects.only("instructor"), pk, NOT_FOUND)
        if not template.can_be_edited_by(self.request.user):
            raise DeniedError(refusal)
        return template

    def listed(self, rows: Any, *ids: UUID) -> Response:
        page = self.page(rows, *ids)
        return Response({"success": True, "data": TemplateSerializer(page.rows, many=True).data, **page.info})

    def shown(self, key: UUID, status: int = 200) -> Response:
        template = find(AssignmentTemplate.objects.served(), key, NOT_FOUND)
        return Response({"success": True, "data": TemplateSerializer(template).data}, status)
