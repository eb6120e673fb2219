from collections.abc import Iterator
from pathlib import Path

import pytest

from migrate_mongo.tests.conftest import import_dump, real_data  # noqa: F401 fixtures
from migrate_mongo.tests.state import database_url
from scribetree.tests.server import Server, running_server


@pytest.fixture(scope="module")
def module_server(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running_server(database_url(), tmp_path_factory.mktemp("server") / "log") as server:
        yield server


@pytest.fixture
def server(module_server: Server, transactional_db: None) -> Server:
    """The production server on the test's own database, which sees what is committed."""
    return module_server


@pytest.fixture
def throttled_server(transactional_db: None, tmp_path: Path) -> Iterator[Server]:
    with running_server(database_url(), tmp_path / "log", THROTTLING="1") as server:
        yield server
