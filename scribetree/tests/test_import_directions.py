"""Who may import whom: accounts ← courses ← assignments ← documents ← analytics; nobody imports migrate_mongo."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

CHAIN = ("accounts", "courses", "assignments", "documents", "analytics")
APPS = {*CHAIN, "notifications", "migrate_mongo"}
ALLOWED = {
    **{app: set(CHAIN[:place]) for place, app in enumerate(CHAIN)},
    "notifications": {"accounts"},
    "migrate_mongo": APPS,
    "scribetree": set(),
}
# the project's own: it is where the apps are put together
TOGETHER = {"scribetree/settings.py", "scribetree/testing.py", "scribetree/urls.py"}


def imported(source: str) -> set[str]:
    """The top-level packages that a module imports, wherever in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.partition(".")[0])
    return names


def modules(package: str) -> Iterator[Path]:
    for path in sorted((ROOT / package).rglob("*.py")):
        name = path.relative_to(ROOT).as_posix()
        if package == "scribetree" and ("/tests/" in name or name in TOGETHER):
            continue
        yield path


def forbidden(package: str, source: str) -> set[str]:
    return (imported(source) & APPS) - ALLOWED[package] - {package}


@pytest.mark.parametrize("package", sorted(ALLOWED))
def test_imports_go_one_way(package: str) -> None:
    wrong = {
        path.relative_to(ROOT).as_posix(): names
        for path in modules(package)
        if (names := forbidden(package, path.read_text(encoding="utf-8")))
    }

    assert wrong == {}


@pytest.mark.parametrize(
    ("package", "source"),
    [
        ("accounts", "from courses.models import Course"),
        ("courses", "import documents.models"),
        ("documents", "def late():\n    from analytics import models"),
        ("notifications", "from courses.models import Course"),
        ("analytics", "from migrate_mongo import mappings"),
        ("scribetree", "from accounts.models import User"),
    ],
)
def test_wrong_direction_is_seen(package: str, source: str) -> None:
    assert forbidden(package, source)


@pytest.mark.parametrize(
    ("package", "source"),
    [
        ("analytics", "from accounts.models import User"),
        ("accounts", "from scribetree.object_id import new_id"),
        ("courses", "from courses import models"),
        ("documents", "from . import models"),
    ],
)
def test_right_direction_passes(package: str, source: str) -> None:
    assert not forbidden(package, source)
