from django.contrib import admin
from django.db.models import QuerySet
from django.db.models.functions import Left
from django.http import HttpRequest

from assignments.models import (
    Assignment,
    AssignmentSubmission,
    AssignmentTemplate,
    SubmissionCollaborator,
    SubmissionComment,
)
from scribetree.admin import ReadOnlyAdmin


@admin.register(AssignmentTemplate)
class AssignmentTemplateAdmin(ReadOnlyAdmin):
    list_display = ("title", "type", "instructor", "status", "is_public", "usage_count", "object_id")
    list_select_related = ("instructor",)
    list_filter = ("status", "type", "is_public")
    search_fields = ("title", "instructor__email")
    long_texts = ("description", "instructions")
    exclude = ("search_vector",)


@admin.register(Assignment)
class AssignmentAdmin(ReadOnlyAdmin):
    list_display = ("title", "course", "type", "status", "due_date", "instructor", "object_id")
    list_select_related = ("course", "instructor")
    list_filter = ("status", "type", ("template", admin.EmptyFieldListFilter))
    search_fields = ("title", "course__title", "instructor__email")
    long_texts = ("description", "instructions", "custom_instructions", "custom_notes")


@admin.register(AssignmentSubmission)
class AssignmentSubmissionAdmin(ReadOnlyAdmin):
    list_display = ("title", "author", "assignment", "status", "word_count", "submitted_at", "object_id")
    list_select_related = ("author", "assignment")
    list_filter = ("status", ("superseded_by", admin.EmptyFieldListFilter))
    search_fields = ("title", "author__email", "author__last_name", "assignment__title")
    long_texts = ("content",)


@admin.register(SubmissionCollaborator)
class SubmissionCollaboratorAdmin(ReadOnlyAdmin):
    list_display = ("user", "submission", "role", "joined_at")
    list_select_related = ("user", "submission")
    search_fields = ("user__email", "user__last_name", "submission__title")
    ordering = ("submission_id", "user_id")


@admin.register(SubmissionComment)
class SubmissionCommentAdmin(ReadOnlyAdmin):
    list_display = ("beginning", "author", "submission", "type", "is_resolved", "created_at", "object_id")
    list_select_related = ("author", "submission")
    list_filter = ("type", "is_resolved", ("parent", admin.EmptyFieldListFilter))
    search_fields = ("content", "author__email", "submission__title")
    long_texts = ("content", "highlighted_text")

    def get_queryset(self, request: HttpRequest) -> QuerySet[SubmissionComment]:
        return super().get_queryset(request).annotate(beginning=Left("content", 60))

    @admin.display(description="comment")
    def beginning(self, comment: SubmissionComment) -> str:
        return comment.beginning
