"""The README is true."""

import re
import subprocess
from pathlib import Path

from django.core.management import get_commands

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def first_cells(heading: str) -> list[str]:
    text = README.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return re.findall(r"^\| `([^`]+)` \|", text, re.MULTILINE)


def test_settings_are_those_of_the_example() -> None:
    example = re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(encoding="utf-8"), re.MULTILINE)

    assert sorted(first_cells("Settings")) == sorted(example)


def test_defaults_are_those_of_the_example() -> None:
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([A-Z_]+)` \| (.+?) \|", README, re.MULTILINE)

    given = dict(re.findall(r"^([A-Z_]+)=(.+)$", example, re.MULTILINE))

    assert {name: value.strip("`") for name, value in rows if name in given} == given


def test_every_folder_is_named_and_exists() -> None:
    named = {cell.rstrip("/") for cell in first_cells("Folders")}
    packages = {file.parent.name for file in ROOT.glob("*/__init__.py")}

    assert packages <= named
    assert [name for name in sorted(named) if not (ROOT / name).is_dir()] == []


def test_every_command_exists() -> None:
    project = {name for name, app in get_commands().items() if (ROOT / app.partition(".")[0]).is_dir()}
    commands = README.split("\n## Commands\n")[1].split("\n## ")[0]

    named = set(re.findall(r"^- `(\w+)", commands, re.MULTILINE))

    assert named == project - {"demo_summary"}  # a step of `make demo`
    assert set(re.findall(r"manage\.py (\w+)", README)) - {"COMMAND"} <= set(get_commands())


def test_every_make_target_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))

    named = set(re.findall(r"\bmake ([a-z]+)\b(?=[ `\n])", README))

    assert named == targets


def test_make_reads_the_targets() -> None:
    result = subprocess.run(
        ["make", "--dry-run", "--always-make", "demo", "test"], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert result.returncode == 0, result.stderr
    assert "manage.py test" in result.stdout


def test_it_is_one_page() -> None:
    assert len(README.splitlines()) < 110
