"""A copy made while a job runs is put back, and the job goes on."""

import shutil
from pathlib import Path

import pytest

from cluster import runner
from service.backup import back_up
from service.jobs.manager import Manager
from service.jobs.records import NewJob
from service.jobs.states import State
from service.jobs.store import Store
from service.settings import Settings
from tests.small_runs import emitting, make_run, waiting_for


@pytest.mark.usefixtures("ray_address")
async def test_a_job_that_ran_at_the_backup_is_taken_up_after_the_restore(tmp_path: Path) -> None:
    state, copy, gate = tmp_path / "state", tmp_path / "copy", tmp_path / "gate"
    settings = Settings(state=state)
    store = Store(settings.database_url)
    manager = Manager(store, make_run=make_run, folder=settings.jobs)
    await manager.start()
    job = await manager.submit(NewJob(spec={"steps": [emitting(1), waiting_for(gate), emitting(2)]}))
    while not store.get(job.id).progress:
        await manager.wait_for_change(job.id, 0, 1.0)
    assert back_up(settings, copy) == []
    with pytest.raises(FileExistsError):
        back_up(settings, copy)
    await manager.stop()
    store.close()
    left = runner.find(f"{job.id}-1")
    assert left is not None
    left.kill()
    shutil.rmtree(state)
    copy.rename(state)
    gate.touch()

    store = Store(settings.database_url)
    manager = Manager(store, make_run=make_run, folder=settings.jobs)
    await manager.start()
    while not (found := store.get(job.id)).is_terminal:
        await manager.wait_for_change(job.id, found.last_sequence, 1.0)
    assert (found.state, found.report) == (State.SUCCEEDED, {"attempt": 2})
    events = store.events(job.id, 0)
    assert [event.sequence for event in events] == list(range(1, len(events) + 1))
    await manager.stop()
    store.close()


def test_what_is_kept_elsewhere_is_named(tmp_path: Path) -> None:
    tracking, database = "http://mlflow:5000", "postgresql://me:secret@db/jobs"
    settings = Settings(state=tmp_path / "state", database_url=database, tracking_uri=tracking)
    settings.state.mkdir()
    assert back_up(settings, tmp_path / "copy") == ["postgresql://me:***@db/jobs", tracking]
