"""`manage.py test` runs pytest, and passes on what it is given; behind `--`, any option that pytest knows."""

from argparse import ArgumentParser
from collections.abc import Callable
from typing import Any

import pytest

# what `manage.py test` takes without `--`, in the words of pytest and its plugins
_VALUES = ("-k", "-m", "-n", "-o", "-p", "--durations", "--tb", "--cov-report", "--maxfail", "--junitxml")
_FLAGS = ("-x", "-s", "-q", "--lf", "--ff", "--sw", "--pdb", "--co", "--create-db", "--no-cov", "--no-migrations")


class PytestRunner:
    """Takes the place of Django's runner; the options of Django that pytest has too are translated."""

    def __init__(self, *, verbosity: int = 1, failfast: bool = False, keepdb: bool = False, **options: Any) -> None:
        self.arguments: list[str] = []
        if verbosity != 1:
            self.arguments.append("--quiet" if verbosity == 0 else f"-{'v' * (verbosity - 1)}")
        if failfast:
            self.arguments.append("--exitfirst")
        if keepdb:
            self.arguments.append("--reuse-db")
        self.arguments += options.get("pytest_arguments") or []

    @classmethod
    def add_arguments(cls, parser: ArgumentParser) -> None:
        parser.add_argument("--failfast", action="store_true", help="stop at the first failure")
        parser.add_argument("--keepdb", action="store_true", help="keep the test database between runs")
        group = parser.add_argument_group("pytest", "passed on to pytest; its other options go behind --")
        passed_on: dict[str, Any] = {"dest": "pytest_arguments", "action": "append"}
        for option in _VALUES:
            group.add_argument(option, **passed_on, type=_with(option), metavar="…")
        # argparse sends the constant through `type` too, hence the empty one
        group.add_argument("--cov", **passed_on, nargs="?", const="", type=_with("--cov"), metavar="…")
        for option in _FLAGS:
            group.add_argument(option, dest="pytest_arguments", action="append_const", const=option)

    def run_tests(self, test_labels: list[str], **options: Any) -> int:
        """Ends the command with pytest's exit code, 5 (no tests) included, where Django would make it 1."""
        code = int(pytest.main([*self.arguments, *test_labels]))
        if code:
            raise SystemExit(code)
        return 0


def _with(option: str) -> Callable[[str], str]:
    def join(value: str) -> str:
        if not value:
            return option
        return f"{option}={value}" if option.startswith("--") else f"{option}{value}"

    return join
