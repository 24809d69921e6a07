"""A whole run in this process, with everything it keeps in one folder."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from trainers.report.values import Report
from trainers.run import TrainingRun, train
from trainers.spec import TrainingSpec


def run_in(
    folder: Path,
    spec: Mapping[str, Any],
    emit: Callable[[Mapping[str, Any]], None] = lambda event: None,
    tracking_uri: str | None = None,
) -> Report:
    """Trains a spec and returns its report; ``folder/out`` has the rest."""
    run = TrainingRun(
        TrainingSpec.model_validate(spec),
        job="job",
        output=folder / "out",
        roots=None,
        tracking_uri=tracking_uri or f"sqlite:///{folder}/mlflow.db",
        tensorboard=folder / "tensorboard",
        openings=folder / "openings",
    )
    return Report.from_json(Path(train(run, emit)["report"]).read_text())
