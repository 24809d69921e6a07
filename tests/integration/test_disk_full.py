"""A run that meets a full disk ends its job at once, says what to do, and runs again when there is room."""

import errno
from pathlib import Path

import pytest
from google.rpc import code_pb2

from service.jobs.manager import Manager
from service.jobs.records import JobRecord, NewJob
from service.jobs.states import State
from service.jobs.store import Store
from tests.small_runs import emitting, make_run

pytestmark = pytest.mark.usefixtures("ray_address")


async def ended(manager: Manager, store: Store, job: JobRecord) -> JobRecord:
    while not (found := store.get(job.id)).is_terminal:
        await manager.wait_for_change(job.id, found.last_sequence, 1.0)
    return found


async def test_a_full_disk_is_no_reason_to_try_again_at_once(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path}/jobs.db")
    manager = Manager(store, make_run=make_run, folder=tmp_path / "jobs")
    await manager.start()
    full = NewJob(spec={"steps": [emitting(1), ["raise", errno.ENOSPC]], "compute": {"max_failures": 2}})
    job = await ended(manager, store, await manager.submit(full))
    assert (job.state, len(job.attempts)) == (State.FAILED, 1)
    assert (job.error.kind, job.error.code) == ("system", code_pb2.RESOURCE_EXHAUSTED)
    assert "make room" in job.error.message
    assert "rerun" in job.error.message
    poison = NewJob(spec={"steps": [["die", None]], "compute": {"max_failures": 1}})
    job = await ended(manager, store, await manager.submit(poison))
    assert (job.state, len(job.attempts)) == (State.FAILED, 2)
    assert all(attempt.error.kind == "system" for attempt in job.attempts)
    await manager.stop()
    store.close()
