"""Where the time of one worker goes, by stage."""

import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from unittest.mock import Mock, patch

import psutil
from django.db import connection

from migrate_mongo import ahead, loader, workers
from migrate_mongo.bulk import load, prepare
from migrate_mongo.pipeline import ImportOptions, run_import
from migrate_mongo.sources import open_source

# By what is called: the stages that make up a worker's time. Reading and preparing go on while others wait.
STAGES: dict[str, list[tuple[Any, str]]] = {
    "read": [(ahead.Preparer, "read")],
    "prepare": [(prepare, "_prepare_chunk")],
    "claim": [(workers.Loading, "claim"), (workers.Loading, "look_around")],
    "look_up": [(loader, "check_regular")],
    "copy": [(load, "copy_encoded")],
    "foreign_keys": [(load, "check_foreign_keys")],
    "one_by_one": [(loader, "_load")],
    "ledger": [(workers, "record")],
    "whole": [(workers, "load_parts")],
}


class _Clock:
    """Time in each stage, without that of the stages inside it: of the wall, and of this process's CPU."""

    def __init__(self) -> None:
        self.wall: dict[str, float] = defaultdict(float)
        self.cpu: dict[str, float] = defaultdict(float)
        self._inner = [(0.0, 0.0)]

    def timed(self, stage: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def run(*arguments: Any, **named: Any) -> Any:
            self._inner.append((0.0, 0.0))
            wall, cpu = time.perf_counter(), time.process_time()
            try:
                return call(*arguments, **named)
            finally:
                wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
                inner_wall, inner_cpu = self._inner.pop()
                self.wall[stage] += wall - inner_wall
                self.cpu[stage] += cpu - inner_cpu
                outer_wall, outer_cpu = self._inner[-1]
                self._inner[-1] = outer_wall + wall, outer_cpu + cpu

        return run


def measure(dump: Path, repeats: int) -> dict[str, float]:
    """Microseconds a document, in the quickest of some imports with one worker: wall and client's CPU by stage."""
    runs = [_measure(dump) for _ in range(repeats)]
    return min(runs, key=lambda run: run["whole_wall"])


def _measure(dump: Path) -> dict[str, float]:
    clock = _Clock()
    connection.ensure_connection()
    server = psutil.Process(connection.connection.info.backend_pid)
    with ExitStack() as stack:
        for stage, calls in STAGES.items():
            for owner, name in calls:
                stack.enter_context(patch.object(owner, name, clock.timed(stage, getattr(owner, name))))
        before = server.cpu_times()
        with open_source(str(dump)) as source:
            options = ImportOptions(restart=True, workers=1)
            documents = run_import(source, options, Mock()).totals["read"]
        after = server.cpu_times()
    scale = 1e6 / documents
    results = {}
    for stage in STAGES:
        results |= {f"{stage}_wall": clock.wall[stage] * scale, f"{stage}_cpu": clock.cpu[stage] * scale}
    results["rest_wall"], results["rest_cpu"] = results["whole_wall"], results["whole_cpu"]
    results["whole_wall"], results["whole_cpu"] = (sum(times.values()) * scale for times in (clock.wall, clock.cpu))
    results["server_cpu"] = (after.user + after.system - before.user - before.system) * scale
    return {"documents": documents, **results}
