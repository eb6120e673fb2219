"""A real browser before the production server. Screenshots go to `.screenshots/` in the project."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, sync_playwright

from migrate_mongo.tests.state import database_url
from scribetree.tests.server import HOST, ROOT, Server, running_server

SCREENSHOTS = ROOT / ".screenshots"
SIZES = {"desktop": (1440, 900), "tablet": (820, 1180)}


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    executable = shutil.which("chromium") or shutil.which("google-chrome")
    if executable is None:
        assert "SCRIBETREE_REQUIRE_BROWSER" not in os.environ, "no browser, and none of these tests may be skipped"
        pytest.skip("needs a browser: apt install chromium")
    # Playwright runs an event loop in this thread, beside which Django would refuse its database.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture(scope="session")
def static_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All static files, collected as for production."""
    folder = tmp_path_factory.mktemp("static")
    environment = {**os.environ, "SCRIBETREE_TESTING": "1", "STATIC_ROOT": str(folder)}
    command = [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity", "0"]
    subprocess.run(command, cwd=ROOT, env=environment, check=True)
    return folder


@pytest.fixture(scope="module")
def module_site(django_db_setup: None, static_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    log = tmp_path_factory.mktemp("server") / "log"
    with running_server(database_url(), log, STATIC_ROOT=str(static_root)) as server:
        yield server


@pytest.fixture
def site(module_site: Server, transactional_db: None) -> str:
    """The address of the server, which sees what the test commits."""
    return f"http://{HOST}:{module_site.port}"


@pytest.fixture
def complaints() -> list[str]:
    """What the browser finds wrong while a test runs; a test that expects some takes them out."""
    return []


@pytest.fixture
def context(browser: Browser, site: str, complaints: list[str]) -> Iterator[BrowserContext]:
    width, height = SIZES["desktop"]
    context = browser.new_context(base_url=site, viewport={"width": width, "height": height})
    context.on("request", lambda request: complain_of_foreign(request, site, complaints))
    context.on("weberror", lambda error: complaints.append(f"error: {error.error}"))
    context.on("console", lambda message: complain_of_console(message, complaints))
    yield context
    context.close()
    assert complaints == []


def complain_of_foreign(request: Request, site: str, complaints: list[str]) -> None:
    if not request.url.startswith((f"{site}/", "data:", "blob:")):
        complaints.append(f"asked for {request.url}")


def complain_of_console(message: ConsoleMessage, complaints: list[str]) -> None:
    if message.type == "error":
        complaints.append(f"console: {message.text}")


@pytest.fixture
def page(context: BrowserContext) -> Page:
    page = context.new_page()
    page.set_default_timeout(15_000)
    return page


@pytest.fixture
def shoot() -> Callable[[Page, str], None]:
    """Takes a screenshot at each width, in light and dark."""

    def take(page: Page, name: str) -> None:
        SCREENSHOTS.mkdir(exist_ok=True)
        for size, (width, height) in SIZES.items():
            page.set_viewport_size({"width": width, "height": height})
            for scheme in ("light", "dark"):
                page.emulate_media(color_scheme=scheme)
                page.screenshot(path=SCREENSHOTS / f"{name}-{size}-{scheme}.png")
        width, height = SIZES["desktop"]
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme="light")

    return take
