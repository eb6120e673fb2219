"""The admin, for every model of every app: it shows what `visible_to` gives, and costs the same for any rows."""

from typing import NamedTuple

import bson
import pytest
from django.apps import apps
from django.contrib import admin
from django.db import connection, models
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Role, User
from analytics.models import WritingSession
from assignments.models import AssignmentTemplate
from courses.models import Course
from documents.models import Document, DocumentVersion
from migrate_mongo.models import ExportCheckpoint, Finding, ImportPart, ImportRun, RejectedDocument
from scribetree import testing
from scribetree.admin import EstimatePaginator
from scribetree.fields import now
from scribetree.object_id import uuid_to_object_id

pytestmark = pytest.mark.django_db

MODELS = sorted(admin.site._registry, key=lambda model: model._meta.label)
LEDGER = (ExportCheckpoint, Finding, ImportPart, ImportRun, RejectedDocument)
APPS = ("accounts", "courses", "assignments", "documents", "analytics", "notifications", "migrate_mongo")
OF_TEACHING = [model for model in MODELS if model not in LEDGER]


class World(NamedTuple):
    """One row of every model around one educator."""

    educator: User
    rows: dict[type[models.Model], models.Model]


def make_world(name: str) -> World:
    educator = testing.make_user(f"{name}-teacher", Role.EDUCATOR)
    student, friend = testing.make_user(f"{name}-student"), testing.make_user(f"{name}-friend")
    course = testing.make_course(educator)
    assignment = testing.make_assignment(course, template=testing.make_template(educator))
    submission = testing.make_submission(assignment, student)
    document = testing.make_document(student, course=course, assignment=assignment, submission=submission)
    made = (
        student,
        course,
        testing.enroll(student, course),
        assignment.template,
        assignment,
        submission,
        testing.add_submission_collaborator(submission, friend),
        testing.make_comment(submission, educator),
        document,
        testing.add_document_collaborator(document, friend),
        testing.make_version(document),
        testing.make_session(document),
        testing.make_notification(educator, sender=student),
        *make_ledger(name),
    )
    return World(educator, {type(row): row for row in made})


def make_ledger(name: str) -> tuple[models.Model, ...]:
    run = ImportRun.objects.create(source=f"/dumps/{name}", fingerprint=name)
    where = {"run": run, "collection": "courses"}
    part = ImportPart.objects.create(
        **where, number=0, start=0, end=9, position=9, is_finished=True, documents=1, read=1, rejected=1
    )
    raw = bson.encode({"_id": bson.ObjectId("ab" * 12)})
    return (
        run,
        part,
        ExportCheckpoint.objects.create(target=name, collection="courses", began_at=now()),
        Finding.objects.create(**where, path="tags", kind="coerced", count=1, samples=["ab" * 12]),
        RejectedDocument.objects.create(
            **where, part=part, document_id="ab" * 12, reason="missing_value", message="no title", raw=raw
        ),
    )


def changelist(model: type[models.Model], query: str = "") -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist") + query


def detail(row: models.Model) -> str:
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])


def listed(client: Client, model: type[models.Model], query: str = "") -> set[models.Model]:
    response = client.get(changelist(model, query))
    assert response.status_code == 200
    return set(response.context["cl"].result_list)


