import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cluster.events import RunnerEvent
from service.api import requests
from service.api.errors import Stopping
from service.api.streams import Streams
from service.jobs.records import JobRecord, NewJob
from service.jobs.states import State
from service.jobs.store import Store
from trainers.errors import SpecError
from trainwright.v1 import training_service_pb2 as pb

pytestmark = pytest.mark.timeout(30)  # a stream that never ends fails soon

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


class Changes:
    """Tells of changes as the manager does, and counts who waits."""

    def __init__(self) -> None:
        self.waiting = 0
        self._changed = asyncio.Condition()

    async def wait_for_change(self, job_id: str, after_sequence: int, timeout: float) -> None:
        self.waiting += 1
        try:
            async with self._changed:
                await self._changed.wait()
        finally:
            self.waiting -= 1

    async def waited_for(self) -> None:
        while not self.waiting:
            await asyncio.sleep(0.001)

    async def tell(self) -> None:
        await self.waited_for()
        async with self._changed:
            self._changed.notify_all()


class Following:
    """A stream read in the background."""

    def __init__(self, answers: AsyncIterator[Any]) -> None:
        self.got: list[Any] = []
        self.task = asyncio.create_task(self._read(answers))

    async def _read(self, answers: AsyncIterator[Any]) -> None:
        async with aclosing(answers):  # type: ignore[type-var]
            async for answer in answers:
                self.got.append(answer)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(f"sqlite:///{tmp_path}/jobs.db")


@pytest.fixture
def job(store: Store) -> JobRecord:
    """A job that runs."""
    made, _ = store.create(NewJob(spec={"decision": "d"}, id="x"), "out")
    store.move(made.id, State.QUEUED, State.WAITING_FOR_RESOURCES)
    return store.move(made.id, State.WAITING_FOR_RESOURCES, State.RUNNING)


@pytest.fixture
def changes() -> Changes:
    return Changes()


@pytest.fixture
def stopping() -> asyncio.Event:
    return asyncio.Event()


@pytest.fixture
def streams(store: Store, changes: Changes, stopping: asyncio.Event) -> Streams:
    return Streams(changes, store, stopping)  # type: ignore[arg-type]


def report(store: Store, first: int, *events: dict[str, Any]) -> None:
    store.append("x", 1, [RunnerEvent(first + i, NOON + timedelta(hours=i), each) for i, each in enumerate(events)])


def line(text: str, level: str = "info") -> dict[str, Any]:
    return {"log": {"level": level, "text": text, "logger": "trainers.run"}}


def watch(after: int = 0) -> requests.WatchTrainingJob:
    return requests.WatchTrainingJob(name="trainingJobs/x", after_sequence=after)


def logs(**wanted: Any) -> requests.ReadLogs:
    return requests.ReadLogs(name="trainingJobs/x", **wanted)


async def test_a_watch_follows_to_the_end(streams: Streams, store: Store, job: JobRecord, changes: Changes) -> None:
    seen = Following(streams.watch(watch()))
    await changes.tell()
    report(store, 1, {"phase": {"phase": "load"}}, {"progress": {"fraction": 0.5}})
    await changes.tell()
    await changes.tell()  # nothing new: nothing is sent
    report(store, 3, {"phase": {"phase": "search"}})
    store.move("x", State.RUNNING, State.SUCCEEDED, report={})
    await changes.tell()
    await seen.task
    assert seen.got[0].snapshot.state == pb.JOB_STATE_RUNNING
    assert [each.event.sequence for each in seen.got[1:]] == list(range(1, 8))
    assert seen.got[-1].event.state.to == pb.JOB_STATE_SUCCEEDED


async def test_a_watch_goes_on_after_a_sequence(streams: Streams, store: Store, job: JobRecord) -> None:
    store.move("x", State.RUNNING, State.FAILED)
    got = [each async for each in streams.watch(watch(after=3))]
    assert [each.event.sequence for each in got[1:]] == [4]


async def test_a_watch_of_many_events_reads_on(streams: Streams, store: Store, job: JobRecord) -> None:
    report(store, 1, *({"progress": {"fraction": i / 1200}} for i in range(1200)))
    store.move("x", State.RUNNING, State.FAILED)
    got = [each async for each in streams.watch(watch())]
    assert [each.event.sequence for each in got[1:]] == list(range(1, 1205))


async def test_a_watch_from_the_future_is_refused(streams: Streams, job: JobRecord) -> None:
    with pytest.raises(SpecError, match="after_sequence: is 4, but the latest event is 3"):
        await anext(streams.watch(watch(after=4)))


@pytest.mark.parametrize("follow", [watch(), logs(follow=True)], ids=["watch", "logs"])
async def test_streams_end_when_the_service_stops(
    streams: Streams, job: JobRecord, changes: Changes, stopping: asyncio.Event, follow: Any
) -> None:
    stream = streams.logs(follow) if isinstance(follow, requests.ReadLogs) else streams.watch(follow)
    seen = Following(stream)
    await changes.waited_for()
    stopping.set()
    with pytest.raises(Stopping):
        await seen.task
    await asyncio.sleep(0)
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_nobody_waits_for_a_caller_that_has_gone(streams: Streams, job: JobRecord, changes: Changes) -> None:
    seen = Following(streams.watch(watch()))
    await changes.waited_for()
    seen.task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await seen.task
    await asyncio.sleep(0)
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_logs_follow_to_the_end(streams: Streams, store: Store, job: JobRecord, changes: Changes) -> None:
    report(store, 1, line("one"))
    seen = Following(streams.logs(logs(follow=True)))
    await changes.tell()
    report(store, 2, line("two"), line("three"))
    store.move("x", State.RUNNING, State.FAILED)
    await changes.tell()
    await seen.task
    assert [each.line.text for each in seen.got] == ["one", "two", "three"]


async def test_logs_of_a_running_job_end_unless_followed(streams: Streams, store: Store, job: JobRecord) -> None:
    report(store, 1, line("one"))
    (only,) = [each async for each in streams.logs(logs())]
    assert (only.line.level, only.line.attempt, only.line.logger) == (pb.LOG_LEVEL_INFO, 1, "trainers.run")
    assert only.line.time.ToDatetime(tzinfo=UTC) == NOON


@pytest.mark.parametrize(
    ("wanted", "texts"),
    [
        ({"min_level": "warning"}, ["hot", "broken"]),
        ({"contains": "o"}, ["hot", "broken"]),
        ({"attempt": 2}, []),
        ({"start_time": NOON + timedelta(hours=1)}, ["hot", "broken"]),
        ({"end_time": NOON + timedelta(hours=2)}, ["fine", "hot"]),
        ({}, ["fine", "hot", "broken"]),
    ],
)
async def test_logs_are_those_asked_for(
    streams: Streams, store: Store, job: JobRecord, wanted: dict[str, Any], texts: list[str]
) -> None:
    report(store, 1, line("fine"), line("hot", "warning"), line("broken", "error"))
    assert [each.line.text async for each in streams.logs(logs(**wanted))] == texts


async def test_logs_go_on_after_a_line(streams: Streams, store: Store, job: JobRecord) -> None:
    report(store, 1, line("fine"), line("hot", "warning"), line("broken", "error"))
    numbers = [each.line.number async for each in streams.logs(logs())]
    assert numbers == sorted(set(numbers))
    assert [each.line.text async for each in streams.logs(logs(after_number=numbers[0]))] == ["hot", "broken"]
