"""A client that is generated from the schema type-checks, and gets what its types promise."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from django.core.management import call_command

from scribetree.testing import PASSWORD, enroll, make_course, make_user
from scribetree.tests.server import HOST, ROOT, Server

SOURCES = Path(__file__).parent / "typescript"
INSTALLED = ROOT / ".typescript"


@pytest.fixture(scope="module")
def workshop() -> Path:
    """The sources with the packages they need, which stay for the next time."""
    if shutil.which("npm") is None:
        assert "SCRIBETREE_REQUIRE_BROWSER" not in os.environ, "no npm, and this test may not be skipped"
        pytest.skip("needs npm: apt install npm")
    wanted, there = SOURCES / "package-lock.json", INSTALLED / "node_modules" / ".of"
    is_current = there.exists() and there.read_bytes() == wanted.read_bytes()
    shutil.copytree(SOURCES, INSTALLED, dirs_exist_ok=True)
    if not is_current:
        run("npm", "ci", "--no-audit", "--no-fund")
        shutil.copyfile(wanted, there)
    return INSTALLED


def run(*command: str) -> str:
    finished = subprocess.run(command, check=False, cwd=INSTALLED, capture_output=True, text=True)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return finished.stdout


def test_generated_client_is_typed_and_works(workshop: Path, server: Server) -> None:
    ada, ben = make_user("ada", "educator"), make_user("ben")
    enroll(ben, make_course(ada, title="Rhetoric"))
    call_command("spectacular", format="openapi-json", file=str(workshop / "schema.json"))

    run("npm", "run", "generate")
    run("npm", "run", "check")
    said = run("node", "built/writer.js", f"http://{HOST}:{server.port}", ben.email, PASSWORD)

    assert json.loads(said) == {"titles": ["Rhetoric"], "words": 3, "refused": 404, "missing": None, "made": True}
