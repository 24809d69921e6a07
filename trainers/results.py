"""Keeps a finished run: in its folder first, so that nothing is lost when MLflow is away, then in MLflow."""

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from trainers import outbox, tracking
from trainers.curves import write_curves
from trainers.data.seal import Opening, Seal
from trainers.data.table import Table
from trainers.predictions import Predictions
from trainers.report.plots import Picture
from trainers.report.values import Report
from trainers.report.write import write_report
from tuning.result import SearchResult, TrialOutcome, best_of

EXAMPLE_ROWS = 5


@dataclass(frozen=True)
class Places:
    """Where a run is kept.

    Attributes:
        folder: Report, model and pictures.
        tensorboard: Loss curves.
        mlflow: Tracking server, experiment, registered model and job.
    """

    folder: Path
    tensorboard: Path
    mlflow: tracking.Destination


def keep(
    report: Report,
    pictures: Sequence[Picture],
    predictions: Predictions,
    found: SearchResult,
    model: Any,
    table: Table,
    places: Places,
) -> Path:
    """Writes report, pictures, model card, predictions, the model as it is deployed, and loss curves, and publishes them.

    When the tracking server is away the run succeeds all the same: the report says so, and the folder has everything that is
    needed to publish it later.

    Returns:
        Path of report.json.
    """
    folder = places.folder
    folder.mkdir(parents=True, exist_ok=True)
    predictions.save(folder)
    beside = [name for name in report.threshold.segment_on if name not in table.features] if report.threshold else []
    example = table.features.join(table.keys[beside]).head(EXAMPLE_ROWS)
    saved = tracking.save_model(model, example, folder / tracking.MODEL, optional=beside)
    report = replace(report, selected=replace(report.selected, serialization=tracking.serialization_of(saved)))
    _write_curves(found.outcomes, places.tensorboard)
    outbox.post(folder, places.mlflow, found.outcomes, pictures)
    path = write_report(report, pictures, folder)
    with suppress(tracking.TrackingUnavailable):
        outbox.send(folder)
    return path


@dataclass(frozen=True)
class Openings:
    """Remembers, over all runs that share a folder, who opened which test rows: a file for each set of rows.

    So a rerun, a second attempt and another spec on the same split know that the test is no longer unseen.

    Attributes:
        folder: Where the files are.
    """

    folder: Path

    def of(self, digest: str) -> tuple[Opening, ...]:
        """Openings of the test rows that a seal names by its digest, oldest first."""
        record = self._record(digest)
        lines = record.read_text(encoding="utf-8").splitlines() if record.exists() else []
        return tuple(Opening(**json.loads(line)) for line in lines)

    def record(self, seal: Seal) -> None:
        """Adds the latest opening of a seal, before anything is done with the rows."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with self._record(seal.digest).open("a", encoding="utf-8") as record:
            record.write(json.dumps(asdict(seal.openings[-1])) + "\n")

    def _record(self, digest: str) -> Path:
        return self.folder / f"{digest}.jsonl"


def _write_curves(trials: Sequence[TrialOutcome], folder: Path) -> None:
    """Loss curves of each family's best configuration, fold by fold."""
    for name in {trial.study.name for trial in trials}:
        best = best_of(trial for trial in trials if trial.study.name == name)
        for fold, details in enumerate(best.details if best else ()):
            write_curves(folder / name / f"fold-{fold}", details.get("curves", {}))
