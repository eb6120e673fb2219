from django.contrib import admin

from analytics.models import WritingSession
from scribetree.admin import ReadOnlyAdmin


@admin.register(WritingSession)
class WritingSessionAdmin(ReadOnlyAdmin):
    list_display = ("start_time", "user", "document", "duration", "end_time", "object_id")
    list_select_related = ("user", "document")
    list_filter = ("start_time", ("end_time", admin.EmptyFieldListFilter))
    search_fields = ("user__email", "user__last_name", "document__title")
