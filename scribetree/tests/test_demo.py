import os
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from scribetree import demo


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    own: dict[str, str] = {}
    monkeypatch.setattr(os, "environ", own)
    return own


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as server:
        # as the server itself does, which lets others share its port
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        server.bind((demo.HOST, 0))
        server.listen()
        yield server.getsockname()[1]


def test_demo_refuses_a_port_in_use(taken_port: int) -> None:
    with pytest.raises(SystemExit, match=f"Port {taken_port} cannot be used"):
        demo.check_port(taken_port)


def test_demo_refuses_a_port_that_is_none() -> None:
    with pytest.raises(SystemExit, match="Port 70000 cannot be used"):
        demo.check_port(70000)


def test_demo_keeps_its_secrets_to_itself(tmp_path: Path, environment: dict[str, str]) -> None:
    demo.prepare_environment(tmp_path)
    first = environment["SECRET_KEY"]
    demo.prepare_environment(tmp_path)

    assert environment["SECRET_KEY"] == first
    assert environment["JWT_SECRET"] != first
    assert (tmp_path / "secrets").stat().st_mode & 0o777 == 0o600


def test_demo_takes_no_database_from_the_env_file(tmp_path: Path, environment: dict[str, str]) -> None:
    demo.prepare_environment(tmp_path)

    # set, though empty: what is in .env does not come in its place
    assert environment["DATABASE_URL"] == ""
    assert environment["DEBUG"] == "0"


def test_demo_makes_an_unfinished_sample_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "dump.unfinished").mkdir()
    (tmp_path / "dump.unfinished" / "left").touch()
    monkeypatch.setattr(demo, "manage", lambda command, folder, *rest: Path(folder).mkdir())

    dump = demo.sample_dump(tmp_path)

    assert (dump, list(dump.iterdir())) == (tmp_path / "dump", [])


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch, environment: dict[str, str]) -> SimpleNamespace:
    """What would be run, and the exit code each command is to end with."""
    ran = SimpleNamespace(arguments=[], codes={})

    def run(arguments: list[str], **options: object) -> subprocess.CompletedProcess[str]:
        ran.arguments.append(arguments[2:])
        return subprocess.CompletedProcess(arguments, ran.codes.get(arguments[2], 0))

    monkeypatch.setattr(subprocess, "run", run)
    environment["DATABASE_URL"] = ""
    return ran


def test_demo_goes_on_and_says_so_when_some_are_rejected(
    commands: SimpleNamespace, capsys: pytest.CaptureFixture[str]
) -> None:
    commands.codes = {"import_mongo": 2, "verify_mongo": 2}

    demo.load(Path("dump"), "http://localhost:8000")

    assert commands.arguments[-1] == ["demo_summary", "--address", "http://localhost:8000"]
    assert "import_mongo ended with exit code 2" in capsys.readouterr().out


def test_demo_stops_when_the_import_fails(commands: SimpleNamespace) -> None:
    commands.codes = {"import_mongo": 1}

    with pytest.raises(SystemExit, match="import_mongo failed"):
        demo.load(Path("dump"), "http://localhost:8000")

    assert commands.arguments[-1][0] == "import_mongo"


def test_demo_empties_no_database_that_was_given(commands: SimpleNamespace, environment: dict[str, str]) -> None:
    environment["DATABASE_URL"] = "postgresql:///school"

    demo.load(Path("dump"), "http://localhost:8000")

    assert ["import_mongo", "dump"] in commands.arguments
