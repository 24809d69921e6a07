"""Worker processes are started ahead, and actors take them."""

import os
from collections.abc import Callable

import psutil
import pytest
import ray

from cluster import warm
from cluster.warm import WarmPool

Until = Callable[[Callable[[], bool]], None]


@ray.remote(num_cpus=0)
class Teller:
    def where(self) -> tuple[str, int]:
        return ray.get_runtime_context().get_node_id(), os.getpid()


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many processes were asked for, call by call."""
    asked: list[int] = []

    class Counting(warm.NodeManagerServiceStub):
        def __init__(self, channel) -> None:
            super().__init__(channel)
            start = self.PrestartWorkers
            self.PrestartWorkers = lambda request, **options: (
                asked.append(request.num_workers),
                start(request, **options),
            )

    monkeypatch.setattr(warm, "NodeManagerServiceStub", Counting)
    return asked


@pytest.mark.usefixtures("ray_address")
class TestWarmPool:
    def test_an_actor_takes_a_process_that_was_started_before_it(self, until: Until) -> None:
        pool = WarmPool(1)
        pool.fill()
        until(lambda: bool(pool.ready()))
        there = psutil.pids()
        actor = Teller.remote()
        where = ray.get(actor.where.remote())
        assert where[1] in there
        assert where not in pool.ready()
        ray.kill(actor)

    def test_a_full_pool_starts_nothing(self, until: Until, started: list[int]) -> None:
        pool = WarmPool(1)
        pool.fill()
        until(lambda: bool(pool.ready()))
        before = list(started)
        pool.fill()
        assert started == before

    def test_a_node_that_does_not_answer_is_passed_over(self, monkeypatch, caplog) -> None:
        gone = {"Alive": True, "Resources": {"CPU": 1.0}, "NodeManagerAddress": "127.0.0.1", "NodeManagerPort": 1}
        monkeypatch.setattr(ray, "nodes", lambda: [gone])
        WarmPool(1).fill()
        assert "127.0.0.1" in caplog.text
