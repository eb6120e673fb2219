import django_filters

from assignments.models import AssignmentSubmission
from scribetree.api.filters import SearchFilter


class SubmissionFilter(django_filters.FilterSet):
    status = django_filters.CharFilter()
    search = SearchFilter("title", "author__first_name", "author__last_name")

    class Meta:
        model = AssignmentSubmission
        fields = ()
