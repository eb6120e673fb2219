from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models

from accounts.models import Role, User
from assignments.configuration import AssignmentType, ConfigurationModel
from scribetree.fields import DocumentModel, TimestampedModel, choice_constraint


class TemplateStatus(models.TextChoices):
    DRAFT = "draft"
    PUBLISHED = "published"
    ARCHIVED = "archived"


class TagsText(models.Func):
    """The tags as one text; `array_to_string` itself is not immutable, so no generated column may use it."""

    function = "tags_text"
    output_field = models.TextField()


class AssignmentTemplateQuerySet(models.QuerySet["AssignmentTemplate"]):
    def visible_to(self, user: User) -> AssignmentTemplateQuerySet:
        """One's own, and the public library; admins see all."""
        if user.role == Role.ADMIN:
            return self
        library = models.Q(status=TemplateStatus.PUBLISHED, is_public=True)
        return self.filter(models.Q(instructor=user) | library)


class AssignmentTemplate(ConfigurationModel, DocumentModel, TimestampedModel):
    instructor = models.ForeignKey(User, models.SET_NULL, null=True, related_name="templates", db_index=False)
    status = models.TextField(choices=TemplateStatus, default=TemplateStatus.DRAFT)
    tags = ArrayField(models.TextField(), default=list, blank=True)
    is_public = models.BooleanField(default=False)
    usage_count = models.IntegerField(default=0)
    search_vector = models.GeneratedField(
        expression=SearchVector("title", "description", TagsText("tags"), config="english"),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    objects = AssignmentTemplateQuerySet.as_manager()

    class Meta:
        db_table = "assignment_templates"
        constraints = (
            choice_constraint("assignment_templates", "type", AssignmentType),
            choice_constraint("assignment_templates", "status", TemplateStatus),
            models.CheckConstraint(
                name="assignment_templates_usage_count_natural", condition=models.Q(usage_count__gte=0)
            ),
        )
        indexes = (
            # an educator's own templates
            models.Index(fields=["instructor"], name="idx_templates_instructor"),
            # full-text search in the library
            GinIndex(fields=["search_vector"], name="idx_templates_search"),
        )

    def __str__(self) -> str:
        return self.title
