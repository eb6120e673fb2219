from __future__ import annotations

from functools import reduce
from operator import add, or_

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchRank, SearchVector, SearchVectorField
from django.db import models
from django.db.models.functions import Coalesce

from accounts.models import Role, User
from assignments.configuration import CONFIGURATION, AssignmentType, ConfigurationModel
from assignments.search import word_queries
from scribetree.fields import DocumentModel, TimestampedModel, choice_constraint


class TemplateStatus(models.TextChoices):
    DRAFT = "draft"
    PUBLISHED = "published"
    ARCHIVED = "archived"


class TagsText(models.Func):
    """The tags as one text; `array_to_string` itself is not immutable, so no generated column may use it."""

    function = "tags_text"
    output_field = models.TextField()


LIBRARY = models.Q(status=TemplateStatus.PUBLISHED, is_public=True)
# on the wire, beside the configuration
SERVED = ("status", "tags", "is_public", "usage_count", "created_at", "updated_at", "instructor")


class AssignmentTemplateQuerySet(models.QuerySet["AssignmentTemplate"]):
    def visible_to(self, user: User) -> AssignmentTemplateQuerySet:
        """One's own, and the public library; admins see all."""
        return self if user.role == Role.ADMIN else self.offered_to(user)

    def offered_to(self, user: User) -> AssignmentTemplateQuerySet:
        """What a search for something to deploy finds, for admins too."""
        return self.filter(models.Q(instructor=user) | LIBRARY)

    def not_archived(self) -> AssignmentTemplateQuerySet:
        return self.exclude(status=TemplateStatus.ARCHIVED)

    def library(self) -> AssignmentTemplateQuerySet:
        return self.filter(LIBRARY)

    def search(self, text: str) -> AssignmentTemplateQuerySet:
        """Rows with any of the words: those with more of them first, then the more relevant, then the more used."""
        words = word_queries(text)
        any_word = reduce(or_, words)
        matching = reduce(add, [models.Case(models.When(search_vector=word, then=1), default=0) for word in words])
        relevance = SearchRank(models.F("search_vector"), any_word)
        return self.filter(search_vector=any_word).order_by(matching.desc(), relevance.desc(), "-usage_count", "-pk")

    def served(self) -> AssignmentTemplateQuerySet:
        """With their instructors' names, and each with its `deployment_count`."""
        owner = ("instructor__first_name", "instructor__last_name", "instructor__email")
        deployments = self.model._meta.get_field("deployments").related_model._default_manager
        count = deployments.filter(template=models.OuterRef("pk")).order_by().values("template")
        return (
            self.select_related("instructor")
            .only(*CONFIGURATION, *SERVED, *owner)
            .annotate(deployment_count=Coalesce(models.Subquery(count.values(n=models.Count("*"))), 0))
        )


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

    def is_visible_to(self, user: User) -> bool:
        in_library = self.is_public and self.status == TemplateStatus.PUBLISHED
        return in_library or self.can_be_edited_by(user)

    def can_be_edited_by(self, user: User) -> bool:
        return self.instructor_id == user.pk or user.role == Role.ADMIN