def number_of_queries(client: Client, url: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert client.get(url).status_code == 200
    return len(queries)


@pytest.fixture
def omar(client: Client) -> User:
    omar = testing.make_user("omar", Role.ADMIN)
    client.force_login(omar)
    return omar


def test_every_table_has_its_place() -> None:
    assert set(MODELS) == {model for app in APPS for model in apps.get_app_config(app).get_models()}
    assert (len(OF_TEACHING), len(LEDGER)) == (13, 5)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_lists_and_pages_cost_the_same_for_one_row_and_three(client: Client, omar: User, model: type) -> None:
    first = make_world("first").rows[model]
    urls = (changelist(model), detail(first))
    for url in urls:
        client.get(url)  # fills the caches of the process, such as that of content types

    one = [number_of_queries(client, url) for url in urls]
    others = [make_world(name).rows[model] for name in ("second", "third")]
    three = [number_of_queries(client, url) for url in urls]

    assert one == three
    assert {first, *others} <= listed(client, model)


@pytest.mark.parametrize("model", OF_TEACHING, ids=lambda model: model._meta.label)
def test_educator_sees_what_is_hers_and_not_another_educators(client: Client, model: type) -> None:
    hers, other = make_world("ada"), make_world("cleo")
    client.force_login(hers.educator)
    expected = {hers.rows[model]} | ({hers.educator} if model is User else set())

    assert listed(client, model) == expected
    assert client.get(detail(hers.rows[model])).status_code == 200
    assert client.get(detail(other.rows[model])).status_code == 302


@pytest.mark.parametrize("model", LEDGER, ids=lambda model: model._meta.label)
def test_ledger_is_for_admins(client: Client, model: type) -> None:
    world = make_world("ada")
    client.force_login(world.educator)

    assert client.get(changelist(model)).status_code == 403
    assert client.get(detail(world.rows[model])).status_code == 403


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_nothing_is_added_or_deleted_and_only_users_are_changed(client: Client, omar: User, model: type) -> None:
    row = make_world("ada").rows[model]
    add = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_add")
    delete = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_delete", args=[row.pk])

    assert client.post(add, {}).status_code == 403
    assert client.post(delete, {"post": "yes"}).status_code == 403
    client.post(changelist(model), {"action": "delete_selected", "_selected_action": [row.pk]})
    assert client.post(detail(row), {}).status_code == (200 if model is User else 403)
    assert model._default_manager.filter(pk=row.pk).exists()


@pytest.mark.parametrize("model", [model for model in MODELS if model is not ImportPart], ids=lambda m: m._meta.label)
def test_search_for_words_and_ids_of_either_spelling(client: Client, omar: User, model: type) -> None:
    row = make_world("ada").rows[model]
    make_world("cleo")

    assert listed(client, model, "?q=no+such+word") == set()
    if model not in LEDGER:
        assert row in listed(client, model, f"?q={row.pk}")


@pytest.mark.parametrize("model", OF_TEACHING, ids=lambda model: model._meta.label)
def test_search_finds_an_id_as_it_is_on_the_wire(client: Client, omar: User, model: type) -> None:
    row = make_world("ada").rows[model]
    make_world("cleo")
    other_id = "course_id" if model._meta.label == "courses.Enrollment" else "user_id"
    key = row.pk if row.pk.version == 8 else getattr(row, other_id)

    assert listed(client, model, f"?q={uuid_to_object_id(key)}") == {row}


def test_address_of_a_page_takes_an_id_as_it_is_on_the_wire(client: Client, omar: User) -> None:
    course = testing.make_course(omar)

    response = client.get(f"/admin/courses/course/{testing.hex_id(course)}/change/")

    assert response.context["original"] == course
    assert testing.hex_id(course) in response.text


def test_list_of_what_refers_to_a_row_is_linked(client: Client, omar: User) -> None:
    world = make_world("ada")
    make_world("cleo")
    course = world.rows[Course]

    page = client.get(detail(course)).text

    query = f"?course__id__exact={course.pk}"
    assert f'href="{changelist(Document)}{query}"' in page
    assert listed(client, Document, query) == {world.rows[Document]}


def test_json_is_shown_indented_and_escaped(client: Client, omar: User) -> None:
    course = testing.make_course(omar, settings={"note": "<b>é</b>"}, extra={"unknown": 1})

    page = client.get(detail(course)).text

    assert "{\n  &quot;note&quot;: &quot;&lt;b&gt;é&lt;/b&gt;&quot;\n}" in page
    assert "{\n  &quot;unknown&quot;: 1\n}" in page


def test_lists_leave_long_columns_in_the_database(client: Client, omar: User) -> None:
    version = make_world("ada").rows[DocumentVersion]

    (row,) = listed(client, DocumentVersion)

    assert row == version
    assert row.get_deferred_fields() == {"content", "changes", "metadata", "diff", "extra"}


def test_admin_corrects_a_user_and_nothing_but_what_may_be_corrected(client: Client, omar: User) -> None:
    ben = testing.make_user("ben")
    before = User.objects.values("email", "password", "created_at").get(pk=ben.pk)
    fields = {"first_name": "Benjamin", "last_name": "New", "role": "educator", "bio": "", "is_verified": "on"}

    response = client.post(
        detail(ben), {**fields, "email": "x@example.org", "password": "x", "created_at": "2001-01-01"}
    )

    assert response.status_code == 302
    after = User.objects.get(pk=ben.pk)
    assert (after.first_name, after.last_name, after.role, after.is_verified) == ("Benjamin", "New", "educator", True)
    assert User.objects.values("email", "password", "created_at").get(pk=ben.pk) == before
    assert after.updated_at > ben.updated_at


def test_educator_corrects_nobody(client: Client) -> None:
    cast = testing.make_cast()
    client.force_login(cast.ada)

    response = client.post(detail(cast.ben), {"first_name": "X", "last_name": "Y", "role": "admin"})

    assert response.status_code == 403
    assert User.objects.get(pk=cast.ben.pk).role == Role.STUDENT


def test_admin_keeps_the_own_role(client: Client, omar: User) -> None:
    client.post(detail(omar), {"first_name": "Omar", "last_name": "Test", "role": "student"})

    omar.refresh_from_db()
    assert omar.role == Role.ADMIN


def test_passwords_are_neither_shown_nor_searched(client: Client, omar: User) -> None:
    ben = testing.make_user("ben", extra={"original": {"password": "secret original"}})

    pages = client.get(detail(ben)).text + client.get(changelist(User)).text

    assert "$2b$" not in pages
    assert "secret original" not in pages
    for lookup in ("password__startswith", "extra__original__password__startswith"):
        assert client.get(changelist(User, f"?{lookup}=bcrypt")).status_code == 400


def analyse(rows: int) -> None:
    """Says what ANALYZE would of a table of so many rows in each of its parts."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE pg_class SET reltuples = %s WHERE relkind = 'r' AND (relname LIKE 'writing_sessions%%'"
            " OR relname = 'assignment_templates')",
            [rows],
        )


def test_paginator_believes_the_database_about_large_tables() -> None:
    analyse(20_000)

    assert EstimatePaginator(AssignmentTemplate.objects.order_by("pk"), 100).count == 20_000
    assert EstimatePaginator(AssignmentTemplate.objects.filter(title="x").order_by("pk"), 100).count == 0


@pytest.mark.parametrize("rows", [-1, 0, 9_999])
def test_paginator_counts_small_tables(rows: int) -> None:
    analyse(rows)

    assert EstimatePaginator(AssignmentTemplate.objects.order_by("pk"), 100).count == 0


def test_paginator_adds_up_partitions() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_inherits WHERE inhparent = 'writing_sessions'::regclass")
        (partitions,) = cursor.fetchone()
    analyse(15_000)

    assert EstimatePaginator(WritingSession.objects.order_by("pk"), 100).count == 15_000 * partitions
