"""`manage.py test` runs pytest, and passes on what it is given."""

from argparse import ArgumentParser
from typing import Any

import pytest

# pytest's own options that `manage.py test` takes, beside any labels, in the words of pytest
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
        parser.add_argument("--keepdb", action="store_true", help="keep the test database between runs")
        passed_on = parser.add_argument_group("pytest", "passed on to pytest")
        for option in _VALUES:
            passed_on.add_argument(option, dest="pytest_arguments", action="append", type=_with(option), metavar="…")
        for option in _FLAGS:
            passed_on.add_argument(option, dest="pytest_arguments", action="append_const", const=option)
        passed_on.add_argument("--cov", dest="pytest_arguments", action="append", nargs="?", const="--cov", type=_with("--cov"))

    def run_tests(self, test_labels: list[str], **options: Any) -> int:
        """Returns pytest's exit code; finding no test is a failure too."""
        return int(pytest.main([*self.arguments, *test_labels]))


def _with(option: str) -> Any:
    return lambda value: f"{option}={value}" if option.startswith("--") else f"{option}{value}"
