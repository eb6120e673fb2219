"""The page of an import: complete, harmless, and in order as HTML."""

import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from accounts.models import User
from migrate_mongo import report_page
from migrate_mongo.models import ImportRun
from migrate_mongo.report import ImportReport
from migrate_mongo.tests.conftest import Import, Verify
from migrate_mongo.tests.dumps import classroom, course, document, oid, user, write_dump
from migrate_mongo.vocabulary import FINDINGS, REASONS

VOID = {"meta", "br", "wbr"}
LOADING = {"script", "link", "img", "iframe", "object", "embed", "source", "video", "audio", "base", "form", "svg"}
SECTIONS = ["collections", "rejects", "findings", "relations", "indexes", "pace", "settings"]
HOSTILE = '<script>alert("x")</script>'


class Page(HTMLParser):
    """Walks through a page; raises AssertionError where its tags do not fit into each other."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text
        self.open: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.headings: list[str] = []
        self.said: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.said.append(data)
        if self.open and self.open[-1] in ("h1", "h2"):
            self.headings.append(data.strip())

    def values(self, attribute: str) -> list[str]:
        return [value for name, value in self.attributes if name == attribute]

    def says(self, text: str) -> bool:
        return text in " ".join("".join(self.said).split())


@pytest.fixture
def page(tmp_path: Path) -> Callable[..., Page]:
    def written(report: Any) -> Page:
        report.write(tmp_path / "report.html")
        return Page((tmp_path / "report.html").read_text(encoding="utf-8"))

    return written


PageOf = Callable[[Any], Page]


def test_every_section_of_a_flawed_import(import_dump: Import, trapped_sample: Path, page: PageOf) -> None:
    report = import_dump(trapped_sample)

    shown = page(report)

    ids = shown.values("id")
    assert [section for section in ids if section in SECTIONS] == SECTIONS
    assert len(ids) == len(set(ids))
    assert {link for link in shown.values("href") if link.removeprefix("#") not in ids} == set()
    assert f"Imported, with {report.totals['rejected']} documents rejected" in shown.headings
    assert shown.says("Not verified yet")
    for reject in report.reject_groups:
        assert f"reason-{reject.reason}" in ids
        assert shown.says(reject.samples[0].id)
    for kind in report.finding_kinds:
        assert f"kind-{kind}" in ids
    for relation in report.relations:
        assert shown.says(relation.path)
    for plan in report.indexes:
        assert shown.says(plan.fields)
        assert shown.says(plan.why)


def test_nothing_is_loaded_from_anywhere(import_dump: Import, trapped_sample: Path, page: PageOf) -> None:
    shown = page(import_dump(trapped_sample, profiles=True))

    assert LOADING.isdisjoint(shown.tags)
    assert shown.values("src") == []
    assert {link[0] for link in shown.values("href")} == {"#"}
    assert [name for name, _ in shown.attributes if name.startswith("on")] == []
    assert "default-src 'none'" in shown.values("content")[0]
    assert re.findall(r"https?:|url\(|@import", shown.text) == []


def test_a_page_can_be_heard(import_dump: Import, trapped_sample: Path, page: PageOf) -> None:
    shown = page(import_dump(trapped_sample, profiles=True))

    assert shown.values("lang") == ["en"]
    assert shown.tags.count("h1") == shown.tags.count("main") == 1
    assert shown.tags.count("caption") == shown.tags.count("table") > 10
    assert shown.tags.count("th") == len(shown.values("scope"))
    bars = shown.values("aria-label")
    assert f"{import_dump(trapped_sample).collections['users']['loaded']} loaded" in " ".join(bars)


def test_hostile_content_is_text(import_dump: Import, tmp_path: Path, page: PageOf) -> None:
    hostile = {**user(6), "_id": HOSTILE}
    field = {"_id": oid(7), **{key: value for key, value in user(7).items() if key != "_id"}, HOSTILE: 1}
    many = [hostile, field, {**user(8), "email": {HOSTILE: "`x`"}}]
    folder = write_dump(tmp_path / '<img src="x">', {"users": many, "<b>recipes": []})
    (folder / "users.metadata.json").write_text('{"indexes": [{"key": {"<i>": 1}, "name": "x", "unique": true}]}')

    shown = page(import_dump(folder, profiles=True))

    assert {"script", "img", "i", "b"}.isdisjoint(shown.tags)
    assert shown.text.count("&lt;script&gt;") >= 3
    for text in (HOSTILE, '<img src="x">', "<b>recipes", "<i>"):
        assert shown.says(text)


def test_a_clean_import_that_is_proven(import_dump: Import, verify_dump: Verify, sample: Path, page: PageOf) -> None:
    import_dump(sample)
    assert page(ImportReport.of_run(ImportRun.objects.get())).headings[0] == "Everything is imported"
    verification = verify_dump(sample)

    later = page(ImportReport.of_run(ImportRun.objects.get()))
    at_once = page(verification)

    for shown in (later, at_once):
        assert shown.headings[0] == "Everything is imported, and proven the same"
        assert shown.says("400 documents compared with the source: 400 the same, value for value.")
        assert shown.says("foreign keys were looked up: every row leads to what it refers to")
        assert "verification" in shown.values("id")


def test_a_verification_of_some_collections_proves_no_more(
    import_dump: Import, verify_dump: Verify, sample: Path, page: PageOf
) -> None:
    import_dump(sample)

    shown = page(verify_dump(sample, ("users", "courses")))

    assert shown.headings[0] == "Everything is imported"
    assert shown.says("documents of users, courses compared")
    assert ImportRun.objects.get().verification is None


def test_differences_are_listed(import_dump: Import, verify_dump: Verify, tmp_path: Path, page: PageOf) -> None:
    dump = write_dump(tmp_path / "dump", classroom())
    import_dump(dump)
    User.objects.filter(email="user2@school.test").update(first_name=HOSTILE)

    shown = page(verify_dump(dump))

    assert shown.headings[0] == "The database is not what the source holds"
    assert shown.says("6 documents compared with the source: 1 different.")
    assert shown.says(HOSTILE)
    assert "script" not in shown.tags


def test_a_verification_without_its_import_stands_alone(verify_dump: Verify, tmp_path: Path, page: PageOf) -> None:
    shown = page(verify_dump(write_dump(tmp_path / "dump", classroom())))

    assert [section for section in shown.values("id") if section in ["verification", *SECTIONS]] == ["verification"]
    assert shown.says("6 documents compared with the source: 6 missing.")


def test_a_failure_is_told_with_what_is_known(import_dump: Import, tmp_path: Path, page: PageOf) -> None:
    import_dump(write_dump(tmp_path / "dump", classroom()), only=("users",))
    run = ImportRun.objects.get()

    known = page(ImportReport.of_run(run, error="the lights went out"))
    unknown = page(ImportReport(status="failed", source="dump", error="it is not there", dry_run=True))

    assert known.headings[0] == "The import stopped before its end"
    assert known.says("The lights went out.")
    assert known.says("4 of 6 documents loaded so far; the same command goes on from there.")
    assert unknown.headings == ["The dry run stopped before its end"]
    assert unknown.says("It is not there.")


def test_a_dry_run_shows_profiles(import_dump: Import, tmp_path: Path, page: PageOf) -> None:
    users = [user(1), user(2, bio="four"), {**user(3), "email": None}]
    dump = write_dump(tmp_path / "dump", {"users": users})

    shown = page(import_dump(dump, schema="public", profiles=True))

    assert shown.headings[0] == "Dry run: 1 document would be rejected"
    assert shown.says("Nothing was written.")
    assert shown.says("users: 3 documents,")
    assert shown.says("Paths of users")
    assert shown.tags.count("details") == shown.tags.count("summary") == 1
    assert "profiles" in shown.values("id")


def test_what_is_long_is_cut_with_a_word_about_the_rest(
    import_dump: Import, trapped_sample: Path, page: PageOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = import_dump(trapped_sample)
    monkeypatch.setattr(report_page, "MOST_FINDINGS", 7)
    monkeypatch.setattr(report_page, "MOST_REJECT_GROUPS", 3)
    monkeypatch.setattr(report_page, "MOST_AWAITED", 1)
    monkeypatch.setattr(report_page, "SAMPLES_OF_A_GROUP", 1)

    shown = page(report)

    assert shown.says(f"{report.places - 7:,} more places are in the report as JSON")
    assert shown.says(f"{len(report.reject_groups) - 3:,} more places are in the report as JSON")
    assert shown.says(f"{len(report.awaited) - 1:,} more are in the report as JSON")


def test_a_reason_has_its_meaning_and_its_messages(import_dump: Import, tmp_path: Path, page: PageOf) -> None:
    courses = [course(10 + number, 90 + number) for number in range(8)]
    report = import_dump(write_dump(tmp_path / "dump", classroom(courses=courses, documents=[document(40, 2, x=1)])))

    shown = page(report)

    for meaning in (REASONS["dangling_reference"], FINDINGS["unknown_field"]):
        assert shown.says(meaning.replace("`", ""))
    messages = [f"instructor refers to {oid(90 + number)}, which is not in users" for number in range(8)]
    assert [shown.says(message) for message in messages] == [True] * 5 + [False] * 3
