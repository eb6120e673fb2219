"""How far a long command has come: bars on a terminal, plain lines elsewhere. Always on stderr."""

import sys
import time
from types import TracebackType
from typing import Protocol

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)

LINE_EVERY_SECONDS = 10


class Meter(Protocol):
    def start(self, task: str, total: int, done: int = 0) -> None: ...

    def advance(self, documents: int) -> None: ...

    def finish(self) -> None: ...

    def __enter__(self) -> "Meter": ...

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None: ...


class BarMeter:
    def __init__(self) -> None:
        self._progress = Progress(
            TextColumn("{task.description:<28}"),
            BarColumn(),
            TaskProgressColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(),
            console=Console(stderr=True),
        )

    def start(self, task: str, total: int, done: int = 0) -> None:
        self._task = self._progress.add_task(task, total=total, completed=done, rate="")
        self._began, self._done = time.monotonic(), 0

    def advance(self, documents: int) -> None:
        self._done += documents
        rate = self._done / max(time.monotonic() - self._began, 0.001)
        self._progress.update(self._task, advance=documents, rate=f"{rate:,.0f}/s")

    def finish(self) -> None:
        self._progress.stop_task(self._task)

    def __enter__(self) -> Meter:
        self._progress.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._progress.stop()


class LineMeter:
    def start(self, task: str, total: int, done: int = 0) -> None:
        self._task, self._total, self._done = task, total, done
        self._began = self._last = time.monotonic()
        self._before = done

    def advance(self, documents: int) -> None:
        self._done += documents
        if time.monotonic() - self._last >= LINE_EVERY_SECONDS:
            self._last = time.monotonic()
            self._line()

    def finish(self) -> None:
        self._line()

    def _line(self) -> None:
        seconds = max(time.monotonic() - self._began, 0.001)
        rate = (self._done - self._before) / seconds
        print(f"{self._task}: {self._done:,} of {self._total:,} documents, {rate:,.0f}/s", file=sys.stderr, flush=True)

    def __enter__(self) -> Meter:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Nothing is left open."""


def meter() -> Meter:
    return BarMeter() if sys.stderr.isatty() else LineMeter()
