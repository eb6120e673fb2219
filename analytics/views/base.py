from typing import Any

from rest_framework import serializers

from scribetree.api.fields import Text
from scribetree.api.views import ApiViewSet


class AnalyticsErrorSerializer(serializers.Serializer):
    message = Text()


class AnalyticsViewSet(ApiViewSet):
    """Refuses with `message`, unlike the other routers."""

    error_serializer = AnalyticsErrorSerializer

    @staticmethod
    def error_body(text: str) -> dict[str, Any]:
        return {"message": text}
