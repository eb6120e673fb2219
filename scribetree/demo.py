"""`make demo`: imports a dump, proves it and serves it, with nothing set up: `python -m scribetree.demo`."""

import argparse
import os
import secrets
import shutil
import socket
import subprocess
import sys
from pathlib import Path

from scribetree.embedded.server import EmbeddedServerError, use_server
from scribetree.environment import read_env_file

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / ".demo"
HOST = "127.0.0.1"
DOCUMENTS = 2000
SOME_REJECTED = 2  # the exit code of import and verify that finished, with something to show


def main() -> None:
    parser = argparse.ArgumentParser(prog="make demo", description=__doc__)
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--source", type=Path, help="a dump of your own")
    options = parser.parse_args()
    check_port(options.port)
    if options.source and not options.source.exists():
        sys.exit(f"There is no {options.source}")
    prepare_environment(FOLDER)
    try:
        if not os.environ["DATABASE_URL"]:
            use_server(Path(os.environ["EMBEDDED_POSTGRES_DIR"]))  # so that it does not stop between the steps
        load(options.source or sample_dump(FOLDER), f"http://localhost:{options.port}")
        serve(options.port)
    except EmbeddedServerError as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit(130)


def check_port(port: int) -> None:
    """The server would share a port that another one has taken (SO_REUSEPORT); this socket does not."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # what only lingers is free
        try:
            probe.bind((HOST, port))
        except (OSError, OverflowError) as error:
            sys.exit(f"Port {port} cannot be used ({error}): try make demo PORT={8001 if port == 8000 else 8000}")


def prepare_environment(folder: Path) -> None:
    """Settings of production, with secrets of its own, and not those in .env: that may name a real database."""
    folder.mkdir(exist_ok=True)
    secrets_file = folder / "secrets"
    if not secrets_file.exists():
        secrets_file.touch(mode=0o600)
        secrets_file.write_text("".join(f"{name}={secrets.token_hex(40)}\n" for name in ("SECRET_KEY", "JWT_SECRET")))
    for name in ("SECRET_KEY", "JWT_SECRET"):
        os.environ.pop(name, None)
    read_env_file(secrets_file)
    os.environ |= {"DEBUG": "0", "SECURE_SSL": "0", "ALLOWED_HOSTS": "localhost,127.0.0.1", "CSRF_TRUSTED_ORIGINS": ""}
    for name, value in (
        ("DATABASE_URL", ""),
        ("EMBEDDED_POSTGRES_DIR", str(folder / "postgres")),
        ("MONGODB_URI", ""),
        ("ALLOW_ROLE_SELF_SWITCH", "1"),
        ("UPGRADE_PASSWORDS", "0"),
        ("LOG_LEVEL", "WARNING"),
    ):
        os.environ.setdefault(name, value)


def sample_dump(folder: Path) -> Path:
    dump = folder / "dump"
    if not dump.exists():
        unfinished = folder / "dump.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        manage("make_sample_dump", str(unfinished), "--documents", str(DOCUMENTS), "--seed", "7")
        unfinished.rename(dump)
    return dump


def load(dump: Path, address: str) -> None:
    """Each demo begins anew, unless the database is one that was given: nothing is emptied there."""
    anew = [] if os.environ["DATABASE_URL"] else ["--restart"]
    manage("migrate", "--verbosity", "0")
    manage("import_mongo", str(dump), *anew, accepted=(0, SOME_REJECTED))
    manage("verify_mongo", str(dump), accepted=(0, SOME_REJECTED))
    manage("collectstatic", "--noinput", "--verbosity", "0")
    manage("demo_summary", "--address", address)


def manage(command: str, *arguments: str, accepted: tuple[int, ...] = (0,)) -> None:
    say(f"manage.py {' '.join((command, *arguments))}")
    code = subprocess.run([sys.executable, ROOT / "manage.py", command, *arguments], check=False).returncode  # noqa: S603
    if code not in accepted:
        sys.exit(f"{command} failed, so the demo stops here")
    if code:
        say(f"{command} ended with exit code {code}: see above what it found; the demo goes on")


def serve(port: int) -> None:
    """The server takes the place of this process, so that Ctrl-C has nothing else to end."""
    say(f"Scribe Tree is at http://localhost:{port}/ until Ctrl-C")
    granian = str(Path(sys.executable).parent / "granian")
    arguments = ["--interface", "wsgi", "--host", HOST, "--port", str(port), "--blocking-threads", "4"]
    arguments += ["--log-level", "warning", "--working-dir", str(ROOT), "scribetree.wsgi:application"]
    os.execv(granian, [granian, *arguments])  # noqa: S606 ours, and no shell


def say(text: str) -> None:
    sys.stdout.write(f"\n{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
