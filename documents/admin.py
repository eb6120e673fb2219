from django.contrib import admin

from documents.models import Document, DocumentCollaborator, DocumentVersion
from scribetree.admin import ReadOnlyAdmin


@admin.register(Document)
class DocumentAdmin(ReadOnlyAdmin):
    list_display = ("title", "author", "course", "type", "status", "updated_at", "object_id")
    list_select_related = ("author", "course")
    list_filter = ("type", "status")
    search_fields = ("title", "author__email", "author__last_name", "course__title")
    long_texts = ("content",)


@admin.register(DocumentCollaborator)
class DocumentCollaboratorAdmin(ReadOnlyAdmin):
    list_display = ("user", "document", "permission", "joined_at")
    list_select_related = ("user", "document")
    search_fields = ("user__email", "user__last_name", "document__title")
    ordering = ("document_id", "user_id")


@admin.register(DocumentVersion)
class DocumentVersionAdmin(ReadOnlyAdmin):
    list_display = ("title", "version", "author", "document", "submission", "created_at", "object_id")
    list_select_related = ("author", "document", "submission")
    list_filter = (("document", admin.EmptyFieldListFilter),)
    search_fields = ("title", "author__email", "author__last_name")
    long_texts = ("content",)
