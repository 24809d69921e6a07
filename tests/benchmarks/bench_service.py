"""The service beside its peers: a first fold through it and through the Ray Jobs API, and its call rates beside a bare server.

The bare server is grpc.aio with one SQLite statement a call, durable commit for writes, and nothing else: no validation,
no plan, no events. Both servers run in processes of their own and are called in the same way, in turn.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path

import grpc
import numpy as np
import pandas as pd
import ray
import yaml
from ray.job_submission import JobStatus, JobSubmissionClient

from cluster import session
from tests.benchmarks.rows import Row
from tests.serving import Service, start_service, stop_service
from trainwright.messages import from_dict
from trainwright.v1 import training_service_pb2 as pb

NAMES = ("submit_to_first_fold", "grpc_create", "grpc_get")
ROOT = Path(__file__).parents[2]
SPEC = {
    "decision": "Stop bad parts",
    "data": {"uri": "parts.csv", "target": "bad"},
    "split": {"folds": 3},
    "candidates": [{"family": "decision_tree"}],
    "search": {"max_trials": 2, "algorithm": "random"},
}
CALLS, CALLERS, ROUNDS = 1000, 8, 3


def rows() -> Iterator[Row]:
    """Measures everything."""
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
        folder = Path(scratch)
        write_table(folder)
        with running_service(folder, num_cpus=os.cpu_count() or 1, dashboard=True) as (service, address):
            yield _submit_to_first_fold(service, address)
        with running_service(folder, num_cpus=1, dashboard=False) as (service, _), _queue_held(service):
            yield from _rates(service)


@contextmanager
def running_service(folder: Path, num_cpus: int, dashboard: bool) -> Iterator[tuple[Service, str]]:
    """A service that runs one job at a time and limits no calls, with the address of its Ray."""
    with tempfile.TemporaryDirectory(prefix="bench-ray-") as state:
        head = session.connect(None, Path(state), num_cpus=num_cpus, dashboard=dashboard)
        try:
            limits = {"calls_per_second_of_address": 10**6, "calls_per_second_of_tenant": 10**6}
            service = start_service(folder, ray_address=head.address, max_running_jobs=1, **limits)
            try:
                yield service, head.address
            finally:
                stop_service(service)
        finally:
            head.stop()


@contextmanager
def _queue_held(service: Service) -> Iterator[None]:
    """Keeps every further job queued, so that only calls are measured: one job runs, and waits for the cluster's only CPU."""

    @ray.remote(num_cpus=1)
    class Holder:
        def ready(self) -> None: ...

    holder = Holder.remote()
    ray.get(holder.ready.remote())
    name = service.create(SPEC).job.name
    for message in service.training.WatchTrainingJob(pb.WatchTrainingJobRequest(name=name)):
        if message.event.phase.phase == "search":
            break
    yield
    ray.kill(holder)


def write_table(folder: Path) -> None:
    """The table of SPEC."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(2000, 6)), columns=list("abcdef"))
    frame["bad"] = (frame["a"] + rng.normal(size=2000) > 1.5).astype(int)
    frame.to_csv(folder / "parts.csv", index=False)
    (folder / "spec.yaml").write_text(yaml.safe_dump(SPEC))


def _submit_to_first_fold(service: Service, address: str) -> Row:
    _first_fold(service)  # the first job of a service warms its workers
    ours, peer = [], []
    for _ in range(ROUNDS):
        ours.append(_first_fold(service))
        peer.append(_first_fold_as_ray_job(service.folder, address))
    note = f"the same spec by the Ray Jobs API on the same warm head; median of {ROUNDS}"
    return Row("submit_to_first_fold", statistics.median(ours), statistics.median(peer), "s", "below 1", note)


def _first_fold(service: Service) -> float:
    """Seconds from CreateTrainingJob to the first scored fold; then lets the job finish."""
    began, first = time.perf_counter(), None
    created = service.create(SPEC)
    for message in service.training.WatchTrainingJob(pb.WatchTrainingJobRequest(name=created.job.name)):
        if first is None and message.event.WhichOneof("payload") == "trial":
            first = time.perf_counter() - began
    assert first is not None, "the job ended without a fold"
    return first


def _first_fold_as_ray_job(folder: Path, address: str) -> float:
    """The same from submit_job to the first line that tells of a scored trial."""
    client = JobSubmissionClient(_dashboard(address))
    program = f"cd {folder} && {sys.executable} -m trainers spec.yaml --out out-$RANDOM-$$"
    began, first = time.perf_counter(), None
    job = client.submit_job(entrypoint=f"bash -c '{program}'", runtime_env={"env_vars": {"PYTHONPATH": str(ROOT)}})
    while (status := client.get_job_status(job)) not in (JobStatus.SUCCEEDED, JobStatus.FAILED, JobStatus.STOPPED):
        if first is None and "   trial " in client.get_job_logs(job):
            first = time.perf_counter() - began
        time.sleep(0.02)
    assert status is JobStatus.SUCCEEDED, client.get_job_logs(job)[-2000:]
    return first if first is not None else time.perf_counter() - began


def _dashboard(address: str) -> str:
    return f"http://{ray.worker.get_dashboard_url()}"


def _rates(service: Service) -> Iterator[Row]:
    with _bare_server(service.folder) as target, grpc.insecure_channel(target) as channel:
        bare_create = channel.unary_unary("/bare.Bare/Create", bytes, bytes)
        bare_get = channel.unary_unary("/bare.Bare/Get", bytes, bytes)
        request = from_dict(pb.CreateTrainingJobRequest, {"spec": SPEC})
        body = request.SerializeToString()
        key = bare_create(body)
        # Of different jobs, since equal calls at the same time share one answer.
        gets = cycle([pb.GetTrainingJobRequest(name=service.create(SPEC).job.name) for _ in range(50)])
        pairs: dict[str, tuple[Callable[[], object], Callable[[], object]]] = {
            "grpc_create": (lambda: service.training.CreateTrainingJob(request), lambda: bare_create(body)),
            "grpc_get": (lambda: service.training.GetTrainingJob(next(gets)), lambda: bare_get(key)),
        }
        for row, goal in (("grpc_create", "at least 0.5"), ("grpc_get", "at least 0.7")):
            ours, peer = zip(*((_rate(pairs[row][0]), _rate(pairs[row][1])) for _ in range(ROUNDS)), strict=True)
            note = f"bare grpc.aio server with one SQLite statement; {CALLERS} callers, median of {ROUNDS}"
            yield Row(row, statistics.median(ours), statistics.median(peer), "calls/s", goal, note)


def _rate(call: Callable[[], object]) -> float:
    with ThreadPoolExecutor(CALLERS) as pool:
        began = time.perf_counter()
        list(pool.map(lambda _: call(), range(CALLS)))
        return CALLS / (time.perf_counter() - began)


@contextmanager
def _bare_server(folder: Path) -> Iterator[str]:
    process = subprocess.Popen(
        [sys.executable, Path(__file__).with_name("bare_server.py"), folder / "bare.db"],
        stdout=subprocess.PIPE, text=True, env=os.environ,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())["target"]
    finally:
        process.terminate()
        process.wait()
