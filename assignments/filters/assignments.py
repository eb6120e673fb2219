import django_filters

from assignments.models import Assignment
from scribetree.api.filters import IdFilter, SearchFilter


class PublishedAssignmentFilter(django_filters.FilterSet):
    """For students, who see no other status whatever they ask for."""

    type = django_filters.CharFilter()
    search = SearchFilter("title", "description")

    class Meta:
        model = Assignment
        fields = ()


class AssignmentFilter(PublishedAssignmentFilter):
    status = django_filters.CharFilter()


class OwnAssignmentFilter(AssignmentFilter):
    course = IdFilter(field_name="course")
