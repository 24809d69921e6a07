"""Several replicas on one database and one Ray: they take over, hand over, and do no harm when two follow one job."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from service.jobs import dispatcher, errors
from service.jobs.database import migrate_back, open_database
from service.jobs.dispatcher import Seat
from service.jobs.driver import Driver
from service.jobs.quotas import Quotas
from service.jobs.states import State
from service.jobs.threads import Threads
from tests.integration.test_manager import USER_ERRORS, Service, make_run, new, progress, service

pytestmark = pytest.mark.usefixtures("ray_address")


@pytest.fixture(autouse=True)
def _quick_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dispatcher, "TURN_S", 0.05)


@asynccontextmanager
async def replicas(folder: Path, **options: Any) -> AsyncIterator[tuple[Service, Service]]:
    async with service(folder, seat=Seat("a"), **options) as a, service(folder, seat=Seat("b"), **options) as b:
        yield a, b


async def owned(s: Service, job_id: str, owner: str) -> None:
    await s.until(job_id, lambda job: job.owner == owner)


def gate(folder: Path, name: str) -> list[Any]:
    return ["wait", str(folder / name)]


async def test_a_drained_replica_hands_its_jobs_over_and_takes_none(tmp_path):
    async with replicas(tmp_path) as (a, b):
        await asyncio.to_thread(b.store.claims.drain, "b", True)
        job = await a.manager.submit(new(progress(1), gate(tmp_path, "first"), progress(2), gate(tmp_path, "second")))
        await a.told(job.id, 1)
        await owned(a, job.id, "a")
        await asyncio.to_thread(b.store.claims.drain, "b", False)
        await asyncio.to_thread(a.store.claims.drain, "a", True)
        await owned(b, job.id, "b")
        accepted = await a.manager.submit(new())
        assert (await a.end(accepted.id)).owner == "b", "what it accepts others start"
        (tmp_path / "first").touch()
        await a.told(job.id, 2)  # seen where it is not followed
        (tmp_path / "second").touch()
        job = await a.end(job.id)
        assert (job.state, len(job.attempts), a.progress(job.id)) == (State.SUCCEEDED, 1, [1, 2])


async def test_a_replica_that_stops_leaves_its_jobs_to_the_others_at_once(tmp_path):
    async with service(tmp_path, seat=Seat("b", lease_s=600)) as b:
        async with service(tmp_path, seat=Seat("a", lease_s=600)) as a:
            await asyncio.to_thread(b.store.claims.drain, "b", True)
            job = await a.manager.submit(new(progress(1), gate(tmp_path, "gate"), progress(2)))
            await a.told(job.id, 1)
            await asyncio.to_thread(b.store.claims.drain, "b", False)
        (tmp_path / "gate").touch()
        job = await b.end(job.id)
        assert (job.state, job.owner, len(job.attempts)) == (State.SUCCEEDED, "b", 1)


async def test_a_replica_that_has_lost_its_lease_lets_go_and_comes_back(tmp_path):
    """It was paused for longer than its lease; meanwhile another one, of this test, has taken its job."""
    async with service(tmp_path, seat=Seat("a")) as a:
        job = await a.manager.submit(new(progress(1), gate(tmp_path, "gate"), progress(2)))
        await a.told(job.id, 1)
        claims = a.store.claims
        with a.store._writer.begin() as connection:  # as others do with a lease that is over
            connection.exec_driver_sql("DELETE FROM replicas")
            connection.exec_driver_sql("UPDATE jobs SET owner = 'other'")
            connection.exec_driver_sql("INSERT INTO replicas VALUES ('other', '', 0, 9000000000000000, 0, 4)")
        while "a" not in {each.id for each in a.store.backlog.replicas()}:
            await asyncio.sleep(0.02)
        assert a.store.get(job.id).owner == "other"
        assert not a.manager._dispatcher._tasks
        await asyncio.to_thread(claims.leave, "other")
        await owned(a, job.id, "a")
        (tmp_path / "gate").touch()
        job = await a.end(job.id)
        assert (job.state, len(job.attempts), a.progress(job.id)) == (State.SUCCEEDED, 1, [1, 2])


@pytest.mark.parametrize("last", [[], pytest.param([["refuse", "no column x"]], marks=pytest.mark.slow)])
async def test_two_replicas_that_follow_one_job_do_no_harm(tmp_path, last):
    """As after a pause: the one that lost its lease does not know it yet. Both drive, over a run that dies and is retried."""
    steps = [progress(1), ["die_in_attempt", 1], progress(2), progress(3), *last]
    threads, ended = Threads(8), []
    stores = [Service(tmp_path).store for _ in range(2)]
    job, _ = stores[0].create(new(*steps), str(tmp_path / "jobs/x"))
    drivers = [Driver(store, make_run, USER_ERRORS, threads, lambda job_id: None, ended.append) for store in stores]

    async def drive(driver: Driver) -> None:
        while True:
            try:
                return await driver.drive(job.id)
            except ValueError:  # both started the runner: one of them is told that its name is taken
                await asyncio.sleep(0.1)

    await asyncio.gather(*map(drive, drivers))
    await threads.close()
    s = Service(tmp_path)
    job = s.store.get(job.id)
    assert job.state is (State.FAILED if last else State.SUCCEEDED)
    assert len(job.attempts) == 2
    assert s.progress(job.id) == [1, 2, 3] or s.progress(job.id) == [1, 1, 2, 3]
    assert Counter(s.states(job.id)) == Counter(["queued", "waiting_for_resources", "running", job.state.value])
    assert [each.id for each in ended] == [job.id]


async def test_any_replica_cancels_and_deletes(tmp_path):
    async with replicas(tmp_path) as (a, b):
        await asyncio.to_thread(b.store.claims.drain, "b", True)
        job = await a.manager.submit(new(progress(1), gate(tmp_path, "never")))
        await a.told(job.id, 1)
        await b.manager.cancel("default", job.id, "not needed")
        assert (await b.end(job.id)).state is State.CANCELLED
        await b.manager.delete("default", job.id)
        with pytest.raises(errors.JobNotFound):
            a.store.get(job.id)


async def test_quotas_hold_over_all_replicas(tmp_path):
    (tmp_path / "quotas.yaml").write_text("tenants: {default: {running_jobs: 1, queued_jobs: 2, highest_priority: 0}}")
    async with replicas(tmp_path, quotas=Quotas(tmp_path / "quotas.yaml")) as (a, b):
        first = await a.manager.submit(new(progress(1), gate(tmp_path, "gate")))
        await a.told(first.id, 1)
        second, third = [
            await s.manager.submit(new(request_id=name, request_digest="d")) for s, name in ((a, "2"), (a, "3"))
        ]
        with pytest.raises(errors.QuotaExceeded, match="2 jobs of default wait"):
            await a.manager.submit(new())
        assert (await a.manager.submit(new(request_id="3", request_digest="d"))).id == third.id, "it is there already"
        (tmp_path / "gate").touch()
        for job in (second, third):
            await b.end(job.id)
        times = [(job.start_time, job.end_time) for job in (a.store.get(each.id) for each in (first, second, third))]
        assert all(end <= start for (_, end), (start, _) in pairwise(times)), "one at a time"
        assert (await a.manager.submit(new())).state is State.QUEUED


async def test_a_job_that_ran_under_the_schema_of_before_goes_on(tmp_path):
    """The earlier version of the service stops, or dies; the new one starts on its database while the job runs."""
    async with service(tmp_path, max_running=1) as s:
        job = await s.manager.submit(new(progress(1), gate(tmp_path, "gate"), progress(2)))
        queued = await s.manager.submit(new())
        await s.told(job.id, 1)
    writer, _ = open_database(f"sqlite:///{tmp_path}/jobs.db")
    migrate_back(writer, "0002")
    writer.dispose()
    (tmp_path / "gate").touch()
    async with service(tmp_path) as s:
        job, queued = await s.end(job.id), await s.end(queued.id)
        assert job.state is queued.state is State.SUCCEEDED
        assert (len(job.attempts), s.progress(job.id)) == (1, [1, 2])
