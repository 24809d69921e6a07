"""What operators see and do, from the command line to the real service."""

import json
from collections.abc import Callable
from typing import Any

import grpc
import pytest

from trainwright import cli
from trainwright.v1 import training_service_pb2 as pb

Run = Callable[..., tuple[int | str | None, str, str]]


@pytest.fixture
def run(service, capsys, monkeypatch) -> Run:
    """Runs the command line; returns its exit code, standard output and standard error."""
    monkeypatch.setenv("TRAINWRIGHT_SERVER", service.target)

    def run(*words: str) -> tuple[int | str | None, str, str]:
        with pytest.raises(SystemExit) as caught:
            cli.main(words)
        return caught.value.code, *capsys.readouterr()

    return run


def shown(run: Run, *words: str) -> Any:
    code, out, _ = run(*words, "-o", "json")
    assert code == 0
    return json.loads(out)


def refused(service) -> bool:
    """Whether the service takes no job for the reason that it is drained; one that it takes is cancelled."""
    try:
        job = service.create(priority=3).job
    except grpc.RpcError as error:
        return error.code() is grpc.StatusCode.UNAVAILABLE and "drained" in error.details()
    found = service.training.GetTrainingJob(pb.GetTrainingJobRequest(name=job.name)).job
    assert found.priority == 3
    service.training.CancelTrainingJob(pb.CancelTrainingJobRequest(name=job.name))
    return False


@pytest.fixture
def drained(service, run, until):
    """Id of the service's replica, drained; later it takes jobs again."""
    (replica,) = shown(run, "admin", "queue")["replicas"]
    assert shown(run, "admin", "drain", replica["id"])["draining"]
    yield replica["id"]
    assert not shown(run, "admin", "drain", replica["id"], "--undo")["draining"]
    until(lambda: not refused(service))


def test_a_drained_service_starts_no_job_and_still_answers(service, run, drained, until) -> None:
    until(lambda: refused(service))
    assert run("list")[0] == 0
    code, out, _ = run("admin", "queue")
    assert (code, "draining" in out, drained in out) == (0, True, True)


def test_tenants_are_shown_with_what_they_hold(service, run) -> None:
    job = service.create(priority=-5).job.name
    (tenant,) = [each for each in shown(run, "admin", "tenants") if each["name"] == "default"]
    assert tenant["running_jobs"] + tenant["queued_jobs"] >= 1
    assert tenant["quota"]["weight"] == 1.0
    assert -5 in {line["priority"] for line in shown(run, "admin", "queue")["lines"]}
    assert "default" in run("admin", "tenants")[1]
    service.training.CancelTrainingJob(pb.CancelTrainingJobRequest(name=job))


def test_a_replica_that_is_not_there_is_named(run) -> None:
    code, _, err = run("admin", "drain", "nobody")
    assert (code, "replicas/nobody" in err) == (2, True)
