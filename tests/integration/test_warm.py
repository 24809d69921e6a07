"""Worker processes are started ahead, and actors take them."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest
import ray
import torch.distributed as dist
from ray.train.torch import TorchTrainer

from cluster import warm
from cluster.resources import Placement
from cluster.warm import WarmPool
from trainers.families import distributed
from trainers.families.family import Workers

Until = Callable[..., None]


@ray.remote(num_cpus=0)
class Teller:
    def where(self) -> tuple[str, int]:
        return ray.get_runtime_context().get_node_id(), os.getpid()


def pids(given: dict[str, Any]) -> list[int]:
    """What each worker of a fit does here: it tells its process id to all."""
    everyone = [0] * dist.get_world_size()
    dist.all_gather_object(everyone, os.getpid())
    return everyone


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
        before = WarmPool(0).ready()  # some may be about to end
        pool = WarmPool(len(before) + 1)
        pool.fill()
        until(lambda: bool(pool.ready() - before))
        there = psutil.pids()
        actor = Teller.remote()
        where = ray.get(actor.where.remote())
        assert where[1] in there
        assert where not in pool.ready()
        ray.kill(actor)

    def test_a_fit_on_workers_takes_the_processes_that_were_started_ahead_of_it(
        self, until: Until, tmp_path: Path
    ) -> None:
        """Which Ray gives only to actors whose environment it writes in the very same words."""
        before = WarmPool(0).ready()
        distributed.start_ahead(2)
        until(lambda: len(WarmPool(0).ready() - before) >= 3, within_s=90)
        ahead = {pid for _, pid in WarmPool(0).ready() - before}
        workers = Workers(2, 2, {"CPU": 1.0}, Placement.PACK, 0, 0, tmp_path / "checkpoints", tmp_path / "curves")
        used = distributed.run(TorchTrainer, pids, {}, workers, "pids")
        left = {pid for _, pid in WarmPool(0).ready()}
        assert set(used) < ahead - left
        assert len(ahead - left) >= 3, "the controller took one too"

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
