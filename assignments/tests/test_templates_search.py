"""The full-text search of templates: what it finds, in which order, whatever is typed, and how fast."""

import pytest
from django.db import connection

from accounts.models import User
from assignments.models import AssignmentTemplate, TemplateStatus
from scribetree.testing import Cast, client_of, make_cast, make_template

pytestmark = pytest.mark.django_db

LIBRARY = {"status": TemplateStatus.PUBLISHED, "is_public": True}


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def found(user: User, search: str, path: str = "library", **parameters: str) -> list[str]:
    answer = client_of(user).get(f"/api/assignment-templates/{path}", {"search": search, **parameters})
    assert answer.status_code == 200
    return [template["title"] for template in answer.json()["data"]]


@pytest.mark.parametrize(
    "search",
    ["argument", "ARGUMENTS", "arguing argument", "persuasion", "rhetoric", "nothing argument", "argument nothing"],
)
def test_search_finds_any_word_in_title_description_and_tags(cast: Cast, search: str) -> None:
    make_template(cast.ada, title="An argument", description="Of persuasion", tags=["rhetoric"], **LIBRARY)
    make_template(cast.ada, title="Haiku", description="Three lines", tags=["poem"], **LIBRARY)

    assert found(cast.ben, search) == ["An argument"]


@pytest.mark.parametrize("search", ["argu", "haiku argu", "ARGU", "peer-revi", "o'br", "über", "12"])
def test_search_takes_the_last_word_for_a_beginning(cast: Cast, search: str) -> None:
    make_template(cast.ada, title="Arguments: a review by O'Brien, Überblick 1234", **LIBRARY)

    assert len(found(cast.ben, search)) == 1


def test_search_takes_only_the_last_word_for_a_beginning(cast: Cast) -> None:
    make_template(cast.ada, title="Argument", **LIBRARY)

    assert found(cast.ben, "argu haiku") == []


@pytest.mark.parametrize("search", ["peer-review", "peer review", "review-of-peers", "mla.org", "9.5"])
def test_search_knows_words_with_something_between(cast: Cast, search: str) -> None:
    make_template(cast.ada, title="Peer-review of mla.org, worth 9.5", **LIBRARY)

    assert len(found(cast.ben, search)) == 1


def test_search_orders_by_matching_words_then_relevance_then_use(cast: Cast) -> None:
    make_template(cast.ada, title="Essay", usage_count=1, **LIBRARY)
    make_template(cast.ada, title="Essay, used", usage_count=5, **LIBRARY)
    make_template(cast.ada, title="Essay on an essay about essays", **LIBRARY)
    make_template(cast.ada, title="Essay on history and other things that are long ago", **LIBRARY)

    titles = found(cast.ben, "history essay")

    assert titles == [
        "Essay on history and other things that are long ago",
        "Essay on an essay about essays",
        "Essay, used",
        "Essay",
    ]


@pytest.mark.parametrize("search", ["the", "and of the", "'", "&&", ":*", "!", "🙂", "<->"])
def test_search_without_words_that_count_finds_nothing(cast: Cast, search: str) -> None:
    make_template(cast.ada, title="The essay of 'and' & :* 🙂", **LIBRARY)

    assert found(cast.ben, search) == []


@pytest.mark.parametrize("search", ["", " ", "\t\n"])
def test_blank_search_counts_as_none(cast: Cast, search: str) -> None:
    make_template(cast.ada, title="Essay", type="individual", **LIBRARY)
    make_template(cast.ada, title="Together", type="collaborative", **LIBRARY)

    assert found(cast.ben, search, type="collaborative") == ["Together"]


@pytest.mark.parametrize(
    "search",
    [
        "essay'", "essay & | ! ( )", "essay:*", "'essay':*", "essay\\", "\\' essay", '"essay', "essay <-> -- ;",
        "essay %s %(x)s", "essay $1", "é\u0301 essay", "essay \ud83d\ude42", "论文 essay", "<b>essay</b>", "essay*",
        "essay " * 2000, "essay " + "x" * 20_000,
    ],
)  # fmt: skip
def test_search_survives_whatever_is_typed(cast: Cast, search: str) -> None:
    make_template(cast.ada, title="Essay", **LIBRARY)

    assert found(cast.ben, search.encode("utf-16", "surrogatepass").decode("utf-16")) == ["Essay"]


def test_search_refuses_what_is_no_text(cast: Cast) -> None:
    answer = client_of(cast.ben).get("/api/assignment-templates/library?search=a%00b")

    assert answer.status_code == 400
    assert answer.json() == {"error": "search: Null characters are not allowed."}


def test_search_leaves_filters_aside(cast: Cast) -> None:
    make_template(cast.ada, title="Essay", **LIBRARY)

    other = {"type": "collaborative", "tags": "none", "category": "analysis", "bloomsLevel": "6"}
    assert found(cast.ben, "essay", **other) == ["Essay"]
    assert found(cast.ada, "essay", "my-templates", status="draft", tags="none") == ["Essay"]


@pytest.mark.parametrize(("who", "own"), [("ada", "Ada's draft"), ("omar", "Omar's draft")])
def test_search_among_ones_own_finds_the_library_too(cast: Cast, who: str, own: str) -> None:
    for name in ("ada", "omar"):
        make_template(getattr(cast, name), title=f"{name.title()}'s draft", description="essay")
    make_template(cast.cleo, title="Shared essay", **LIBRARY)
    make_template(cast.cleo, title="Private essay", status=TemplateStatus.PUBLISHED)
    make_template(cast.cleo, title="Public draft essay", is_public=True)
    make_template(getattr(cast, who), title="Archived essay", status=TemplateStatus.ARCHIVED)

    assert sorted(found(getattr(cast, who), "essay", "my-templates")) == [own, "Shared essay"]
    assert found(cast.ben, "essay") == ["Shared essay"]


def test_found_templates_page(cast: Cast) -> None:
    for number in range(3):
        make_template(cast.ada, title=f"Essay {number}", usage_count=number, **LIBRARY)

    answer = client_of(cast.ben).get("/api/assignment-templates/library?search=essay&page=2&limit=2").json()

    assert [template["title"] for template in answer["data"]] == ["Essay 0"]
    assert answer["pagination"] == {"page": 2, "limit": 2, "total": 3, "pages": 2}


@pytest.fixture
def library(cast: Cast) -> None:
    """A hundred thousand templates, with words that every 500th and every 50th of them has."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO assignment_templates (title, description, instructions, type, status, is_public, usage_count,"
            " requirements, writing_stages, learning_objectives, ai_settings, grading_criteria,"
            " collaboration_settings, version_control_settings, tags, instructor_id)"
            " SELECT 'essay on subject' || n %% 500, 'with a text of some length',"
            " repeat('Write. ', 40), 'individual', 'published', true, n %% 97,"
            " '{}', '[]', '[]', '{}', '{}', '{}', '{}',"
            " ARRAY['tag' || n %% 50], %s FROM generate_series(1, 100000) AS n",
            [cast.ada.pk],
        )
        cursor.execute("ANALYZE assignment_templates")


@pytest.mark.usefixtures("library")
def test_search_of_a_hundred_thousand_uses_the_index(cast: Cast) -> None:
    library, offered = AssignmentTemplate.objects.library(), AssignmentTemplate.objects.offered_to(cast.ben)

    for search in ("subject42", "subject7 subject8", "subject9 tag7", "the tag7", "absent"):
        for rows in (library, offered):
            plan = rows.search(search).explain()
            assert "idx_templates_search" in plan
            assert "Seq Scan on assignment_templates" not in plan
