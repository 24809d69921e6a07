"""Two real processes of the service on one PostgreSQL and one Ray: one is killed, each is upgraded, and no caller notices."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from service.jobs.store import Store
from tests.serving import SMALL_SPEC, Service, start_service, stop_service
from trainwright import JobEvent, ServiceError, TrainingClient

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


class Pair:
    """Two replicas: each with a state folder of its own, on ports that they keep over restarts."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        self.folder, self._settings = folder, settings
        self._ports = [_free_port(), _free_port()]
        self.target = ",".join(f"127.0.0.1:{port}" for port in self._ports)
        self.running: dict[int, Service] = {}
        for number in (0, 1):
            self.start(number)

    def start(self, number: int) -> None:
        place = self.folder / str(number)
        place.mkdir(exist_ok=True)
        self.running[number] = start_service(place, port=self._ports[number], **self._settings)

    def stop(self, number: int) -> None:
        assert stop_service(self.running[number]) == 0
        self.running.pop(number).channel.close()

    def kill(self, number: int) -> None:
        self.running[number].process.kill()
        self.running[number].process.wait()
        self.running.pop(number).channel.close()

    def id(self, number: int) -> str:
        return (self.folder / str(number) / "state/replica").read_text()

    def target_of(self, number: int) -> str:
        return self.running[number].target


@pytest.fixture
def spec(tmp_path: Path) -> dict[str, Any]:
    rows = "\n".join(f"{i % 13},{i % 7},{int((i % 13 > 8) != (i % 5 == 0))}" for i in range(400))
    (tmp_path / "parts.csv").write_text(f"size,weight,bad\n{rows}\n")
    data = SMALL_SPEC["data"] | {"uri": str(tmp_path / "parts.csv")}
    return SMALL_SPEC | {"data": data, "search": SMALL_SPEC["search"] | {"max_trials": 10}}


@pytest.fixture
def url(new_database: Callable[[], str]) -> str:
    return new_database()


@pytest.fixture
def pair(ray_address: str, tmp_path: Path, url: str) -> Iterator[Pair]:
    settings = {
        "database_url": url, "ray_address": ray_address, "shared": tmp_path / "shared", "warm_workers": 0, "lease_s": 3,
        "data_roots": f'["{tmp_path}"]', "tracking_uri": f"sqlite:///{tmp_path}/mlflow.db", "max_running_jobs": 1,
    }  # fmt: skip
    made = Pair(tmp_path, **settings)
    yield made
    for number in list(made.running):
        made.kill(number)


def test_when_one_is_killed_in_the_middle_of_a_job_the_other_finishes_it(pair: Pair, spec: Any, url: str) -> None:
    store = Store(url)
    with TrainingClient(pair.target_of(0)) as client:
        job = client.submit(spec).id
    owner = _until(lambda: store.get(job).owner)
    dead = 0 if owner == pair.id(0) else 1
    killed, seen = False, []
    with TrainingClient(pair.target_of(1 - dead)) as client:
        for event in client.job(job).events():
            seen.append(event)
            if not killed and store.get(job).progress.get("trials_done", 0) > 0:
                pair.kill(dead)
                killed = True
        done = client.get(job)
    assert killed
    assert (done.state, len(done.attempts)) == ("succeeded", 1)
    assert store.get(job).owner == pair.id(1 - dead)
    assert [event.sequence for event in seen] == list(range(1, done.last_sequence + 1))
    store.close()


def test_each_replica_is_drained_and_started_again_and_no_call_fails(pair: Pair, spec: Any) -> None:
    over, failures, calls = threading.Event(), [], {"get": 0, "submit": 0, "watch": 0}
    jobs: list[str] = []

    def again_and_again(name: str, call: Callable[[TrainingClient], Any]) -> None:
        with TrainingClient(pair.target) as client:
            while not over.is_set():
                try:
                    call(client)
                    calls[name] += 1
                except ServiceError as error:
                    failures.append((name, error))
                over.wait(0.2)

    def watch(client: TrainingClient) -> None:
        events = client.job(first).events()
        sequences = [event.sequence for event in events if isinstance(event, JobEvent)]
        if sequences != list(range(1, len(sequences) + 1)):
            failures.append(("watch", sequences))

    with TrainingClient(pair.target) as client:
        first = client.submit(spec).id
        works = {
            "get": lambda client: client.get(first),
            "submit": lambda client: jobs.append(client.submit(spec).id),
            "watch": watch,
        }
        threads = [threading.Thread(target=again_and_again, args=work) for work in works.items()]
        for thread in threads:
            thread.start()
        for number in (0, 1):
            client.admin.drain(pair.id(number))
            pair.stop(number)
            pair.start(number)
            _until(lambda: len(client.admin.queue().replicas) == 2)
        over.set()
        assert len(client.get(first).attempts) == 1
        client.job(first).cancel()  # which ends the watch
        for thread in threads:
            thread.join()
        assert not failures
        assert min(calls.values()) > 0, calls
        for job in jobs:
            client.job(job).cancel()
        # Each is there, once, also where a call was repeated.
        assert len(set(jobs)) == len(jobs) == sum(1 for _ in client.list()) - 1


def _until(holds: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + 120
    while not (found := holds()):
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)
    return found


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
