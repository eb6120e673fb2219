"""The pages in `docs/` say what the code does."""

import ast
import re
from argparse import Action, ArgumentParser, _SubParsersAction
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command, load_command_class
from django.db import connection

from migrate_mongo import mapping_page
from migrate_mongo.management.commands import make_docs
from migrate_mongo.mappings import MAPPINGS
from migrate_mongo.mappings.base import CollectionMapping
from migrate_mongo.mappings.comments import COMMENT, REPLY
from migrate_mongo.mappings.kinds import Array, Group, Kind
from migrate_mongo.pipeline import Policies
from migrate_mongo.sources.extended_text import RELAXED_NUMBER
from migrate_mongo.vocabulary import FINDINGS, REASONS

ROOT = Path(__file__).resolve().parents[2]
TABLES = sorted({table.name for mapping in MAPPINGS.values() for table in mapping.tables})
STANDARD = {"help", "version", "verbosity", "settings", "pythonpath", "traceback", "no_color", "force_color"}


@pytest.fixture(scope="module")
def schema() -> str:
    return (ROOT / "docs" / "schema.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def runbook() -> str:
    return (ROOT / "docs" / "import-runbook.md").read_text(encoding="utf-8")


def section(page: str, name: str) -> str:
    return page.split(f"\n## `{name}`\n")[1].split("\n## ", maxsplit=1)[0]


def test_pages_are_current() -> None:
    call_command("make_docs", "--check")


def test_stale_page_is_named_and_written_anew(
    tmp_path: Path, settings: object, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.BASE_DIR = tmp_path
    (tmp_path / "docs").mkdir()
    monkeypatch.setattr(make_docs, "pages", lambda: {"mapping.md": "new\n"})

    with pytest.raises(CommandError, match=r"^docs/mapping\.md is not current"):
        call_command("make_docs", "--check")
    call_command("make_docs")
    call_command("make_docs", "--check")

    assert (tmp_path / "docs" / "mapping.md").read_text() == "new\n"
    assert capsys.readouterr().out == "docs/mapping.md written\n"


def kind_paths(path: str, kind: Kind) -> Iterator[str]:
    if isinstance(kind, Array):
        yield from kind_paths(f"{path}[]", kind.item)
    if isinstance(kind, Group):
        for key, inner in kind.fields.items():
            yield f"{path}.{key}"
            yield from kind_paths(f"{path}.{key}", inner)


def paths(mapping: CollectionMapping) -> Iterator[str]:
    entries = [("", entry) for entry in mapping.columns]
    if mapping.collection == "assignmentsubmissions":
        entries += [("comments[].", entry) for entry in COMMENT.columns]
        entries += [("comments[].replies[].", entry) for entry in REPLY.columns]
    for prefix, entry in entries:
        yield prefix + entry.source
        yield from kind_paths(prefix + entry.source, getattr(entry, "kind", Kind()))
    yield from mapping.dropped
    yield from (f"{child.source}[]" for child in mapping.children)


@pytest.mark.parametrize("name", MAPPINGS)
def test_every_path_has_a_line(name: str) -> None:
    lines = [line.path for line in mapping_page.path_lines(MAPPINGS[name])]

    assert set(paths(MAPPINGS[name])) <= set(lines)
    assert len(lines) == len(set(lines))


@pytest.mark.parametrize("name", MAPPINGS)
def test_every_column_of_the_collection_is_explained(name: str) -> None:
    text = section(mapping_page.mapping_page(), name)
    mapping = MAPPINGS[name]

    columns = {f"{table.name}.{column}" for table in mapping.tables for column in table.columns}

    assert columns - set(re.findall(r"`(\w+\.\w+)`", text)) == set()


def test_null_and_absence_are_told_as_the_mapping_has_them() -> None:
    lines = {line.path: line for line in mapping_page.path_lines(MAPPINGS["users"])}
    told = {path: (lines[path].absent, lines[path].null) for path in ("email", "bio", "profilePicture", "isVerified")}

    assert told == {
        "email": ("rejected", "rejected"),
        "bio": ("NULL", "NULL, noted"),
        "profilePicture": ("NULL", "NULL"),
        "isVerified": ("`false`", "`false`, noted"),
    }
    assert lines["firstName"].absent == '`""`, noted'
    assert (lines["createdAt"].absent, lines["updatedAt"].absent) == ("time of the `_id`, noted", "last change, noted")


def words_in_code(functions: set[str], place: int) -> set[str]:
    """The constants that the code passes to these functions, at this place or within an expression there."""
    found: set[str] = set()
    for file in (ROOT / "migrate_mongo").rglob("*.py"):
        if "tests" in file.parts or "sample" in file.parts:
            continue
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and len(node.args) > place:
                name = getattr(node.func, "attr", getattr(node.func, "id", ""))
                if name in functions:
                    found |= set(constants(node.args[place]))
    return found


def constants(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from constants(node.body)
        yield from constants(node.orelse)


def losses_in_code() -> set[str]:
    """The kinds that decoding names in pairs of a kind and a path."""
    file = ROOT / "migrate_mongo" / "decoding.py"
    pairs = (node for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))) if isinstance(node, ast.Tuple))
    return {kind for pair in pairs if len(pair.elts) == 2 for kind in constants(pair.elts[0])}


