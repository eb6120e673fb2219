"""The OpenAPI schema: paths without slash, the token, and for each operation the errors it can answer with."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension, OpenApiSerializerFieldExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import build_parameter_type, get_lib_doc_excludes, is_list_serializer
from drf_spectacular.utils import OpenApiResponse, inline_serializer
from rest_framework import serializers

from scribetree.api.fields import Date, Flag, Id, IdList, Number, Shaped, Text, TextList
from scribetree.api.serializers import WireSerializer


def base_classes() -> list[type]:
    """Whose docstrings are about code, and describe nothing of what inherits from them."""
    return [*get_lib_doc_excludes(), WireSerializer]


class ErrorSerializer(serializers.Serializer):
    error = serializers.CharField()


class PaginationSerializer(serializers.Serializer):
    page = serializers.IntegerField()
    limit = serializers.IntegerField()
    total = serializers.IntegerField()
    pages = serializers.IntegerField()


def envelope(name: str, **fields: Any) -> serializers.Serializer:
    """The answer of an operation: its keys, each a field or serializer. A list's may have `pagination` as well."""
    if any(isinstance(field, serializers.ListSerializer) for field in fields.values()):
        fields["pagination"] = PaginationSerializer(required=False)
    return inline_serializer(name, fields)


def with_message(name: str, **fields: Any) -> serializers.Serializer:
    return envelope(name, message=serializers.CharField(), **fields)


def successful(name: str, **fields: Any) -> serializers.Serializer:
    return envelope(name, success=serializers.BooleanField(), **fields)


ERRORS = {
    400: "Something in the request is not as it should be",
    401: "The token is missing, invalid or expired",
    403: "Not for this person",
    404: "There is no such thing",
    409: "It is in a state that does not allow this",
    413: "The body is larger than 16 MiB",
    415: "The content encoding is not known",
    429: "Too many attempts",
    503: "The database is away; try again",
}
BEFORE_THE_VIEW = (401, 413, 415, 429, 503)
EITHER = (400, 403)  # a body that is no JSON and the role gate are before the view, too


class ApiSchema(AutoSchema):
    """`error_serializer` of a view is the shape of its own errors."""

    def _get_response_bodies(self, direction: Any = "response") -> dict[str, Any]:
        bodies = super()._get_response_bodies(direction)
        if "204" in bodies:  # the generator's guess for DELETE; here it answers with a message
            answer = self.get_response_serializers()
            bodies = {"200": self._get_response_for_code(answer, "200", direction=direction)}
        shape = getattr(self.view, "error_serializer", ErrorSerializer)
        for code in self._error_codes():
            body = self._error_answer(ErrorSerializer if code in BEFORE_THE_VIEW else shape, code, direction)
            if code in EITHER and shape is not ErrorSerializer:
                other = self._error_answer(ErrorSerializer, code, direction)
                schemas = [each["content"]["application/json"]["schema"] for each in (body, other)]
                body["content"]["application/json"]["schema"] = {"anyOf": schemas}
            bodies.setdefault(str(code), body)
        return bodies

    def _error_answer(self, shape: Any, code: int, direction: Any) -> dict[str, Any]:
        response = OpenApiResponse(shape, ERRORS[code])
        return self._get_response_for_code(response, str(code), direction=direction)  # type: ignore[no-any-return]

    def map_parsers(self) -> list[str]:
        return ["application/json"]

    def get_description(self) -> str:
        return (getattr(self.view, self.view.action).__doc__ or "").strip()

    def _resolve_path_parameters(self, variables: list[str]) -> list[dict[str, Any]]:
        """Text, whatever the model's column is: an id has two spellings."""
        return [
            build_parameter_type(name=name, schema={"type": "string"}, location="path", required=True)
            for name in variables
        ]

    def _is_list_view(self, serializer: Any = None) -> bool:
        """Whether an array is answered; an envelope is none, whatever its action is called."""
        return is_list_serializer(serializer or self._answer())

    def get_filter_backends(self) -> list[Any]:
        return self.view.filter_backends if self.view.filterset_class and self._lists() else []

    def _get_pagination_parameters(self) -> list[dict[str, Any]]:
        if not self._lists():
            return []
        return [
            build_parameter_type(name=name, schema={"type": "integer", "minimum": 1}, location="query")
            for name in ("page", "limit")
        ]

    def _lists(self) -> bool:
        answer = self._answer()
        return self.method == "GET" and ("pagination" in getattr(answer, "fields", ()) or is_list_serializer(answer))

    def _answer(self) -> Any:
        answers = self.get_response_serializers()
        return answers[min(answers)] if isinstance(answers, dict) and answers else answers

    def _error_codes(self) -> list[int]:
        codes = [400, 503]
        if self.view.get_authenticators():
            codes += [401, 403]
        if "{" in self.path or self.method != "GET" or self.get_override_parameters():
            codes.append(404)
        if self.method in ("POST", "PUT", "PATCH"):
            codes += [409, 413, 415]
        if self.view.get_throttles():
            codes.append(429)
        return sorted(codes)

    def get_request_serializer(self) -> Any:
        return None if self.method == "DELETE" else super().get_request_serializer()

    def get_operation_id(self) -> str:
        """`courses_my_courses`: the collection and the action, which name a method well in generated clients."""
        collection = self.path.removeprefix("/api/").partition("/")[0].replace("-", "_")
        return f"{collection}_{self.view.action}"

    def get_tags(self) -> list[str]:
        return [self.path.removeprefix("/api/").partition("/")[0]]


