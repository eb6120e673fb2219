"""How far a long command has come: bars on a terminal, plain lines elsewhere. Always on stderr."""

import sys
import time
from dataclasses import dataclass
from typing import Protocol

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskID,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

LINE_EVERY_SECONDS = 10


class Meter(Protocol):
    """`total` is None when nobody knows it beforehand."""

    def expect(self, task: str, total: int | None, done: int = 0, unit: str = "documents") -> None: ...

    def reach(self, task: str, done: int) -> None: ...

    def __enter__(self) -> "Meter": ...

    def __exit__(self, *error: object) -> None: ...


class RateColumn(ProgressColumn):
    def render(self, task: Task) -> Text:
        return Text(f"{task.speed:,.0f}/s" if task.speed else "")


class BarMeter:
    def __init__(self) -> None:
        self._progress = Progress(
            TextColumn("{task.description:<32}"),
            BarColumn(),
            TaskProgressColumn(),
            MofNCompleteColumn(),
            RateColumn(),
            TimeRemainingColumn(),
            console=Console(stderr=True),
        )
        self._tasks: dict[str, TaskID] = {}

    def expect(self, task: str, total: int | None, done: int = 0, unit: str = "documents") -> None:
        self._tasks[task] = self._progress.add_task(task, total=total, completed=done)

    def reach(self, task: str, done: int) -> None:
        self._progress.update(self._tasks[task], completed=done)

    def __enter__(self) -> Meter:
        self._progress.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._progress.stop()


@dataclass
class _Task:
    total: int | None
    done: int
    unit: str
    shown: float = 0


class LineMeter:
    """A line when a task ends, and every ten seconds of a long one."""

    def __init__(self) -> None:
        self._tasks: dict[str, _Task] = {}

    def expect(self, task: str, total: int | None, done: int = 0, unit: str = "documents") -> None:
        self._tasks[task] = _Task(total, done, unit)

    def reach(self, task: str, done: int) -> None:
        state, now = self._tasks[task], time.monotonic()
        if done == state.done:
            return
        state.done = done
        state.shown = state.shown or now
        if done == state.total or now - state.shown >= LINE_EVERY_SECONDS:
            state.shown = now
            whole = "" if state.total is None else f" of {state.total:,}"
            print(f"{task}: {done:,}{whole} {state.unit}", file=sys.stderr, flush=True)  # noqa: T201

    def __enter__(self) -> Meter:
        return self

    def __exit__(self, *error: object) -> None:
        """Nothing is left open."""


class NoMeter:
    """Where nobody watches."""

    def expect(self, task: str, total: int | None, done: int = 0, unit: str = "documents") -> None: ...

    def reach(self, task: str, done: int) -> None: ...

    def __enter__(self) -> Meter:
        return self

    def __exit__(self, *error: object) -> None: ...


def meter() -> Meter:
    return BarMeter() if sys.stderr.isatty() else LineMeter()
