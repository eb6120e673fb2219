import django_filters

from accounts.models import User
from scribetree.api.filters import SearchFilter


class UserFilter(django_filters.FilterSet):
    role = django_filters.CharFilter()
    search = SearchFilter("first_name", "last_name", "email")

    class Meta:
        model = User
        fields = ()
