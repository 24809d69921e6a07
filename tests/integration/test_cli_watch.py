"""Whoever follows a job on the command line learns from the exit code how it ended; the service is a real one."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from tests.serving import SMALL_SPEC, Service
from trainwright.v1 import training_service_pb2 as pb


def following(service: Service, folder: Path, label: str, **changes: Any) -> subprocess.Popen[str]:
    (folder / "spec.yaml").write_text(yaml.safe_dump({**SMALL_SPEC, **changes}))
    words = ["--server", service.target, "submit", str(folder / "spec.yaml"), "--watch", "--label", f"end={label}"]
    return subprocess.Popen(
        [Path(sys.executable).with_name("trainwright"), *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_a_job_that_fails_is_no_success(service: Service, tmp_path: Path) -> None:
    program = following(service, tmp_path, "failed", requirements={"max_model_mb": 1e-6})
    out, err = program.communicate(timeout=240)
    assert (program.returncode, out) == (3, ""), err
    assert "give more candidates or trials" in err


def test_a_job_that_is_cancelled_is_no_success(
    service: Service, tmp_path: Path, until: Callable[[Callable[[], bool]], None]
) -> None:
    program = following(service, tmp_path, "cancelled", search={**SMALL_SPEC["search"], "max_trials": 2000})
    running: list[pb.TrainingJob] = []

    def runs() -> bool:
        asked = pb.ListTrainingJobsRequest(filter='labels.end = "cancelled" AND state = RUNNING')
        running.extend(service.training.ListTrainingJobs(asked).jobs)
        return bool(running)

    until(runs)
    service.training.CancelTrainingJob(pb.CancelTrainingJobRequest(name=running[0].name, reason="not needed"))
    out, err = program.communicate(timeout=60)
    assert (program.returncode, out) == (4, ""), err
    assert "not needed" in err
