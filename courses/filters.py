import django_filters
from django.db.models import QuerySet
from django_filters.rest_framework import BooleanFilter

from courses.models import Course
from scribetree.api.filters import SearchFilter


class CourseFilter(django_filters.FilterSet):
    search = SearchFilter("title", "description", "subject")
    status = django_filters.CharFilter()
    isActive = BooleanFilter(field_name="is_active")
    tag = django_filters.CharFilter(method="with_tag")

    class Meta:
        model = Course
        fields = ()

    def with_tag(self, courses: QuerySet[Course], name: str, value: str) -> QuerySet[Course]:
        return courses.filter(tags__contains=[value.lower()])
