"""The service, where jobs with the label "quick" do a run of a second in place of a training: ``python -m tests.chaos.quick``.

A quick run reports, waits, leaves a report and a model in its folder, and publishes them as any run does.
"""

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from service import launch, server
from service.datasets import Datasets
from service.jobs.attempt import Run
from service.jobs.records import JobRecord
from service.settings import Settings

LABEL = "quick"
STEPS = 10
EXAMPLE = Path(__file__).parents[1] / "unit/trainers/report/binary.json"
_training = launch.launcher


@dataclass(frozen=True)
class Quick:
    """One quick run."""

    output: Path
    job: str
    decision: str
    tracking_uri: str


def run(quick: Quick, emit: Callable[[Mapping[str, Any]], None]) -> Mapping[str, str]:
    """Does it."""
    from trainers import outbox
    from trainers.report.values import Report
    from trainers.report.write import write_report
    from trainers.tracking import Destination, TrackingUnavailable

    for step in range(1, STEPS + 1):
        emit({"progress": {"fraction": step / STEPS, "trials_done": step}})
        time.sleep(0.1)
    (quick.output / "model").mkdir(exist_ok=True)
    (quick.output / "model/MLmodel").write_text("flavors: {}\n")
    outbox.post(quick.output, Destination(quick.tracking_uri, "quick", None, quick.job), (), ())
    report = replace(Report.from_json(EXAMPLE.read_text()), decision=quick.decision, tracking=None)
    path = write_report(report, (), quick.output)
    with suppress(TrackingUnavailable):
        outbox.send(quick.output)
    return {"report": str(path)}


def launcher(settings: Settings, datasets: Datasets) -> Callable[[JobRecord, int], Run]:
    """Quick runs for those that ask for one, training for the others."""
    train = _training(settings, datasets)

    def launched(job: JobRecord, attempt: int) -> Run:
        if LABEL not in job.labels:
            return train(job, attempt)
        return Run(run, Quick(Path(job.output), job.id, job.spec["decision"], settings.tracking_uri))

    return launched


if __name__ == "__main__":
    server.launcher = launcher
    server.main()
