"""The single scoring of the sealed test rows. The rows come as arguments; nothing here opens the seal."""

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.metrics import confusion_matrix

from trainers.data.load import Task
from trainers.evaluation.answers import Answers
from trainers.evaluation.metrics import Metric, reported_metrics
from trainers.report.values import Confusion, ConfusionRow, TestResult


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
    ours, theirs = Answers(predictions, labels), Answers(baseline, baseline_labels)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # scikit-learn's word that the rows leave a metric undefined
        scores = {m.name: m.score(y, ours.to(m)) for m in reported_metrics(task, searched)}
        reported = [m for m in reported_metrics(task, searched) if np.isfinite(scores[m.name])]
        baseline_scores = {m.name: m.score(y, theirs.to(m)) for m in reported}
    return TestResult(
        rows=len(y),
        metrics={m.name: scores[m.name] for m in reported},
        intervals=ours.intervals(reported, y, groups, seed),
        confusion=None if labels is None else _confusion(y, labels, classes),
        baseline_metrics=baseline_scores,
    )


def _confusion(y: np.ndarray, labels: np.ndarray, classes: Sequence[Any]) -> Confusion:
    table = confusion_matrix(y, labels, labels=np.arange(len(classes)))
    return Confusion(
        labels=tuple(str(label) for label in classes),
        rows=tuple(ConfusionRow(tuple(int(count) for count in row)) for row in table),
    )
