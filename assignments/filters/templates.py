"""What lists of templates can be asked for."""

from typing import Any

import django_filters
from django.db.models import QuerySet

from assignments.models import AssignmentTemplate
from scribetree.api.filters import AnyOfFilter, WholeNumberFilter


class TemplateFilter(django_filters.FilterSet):
    """A search leaves the other parameters aside."""

    tags = AnyOfFilter()
    search = django_filters.CharFilter()

    class Meta:
        model = AssignmentTemplate
        fields = ()

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        text = self.form.cleaned_data.pop("search")
        return queryset.search(text) if text else super().filter_queryset(queryset)


class OwnTemplateFilter(TemplateFilter):
    status = django_filters.CharFilter()


class LibraryFilter(TemplateFilter):
    type = django_filters.CharFilter()
    category = django_filters.CharFilter(method="filter_objectives")
    bloomsLevel = WholeNumberFilter(method="filter_objectives")

    def filter_objectives(self, rows: QuerySet[Any], name: str, value: Any) -> QuerySet[Any]:
        return rows.filter(learning_objectives__contains=[{name: value}])
