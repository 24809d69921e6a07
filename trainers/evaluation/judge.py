"""The single scoring of the sealed test rows. The rows come as arguments; nothing here opens the seal."""

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.metrics import confusion_matrix

from trainers.data.load import Task
from trainers.evaluation.metrics import Metric, Takes, bootstrap, reported_metrics
from trainers.report.values import Confusion, ConfusionRow, Interval, TestResult


def judge(
    task: Task,
    searched: Metric,
    y: np.ndarray,
    predictions: np.ndarray,
    baseline: np.ndarray,
    classes: Sequence[Any],
    labels: np.ndarray | None = None,
    baseline_labels: np.ndarray | None = None,
    groups: np.ndarray | None = None,
    seed: int = 0,
) -> TestResult:
    """Scores the chosen model and the best baseline on the test rows.

    A metric that the rows leave undefined, such as ROC AUC where a class has no row, is left out.

    Args:
        task: Kind of prediction.
        searched: Metric that the search maximised.
        y: (n,) true values of the test rows.
        predictions: The model's, as ``Metric.score`` takes them.
        baseline: The best baseline's, likewise.
        classes: Original labels by class index; empty for regression.
        labels: (n,) class indices that were decided, for the metrics of labels; None for regression.
        baseline_labels: Those decided for the baseline's predictions.
        groups: (n,) group codes where rows belong together.
        seed: Seed of the bootstrap.
    """
    ours, theirs = _certain(labels, predictions), _certain(baseline_labels, baseline)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # scikit-learn's word that the rows leave a metric undefined
        scores = {m.name: m.score(y, _given(m, predictions, ours)) for m in reported_metrics(task, searched)}
        reported = [m for m in reported_metrics(task, searched) if np.isfinite(scores[m.name])]
        baseline_scores = {m.name: m.score(y, _given(m, baseline, theirs)) for m in reported}
    return TestResult(
        rows=len(y),
        metrics={m.name: scores[m.name] for m in reported},
        intervals=_intervals(reported, y, predictions, ours, groups, seed),
        confusion=None if labels is None else _confusion(y, labels, classes),
        baseline_metrics=baseline_scores,
    )


def _certain(labels: np.ndarray | None, predictions: np.ndarray) -> np.ndarray:
    """Decisions as predictions that are certain, of which metrics of labels take nothing else than the decision."""
    if labels is None:
        return predictions
    return labels.astype(float) if predictions.ndim == 1 else np.eye(predictions.shape[1])[labels]


def _given(metric: Metric, predictions: np.ndarray, decided: np.ndarray) -> np.ndarray:
    return decided if metric.takes is Takes.LABELS else predictions


def _intervals(
    metrics: Sequence[Metric],
    y: np.ndarray,
    predictions: np.ndarray,
    decided: np.ndarray,
    groups: np.ndarray | None,
    seed: int,
) -> dict[str, Interval]:
    found: dict[str, Interval] = {}
    for label in (False, True):
        some = [m for m in metrics if (m.takes is Takes.LABELS) == label]
        if some:
            found |= bootstrap(some, y, decided if label else predictions, groups=groups, seed=seed)
    return {m.name: found[m.name] for m in metrics}


def _confusion(y: np.ndarray, labels: np.ndarray, classes: Sequence[Any]) -> Confusion:
    table = confusion_matrix(y, labels, labels=np.arange(len(classes)))
    return Confusion(
        labels=tuple(str(label) for label in classes),
        rows=tuple(ConfusionRow(tuple(int(count) for count in row)) for row in table),
    )
