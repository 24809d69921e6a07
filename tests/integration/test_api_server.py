"""The server as an operator meets it: ready, refused, killed, stopped."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from trainwright.v1 import training_service_pb2 as pb

SERVICES = {"trainwright.v1.TrainingService", "trainwright.v1.DatasetService"}
LONG = {
    "decision": "Take long",
    "data": {"uri": "parts.csv", "target": "bad"},
    "candidates": [{"family": "random_forest"}],
    "search": {"max_trials": 5000, "racing": False},
}


@pytest.mark.parametrize("name", ["", *sorted(SERVICES)])
def test_it_says_that_it_is_serving(service, name: str) -> None:
    answer = health_pb2_grpc.HealthStub(service.channel).Check(health_pb2.HealthCheckRequest(service=name))
    assert answer.status == health_pb2.HealthCheckResponse.SERVING


def test_it_describes_itself(service) -> None:
    stub = reflection_pb2_grpc.ServerReflectionStub(service.channel)
    request = reflection_pb2.ServerReflectionRequest(list_services="")
    (answer,) = stub.ServerReflectionInfo(iter([request]))
    assert {each.name for each in answer.list_services_response.service} >= {*SERVICES, "grpc.health.v1.Health"}


def server(folder: Path, *options: str) -> subprocess.CompletedProcess:
    program = Path(sys.executable).with_name("trainwright-server")
    return subprocess.run([program, *options], cwd=folder, capture_output=True, text=True, timeout=120)


def test_a_second_service_on_the_same_state_is_refused(service) -> None:
    done = server(service.folder, "--port", "0")
    assert done.returncode == 1
    assert "another service uses" in done.stderr
    assert json.loads((service.state / "server.json").read_text())["pid"] == service.process.pid


def test_a_port_in_use_is_refused_before_anything_is_started(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = server(tmp_path, "--port", str(taken.getsockname()[1]))
    assert done.returncode == 1
    assert "is in use" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "state/ray.json").exists()


@pytest.mark.parametrize(
    ("options", "words"), [(("--host", "0.0.0.0"), "no caller is checked"), (("--port", "x"), "port")]
)
def test_wrong_settings_are_told_in_a_line(tmp_path: Path, options: tuple[str, ...], words: str) -> None:
    done = server(tmp_path, *options)
    assert done.returncode == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "state").exists()


@pytest.fixture
def folder(tmp_path: Path, service) -> Iterator[Path]:
    (tmp_path / "parts.csv").write_bytes((service.folder / "parts.csv").read_bytes())
    yield tmp_path
    record = tmp_path / "state/ray.json"
    if record.exists():  # a test that failed has left its Ray
        with suppress(ProcessLookupError):
            os.kill(json.loads(record.read_text())["pid"], signal.SIGTERM)


def test_jobs_and_watches_survive_the_service(folder: Path, services) -> None:
    """Killed, it leaves the job running and goes on when started; stopped, it ends watches and leaves open jobs their Ray."""
    first = services.start(folder, ray_cpus=2)
    job = first.create(LONG).job.name
    seen = read_until_a_trial(first, job, after=0)
    first.process.kill()
    first.process.wait()

    second = services.start(folder)
    seen += read_until_a_trial(second, job, after=seen[-1])
    stream = second.training.WatchTrainingJob(pb.WatchTrainingJobRequest(name=job, after_sequence=seen[-1]))
    next(stream)
    assert services.stop(second) == 0
    with pytest.raises(grpc.RpcError) as caught:
        seen += [answer.event.sequence for answer in stream]
    assert caught.value.code() is grpc.StatusCode.UNAVAILABLE
    assert not (folder / "state/server.json").exists()
    ray = json.loads((folder / "state/ray.json").read_text())["pid"]
    os.kill(ray, 0)

    third = services.start(folder)
    assert len(third.training.GetTrainingJob(pb.GetTrainingJobRequest(name=job)).job.attempts) == 1
    third.training.CancelTrainingJob(pb.CancelTrainingJobRequest(name=job))
    stream = third.training.WatchTrainingJob(pb.WatchTrainingJobRequest(name=job, after_sequence=seen[-1]))
    seen += [answer.event.sequence for answer in stream if answer.HasField("event")]
    assert seen == list(range(1, len(seen) + 1))
    assert services.stop(third) == 0
    with pytest.raises(ProcessLookupError):
        os.kill(ray, 0)


def read_until_a_trial(service, job: str, after: int) -> list[int]:
    stream = service.training.WatchTrainingJob(pb.WatchTrainingJobRequest(name=job, after_sequence=after), timeout=200)
    sequences = []
    for answer in stream:
        if answer.HasField("event"):
            sequences.append(answer.event.sequence)
            if answer.event.HasField("trial"):
                break
    stream.cancel()
    return sequences
