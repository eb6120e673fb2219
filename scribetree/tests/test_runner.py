import pytest
from django.core.management.commands.test import Command


def passed_on(monkeypatch: pytest.MonkeyPatch, *arguments: str, code: int = 0) -> list[str]:
    """What pytest is called with for `manage.py test ARGUMENTS`."""
    calls: list[list[str]] = []

    def main(given: list[str]) -> int:
        calls.append(given)
        return code

    monkeypatch.setattr("scribetree.test_runner.pytest.main", main)
    Command().run_from_argv(["manage.py", "test", *arguments])
    return calls[0]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("", ""),
        ("courses", "courses"),
        ("courses/tests.py::test_a courses/tests.py::test_b", "courses/tests.py::test_a courses/tests.py::test_b"),
        ("courses -k name", "-kname courses"),
        ("-x -s -m slow", "-x -s -mslow"),
        ("-n 2 --durations 5 --lf", "-n2 --durations=5 --lf"),
        ("--cov --cov-report=term", "--cov --cov-report=term"),
        ("--cov=courses", "--cov=courses"),
        ("-v 2", "-v"),
        ("-v 3", "-vv"),
        ("-v 0", "--quiet"),
        ("--failfast --keepdb", "--exitfirst --reuse-db"),
        ("courses -- --deselect courses/tests.py", "courses --deselect courses/tests.py"),
    ],
)
def test_runner_passes_its_arguments_on(monkeypatch: pytest.MonkeyPatch, arguments: str, expected: str) -> None:
    assert passed_on(monkeypatch, *arguments.split()) == expected.split()


def test_runner_keeps_an_expression_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    assert passed_on(monkeypatch, "-k", "one or two") == ["-kone or two"]


@pytest.mark.parametrize("code", [1, 5])
def test_runner_ends_with_the_exit_code_of_pytest(monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    with pytest.raises(SystemExit) as ended:
        passed_on(monkeypatch, code=code)

    assert ended.value.code == code
