from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Role
from analytics.serializers.ai import AssistanceRequestSerializer, AssistanceSerializer
from analytics.views.base import AnalyticsViewSet
from assignments.ai.services import request_assistance
from scribetree.api.schema import with_message


class AssistanceViewSet(AnalyticsViewSet):
    gates = {"ai_assistance_request": (Role.STUDENT,)}

    @extend_schema(
        request=AssistanceRequestSerializer, responses=with_message("AssistanceAnswer", data=AssistanceSerializer())
    )
    @action(detail=False, methods=["post"], url_path="ai-assistance-request")
    def ai_assistance_request(self, request: Request) -> Response:
        """What the boundaries of the assignment forbid is answered too, with `approved: false`."""
        answer = request_assistance(student=request.user, **self.checked(AssistanceRequestSerializer))
        return Response({"message": "AI assistance request evaluated", "data": AssistanceSerializer(answer).data})
