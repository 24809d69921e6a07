"""What a model says of rows and what is decided from it, so that each metric is given what it takes."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from trainers.evaluation.metrics import Metric, Takes, bootstrap
from trainers.report.values import Interval


@dataclass(frozen=True)
class Answers:
    """Predictions for n rows, and decisions.

    Attributes:
        predictions: P(class 1) (n,), class probabilities (n, k), or values (n,).
        labels: (n,) class indices that were decided; None for values.
    """

    predictions: np.ndarray
    labels: np.ndarray | None

    def to(self, metric: Metric) -> np.ndarray:
        """What a metric takes; for one of labels a decision is a prediction that is certain, whatever rule made it."""
        if self.labels is None or metric.takes is not Takes.LABELS:
            return self.predictions
        if self.predictions.ndim == 1:
            return self.labels.astype(float)
        certain: np.ndarray = np.eye(self.predictions.shape[1])[self.labels]
        return certain

    def take(self, rows: np.ndarray) -> "Answers":
        """The answers for some of the rows, by position or by a mask."""
        return Answers(self.predictions[rows], None if self.labels is None else self.labels[rows])

    def intervals(
        self, metrics: Sequence[Metric], y: np.ndarray, groups: np.ndarray | None, seed: int, replicates: int = 500
    ) -> dict[str, Interval]:
        """The 95 % intervals of several metrics, as ``bootstrap`` makes them."""
        found: dict[str, Interval] = {}
        for of_labels in (False, True):
            some = [m for m in metrics if (m.takes is Takes.LABELS) == of_labels]
            if some:
                found |= bootstrap(some, y, self.to(some[0]), groups=groups, replicates=replicates, seed=seed)
        return {m.name: found[m.name] for m in metrics}
