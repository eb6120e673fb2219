"""What happens at once to templates and their deployments, in threads with connections of their own."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import User
from assignments.models import Assignment, AssignmentSubmission, AssignmentTemplate
from scribetree.testing import (
    Cast,
    at_once,
    client_of,
    hex_id,
    make_cast,
    make_course,
    make_deployment,
    make_template,
)

pytestmark = pytest.mark.django_db(transaction=True)

TEMPLATES, DEPLOYMENTS = "/api/assignment-templates", "/api/course-assignments"
ALREADY = "Template is already deployed to this course"
DEPLOYED = "Cannot delete template with active deployments. Archive it instead."
BEGUN = "Cannot delete assignment with submissions. Archive it instead."
GONE = "Assignment not found"


@pytest.fixture
def cast() -> Cast:
    return make_cast()


@pytest.fixture
def template(cast: Cast) -> AssignmentTemplate:
    return make_template(cast.ada)


def ask(user: User, method: str, path: str, body: Any = None) -> Callable[[], Any]:
    return lambda: getattr(client_of(user), method)(path, body)


def deploy(user: User, template: AssignmentTemplate, course: Any) -> Callable[[], Any]:
    body = {"templateId": hex_id(template), "courseId": hex_id(course)}
    return ask(user, "post", f"{DEPLOYMENTS}/deploy", body)


def outcomes(*actions: Callable[[], Any]) -> Counter[tuple[int, str]]:
    return Counter((answer.status_code, answer.json().get("error", "")) for answer in at_once(*actions))


def test_template_is_deployed_to_a_course_once(cast: Cast, template: AssignmentTemplate) -> None:
    deployed = outcomes(*[deploy(cast.ada, template, cast.course)] * 4, deploy(cast.omar, template, cast.course))

    assert deployed == {(201, ""): 1, (400, ALREADY): 4}


def test_template_is_deleted_before_it_is_deployed_or_not_at_all(cast: Cast, template: AssignmentTemplate) -> None:
    delete = ask(cast.ada, "delete", f"{TEMPLATES}/{hex_id(template)}")

    found = outcomes(delete, deploy(cast.ada, template, cast.course))

    deleted, deployed = AssignmentTemplate.objects.count() == 0, Assignment.objects.count() == 1
    assert deleted != deployed
    expected = [(200, ""), (404, "Template not found")] if deleted else [(201, ""), (400, DEPLOYED)]
    assert found == Counter(expected)


def test_what_is_deployed_during_an_edit_has_it_too(cast: Cast, template: AssignmentTemplate) -> None:
    courses = [make_course(cast.ada) for _ in range(3)]
    edit = ask(cast.ada, "put", f"{TEMPLATES}/{hex_id(template)}", {"title": "Edited"})

    found = outcomes(*[deploy(cast.ada, template, course) for course in courses], edit)

    assert found == {(201, ""): 3, (200, ""): 1}
    assert set(Assignment.objects.values_list("title", flat=True)) == {"Edited"}


def test_edits_of_different_parts_all_stay(cast: Cast, template: AssignmentTemplate) -> None:
    deployment = make_deployment(template, cast.course)
    bodies = ({"title": "Edited"}, {"description": "Why"}, {"requirements": {"minWords": 5}})

    found = outcomes(*[ask(cast.ada, "put", f"{TEMPLATES}/{hex_id(template)}", body) for body in bodies])

    assert found == {(200, ""): 3}
    template.refresh_from_db()
    deployment.refresh_from_db()
    assert (template.title, template.description, template.requirements["minWords"]) == ("Edited", "Why", 5)
    assert deployment.configuration() == template.configuration()


def test_edits_and_publications_wait_for_each_other(cast: Cast, template: AssignmentTemplate) -> None:
    deployments = [make_deployment(template, make_course(cast.ada), status="draft") for _ in range(3)]
    publish = [ask(cast.ada, "patch", f"{DEPLOYMENTS}/{hex_id(row)}/publish") for row in deployments]
    edit = ask(cast.ada, "put", f"{TEMPLATES}/{hex_id(template)}", {"title": "Edited"})

    found = outcomes(*publish, *publish, edit, edit)

    assert found == {(200, ""): 8}
    template.refresh_from_db()
    assert (template.title, template.usage_count) == ("Edited", 3)
    assert set(Assignment.objects.values_list("title", "status")) == {("Edited", "published")}


def test_deployment_is_deleted_before_it_is_begun_or_not_at_all(cast: Cast, template: AssignmentTemplate) -> None:
    path = f"{DEPLOYMENTS}/{hex_id(make_deployment(template, cast.course))}"

    found = outcomes(ask(cast.ada, "delete", path), ask(cast.ben, "post", f"{path}/submit"))

    deleted, begun = Assignment.objects.count() == 0, AssignmentSubmission.objects.count() == 1
    assert deleted != begun
    assert found == Counter([(200, ""), (404, GONE)] if deleted else [(201, ""), (400, BEGUN)])


def test_deployment_is_begun_once(cast: Cast, template: AssignmentTemplate) -> None:
    path = f"{DEPLOYMENTS}/{hex_id(make_deployment(template, cast.course))}/submit"

    found = outcomes(*[ask(cast.ben, "post", path)] * 4)

    assert found == {(201, ""): 4}
    assert AssignmentSubmission.objects.count() == 1
