from django.contrib import admin

from notifications.models import Notification
from scribetree.admin import ReadOnlyAdmin


@admin.register(Notification)
class NotificationAdmin(ReadOnlyAdmin):
    list_display = ("title", "recipient", "type", "priority", "status", "created_at", "object_id")
    list_select_related = ("recipient",)
    list_filter = ("status", "priority", "category", "type")
    search_fields = ("title", "recipient__email", "recipient__last_name")
    long_texts = ("message",)
