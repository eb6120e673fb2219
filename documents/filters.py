from typing import Any

import django_filters
from django.db.models import QuerySet

from documents.models import Document
from documents.serializers import CLIENT_TYPES
from scribetree.api.filters import IdFilter, SearchFilter


class TypeFilter(django_filters.CharFilter):
    def filter(self, qs: QuerySet[Any], value: str) -> QuerySet[Any]:
        return super().filter(qs, CLIENT_TYPES.get(value, value))


class CourseDocumentFilter(django_filters.FilterSet):
    chapter = django_filters.CharFilter()
    lesson = django_filters.CharFilter()
    type = TypeFilter()
    author = IdFilter(field_name="author_id")
    search = SearchFilter("title", "author__first_name", "author__last_name")

    class Meta:
        model = Document
        fields = ()


class OwnDocumentFilter(django_filters.FilterSet):
    course = IdFilter(field_name="course_id")
    type = TypeFilter()
    status = django_filters.CharFilter()
    search = SearchFilter("title")

    class Meta:
        model = Document
        fields = ()
