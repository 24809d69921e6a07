"""A real service in a process of its own, on a real port, with a real Ray and a real database."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc

from trainwright.channel import TLS
from trainwright.messages import from_dict
from trainwright.v1 import training_service_pb2 as pb
from trainwright.v1.dataset_service_pb2_grpc import DatasetServiceStub
from trainwright.v1.training_service_pb2_grpc import TrainingServiceStub

START_S = 120
SMALL_SPEC: dict[str, Any] = {
    "decision": "Stop bad parts",
    "data": {"uri": "parts.csv", "target": "bad", "positive_class": "1"},
    "split": {"folds": 2},
    "candidates": [{"family": "decision_tree"}],
    "search": {"max_trials": 2, "algorithm": "random", "parallelism": 1, "racing": False},
    "diagnosis": {"learning_points": 0, "seeds": 0},
}


@dataclass
class Service:
    """A running service and how to speak to it.

    Attributes:
        folder: Its working folder, which is also its data root.
        target: host:port.
        training: Stub of the jobs.
        datasets: Stub of the datasets.
        process: Its process.
    """

    folder: Path
    target: str
    channel: grpc.Channel
    training: TrainingServiceStub
    datasets: DatasetServiceStub
    process: subprocess.Popen

    @property
    def state(self) -> Path:
        return self.folder / "state"

    def create(self, spec: dict[str, Any] | None = None, **fields: Any) -> pb.CreateTrainingJobResponse:
        request = from_dict(pb.CreateTrainingJobRequest, {"spec": spec or SMALL_SPEC, **fields})
        return self.training.CreateTrainingJob(request, timeout=60)


def start_service(folder: Path, wait_tls: TLS | None = None, port: int = 0, **settings: Any) -> Service:
    """Starts the console script and waits until it is serving; over TLS where files for it are given."""
    environment = {f"TRAINWRIGHT_{name.upper()}": str(value) for name, value in settings.items()}
    (folder / "state").mkdir(exist_ok=True)
    ready = folder / "state/server.json"
    ready.unlink(missing_ok=True)
    with (folder / "server.log").open("a") as output:
        process = subprocess.Popen(
            [Path(sys.executable).with_name("trainwright-server"), "--port", str(port)],
            cwd=folder, env=os.environ | environment, stdout=output, stderr=output,
        )  # fmt: skip
    target = _when_ready(ready, process, folder / "server.log")
    channel = grpc.secure_channel(target, wait_tls.credentials()) if wait_tls else grpc.insecure_channel(target)
    grpc.channel_ready_future(channel).result(timeout=START_S)
    return Service(folder, target, channel, TrainingServiceStub(channel), DatasetServiceStub(channel), process)


def _when_ready(ready: Path, process: subprocess.Popen, log: Path) -> str:
    """The target, once the service has written where it listens."""
    deadline = time.monotonic() + START_S
    while not ready.is_file():
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            raise RuntimeError(f"the service did not start:\n{log.read_text()[-4000:]}")
        time.sleep(0.05)
    where = json.loads(ready.read_text())
    return f"{where['host']}:{where['port']}"


def stop_service(service: Service) -> int:
    """Stops it as an operator would and returns its exit status."""
    service.process.send_signal(signal.SIGTERM)
    return service.process.wait(60)