class BearerTokenScheme(OpenApiAuthenticationExtension):
    target_class = "accounts.authentication.BearerTokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}


class TextSchema(OpenApiSerializerFieldExtension):
    target_class = Text
    match_subclasses = True

    def map_serializer_field(self, auto_schema: AutoSchema, direction: str) -> dict[str, Any]:
        field: Text = self.target
        schema: dict[str, Any] = {"type": "string"}
        if field.choices is not None:
            schema["enum"] = list(field.choices)
        if direction == "request" and field.max_length is not None:
            schema["maxLength"] = field.max_length
        if direction == "request" and (field.min_length or not field.blank):
            schema["minLength"] = field.min_length or 1
        return schema


class NumberSchema(OpenApiSerializerFieldExtension):
    target_class = Number

    def map_serializer_field(self, auto_schema: AutoSchema, direction: str) -> dict[str, Any]:
        field: Number = self.target
        schema: dict[str, Any] = {"type": "integer" if field.whole else "number"}
        if direction == "request" and field.min_value is not None:
            schema["minimum"] = field.min_value
        if direction == "request" and field.max_value is not None:
            schema["maximum"] = field.max_value
        return schema


class FlagSchema(OpenApiSerializerFieldExtension):
    target_class = Flag

    def map_serializer_field(self, auto_schema: AutoSchema, direction: str) -> dict[str, Any]:
        return {"type": "boolean"}


class IdSchema(OpenApiSerializerFieldExtension):
    target_class = Id

    def map_serializer_field(self, auto_schema: AutoSchema, direction: str) -> dict[str, Any]:
        return {"type": "string", "example": "66f1a2b3c4d5e6f708192a3b"}


class IdListSchema(OpenApiSerializerFieldExtension):
    target_class = IdList
    match_subclasses = True

    def map_serializer_field(self, auto_schema: AutoSchema, direction: str) -> dict[str, Any]:
        return {"type": "array", "items": {"type": "string", "example": "66f1a2b3c4d5e6f708192a3b"}}


class DateSchema(OpenApiSerializerFieldExtension):
    target_class = Date
    match_subclasses = True

    def map_serializer_field(self, auto_schema: AutoSchema, direction: str) -> dict[str, Any]:
        return {"type": "string", "format": "date-time"}


class TextListSchema(OpenApiSerializerFieldExtension):
    target_class = TextList

    def map_serializer_field(self, auto_schema: AutoSchema, direction: str) -> dict[str, Any]:
        return {"type": "array", "items": {"type": "string"}}


class ShapedSchema(OpenApiSerializerFieldExtension):
    """A field whose `shape`, a serializer or another field, describes what it holds; anything, where it has none."""

    target_class = Shaped
    match_subclasses = True

    def map_serializer_field(self, auto_schema: AutoSchema, direction: str) -> dict[str, Any]:
        shape = self.target.shape
        if shape is None:
            return {}
        return auto_schema._map_serializer_field(shape, direction)  # type: ignore[no-any-return]
