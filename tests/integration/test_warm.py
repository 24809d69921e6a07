"""Worker processes are started ahead, and actors take them."""

import os
from collections.abc import Callable

import pytest
import ray

from cluster.warm import WarmPool

Until = Callable[[Callable[[], bool]], None]


@ray.remote(num_cpus=0)
class Teller:
    def pid(self) -> tuple[int, int]:
        return os.getpid(), os.getppid()


@pytest.mark.usefixtures("ray_address")
class TestWarmPool:
    def test_an_actor_takes_a_process_that_is_ready(self, until: Until) -> None:
        pool = WarmPool(1)
        pool.fill()
        until(lambda: pool.ready() > 0)
        before = pool.ready()
        actor = Teller.remote()
        ray.get(actor.pid.remote())
        assert pool.ready() == before - 1
        ray.kill(actor)

    def test_a_full_pool_starts_nothing(self, until: Until) -> None:
        pool = WarmPool(1)
        pool.fill()
        until(lambda: pool.ready() > 0)
        before = pool.ready()
        pool.fill()
        pool.fill()
        assert pool.ready() == before

    def test_a_node_that_does_not_answer_is_passed_over(self, monkeypatch, caplog) -> None:
        gone = {"Alive": True, "Resources": {"CPU": 1.0}, "NodeManagerAddress": "127.0.0.1", "NodeManagerPort": 1}
        monkeypatch.setattr(ray, "nodes", lambda: [gone])
        WarmPool(1).fill()
        assert "127.0.0.1" in caplog.text
