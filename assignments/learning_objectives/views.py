from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from assignments.learning_objectives import catalogue
from assignments.learning_objectives.serializers import (
    ASSESSMENT_TEMPLATES,
    BLOOMS_LEVELS,
    CATEGORIES,
    PRESETS,
    REVIEW,
    SUBJECTS,
    LearningObjectiveErrorSerializer,
    ObjectiveSetSerializer,
)
from assignments.learning_objectives.validation import review_objectives
from scribetree.api.views import ANYONE, ApiViewSet
from scribetree.errors import InvalidError, NotFoundError
from scribetree.text_metrics import trim


class LearningObjectiveViewSet(ApiViewSet):
    gates = dict.fromkeys(
        ("presets", "categories", "subjects", "blooms_levels", "assessment_templates", "validate_set"), ANYONE
    )
    error_serializer = LearningObjectiveErrorSerializer

    @staticmethod
    def error_body(text: str) -> dict[str, Any]:
        return {"success": False, "message": text}

    @extend_schema(
        parameters=[
            OpenApiParameter("category"),
            OpenApiParameter("bloomsLevel", int),
            OpenApiParameter("subject"),
        ],
        responses=PRESETS,
    )
    @action(detail=False)
    def presets(self, request: Request) -> Response:
        filters = {
            "category": self.single("category"),
            "bloomsLevel": level(self.single("bloomsLevel")),
            "subject": self.single("subject"),
        }
        found = catalogue.presets(**filters)
        return success({"presets": found, "totalCount": len(found), "filters": filters})

    @extend_schema(responses=CATEGORIES)
    @action(detail=False)
    def categories(self, request: Request) -> Response:
        return success({"categories": catalogue.categories(), "totalPresets": len(catalogue.PRESETS)})

    @extend_schema(responses=SUBJECTS)
    @action(detail=False)
    def subjects(self, request: Request) -> Response:
        subjects = catalogue.subjects()
        used = [subject for subject in subjects if subject["count"]]
        return success({"subjects": used, "allSubjects": subjects})

    @extend_schema(responses=BLOOMS_LEVELS)
    @action(detail=False, url_path="blooms-levels")
    def blooms_levels(self, request: Request) -> Response:
        levels = catalogue.blooms_levels()
        return success({"bloomsLevels": levels, "totalLevels": len(levels)})

    @extend_schema(parameters=[OpenApiParameter("subject")], responses=ASSESSMENT_TEMPLATES)
    @action(detail=False, url_path="assessment-templates")
    def assessment_templates(self, request: Request) -> Response:
        subject = self.single("subject")
        if subject is None:
            templates = [catalogue.assessment_template(known) for known in catalogue.ASSESSMENT_TEMPLATES]
            return success({"templates": templates, "totalTemplates": len(templates)})
        template = catalogue.assessment_template(subject)
        if template is None:
            raise NotFoundError(f"Assessment template not found for subject: {subject}")
        return success(template)

    @extend_schema(request=ObjectiveSetSerializer, responses=REVIEW)
    @action(detail=False, methods=["post"], url_path="validate-set")
    def validate_set(self, request: Request) -> Response:
        objectives = request.data.get("objectives")
        if not isinstance(objectives, list):
            raise InvalidError("Objectives must be provided as an array")
        return success(review_objectives(objectives))

    def single(self, name: str) -> str | None:
        """A query parameter; None where it is absent, empty or repeated."""
        values = self.request.query_params.getlist(name)
        return values[0] or None if len(values) == 1 else None


def success(data: dict[str, Any]) -> Response:
    return Response({"success": True, "data": data})


def level(text: str | None) -> int | None:
    if text is None:
        return None
    digits = trim(text)
    if not (digits.isascii() and digits.isdigit() and len(digits) < 10):
        raise InvalidError("bloomsLevel must be a whole number")
    return int(digits)
