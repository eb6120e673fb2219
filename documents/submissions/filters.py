import django_filters

from assignments.models import AssignmentSubmission
from scribetree.api.filters import IdFilter, SearchFilter


class OwnSubmissionFilter(django_filters.FilterSet):
    status = django_filters.CharFilter()
    assignment = IdFilter(field_name="assignment_id")
    search = SearchFilter("title", "assignment__title")

    class Meta:
        model = AssignmentSubmission
        fields = ()
