"""The single scoring of the sealed test rows. The rows come as arguments; nothing here opens the seal."""

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.metrics import confusion_matrix

from trainers.data.load import Task
from trainers.evaluation.metrics import Metric, bootstrap, reported_metrics, to_labels
from trainers.evaluation.threshold import ThresholdSpec, point
from trainers.report.values import Confusion, ConfusionRow, TestResult, Threshold, ThresholdPoint


def judge(
    task: Task,
    searched: Metric,
    y: np.ndarray,
    predictions: np.ndarray,
    baseline: np.ndarray,
    classes: Sequence[Any],
    threshold: Threshold | None = None,
    spec: ThresholdSpec | None = None,
    groups: np.ndarray | None = None,
    seed: int = 0,
) -> TestResult:
    """Scores the chosen model and the best baseline on the test rows.

    Metrics of labels use the chosen threshold, and for the baseline its own. A metric that the rows leave undefined,
    such as ROC AUC where a class has no row, is left out.

    Args:
        task: Kind of prediction.
        searched: Metric that the search maximised.
        y: (n,) true values of the test rows.
        predictions: The model's, as ``Metric.score`` takes them.
        baseline: The best baseline's, likewise.
        classes: Original labels by class index; empty for regression.
        threshold: The decision; None unless binary.
        spec: The policy it was chosen by; None unless binary.
        groups: (n,) group codes where rows belong together.
        seed: Seed of the bootstrap.
    """
    cut, baseline_cut = _cut(threshold)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # scikit-learn's word that the rows leave a metric undefined
        scores = {m.name: m.score(y, predictions, cut) for m in reported_metrics(task, searched)}
        reported = [m for m in reported_metrics(task, searched) if np.isfinite(scores[m.name])]
        baseline_scores = {m.name: m.score(y, baseline, baseline_cut) for m in reported}
    return TestResult(
        rows=len(y),
        metrics={m.name: scores[m.name] for m in reported},
        intervals=bootstrap(reported, y, predictions, cut, groups, seed=seed),
        confusion=None if task is Task.REGRESSION else _confusion(y, to_labels(predictions, cut), classes),
        chosen=_point(y, predictions, cut, spec),
        at_half=_point(y, predictions, 0.5, spec),
        baseline=_point(y, baseline, baseline_cut, spec),
        baseline_metrics=baseline_scores,
    )


def _cut(threshold: Threshold | None) -> tuple[float, float]:
    """Thresholds of the model and of the baseline."""
    if threshold is None:
        return 0.5, 0.5
    return threshold.value, threshold.baseline.threshold if threshold.baseline else 0.5


def _point(
    y: np.ndarray, predictions: np.ndarray, threshold: float, spec: ThresholdSpec | None
) -> ThresholdPoint | None:
    return None if spec is None else point(y, predictions, threshold, spec)


def _confusion(y: np.ndarray, labels: np.ndarray, classes: Sequence[Any]) -> Confusion:
    table = confusion_matrix(y, labels, labels=np.arange(len(classes)))
    return Confusion(
        labels=tuple(str(label) for label in classes),
        rows=tuple(ConfusionRow(tuple(int(count) for count in row)) for row in table),
    )