def test_finding_kinds_are_those_of_the_code() -> None:
    by_variable = {"id_collision", "superseded", RELAXED_NUMBER}

    assert words_in_code({"keep", "miss", "find"}, 0) | losses_in_code() | by_variable == set(FINDINGS)


def test_reasons_are_those_of_the_code() -> None:
    by_keyword_or_later = {"undecodable", "constraint"}
    by_policy = Policies(on_nul="reject", on_dangling="reject").refused

    assert words_in_code({"Rejected"}, 0) | by_keyword_or_later | by_policy == set(REASONS)


@pytest.mark.django_db
@pytest.mark.parametrize("table", TABLES)
def test_schema_has_everything_of_a_table(schema: str, table: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT column_name FROM information_schema.columns"
            " WHERE table_schema = current_schema() AND table_name = %(table)s"
            " UNION ALL SELECT conname FROM pg_constraint"
            " WHERE conrelid = %(table)s::regclass AND contype IN ('c', 'u')"
            " UNION ALL SELECT indexrelid::regclass::text FROM pg_index"
            " WHERE indrelid = %(table)s::regclass AND NOT indisprimary"
            " UNION ALL SELECT tgname FROM pg_trigger WHERE tgrelid = %(table)s::regclass AND NOT tgisinternal",
            {"table": table},
        )
        names = {name for (name,) in cursor}
        cursor.execute("SELECT reloptions FROM pg_class WHERE oid = %s::regclass", [table])
        options = cursor.fetchone()[0] or []

    text = section(schema, table)

    assert names - set(re.findall(r"`(\w+)`", text)) == set()
    assert all(option.replace("=", " ") in text for option in options)


def test_every_index_says_what_it_is_for(schema: str) -> None:
    rows = re.findall(r"^\| `(idx_\w+)` \| .* \| (.*) \|$", schema, re.MULTILINE)

    assert rows
    assert [name for name, purpose in rows if not purpose.strip()] == []


def test_diagram_relates_its_own_tables(schema: str) -> None:
    diagram = schema.split("```mermaid\n")[1].split("```", maxsplit=1)[0].splitlines()

    boxes = {line.split()[0] for line in diagram if re.fullmatch(r"    \w+ \{", line)}
    relations = [re.fullmatch(r'    (\w+) [|][|o]--o\{ (\w+) : "(\w+)"', line) for line in diagram if "--" in line]
    attributes = [line for line in diagram if line.startswith("        ")]

    assert diagram[0] == "erDiagram"
    assert boxes == set(TABLES)
    assert all(relation and {relation[1], relation[2]} <= boxes for relation in relations)
    assert len(relations) == sum("FK" in line for line in attributes)
    assert all(re.fullmatch(r"        [a-z][\w\[\]()]* \w+( PK| FK)?", line) for line in attributes)
    assert [line for line in diagram[1:] if line.count("{") - line.count("}") > 0 and "--" not in line] == [
        f"    {model} {{" for model in re.findall(r"^    (\w+) \{$", "\n".join(diagram), re.MULTILINE)
    ]


def arguments(parser: ArgumentParser) -> Iterator[Action]:
    """Those of a command, and of its actions if it has several."""
    for argument in parser._actions:
        if isinstance(argument, _SubParsersAction):
            assert [choice.dest for choice in argument._choices_actions if not choice.help] == []
            for action in argument.choices.values():
                yield from arguments(action)
        elif argument.dest not in STANDARD | {"skip_checks"}:
            yield argument


@pytest.mark.parametrize("name", ["import_mongo", "verify_mongo", "rejected_mongo", "export_mongo"])
def test_runbook_has_every_option(runbook: str, name: str) -> None:
    actions = list(arguments(load_command_class("migrate_mongo", name).create_parser("manage.py", name)))

    assert f"manage.py {name} " in runbook
    assert [action.dest for action in actions if not action.help] == []
    assert [option for action in actions for option in action.option_strings if f"`{option}" not in runbook] == []


@pytest.mark.parametrize("page", ["README.md", "docs/import-runbook.md", "docs/decisions.md", "docs/mapping.md"])
def test_links_lead_somewhere(page: str) -> None:
    file = ROOT / page
    for target, anchor in re.findall(r"\]\(([\w./-]+)(?:#([\w-]+))?\)", file.read_text(encoding="utf-8")):
        text = (file.parent / target).read_text(encoding="utf-8")
        headings = [re.sub(r"[^\w -]", "", line).replace(" ", "-").lower() for line in headings_of(text)]
        assert not anchor or anchor in headings


def headings_of(text: str) -> list[str]:
    return re.findall(r"^#+ (.+)$", text, re.MULTILINE)


def test_every_app_is_documented(schema: str) -> None:
    ours = [model for app in apps.get_app_configs() if Path(app.path).parent == ROOT for model in app.get_models()]

    assert {model._meta.db_table for model in ours if f"`{model._meta.db_table}`" not in schema} == set()
