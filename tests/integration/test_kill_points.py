"""kill -9 before every statement of the submit and finish paths: no accepted job is forgotten, no attempt ends twice."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import ray

from cluster import events, runner, session
from service.jobs import attempt, batching, claims, dispatcher, driver, manager, statements, store
from service.jobs.attempt import Run
from service.jobs.manager import Manager
from service.jobs.records import JobRecord, NewJob
from service.jobs.states import State
from service.jobs.store import Store
from tests.faultpoints import arm, chosen, functions_of

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3000)]
ray.cloudpickle.register_pickle_by_value(sys.modules[__name__])
REQUEST = {"request_id": "r", "request_digest": "d"}
SERVICE = functions_of(
    manager.Manager, driver.Driver, attempt.Attempt, runner.start, runner.find,
    dispatcher.Dispatcher, claims.Claims.claim, batching.Batched,
    store.Store.create_all, store.Store._create, store.Store.move, store.Store.append, store.Store._change,
    statements.add_jobs, statements.save,
)  # fmt: skip
RUN = functions_of(runner._Run._run, runner._Run._describe, events.EventLog)
# One process imports everything once, and a fork of it is killed for each point.
PROGRAM = f"""
import json, os, sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
import test_kill_points as points

print("ready", flush=True)
for order in sys.stdin:
    child = os.fork()
    if child == 0:
        points.serve_one(**json.loads(order))
        os._exit(0)
    print(os.waitpid(child, 0)[1], flush=True)
"""


@dataclass(frozen=True)
class Task:
    """What a run of these tests does: it publishes once, and may be killed on the way."""

    output: Path
    number: int
    kill: tuple[str, int] | None


def work(task: Task, emit: Any) -> dict[str, str]:
    seen: list[tuple[str, int]] = []

    def visit(function: str, line: int) -> None:
        seen.append((function, line))
        if task.number == 1 and (function, line) == task.kill:
            os.kill(os.getpid(), signal.SIGKILL)
        (task.output / "lines.json").write_text(json.dumps(seen))

    if task.kill:
        arm(RUN, visit)
    emit({"progress": {"trials_done": 1}})
    with (task.output / "published").open("a") as published:
        published.write(f"{task.number}\n")
    report = task.output / "report.json"
    report.write_text(json.dumps({"attempt": task.number}))
    return {"report": str(report)}


def make_run(job: JobRecord, number: int) -> Run:
    kill = job.spec.get("kill")
    return Run(work, Task(Path(job.output), number, tuple(kill) if kill else None))


async def to_the_end(folder: Path, spec: dict[str, Any]) -> JobRecord:
    """Submits the one job of these tests, again if it was submitted before, and follows it to its end."""
    opened = Store(f"sqlite:///{folder}/jobs.db")
    running = Manager(opened, make_run=make_run, folder=folder / "jobs")
    await running.start()
    job = await running.submit(NewJob(spec=spec, **REQUEST))
    (folder / "accepted").write_text(job.id)
    while not (job := await asyncio.to_thread(opened.get, job.id)).is_terminal:
        await running.wait_for_change(job.id, job.last_sequence, 1.0)
    await running.stop()
    told = opened.events(job.id, 0, 1000)
    assert [event.sequence for event in told] == list(range(1, len(told) + 1))
    assert len(opened.open_jobs()) == 0
    opened.close()
    return job


def serve_one(address: str, folder: str, kill: tuple[str, int] | None) -> None:
    """A service's life in a process of its own, ended before a statement; without one, it notes what it passes."""
    seen: set[tuple[str, int]] = set()

    def visit(function: str, line: int) -> None:
        seen.add((function, line))
        if kill is not None and (function, line) == tuple(kill):
            os.kill(os.getpid(), signal.SIGKILL)

    with session.connect(address):
        arm(SERVICE, visit)
        asyncio.run(to_the_end(Path(folder), {}))
    (Path(folder) / "lines.json").write_text(json.dumps(sorted(seen)))


@pytest.fixture(scope="module")
def services(ray_address: str) -> Iterator[Any]:
    """Runs a service in a folder until it dies or its job has ended; returns whether it was killed."""
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as fork:
        assert fork.stdout.readline() == "ready\n"

        def run(folder: Path, kill: tuple[str, int] | None) -> bool:
            folder.mkdir()
            fork.stdin.write(json.dumps({"address": ray_address, "folder": str(folder), "kill": kill}) + "\n")
            fork.stdin.flush()
            status = int(fork.stdout.readline())
            assert os.WIFSIGNALED(status) or status == 0
            return os.WIFSIGNALED(status)

        yield run
        fork.stdin.close()


async def test_the_service_dies_between_any_two_statements(services: Any, tmp_path: Path) -> None:
    assert not await asyncio.to_thread(services, tmp_path / "whole", None)
    points = [tuple(point) for point in json.loads((tmp_path / "whole/lines.json").read_text())]
    assert len(points) > 60
    for number, point in enumerate(chosen(points)):
        folder = tmp_path / str(number)
        await asyncio.to_thread(services, folder, point)
        known = (folder / "accepted").read_text() if (folder / "accepted").exists() else None
        job = await to_the_end(folder, {})
        assert (job.state, job.report, len(job.attempts)) == (State.SUCCEEDED, {"attempt": 1}, 1), point
        assert known in (None, job.id), point
        assert (folder / "jobs" / job.id / "published").read_text() == "1\n", point


async def test_the_runner_dies_between_any_two_statements(ray_address: str, tmp_path: Path) -> None:
    (tmp_path / "whole").mkdir()
    job = await to_the_end(tmp_path / "whole", {"kill": ["", 0]})
    points = {tuple(point) for point in json.loads((Path(job.output) / "lines.json").read_text())}
    assert len(points) > 15
    for number, point in enumerate(chosen(sorted(points))):
        folder = tmp_path / str(number)
        folder.mkdir()
        job = await to_the_end(folder, {"kill": point})
        assert job.state is State.SUCCEEDED, point
        published = (Path(job.output) / "published").read_text().split()
        assert published == sorted(set(published)), point
        assert job.report == {"attempt": int(published[-1])}, point
