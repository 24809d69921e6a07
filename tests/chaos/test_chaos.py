"""Jobs are submitted while everything around them is killed, cut off, delayed and filled up; no accepted job is lost.

``make chaos`` runs it. CHAOS_SEED repeats a run's order of faults, CHAOS_SECONDS and CHAOS_JOBS bound it.
"""

import os
import random
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import grpc
import pytest
from mlflow import MlflowClient

from cluster import runner, session
from tests.chaos.quick import LABEL
from tests.chaos.world import World, wait_for
from tests.serving import SMALL_SPEC
from trainers.files import LETTER
from trainwright.messages import from_dict
from trainwright.v1 import training_service_pb2 as pb
from trainwright.v1.training_service_pb2_grpc import TrainingServiceStub

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(3600)]
T = TypeVar("T")
SEED = int(os.environ.get("CHAOS_SEED", random.randrange(1_000_000)))
SECONDS = float(os.environ.get("CHAOS_SECONDS", 480))
JOBS = int(os.environ.get("CHAOS_JOBS", 60))
REAL = 5  # each so manieth job is a training, the others are quick
EACH_TIME, AT_ONCE = 2, 6  # jobs submitted between two faults, and still open when the next ones come
RECOVERY_S = float(os.environ.get("CHAOS_PATIENCE", 240))
OVER = (pb.JOB_STATE_SUCCEEDED, pb.JOB_STATE_FAILED, pb.JOB_STATE_CANCELLED)
AGAIN = {
    grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED, grpc.StatusCode.RESOURCE_EXHAUSTED,
    grpc.StatusCode.ABORTED, grpc.StatusCode.CANCELLED,
}  # fmt: skip


@dataclass
class Fault:
    """Something that is done to the world, and how often it was and was got over."""

    name: str
    strike: Callable[[World], Any]
    heal: Callable[[World], Any] = lambda world: None
    lasts_s: float = 0.0
    tried: int = 0
    survived: int = 0


def faults(world: World) -> list[Fault]:
    every = world.proxies.values()
    known = [
        Fault("service killed", World.kill_service),
        Fault("runner killed", lambda w: w.kill_processes_of_ray("_Run")),
        Fault("worker killed", lambda w: w.kill_processes_of_ray("_Fitter", "_Worker", "ray::IDLE")),
        Fault("Ray head killed", World.kill_head),
        Fault("PostgreSQL crashed, started again", World.stop_postgres, World.start_postgres, 5),
        Fault("MLflow killed, started again", World.kill_mlflow, World.start_mlflow, 10),
        Fault("connections cut", lambda w: [proxy.cut() for proxy in every]),
        Fault("connections delayed", lambda w: [p.delay(1.0) for p in every], lambda w: [p.delay(0) for p in every], 5),
    ]
    full = Fault("disk full, then room again", World.fill_disk, World.free_disk, 5)
    return [*known, full] if world.has_small_disk else known


@dataclass
class Client:
    """Calls the service until it answers, as a patient caller does."""

    world: World
    refused: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        options = [("grpc.initial_reconnect_backoff_ms", 200), ("grpc.max_reconnect_backoff_ms", 1000)]
        self._stub = TrainingServiceStub(grpc.insecure_channel(self.world.target, options))

    def call(self, ask: Callable[[TrainingServiceStub], T], patience_s: float = RECOVERY_S) -> T:
        deadline = time.monotonic() + patience_s
        while True:
            self.world.keep_service_up()
            try:
                return ask(self._stub)
            except grpc.RpcError as error:
                self.refused[error.code().name] += 1
                if error.code() not in AGAIN or time.monotonic() > deadline:
                    raise
                time.sleep(0.3)

    def submit(self, number: int) -> str:
        spec = {
            **SMALL_SPEC,
            "decision": f"decision {number}",
            "data": {**SMALL_SPEC["data"], "uri": str(self.world.folder / "parts.csv")},
            "compute": {"max_failures": 20, "max_preemptions": 100},
            "tracking": {"experiment": "chaos"},
        }
        labels = {} if number % REAL == 0 else {LABEL: "yes"}
        request = from_dict(
            pb.CreateTrainingJobRequest, {"spec": spec, "labels": labels, "request_id": f"job {number}"}
        )
        return self.call(lambda stub: stub.CreateTrainingJob(request, timeout=30).job.name)

    def get(self, name: str) -> pb.TrainingJob:
        return self.call(lambda stub: stub.GetTrainingJob(pb.GetTrainingJobRequest(name=name), timeout=30).job)

    def open_jobs(self) -> int:
        page = self.call(
            lambda stub: stub.ListTrainingJobs(pb.ListTrainingJobsRequest(page_size=1000), timeout=30).jobs
        )
        return sum(job.state not in OVER for job in page)

    def rerun(self, name: str) -> str:
        return self.call(lambda stub: stub.RerunTrainingJob(pb.RerunTrainingJobRequest(name=name), timeout=30).job.name)

    def sequences(self, name: str) -> list[int]:
        request = pb.WatchTrainingJobRequest(name=name)
        return self.call(
            lambda stub: [a.event.sequence for a in stub.WatchTrainingJob(request, timeout=60) if a.HasField("event")]
        )


