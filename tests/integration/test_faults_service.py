"""A running service loses its Ray head, its tracking server and its database, and loses nothing else."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from mlflow import MlflowClient

from cluster.head import Head
from tests.serving import SMALL_SPEC, Service, stop_service
from trainwright.v1 import training_service_pb2 as pb

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
LONG = {**SMALL_SPEC, "search": {**SMALL_SPEC["search"], "max_trials": 24}}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A service's working folder, with a small table to train on."""
    rows = "\n".join(f"{i % 13},{i % 7},{int((i % 13 > 8) != (i % 5 == 0))}" for i in range(120))
    (tmp_path / "parts.csv").write_text(f"size,weight,bad\n{rows}\n")
    return tmp_path


@pytest.fixture
def mlflow_server(tmp_path: Path) -> Iterator[SimpleNamespace]:
    """An MLflow server that is not started yet."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    started: list[subprocess.Popen] = []

    def start() -> None:
        where = tmp_path / "mlflow"
        where.mkdir(exist_ok=True)
        store = ["--backend-store-uri", f"sqlite:///{where}/mlflow.db", "--artifacts-destination", f"{where}/artifacts"]
        command = [sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port), *store]
        with (where / "log").open("w") as log:
            started.append(
                subprocess.Popen([*command, "--workers", "1"], stdout=log, stderr=log, start_new_session=True)
            )

    yield SimpleNamespace(uri=f"http://127.0.0.1:{port}", start=start)
    for each in started:
        os.killpg(each.pid, signal.SIGKILL)
        each.wait()


def job_of(service: Service, name: str) -> pb.TrainingJob:
    return service.training.GetTrainingJob(pb.GetTrainingJobRequest(name=name), timeout=60).job


def follow(service: Service, name: str, holds: Callable[[pb.TrainingJob], bool]) -> pb.TrainingJob:
    deadline = time.monotonic() + 300
    while not holds(job := job_of(service, name)):
        assert time.monotonic() < deadline, job
        time.sleep(0.1)
    return job


def ended(job: pb.TrainingJob) -> bool:
    return job.state in (pb.JOB_STATE_SUCCEEDED, pb.JOB_STATE_FAILED, pb.JOB_STATE_CANCELLED)


def sequences(service: Service, name: str) -> list[int]:
    request = pb.WatchTrainingJobRequest(name=name)
    answers = service.training.WatchTrainingJob(request, timeout=60)
    return [answer.event.sequence for answer in answers if answer.HasField("event")]


def head_of(service: Service) -> Head:
    return Head(**json.loads((service.state / "ray.json").read_text()))


def test_the_head_and_the_tracking_server_are_lost(folder: Path, services: SimpleNamespace, mlflow_server: Any) -> None:
    service = services.start(folder, ray_cpus=2, warm_workers=1, tracking_uri=mlflow_server.uri, publish_every_s=1)
    name = service.create(LONG).job.name
    follow(service, name, lambda job: job.progress.trials_done >= 3)
    before = head_of(service)
    os.killpg(before.pid, signal.SIGKILL)

    job = follow(service, name, ended)
    assert job.state == pb.JOB_STATE_SUCCEEDED, job.error
    assert [attempt.error.code for attempt in job.attempts] == [14, 0]
    report = json.loads((service.state / "jobs" / name.partition("/")[2] / "report.json").read_text())
    assert report["search"]["resumed_fits"] >= 3
    seen = sequences(service, name)
    assert seen == list(range(seen[0], seen[0] + len(seen)))
    assert head_of(service).pid != before.pid
    assert "NOT_PUBLISHED" in [finding.code for finding in job.report.findings]

    mlflow_server.start()
    job = follow(service, name, lambda job: job.report.HasField("tracking"))
    assert "NOT_PUBLISHED" not in [finding.code for finding in job.report.findings]
    client = MlflowClient(mlflow_server.uri)
    experiment = client.get_experiment_by_name(job.report.tracking.experiment).experiment_id
    runs = client.search_runs([experiment], f"tags.`trainwright.job` = '{name.partition('/')[2]}'")
    assert [run.info.run_id for run in runs] == [job.report.tracking.run_id]
    assert stop_service(service) == 0


def test_a_service_that_is_stopped_while_it_cancels_leaves_no_ray_behind(
    folder: Path, services: SimpleNamespace
) -> None:
    service = services.start(folder, ray_cpus=2, warm_workers=0)
    name = service.create(LONG).job.name
    follow(service, name, lambda job: job.state == pb.JOB_STATE_RUNNING)
    head = head_of(service)
    service.training.CancelTrainingJob(pb.CancelTrainingJobRequest(name=name), timeout=60)
    service.process.send_signal(signal.SIGTERM)
    assert service.process.wait(120) == 0
    assert not head.is_alive()
