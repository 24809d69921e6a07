"""Runs that do what the spec says, step by step, and wait for files, never for time."""

import json
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from service.jobs.attempt import Run
from service.jobs.records import JobRecord


@dataclass(frozen=True)
class Task:
    """What one attempt does."""

    output: Path
    attempt: int
    steps: list[Any]


def work(task: Task, emit: Callable[[Mapping[str, Any]], None]) -> Mapping[str, str]:
    for name, value in task.steps:
        if name == "emit":
            emit({"progress": {"trials_done": value}})
        elif name == "wait":
            while not Path(value).exists():
                time.sleep(0.02)
        elif name == "die":
            os._exit(1)
        elif name == "raise":
            raise OSError(value, os.strerror(value))
    report = task.output / "report.json"
    report.write_text(json.dumps({"attempt": task.attempt}))
    return {"report": str(report)}


def emitting(done: int) -> list[Any]:
    return ["emit", done]


def waiting_for(gate: Path) -> list[Any]:
    return ["wait", str(gate)]


def make_run(job: JobRecord, attempt: int) -> Run:
    return Run(work, Task(Path(job.output), attempt, job.spec["steps"]))
