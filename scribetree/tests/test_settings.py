"""The settings in processes of their own, with environments of their own; an empty variable counts as not set."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SECRET = "a secret of fifty characters, or of some more of them"


def example_variables() -> set[str]:
    return set(re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))


def run(arguments: list[str], **variables: str) -> subprocess.CompletedProcess[str]:
    # All are given, so that a .env of the developer's has no say.
    ours = dict.fromkeys(example_variables(), "") | {"SECRET_KEY": SECRET, "JWT_SECRET": SECRET} | variables
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    environment = {**kept, "PYTHONDONTWRITEBYTECODE": "1", **ours}
    return subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


def setting(expression: str, **variables: str) -> str:
    return run(["-c", f"from scribetree import settings; print({expression})"], **variables).stdout.strip()


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("SECRET_KEY", "", "SECRET_KEY is not set"),
        ("SECRET_KEY", "short", "SECRET_KEY has fewer than 50 characters"),
        ("JWT_SECRET", "", "JWT_SECRET is not set"),
        ("DEBUG", "maybe", "DEBUG must be 1 or 0, not 'maybe'"),
        ("SECURE_SSL", "2", "SECURE_SSL must be 1 or 0, not '2'"),
        ("UPGRADE_PASSWORDS", "later", "UPGRADE_PASSWORDS must be 1 or 0"),
        ("LOG_LEVEL", "loud", "LOG_LEVEL must be one of"),
        ("DATABASE_URL", "mysql://root:hunter2@host/db", "DATABASE_URL must begin with postgresql://, not mysql://"),
        ("DATABASE_URL", "postgresql://user:hunter2@host", "DATABASE_URL names no database"),
        ("DATABASE_URL", "postgresql://user:hunter2/x@host/db", "is its password percent-encoded?"),
        ("DATABASE_URL", "postgresql://user:12/hunter2@host/db", "is its password percent-encoded?"),
    ],
)
def test_settings_refuse_nonsense_by_name(name: str, value: str, message: str) -> None:
    result = run(["-c", "import scribetree.settings"], **{name: value})

    assert result.returncode == 1
    assert message in result.stderr.splitlines()[-1]
    assert "hunter2" not in result.stderr


def test_configuration_error_is_one_line() -> None:
    result = run(["manage.py", "check"], SECRET_KEY="")

    assert result.returncode == 1
    assert result.stderr == "Configuration error: SECRET_KEY is not set; .env.example says what it is for\n"


def test_short_secret_key_passes_with_debug() -> None:
    assert setting("settings.SECRET_KEY", SECRET_KEY="short", DEBUG="1") == "short"


def test_short_jwt_secret_only_warns() -> None:
    result = run(["-c", "import scribetree.settings"], JWT_SECRET="short")

    assert result.returncode == 0
    assert "JWT_SECRET has fewer than 32 bytes" in result.stderr


def test_database_url_is_taken_apart() -> None:
    url = "postgres://ann:p%40ss@db.example:6432/school?sslmode=require"

    names = ("ENGINE", "NAME", "USER", "PASSWORD", "HOST", "PORT", "OPTIONS")
    shown = setting(f"[settings.DATABASES['default'][name] for name in {names}]", DATABASE_URL=url)

    expected = ["django.db.backends.postgresql", "school", "ann", "p@ss", "db.example", "6432", {"sslmode": "require"}]
    assert shown == str(expected)


def test_database_is_embedded_without_a_url() -> None:
    assert setting("settings.DATABASES['default']['ENGINE']") == "scribetree.embedded"


def test_new_passwords_get_argon2_when_upgraded() -> None:
    assert "Bcrypt" in setting("settings.PASSWORD_HASHERS[0]")
    assert "Argon2" in setting("settings.PASSWORD_HASHERS[0]", UPGRADE_PASSWORDS="1")


def test_deploy_check_has_no_warning() -> None:
    secret = "".join(map(chr, range(48, 123)))

    result = run(
        ["manage.py", "check", "--deploy", "--fail-level", "WARNING"], SECRET_KEY=secret, ALLOWED_HOSTS="example.org"
    )

    assert result.returncode == 0, result.stderr


def test_example_lists_every_variable() -> None:
    source = (ROOT / "scribetree" / "settings.py").read_text()

    read = set(re.findall(r'\benv_\w+\(\s*"([A-Z_]+)"', source)) - {"SCRIBETREE_TESTING"}

    assert read == example_variables()
