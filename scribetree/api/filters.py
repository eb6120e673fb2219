"""Query parameters of lists. An unknown value of a choice matches nothing; an id that is none is refused."""

from typing import Any

import django_filters
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.forms import CharField, Field, IntegerField, MultipleHiddenInput
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework.request import Request

from scribetree.errors import InvalidError
from scribetree.object_id import parse_id


class IdFormField(Field):
    def to_python(self, value: Any) -> Any:
        if not value:
            return None
        if (key := parse_id(value)) is None:
            raise ValidationError("is not an id")
        return key


class IdFilter(django_filters.Filter):
    field_class = IdFormField


class WholeNumberFilter(django_filters.Filter):
    field_class = IntegerField


class TextsFormField(Field):
    widget = MultipleHiddenInput

    def to_python(self, value: Any) -> list[str]:
        return [CharField(strip=False, required=False).clean(text) for text in value or () if text]


class AnyOfFilter(django_filters.Filter):
    """Rows whose array has one of the texts; the parameter may be repeated."""

    field_class = TextsFormField

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(lookup_expr="overlap", **kwargs)


class SearchFilter(django_filters.CharFilter):
    """Rows in which each word of the value occurs in one of the fields, in any case."""

    def __init__(self, *fields: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.fields = fields

    def filter(self, qs: QuerySet[Any], value: str) -> QuerySet[Any]:
        for word in (value or "").split():
            qs = qs.filter(Q(*((f"{field}__icontains", word) for field in self.fields), _connector=Q.OR))
        return qs


class ListFilterBackend(DjangoFilterBackend):
    """Refuses with the contract's shape, naming the parameter."""

    def filter_queryset(self, request: Request, queryset: QuerySet[Any], view: Any) -> QuerySet[Any]:
        if not request.query_params:  # making the forms would cost more than a query
            return queryset
        filterset = self.get_filterset(request, queryset, view)
        if filterset is None:
            return queryset
        if not filterset.is_valid():
            name, errors = next(iter(filterset.errors.items()))
            raise InvalidError(f"{name}: {errors[0]}")
        return filterset.qs
