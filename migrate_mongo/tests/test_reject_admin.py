"""Admins decide about rejected documents in the admin, after a page that asks; others do not."""

from pathlib import Path
from typing import Any

import bson
import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Role, User
from courses.models import Course
from migrate_mongo.models import ImportRun, RejectedDocument, RejectStatus
from migrate_mongo.tests.conftest import Import
from migrate_mongo.tests.dumps import assignment, course, oid, user, write_dump
from scribetree import testing
from scribetree.object_id import object_id_to_uuid

LIST = reverse("admin:migrate_mongo_rejecteddocument_changelist")


@pytest.fixture
def omar(client: Client, rejected: list[int]) -> User:
    omar = testing.make_user("omar", Role.ADMIN)
    client.force_login(omar)
    return omar


@pytest.fixture
def rejected(tmp_path: Path, import_dump: Import) -> list[int]:
    """The numbers of user 3, without an e-mail, and of a course and two assignments that wait."""
    people = [user(1), user(2), {**user(3), "email": None, "bio": "<b>"}]
    work = [assignment(20, 10, 1), assignment(21, 10, 1)]
    import_dump(write_dump(tmp_path, {"users": people, "courses": [course(10, 3)], "assignments": work}))
    return list(RejectedDocument.objects.order_by("pk").values_list("pk", flat=True))


def page(number: int) -> str:
    return reverse("admin:migrate_mongo_rejecteddocument_change", args=[number])


def choose(client: Client, action: str, *numbers: int, query: str = "", **more: Any) -> Any:
    """Posts the list's form; with `confirmed`, that of the page which it leads to."""
    index = {} if "confirmed" in more else {"index": "0"}
    return client.post(LIST + query, {"action": action, "_selected_action": numbers, **index, **more}, follow=True)


def statuses() -> list[str]:
    return list(RejectedDocument.objects.order_by("pk").values_list("status", flat=True))


def messages(response: Any) -> list[str]:
    return [str(message) for message in response.context["messages"]]


def sound_user() -> None:
    """Someone else has made the user that the others wait for."""
    User.objects.create(pk=object_id_to_uuid(oid(3)), email="three@school.test", password="x")


def test_document_is_shown_with_the_place_marked(client: Client, omar: User, rejected: list[int]) -> None:
    text = client.get(page(rejected[0])).text

    assert '<mark>&quot;email&quot;: null,</mark>\n  <span class="fault">email is missing</span>\n' in text
    assert f"  &quot;_id&quot;: {{&quot;$oid&quot;: &quot;{oid(3)}&quot;}},\n" in text
    assert "&quot;bio&quot;: &quot;&lt;b&gt;&quot;" in text
    assert "&quot;password&quot;: &quot;(not shown)&quot;" in text
    assert "$2b$" not in text


def test_what_waits_for_what_is_linked(client: Client, omar: User, rejected: list[int]) -> None:
    text = client.get(page(rejected[1])).text

    link = '<a href="{}">{}</a> of {}: {}'
    assert link.format(page(rejected[0]), oid(3), "users", "missing_value") in text
    assert link.format(page(rejected[2]), oid(20), "assignments", "dangling_reference") in text
    assert link.format(page(rejected[3]), oid(21), "assignments", "dangling_reference") in text


def test_a_page_costs_the_same_for_any_number_that_wait(client: Client, omar: User, rejected: list[int]) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            assert client.get(page(rejected[1])).status_code == 200
        return len(found)

    client.get(page(rejected[1]))
    two = queries()
    waiting = RejectedDocument.objects.get(pk=rejected[3])
    for _ in range(60):
        waiting.pk = None
        waiting.save()

    assert queries() == two
    assert "<div>and more</div>" in client.get(page(rejected[1])).text