@pytest.fixture
def world() -> Iterator[World]:
    # Not in pytest's folder, which another pytest on the machine closes to PostgreSQL's user.
    folder = Path(tempfile.mkdtemp(prefix="trainwright-chaos-"))
    rows = "\n".join(f"{i % 13},{i % 7},{int((i % 13 > 8) != (i % 5 == 0))}" for i in range(120))
    (folder / "parts.csv").write_text(f"size,weight,bad\n{rows}\n")
    made = World(folder)
    yield made
    made.close()
    shutil.rmtree(folder, ignore_errors=True)  # kept when the test was cut off


def test_no_accepted_job_is_lost(world: World) -> None:
    print(f"\nseed {SEED}, {JOBS} jobs, at most {SECONDS:g} s of faults", flush=True)
    chance, client, known = random.Random(SEED), Client(world), faults(world)
    jobs: dict[str, str] = {}  # decision by name
    jobs[client.submit(0)] = "decision 0"  # answered once the service is up
    began = time.monotonic()
    order: list[Fault] = []
    while len(jobs) < JOBS:
        for number in range(len(jobs), min(len(jobs) + EACH_TIME, JOBS)):
            jobs[client.submit(number)] = f"decision {number}"
        if time.monotonic() - began < SECONDS:
            order = order or chance.sample(known, len(known))
            strike(order.pop(), world, client, next(iter(jobs)), chance)
        wait_for(lambda: client.open_jobs() <= AT_ONCE, RECOVERY_S)
    print(f"{len(jobs)} jobs accepted, {sum(fault.tried for fault in known)} faults", flush=True)

    lost = [wrong for name, decision in jobs.items() for wrong in outcome(client, name, decision)]
    told = published(world, client, list(jobs))
    left = left_over(world, client, list(jobs))
    print(table(known, len(jobs), len(lost)), flush=True)
    print("calls answered with an error and made again:", dict(client.refused), flush=True)
    assert not lost
    assert not told
    assert not left
    assert all(fault.survived == fault.tried for fault in known)


def strike(fault: Fault, world: World, client: Client, probe: str, chance: random.Random) -> None:
    """Does one thing to the world, lets it be so for a while, and sees whether the service answers again."""
    time.sleep(chance.uniform(0, 2))
    if fault.strike(world) is False:
        return  # nothing there to be killed
    fault.tried += 1
    print(f"  {fault.name}", flush=True)
    time.sleep(chance.uniform(0, 1) * fault.lasts_s)
    fault.heal(world)
    try:
        client.get(probe)
        fault.survived += 1
    except grpc.RpcError as error:
        print(f"  NOT SURVIVED: {error}", flush=True)


def outcome(client: Client, name: str, decision: str) -> Iterator[str]:
    """What is wrong with a job at its end. One that met a full disk may have failed, saying so; its rerun may not."""
    if not wait_for(lambda: client.get(name).state in OVER, RECOVERY_S):
        yield f"{name} is not over: {client.get(name)}"
        return
    job, told = client.get(name), client.sequences(name)
    if told != list(range(told[0], told[0] + len(told))):
        yield f"{name} has gaps: {told}"
    if (
        job.state == pb.JOB_STATE_FAILED
        and "disk is full" in job.error.message
        and job.error_kind == pb.ERROR_KIND_SYSTEM
    ):
        yield from outcome(client, client.rerun(name), decision)
    elif job.state != pb.JOB_STATE_SUCCEEDED:
        yield f"{name} ended otherwise: {job.error} {job.attempts}"
    elif job.report.decision != decision:
        yield f"{name} has the report of another: {job.report.decision}"


def published(world: World, client: Client, names: list[str]) -> list[str]:
    """Jobs whose results are in MLflow not once; the service has some minutes to publish what MLflow was away for."""
    done = [name for name in names if client.get(name).state == pb.JOB_STATE_SUCCEEDED]
    waiting = {
        name for name in done if not wait_for(lambda n=name: client.get(n).report.HasField("tracking"), RECOVERY_S)
    }
    mlflow = MlflowClient(world.tracking_uri)
    experiments = [each.experiment_id for each in mlflow.search_experiments()]
    query = "tags.`trainwright.job` != ''"
    runs = Counter(
        run.data.tags["trainwright.job"] for run in mlflow.search_runs(experiments, query, max_results=10_000)
    )
    return [name for name in done if name in waiting or runs[name.partition("/")[2]] != 1]


def left_over(world: World, client: Client, names: list[str]) -> list[str]:
    """Runners and files that nothing answers for, once every job has ended."""
    head = world.head()
    assert head is not None
    with session.connect(head.address):
        wait_for(lambda: not runner.names(), 120)
        runners = runner.names()
    torn = [str(path) for path in (world.state / "datasets").glob("*.part")]
    # A job that failed for want of room keeps its letter with its other files; one that succeeded has none to send.
    done = {name.partition("/")[2] for name in names if client.get(name).state == pb.JOB_STATE_SUCCEEDED}
    letters = [world.state / "jobs" / job / LETTER for job in done]
    wait_for(lambda: not any(letter.exists() for letter in letters), RECOVERY_S)
    return [*runners, *torn, *(str(letter) for letter in letters if letter.exists())]


def table(known: list[Fault], jobs: int, lost: int) -> str:
    rows = [f"| {fault.name} | {fault.tried} | {fault.survived} |" for fault in known]
    total = (
        f"| **{jobs} jobs accepted, {lost} lost** | {sum(f.tried for f in known)} | {sum(f.survived for f in known)} |"
    )
    return "\n".join(["", "| fault | tried | survived |", "|---|---|---|", *rows, total, ""])
