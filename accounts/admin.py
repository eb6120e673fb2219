from typing import Any

from django.contrib import admin
from django.contrib.admin.widgets import AdminTextInputWidget
from django.contrib.auth.models import Group
from django.http import HttpRequest

from accounts.models import User
from scribetree.admin import ReadOnlyAdmin

admin.site.unregister(Group)  # roles decide here


@admin.register(User)
class UserAdmin(ReadOnlyAdmin):
    """Admins correct what is said of a person; addresses and passwords they leave alone."""

    editable = ("first_name", "last_name", "role", "bio", "is_verified")
    exclude = ("password", "extra")  # `extra` may hold the original of a password, or someone's token
    long_texts = ("bio",)
    list_display = ("email", "first_name", "last_name", "role", "is_verified", "created_at", "object_id")
    list_filter = ("role", "is_verified")
    search_fields = ("email", "first_name", "last_name")

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return request.user.is_superuser

    def get_form(self, *args: Any, **kwargs: Any) -> Any:
        one_line = dict.fromkeys(("first_name", "last_name"), AdminTextInputWidget)
        return super().get_form(*args, **{**kwargs, "widgets": one_line})

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> list[Any]:
        editable = set(self.editable)
        if obj == request.user:
            editable.remove("role")  # whoever gives up the role cannot take it back
        return [field for field in super().get_readonly_fields(request, obj) if field not in editable]
