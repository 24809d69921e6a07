"""The manager on a real Ray and a real database, with small runs that wait for files, never for time."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import ray

from cluster import runner
from service.jobs import errors
from service.jobs.attempt import Run
from service.jobs.manager import Manager
from service.jobs.records import EventRecord, JobRecord, LogQuery, NewJob
from service.jobs.states import State
from service.jobs.store import Store

pytestmark = pytest.mark.usefixtures("ray_address")
ray.cloudpickle.register_pickle_by_value(sys.modules[__name__])  # workers cannot import a test module
USER_ERRORS = {LookupError: 9}


@dataclass(frozen=True)
class Task:
    """What a run of these tests does: its moves come from the spec, in order."""

    output: Path
    attempt: int
    steps: list[list[Any]]


def work(task, emit):
    import time

    for name, value in task.steps:
        if name == "emit":
            emit(value)
        elif name == "wait":
            while not Path(value).exists():
                time.sleep(0.02)
        elif name == "die_in_attempt" and task.attempt == value:
            os._exit(1)
        elif name == "fail_in_attempt" and task.attempt == value:
            raise OSError("the disk is full")
        elif name == "refuse":
            raise LookupError(value)
    report = task.output / "report.json"
    report.write_text(json.dumps({"attempt": task.attempt}))
    return {"report": str(report)}


def progress(done: int) -> list[Any]:
    return ["emit", {"progress": {"fraction": done / 10, "trials_done": done}}]


def make_run(job: JobRecord, attempt: int) -> Run:
    return Run(work, Task(Path(job.output), attempt, job.spec["steps"]))


def new(*steps: list[Any], **values: Any) -> NewJob:
    max_failures = values.pop("max_failures", 2)
    return NewJob(spec={"steps": list(steps), "compute": {"max_failures": max_failures}}, **values)


class Service:
    """A manager with its store, as a service has them."""

    def __init__(self, folder: Path, **options: Any) -> None:
        self.store = Store(f"sqlite:///{folder}/jobs.db")
        options = {"make_run": make_run, "user_errors": USER_ERRORS, **options}
        self.manager = Manager(self.store, folder=folder / "jobs", **options)

    async def until(self, job: str, holds: Callable[[JobRecord], bool]) -> JobRecord:
        while True:
            found = await asyncio.to_thread(self.store.get, job)
            if holds(found):
                return found
            assert not found.is_terminal, found
            await self.manager.wait_for_change(job, found.last_sequence, 1.0)

    async def end(self, job: str) -> JobRecord:
        return await self.until(job, lambda found: found.is_terminal)

    async def told(self, job: str, done: int) -> JobRecord:
        return await self.until(job, lambda found: found.progress.get("trials_done") == done)

    def events(self, job: str) -> list[EventRecord]:
        found = self.store.events(job, 0, 10_000)
        assert [event.sequence for event in found] == list(range(1, len(found) + 1))
        return found

    def progress(self, job: str) -> list[int]:
        return [e.event["progress"]["trials_done"] for e in self.events(job) if "progress" in e.event]

    def states(self, job: str) -> list[str]:
        return [event.event["state"]["to"] for event in self.events(job) if "state" in event.event]


@asynccontextmanager
async def service(folder: Path, **options: Any) -> AsyncIterator[Service]:
    opened = Service(folder, **options)
    await opened.manager.start()
    try:
        yield opened
    finally:
        await opened.manager.stop()
        opened.store.close()


async def test_a_job_runs_to_its_report(tmp_path):
    ended = asyncio.get_running_loop().create_future()
    async with service(tmp_path, ended=lambda job: ended.set_result((job.id, job.state))) as s:
        job = await s.manager.submit(new(progress(1), ["emit", {"log": {"level": "info", "text": "a", "logger": "x"}}]))
        assert job.state is State.QUEUED
        job = await s.end(job.id)
        assert (job.state, job.report, job.error) == (State.SUCCEEDED, {"attempt": 1}, None)
        assert s.states(job.id) == ["queued", "waiting_for_resources", "running", "succeeded"]
        assert s.progress(job.id) == [1]
        assert [line.text for line in s.store.logs(job.id, LogQuery())] == ["a"]
        assert Path(job.output).parent == tmp_path / "jobs"
        assert runner.find(f"{job.id}-1") is None
        assert await ended == (job.id, State.SUCCEEDED)


async def test_a_mistake_of_the_caller_is_not_retried(tmp_path):
    async with service(tmp_path) as s:
        job = await s.end((await s.manager.submit(new(["refuse", "no column x"]))).id)
        assert (job.state, len(job.attempts)) == (State.FAILED, 1)
        assert (job.error.code, job.error.kind, job.error.message) == (9, "user", "no column x")


@pytest.mark.parametrize("fault", ["die_in_attempt", "fail_in_attempt"])
async def test_a_fault_of_the_system_is_tried_again(tmp_path, fault):
    async with service(tmp_path) as s:
        job = await s.end((await s.manager.submit(new(progress(1), [fault, 1], progress(2)))).id)
        assert (job.state, job.report) == (State.SUCCEEDED, {"attempt": 2})
        first, second = job.attempts
        assert (first.error.kind, second.error) == ("system", None)
        assert first.end_time <= second.start_time
        assert s.progress(job.id) == [1, 1, 2]
        assert [e.attempt for e in s.events(job.id) if "progress" in e.event] == [1, 2, 2]


async def test_tries_are_bounded(tmp_path):
    async with service(tmp_path) as s:
        steps = [["die_in_attempt", 1], ["fail_in_attempt", 2]]
        job = await s.end((await s.manager.submit(new(*steps, max_failures=1))).id)
        assert (job.state, len(job.attempts)) == (State.FAILED, 2)
        assert (job.error.kind, job.error.message) == ("system", "OSError: the disk is full")


async def test_a_run_that_cannot_be_made_fails_and_is_bounded(tmp_path):
    def broken(job, attempt):
        raise RuntimeError("no such spec any more")

    async with service(tmp_path, make_run=broken) as s:
        job = await s.end((await s.manager.submit(new(max_failures=1))).id)
        assert (job.state, len(job.attempts)) == (State.FAILED, 2)
        assert job.error.message == "RuntimeError: no such spec any more"


async def test_cancel_frees_what_runs_and_keeps_what_was_reached(tmp_path):
    async with service(tmp_path) as s:
        job = await s.manager.submit(new(progress(1), ["wait", str(tmp_path / "never")]))
        await s.told(job.id, 1)
        stopping = await s.manager.cancel("default", job.id, "not needed")
        assert stopping.state is State.CANCELLING
        assert (await s.manager.cancel("default", job.id)).state in (State.CANCELLING, State.CANCELLED)
        job = await s.end(job.id)
        assert (job.state, job.progress["trials_done"]) == (State.CANCELLED, 1)
        assert (job.error.code, job.error.message) == (1, "not needed")
        assert runner.find(f"{job.id}-1") is None
        assert await s.manager.cancel("default", job.id) == job


async def test_jobs_wait_their_turn_and_can_be_cancelled_while_they_wait(tmp_path):
    gate = tmp_path / "gate"
    async with service(tmp_path, max_running=1) as s:
        first = await s.manager.submit(new(progress(1), ["wait", str(gate)]))
        await s.told(first.id, 1)
        second, third, fourth = [await s.manager.submit(new(progress(1))) for _ in range(3)]
        assert [s.store.backlog.standing(job).jobs_ahead for job in (second, third, fourth)] == [0, 1, 2]
        assert (await s.manager.cancel("default", third.id)).state is State.CANCELLED
        assert s.states(third.id) == ["queued", "cancelled"]
        gate.touch()
        second, fourth = await s.end(second.id), await s.end(fourth.id)
        assert second.state is fourth.state is State.SUCCEEDED
        assert (await s.end(first.id)).end_time <= second.start_time <= second.end_time <= fourth.start_time


async def test_a_job_that_waits_too_long_fails(tmp_path):
    async with service(tmp_path, max_running=1) as s:
        first = await s.manager.submit(new(progress(1), ["wait", str(tmp_path / "never")]))
        await s.told(first.id, 1)
        late = await s.end((await s.manager.submit(new(queue_timeout_s=0.01))).id)
        assert (late.state, late.error.code, late.attempts) == (State.FAILED, 4, ())
        assert "queue_timeout" in late.error.message
        await s.manager.cancel("default", first.id)
        await s.end(first.id)


async def test_a_run_that_takes_too_long_fails_and_frees_what_it_holds(tmp_path):
    async with service(tmp_path) as s:
        job = await s.manager.submit(new(progress(1), ["wait", str(tmp_path / "never")], run_deadline_s=0.2))
        job = await s.end(job.id)
        assert (job.state, job.error.code) == (State.FAILED, 4)
        assert "run_deadline" in job.error.message
        assert runner.find(f"{job.id}-1") is None


async def test_a_stopped_manager_leaves_its_jobs_to_the_next(tmp_path):
    gate, later = tmp_path / "gate", tmp_path / "later"
    async with service(tmp_path, max_running=1) as s:
        job = await s.manager.submit(
            new(progress(1), ["wait", str(gate)], progress(2), ["wait", str(later)], progress(3))
        )
        queued = await s.manager.submit(new())
        await s.told(job.id, 1)
    gate.touch()
    async with service(tmp_path, max_running=1) as s:
        await s.told(job.id, 2)
        assert s.store.get(queued.id).state is State.QUEUED
        later.touch()
        job, queued = await s.end(job.id), await s.end(queued.id)
        assert job.state is queued.state is State.SUCCEEDED
        assert (len(job.attempts), s.progress(job.id)) == (1, [1, 2, 3])


async def test_a_run_that_ended_while_no_manager_watched_is_taken_from_its_journal(tmp_path):
    gate = tmp_path / "gate"
    async with service(tmp_path) as s:
        job = await s.manager.submit(new(progress(1), ["wait", str(gate)], progress(2)))
        await s.told(job.id, 1)
    gate.touch()
    running = runner.find(f"{job.id}-1")
    while running.outcome() is None:
        running.events(10**6, 1, 1.0)
    running.kill()
    async with service(tmp_path) as s:
        job = await s.end(job.id)
        assert (job.state, job.report, len(job.attempts)) == (State.SUCCEEDED, {"attempt": 1}, 1)
        assert s.progress(job.id) == [1, 2]


@pytest.mark.parametrize("state", [State.WAITING_FOR_RESOURCES, State.CANCELLING])
async def test_a_job_left_between_two_statements_is_gone_on_with(tmp_path, state):
    """The program died after storing a move and before acting on it."""
    store = Store(f"sqlite:///{tmp_path}/jobs.db")
    job, _ = store.create(new(progress(1)), str(tmp_path / "jobs/x"))
    store.move(job.id, State.QUEUED, State.WAITING_FOR_RESOURCES)
    if state is State.CANCELLING:
        store.move(job.id, State.WAITING_FOR_RESOURCES, State.CANCELLING)
    store.close()
    made = []

    def noting(job, attempt):
        made.append(attempt)
        return make_run(job, attempt)

    async with service(tmp_path, make_run=noting) as s:
        job = await s.end(job.id)
        expected = (State.CANCELLED, []) if state is State.CANCELLING else (State.SUCCEEDED, [1])
        assert (job.state, made) == expected


async def test_a_rerun_is_a_new_job_like_the_old_one(tmp_path):
    async with service(tmp_path) as s:
        old = await s.end((await s.manager.submit(new(progress(1), labels={"a": "b"}, run_deadline_s=60))).id)
        again = await s.manager.rerun(old.id, "r")
        assert (again.rerun_of, again.spec, again.labels, again.run_deadline_s) == (old.id, old.spec, {"a": "b"}, 60)
        assert (await s.manager.rerun(old.id, "r")).id == again.id
        assert (await s.end(again.id)).state is State.SUCCEEDED
        with pytest.raises(errors.JobNotFound):
            await s.manager.rerun("none")


async def test_deleting_takes_the_files_along_and_can_be_repeated(tmp_path):
    async with service(tmp_path) as s:
        job = await s.manager.submit(new(["wait", str(tmp_path / "gate")]))
        with pytest.raises(errors.NotTerminal):
            await s.manager.delete("default", job.id)
        (tmp_path / "gate").touch()
        job = await s.end(job.id)
        assert Path(job.output).is_dir()
        await s.manager.delete("default", job.id, "d")
        assert not Path(job.output).exists()
        await s.manager.delete("default", job.id, "d")
        with pytest.raises(errors.JobNotFound):
            await s.manager.delete("default", job.id)


async def test_a_submit_whose_caller_goes_away_is_still_run(tmp_path):
    async with service(tmp_path) as s:
        call = asyncio.create_task(s.manager.submit(new(progress(1))))
        await asyncio.sleep(0)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        while not (found := s.store.list_jobs(_any())[0]):
            await asyncio.sleep(0.01)
        assert (await s.end(found[0].id)).state is State.SUCCEEDED


def _any():
    from service.jobs.records import JobQuery

    return JobQuery()
