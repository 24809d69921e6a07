"""Keeps a finished run: in its folder first, so that nothing is lost when MLflow is away, then in MLflow."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from trainers import tracking
from trainers.curves import write_curves
from trainers.data.seal import Opening, Seal
from trainers.data.table import Table
from trainers.findings import Finding, Severity
from trainers.predictions import Predictions
from trainers.report.html import render
from trainers.report.markdown import markdown
from trainers.report.model_card import model_card
from trainers.report.plots import Picture
from trainers.report.values import Report
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

    When the tracking server is away the run succeeds all the same: the report says so, and the folder has everything.

    Returns:
        Path of report.json.
    """
    folder = places.folder
    write_report(report, pictures, folder)
    predictions.save(folder)
    beside = [name for name in report.threshold.segment_on if name not in table.features] if report.threshold else []
    example = table.features.join(table.keys[beside]).head(EXAMPLE_ROWS)
    saved = tracking.save_model(model, example, folder / "model", optional=beside)
    report = replace(report, selected=replace(report.selected, serialization=tracking.serialization_of(saved)))
    _write_curves(found.outcomes, places.tensorboard)
    try:
        where = tracking.publish(report, found.outcomes, saved, places.mlflow)
        path = write_report(replace(report, tracking=where), pictures, folder)
        tracking.attach(where, folder)
    except tracking.TrackingUnavailable as away:
        path = write_report(replace(report, findings=(*report.findings, _unpublished(away))), pictures, folder)
    return path


def write_report(report: Report, pictures: Sequence[Picture], folder: Path) -> Path:
    """Writes report.json, report.html, report.md, model_card.md and the pictures; returns the path of report.json."""
    (folder / "pictures").mkdir(parents=True, exist_ok=True)
    for picture in pictures:
        (folder / "pictures" / f"{picture.name}.svg").write_bytes(picture.svg)
    (folder / "report.html").write_text(render(report, pictures), encoding="utf-8")
    (folder / "report.md").write_text(markdown(report), encoding="utf-8")
    (folder / "model_card.md").write_text(model_card(report), encoding="utf-8")
    path = folder / "report.json"
    partial = folder / "report.json.partial"
    partial.write_text(report.to_json(), encoding="utf-8")
    partial.replace(path)  # whoever finds report.json finds a whole one
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


def _unpublished(away: tracking.TrackingUnavailable) -> Finding:
    return Finding(
        code="NOT_PUBLISHED",
        severity=Severity.WARNING,
        message=str(away),
        action="Start the tracking server and rerun the job; the same seed gives the same model.",
    )
