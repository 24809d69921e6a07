"""A network on several workers through the service: cancelled in the middle, what it held is free for the next."""

from pathlib import Path
from typing import Any

import pytest

from tests.serving import SMALL_SPEC, Service
from trainwright.v1 import training_service_pb2 as pb

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def spec(epochs: int) -> dict[str, Any]:
    params = {"epochs": epochs, "width": 16, "learning_rate": 1e-5}  # it learns slowly, to its last epoch
    return {
        **SMALL_SPEC,
        "candidates": [{"family": "neural", "params": params}],
        "search": {**SMALL_SPEC["search"], "max_trials": 1},
        "compute": {"workers": 2},
    }


def test_a_cancelled_fit_on_workers_gives_back_what_it_held(service: Service, until) -> None:
    """The cluster has two CPUs, one for each worker, so the second job ends well only with both of them."""
    first = service.create(spec(epochs=3000)).job
    checkpoints = Path(first.output_uri) / "checkpoints"
    until(lambda: any(checkpoints.glob("*/checkpoint_*")), within_s=300)
    service.training.CancelTrainingJob(pb.CancelTrainingJobRequest(name=first.name, reason="enough"))
    assert last_state(service, first) == pb.JOB_STATE_CANCELLED
    second = service.create(spec(epochs=3)).job
    assert last_state(service, second) == pb.JOB_STATE_SUCCEEDED
    assert any(Path(second.output_uri).glob("checkpoints/neural-*")), "no workers fitted it"


def last_state(service: Service, job: pb.TrainingJob) -> int:
    answers = list(service.training.WatchTrainingJob(pb.WatchTrainingJobRequest(name=job.name), timeout=400))
    return answers[-1].event.state.to
