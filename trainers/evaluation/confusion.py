"""Metrics of predicted labels, computed from counts so that many thresholds or weightings are one call.

``counts`` is (m, k, k): m tables of true class (second axis) by predicted class (third axis).
Results are (m,), or (m, k) by class. Each function agrees with scikit-learn's of that name; 0/0 counts as 0.
"""

from collections.abc import Callable

import numpy as np

FromCounts = Callable[[np.ndarray], np.ndarray]


def accuracy(counts: np.ndarray) -> np.ndarray:
    """Share of rows whose class is predicted."""
    return _ratio(_hits(counts).sum(axis=1), counts.sum(axis=(1, 2)))


def balanced_accuracy(counts: np.ndarray) -> np.ndarray:
    """Mean recall over the classes that have rows."""
    true = counts.sum(axis=2)
    return _ratio(_ratio(_hits(counts), true).sum(axis=1), (true > 0).sum(axis=1))


def matthews_corrcoef(counts: np.ndarray) -> np.ndarray:
    """Correlation of true and predicted class (Gorodkin's form for several classes)."""
    true, predicted, rows = counts.sum(axis=2), counts.sum(axis=1), counts.sum(axis=(1, 2))
    covariance = _hits(counts).sum(axis=1) * rows - (true * predicted).sum(axis=1)
    spread = (rows**2 - (true**2).sum(axis=1)) * (rows**2 - (predicted**2).sum(axis=1))
    return _ratio(covariance, np.sqrt(spread))


def recalls(counts: np.ndarray) -> np.ndarray:
    """Recall of each class, (m, k)."""
    return _ratio(_hits(counts), counts.sum(axis=2))


def precisions(counts: np.ndarray) -> np.ndarray:
    """Precision of each class, (m, k)."""
    return _ratio(_hits(counts), counts.sum(axis=1))


def f1s(counts: np.ndarray) -> np.ndarray:
    """F1 of each class, (m, k)."""
    return _ratio(2 * _hits(counts), counts.sum(axis=2) + counts.sum(axis=1))


def jaccards(counts: np.ndarray) -> np.ndarray:
    """Jaccard index of each class, (m, k)."""
    return _ratio(_hits(counts), counts.sum(axis=2) + counts.sum(axis=1) - _hits(counts))


def positive(by_class: FromCounts, counts: np.ndarray) -> np.ndarray:
    """A by-class metric of class 1."""
    return by_class(counts)[:, 1]


def macro(by_class: FromCounts, counts: np.ndarray) -> np.ndarray:
    """Mean of a by-class metric over the classes that occur or are predicted."""
    present = (counts.sum(axis=2) + counts.sum(axis=1)) > 0
    return _ratio((by_class(counts) * present).sum(axis=1), present.sum(axis=1))


def weighted(by_class: FromCounts, counts: np.ndarray) -> np.ndarray:
    """Mean of a by-class metric, each class weighted by its rows."""
    return _ratio((by_class(counts) * counts.sum(axis=2)).sum(axis=1), counts.sum(axis=(1, 2)))


def _hits(counts: np.ndarray) -> np.ndarray:
    return np.diagonal(counts, axis1=1, axis2=2).astype(float)


def _ratio(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    return np.asarray(np.divide(above, below, out=np.zeros(np.shape(below)), where=below > 0))
