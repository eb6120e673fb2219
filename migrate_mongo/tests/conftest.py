import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from migrate_mongo.export import ExportOptions, export_dump
from migrate_mongo.export_report import ExportReport
from migrate_mongo.mappings import MAPPINGS
from migrate_mongo.pipeline import ImportOptions, run_import
from migrate_mongo.progress import LineMeter
from migrate_mongo.report import ImportReport
from migrate_mongo.sample import DATABASE, write_sample_dump
from migrate_mongo.sources import DumpSource
from migrate_mongo.targets import dump_target
from migrate_mongo.verify import verify
from migrate_mongo.verify_report import VerifyReport

Export = Callable[..., ExportReport]
Import = Callable[..., ImportReport]
Verify = Callable[..., VerifyReport]


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a clean sample of 400 documents."""
    return _sample(tmp_path_factory, documents=400)


@pytest.fixture(scope="session")
def trapped_sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a sample with every trap; `hazards.json` stands above it."""
    return _sample(tmp_path_factory, documents=900, hazards=True)


def _sample(factory: pytest.TempPathFactory, *, documents: int, hazards: bool = False) -> Path:
    folder = factory.mktemp("sample")
    write_sample_dump(folder, documents=documents, seed=11, hazards=hazards)
    return folder / DATABASE


@pytest.fixture
def import_dump(db: None) -> Import:
    """Imports in this process, in the test's transaction."""

    def run(folder: Path, **options: object) -> ImportReport:
        return run_import(DumpSource(str(folder)), ImportOptions(**{"workers": 1, **options}), LineMeter())

    return run


@pytest.fixture
def verify_dump(db: None) -> Verify:
    def run(folder: Path, only: tuple[str, ...] | None = None) -> VerifyReport:
        return verify(DumpSource(str(folder)), only or tuple(MAPPINGS), LineMeter())

    return run


@pytest.fixture
def export(db: None, tmp_path: Path) -> Export:
    """Exports into the folder `out`, or the one that is named."""

    def run(folder: Path | None = None, *, compress: bool = False, **options: Any) -> ExportReport:
        choices = ExportOptions(**options)
        target = dump_target(str(folder or tmp_path / "out"), None, choices.only, archive=False, compress=compress)
        return export_dump(target, choices, LineMeter())

    return run


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out" / DATABASE


@pytest.fixture(scope="session")
def real_data() -> Path:
    """A folder of dumps of the original application."""
    folder = os.environ.get("SCRIBETREE_TEST_DATA")
    if not folder:
        pytest.skip("SCRIBETREE_TEST_DATA does not name a folder with dumps of the original application")
    return Path(folder)
