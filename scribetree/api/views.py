"""The base of all viewsets: body before token before role, as the original checked; lists; look-ups by id."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, ClassVar, TypeVar
from uuid import UUID

from django.db.models import Model, QuerySet
from rest_framework.exceptions import ValidationError
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.serializers import Serializer
from rest_framework.viewsets import GenericViewSet

from scribetree.api.errors import error_body
from scribetree.api.pagination import Page
from scribetree.database import drop_dead_connection
from scribetree.errors import InvalidError, NotFoundError
from scribetree.object_id import parse_id
from scribetree.prepared import Prepared

M = TypeVar("M", bound=Model)
Gate = tuple[str, ...] | None
ANYONE: Gate = None  # who has a token


class RoleGate(BasePermission):
    message = "Insufficient permissions"

    def has_permission(self, request: Request, view: Any) -> bool:
        gate = view.gates[view.action]
        return gate is None or request.user.role in gate


class ApiViewSet(GenericViewSet):
    """`gates` says of each action which roles pass; an action that is not in it answers nobody."""

    gates: ClassVar[Mapping[str, Gate]] = {}
    permission_classes = (RoleGate,)
    error_body = staticmethod(error_body)
    lookup_value_regex = "[^/]+"  # what cannot be an id answers like an unknown one
    filterset_class = None  # of an action: its query parameters

    def get_queryset(self) -> QuerySet[Any]:
        """For the schema, which describes the filters of a list by their model."""
        return self.filterset_class.Meta.model._default_manager.all()  # type: ignore[attr-defined,no-any-return]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        if self.action is None:  # nobody is asked for a token, or told that it is no good, where there is nothing
            self.http_method_not_allowed(request)
        super().initial(request, *args, **kwargs)

    def perform_authentication(self, request: Request) -> None:
        if request.method in ("POST", "PUT", "PATCH"):
            request.data  # noqa: B018 (a body that cannot be read is refused before the token is asked for)
        if not request.authenticators:
            drop_dead_connection()
        super().perform_authentication(request)

    def checked(
        self, serializer_class: type[Serializer], *, after: Callable[[], object] = lambda: None
    ) -> dict[str, Any]:
        """The request's body as the serializer reads it. Raises ValidationError.

        What `after` raises comes before any complaint about the body; a body that is in order does not call it.
        """
        try:
            return _reader(serializer_class).run_validation(self.request.data)  # type: ignore[no-any-return]
        except (ValidationError, InvalidError):
            after()
            raise

    def page(self, rows: QuerySet[Any] | Prepared[Any], *ids: UUID) -> Page:
        """The rows that the query's parameters leave. Where there are none, a prepared list needs no new SQL."""
        if isinstance(rows, Prepared):
            if not self.request.query_params:
                return Page(rows.all(*ids), self.request.query_params)
            rows = rows.make(*ids)
        return Page(self.filter_queryset(rows), self.request.query_params)


@cache
def _reader(serializer_class: type[Serializer]) -> Serializer:
    """Made once, as making its fields takes longer than reading with them. It keeps nothing of what it reads."""
    return serializer_class()


def find(rows: QuerySet[M] | Prepared[M], wire_id: str | UUID | None, message: str, *others: UUID) -> M:
    """The row with the id, in either spelling. Raises NotFoundError, also for what is no id.

    What is prepared takes this id first, and then the others.
    """
    key = wire_id if isinstance(wire_id, UUID) else parse_id(wire_id)
    if isinstance(rows, Prepared):
        row = rows.first(key, *others) if key else None
        if row is None:
            raise NotFoundError(message)
        return row
    for row in rows.filter(pk=key) if key else ():  # one at most; `first` would sort it
        return row
    raise NotFoundError(message)
