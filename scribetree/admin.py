"""What the admin classes of all apps share: they show and do not change, at a cost that large tables allow."""

import json
from collections.abc import Callable
from functools import cache, wraps
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db import connection, models
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.html import format_html, format_html_join
from unfold.admin import ModelAdmin

from scribetree.fields import ObjectIdField
from scribetree.object_id import uuid_to_object_id


class EstimatePaginator(Paginator):  # type: ignore[type-arg]  # not generic at run time
    """Takes PostgreSQL's word for the size of a large table; counts small ones, and what a filter leaves."""

    exact_below = 10_000

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        query = rows.query
        if not query.where and not query.distinct:
            estimate = self._estimate(query.model._meta.db_table)
            if estimate >= self.exact_below:
                return estimate
        return super().count

    def _estimate(self, table: str) -> int:
        """A partitioned table is as large as its partitions; a table never analysed says -1."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT coalesce(sum(reltuples), 0)::bigint FROM pg_class WHERE relkind = 'r' AND reltuples > 0 AND"
                " (oid = %s::regclass OR oid IN (SELECT inhrelid FROM pg_inherits WHERE inhparent = %s::regclass))",
                [table, table],
            )
            return int(cursor.fetchone()[0])


class LightChangeList(ChangeList):
    """Leaves in the database what no column shows: JSON and long texts."""

    model_admin: "ReadOnlyAdmin"

    def get_queryset(self, *args: Any, **kwargs: Any) -> models.QuerySet[Any]:
        heavy = (models.JSONField, models.BinaryField)
        names = [field.name for field in self.opts.concrete_fields if isinstance(field, heavy)]
        return super().get_queryset(*args, **kwargs).defer(*names, *self.model_admin.long_texts)


Action = Callable[..., HttpResponse | None]
NAMED_ROWS = 20


def confirmed(question: str, button: str, form_class: type[forms.Form] = forms.Form) -> Callable[[Action], Action]:
    """Has an action ask first, on a page of its own, and for what the form wants to know; it gets the cleaned data."""

    def decorate(action: Action) -> Action:
        @wraps(action)
        def ask(self: admin.ModelAdmin, request: HttpRequest, rows: models.QuerySet[Any]) -> HttpResponse | None:  # type: ignore[type-arg]
            form = form_class(request.POST if "confirmed" in request.POST else None)
            if form.is_valid():
                return action(self, request, rows, form.cleaned_data)
            across = request.POST.get("select_across") == "1"
            chosen = request.POST.getlist(ACTION_CHECKBOX_NAME)
            context = {
                **self.admin_site.each_context(request),
                "title": question,
                "button": button,
                "opts": self.opts,
                "form": form,
                "media": self.media + form.media,
                "action": action.__name__,
                "checkbox": ACTION_CHECKBOX_NAME,
                "chosen": chosen[:1] if across else chosen,
                "across": across,
                "count": (count := rows.count()),
                "rows": rows[:NAMED_ROWS],
                "more": max(count - NAMED_ROWS, 0),
            }
            return TemplateResponse(request, "admin/action_confirmation.html", context)

        return ask

    return decorate


@cache
def indented(name: str) -> Callable[[models.Model], str]:
    """A read-only field that shows a JSON column as it is best read."""

    @admin.display(description=name.replace("_", " "))
    def show(row: models.Model) -> str:
        value = getattr(row, name)
        return "-" if value is None else format_html("<pre>{}</pre>", json.dumps(value, indent=2, ensure_ascii=False))

    show.__name__ = name  # the admin finds the column's help text by it
    return show


class ReadOnlyAdmin(ModelAdmin):
    """Everyone who may enter sees the rows that `visible_to` gives, and changes nothing."""

    long_texts: ClassVar[tuple[str, ...]] = ()  # columns that lists do not fetch
    exclude: ClassVar[tuple[str, ...]] = ()  # columns that nobody sees, nor searches by
    paginator = EstimatePaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER  # each would count the table
    ordering: ClassVar[tuple[str, ...]] = ("-pk",)  # ids are in the order of time

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        rows: Any = super().get_queryset(request)
        return rows.visible_to(request.user) if hasattr(rows, "visible_to") else rows  # type: ignore[no-any-return]

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return LightChangeList

    def has_add_permission(self, *args: object) -> bool:
        return False

    def has_change_permission(self, *args: object) -> bool:
        return False

    def has_delete_permission(self, *args: object) -> bool:
        return False

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        return lookup.partition("__")[0] not in self.exclude and super().lookup_allowed(lookup, value, request)

    def get_fields(self, request: HttpRequest, obj: models.Model | None = None) -> list[Any]:
        columns = [field for field in self.opts.concrete_fields if field.name not in (*self.exclude, self.opts.pk.name)]
        columns.sort(key=lambda field: field.name in ("created_at", "updated_at", "extra"))
        shown = [indented(field.name) if isinstance(field, models.JSONField) else field.name for field in columns]
        return ["object_id", *shown, "belonging"]

    def get_readonly_fields(self, request: HttpRequest, obj: models.Model | None = None) -> list[Any]:
        return self.get_fields(request, obj)

    def get_search_results(self, request: HttpRequest, queryset: models.QuerySet[Any], term: str) -> Any:
        """An id, in either spelling, finds its row and those that refer to it."""
        try:
            found = ObjectIdField().to_python(term.strip())
        except ValidationError:
            found = None
        if found is None or not isinstance(self.opts.pk, models.UUIDField):
            return super().get_search_results(request, queryset, term)
        names = ["pk", *(field.attname for field in self.opts.concrete_fields if field.many_to_one)]
        return queryset.filter(models.Q(*((name, found) for name in names), _connector=models.Q.OR)), False

    @admin.display(description="id", ordering="pk")
    def object_id(self, row: models.Model) -> str:
        try:
            return str(uuid_to_object_id(row.pk))
        except (ValueError, AttributeError):  # the id of a pair, or a number
            return str(row.pk)

    @admin.display(description="see also")
    def belonging(self, row: models.Model) -> str:
        """Links to the lists of what refers to this row."""
        links = []
        for relation in self.opts.related_objects:
            if relation.related_model in self.admin_site._registry:
                options = relation.related_model._meta
                url = reverse(f"admin:{options.app_label}_{options.model_name}_changelist")
                links.append((url, relation.field.name, row.pk, (relation.related_name or "").replace("_", " ")))
        return format_html_join(" · ", '<a href="{}?{}__id__exact={}">{}</a>', links) or "-"
