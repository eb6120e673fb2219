"""Templates on the wire."""

from typing import Any

from rest_framework import serializers

from accounts.models import User
from accounts.serializers import UserRefSerializer
from assignments.models import AssignmentTemplate, TemplateStatus
from assignments.serializers.configuration import (
    Changes,
    ConfigurationWriteSerializer,
    Creation,
    configuration_fields,
)
from scribetree.api.fields import Date, Flag, Id, Number, Tag, Text, TextList
from scribetree.api.serializers import WireSerializer

NOBODY = User(pk=None, email="", first_name="", last_name="")


class OwnerSerializer(UserRefSerializer):
    """Of a template; where the account is gone, names without a person, as the client reads them unasked."""

    def to_representation(self, instance: AssignmentTemplate) -> dict[str, Any]:
        return super().to_representation(instance.instructor or NOBODY)


class TemplateSerializer(WireSerializer):
    """Of a `served` row."""

    _id = Id(source="pk")
    id = Id(source="pk")
    instructor = OwnerSerializer(source="*")
    status = Text(choices=TemplateStatus)
    tags = TextList()
    isPublic = Flag(source="is_public")
    usageCount = Number(source="usage_count", whole=True)
    deploymentCount = Number(source="deployment_count", whole=True)
    createdAt = Date(source="created_at")
    updatedAt = Date(source="updated_at")

    def get_fields(self) -> dict[str, serializers.Field]:
        return {**configuration_fields(), **super().get_fields()}


class TemplateWriteSerializer(ConfigurationWriteSerializer):
    model_name = "AssignmentTemplate"

    tags = TextList(element=Tag(trim=True, max_length=50), required=False)
    isPublic = Flag(source="is_public", required=False)


class NewTemplateSerializer(Creation, TemplateWriteSerializer):
    status = Text(choices=(TemplateStatus.DRAFT, TemplateStatus.PUBLISHED), required=False)


class TemplateChangesSerializer(Changes, TemplateWriteSerializer):
    pass
