"""GetTrainingJob while many follow a running job and many jobs wait, beside the same call when nobody does and none waits."""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from tests.benchmarks.bench_service import CALLERS, SPEC, running_service, write_table
from tests.benchmarks.rows import Row
from tests.serving import Service
from trainwright.v1 import training_service_pb2 as pb

NAMES = ("get_p99_watched",)
WATCHERS, QUEUED, CALLS, ROUNDS = 200, 2_000, 1_000, 3
FOREST = {"family": "random_forest", "params": {"n_estimators": 300}}  # a fit takes as long as fits of small tables do
LONG: dict[str, Any] = {
    **SPEC,
    "candidates": [FOREST],
    "search": {"max_trials": 5000, "racing": False, "algorithm": "random"},
}


def rows() -> Iterator[Row]:
    """Measures everything."""
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
        folder = Path(scratch)
        write_table(folder)
        with running_service(folder, num_cpus=1, dashboard=False) as (service, _):
            yield _row(service, _searching(service))


def _row(service: Service, job: str) -> Row:
    alone = [_p99(service, job) for _ in range(ROUNDS)]
    with ThreadPoolExecutor(CALLERS) as pool:
        list(pool.map(lambda _: service.create(SPEC), range(QUEUED)))
    began = time.monotonic()
    with _watched(service, job) as heard:
        beside = [_p99(service, job) for _ in range(ROUNDS)]
    assert heard["ended"] == 0, heard
    assert heard["fewest_events"] > 0, heard
    rate = heard["fewest_events"] / (time.monotonic() - began)
    note = (
        f"p99 of {CALLS} Gets in a row of a job that searches, {WATCHERS} watchers of it with {rate:.1f} events a second each,"
        f" and {QUEUED} queued jobs; peer: no watchers, no queue; median of {ROUNDS}"
    )
    return Row("get_p99_watched", float(np.median(beside)), float(np.median(alone)), "ms", "at most 3", note)


def _searching(service: Service) -> str:
    """A job that scores one trial after the other for as long as is needed."""
    name: str = service.create(LONG).job.name
    for message in service.training.WatchTrainingJob(pb.WatchTrainingJobRequest(name=name)):
        if message.event.WhichOneof("payload") == "trial":
            return name
    raise AssertionError("the job ended before it scored a trial")


def _p99(service: Service, job: str) -> float:
    """Milliseconds."""
    request, times = pb.GetTrainingJobRequest(name=job), []
    for _ in range(CALLS):
        began = time.perf_counter()
        service.training.GetTrainingJob(request)
        times.append(time.perf_counter() - began)
    return float(1000 * np.percentile(times, 99))


@contextmanager
def _watched(service: Service, job: str) -> Iterator[dict[str, int]]:
    """Watches in a process of its own; what it tells at its end is in the dict after the block."""
    program = Path(__file__).with_name("watchers.py")
    process = subprocess.Popen(
        [sys.executable, program, service.target, job, str(WATCHERS)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    heard: dict[str, int] = {}
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "\n", "not every watcher got its snapshot"
        yield heard
        heard |= json.loads(process.communicate(timeout=60)[0])
    finally:
        process.kill()
        process.wait()