def test_loading_again_asks_first(client: Client, omar: User, rejected: list[int]) -> None:
    sound_user()

    response = choose(client, "retry", rejected[1])

    assert response.templates[0].name == "admin/action_confirmation.html"
    assert response.context["chosen"] == [str(rejected[1])]
    assert f"<li>courses {oid(10)}: dangling_reference</li>" in response.text
    assert statuses() == [RejectStatus.OPEN] * 4

    response = choose(client, "retry", rejected[1], confirmed="yes")

    assert messages(response) == ["3 documents loaded, 0 still rejected."]
    assert statuses() == ["open", "loaded", "loaded", "loaded"]
    assert Course.objects.get().instructor_id == object_id_to_uuid(oid(3))
    assert LogEntry.objects.get().get_change_message() == "Tried to load it again."
    assert (LogEntry.objects.get().user, LogEntry.objects.get().object_id) == (omar, str(rejected[1]))


def test_what_is_still_rejected_is_told(client: Client, omar: User, rejected: list[int]) -> None:
    response = choose(client, "retry", *rejected, confirmed="yes")

    assert messages(response) == ["0 documents loaded, 4 still rejected."]
    assert statuses() == ["open"] * 4


def test_why_nothing_could_be_tried_is_told(client: Client, omar: User, rejected: list[int]) -> None:
    ImportRun.objects.get().parts.update(is_finished=False)

    response = choose(client, "retry", rejected[0], confirmed="yes")

    assert messages(response) == [
        "Not all were tried: the import of users is not finished: run import_mongo again first"
    ]


def test_all_that_a_filter_leaves_can_be_chosen(client: Client, omar: User, rejected: list[int]) -> None:
    sound_user()
    query = "?collection=courses"

    response = choose(client, "retry", rejected[1], query=query, select_across="1")
    assert response.context["count"] == 1
    assert '<input type="hidden" name="select_across" value="1">' in response.text
    response = choose(client, "retry", rejected[1], query=query, select_across="1", confirmed="yes")

    assert messages(response) == ["3 documents loaded, 0 still rejected."]


def test_dismissing_asks_for_a_note(client: Client, omar: User, rejected: list[int]) -> None:
    assert 'name="note"' in choose(client, "dismiss", rejected[0], rejected[1]).text

    response = choose(client, "dismiss", rejected[0], rejected[1], confirmed="yes", note=" ")
    assert response.context["form"].errors == {"note": ["This field is required."]}
    assert statuses() == ["open"] * 4

    response = choose(client, "dismiss", rejected[0], rejected[1], confirmed="yes", note="left school")

    assert messages(response) == ["2 documents dismissed; they are kept whole."]
    assert statuses() == ["dismissed", "dismissed", "open", "open"]
    assert RejectedDocument.objects.get(pk=rejected[0]).note == "left school"
    assert {entry.get_change_message() for entry in LogEntry.objects.all()} == {"Dismissed: left school"}


def test_what_is_loaded_is_not_dismissed(client: Client, omar: User, rejected: list[int]) -> None:
    RejectedDocument.objects.filter(pk=rejected[0]).update(status=RejectStatus.LOADED)

    response = choose(client, "dismiss", *rejected, confirmed="yes", note="x")

    assert messages(response) == [f"None was dismissed: loaded already: {rejected[0]}"]
    assert statuses() == ["loaded", "open", "open", "open"]
    assert 'value="dismiss"' not in client.get(page(rejected[0])).text
    assert 'value="dismiss"' in client.get(page(rejected[1])).text


def test_a_replacement_is_shown(client: Client, omar: User, rejected: list[int]) -> None:
    raw = bson.encode(user(3, lastName="Repaired"))
    RejectedDocument.objects.filter(pk=rejected[0]).update(status=RejectStatus.LOADED, replacement=raw)

    text = client.get(page(rejected[0])).text

    assert "&quot;lastName&quot;: &quot;Repaired&quot;" in text
    assert "$2b$" not in text


@pytest.mark.parametrize("role", [Role.EDUCATOR, Role.STUDENT])
def test_nobody_else_decides(client: Client, rejected: list[int], role: Role) -> None:
    sound_user()
    client.force_login(testing.make_user("ada", role))

    for action, more in (("retry", {}), ("dismiss", {"note": "x"})):
        response = client.post(LIST, {"action": action, "_selected_action": rejected, "confirmed": "yes", **more})
        assert response.status_code == (403 if role == Role.EDUCATOR else 302)

    assert statuses() == ["open"] * 4
