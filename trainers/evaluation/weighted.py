"""Metrics of one set of rows under many weightings at once.

Resampling rows is the same as weighting them, so a bootstrap or a jackknife of m replicates is one call with m rows of
weights instead of m calls of scikit-learn, and many times faster. Each function gives what the scikit-learn metric of
that name gives for the rows repeated by their weights; a test holds that.

Shapes: y (n,), predictions (n,) or (n, k), weights (m, n) at least 0; results are (m,), NaN where a weighting leaves
the metric undefined.
"""

from collections.abc import Callable

import numpy as np

from trainers.evaluation.confusion import FromCounts

Weighted = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]


def average_precision(y: np.ndarray, scores: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Area under the precision-recall steps."""
    hits, flagged = _cumulated(y, scores, weights)
    with np.errstate(invalid="ignore"):
        precision = np.divide(hits, flagged, out=np.zeros_like(hits), where=flagged > 0)
        return np.asarray((np.diff(hits, prepend=0.0) * precision).sum(axis=1) / hits[:, -1])


def roc_auc(y: np.ndarray, scores: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Area under the ROC curve, by trapezoids."""
    hits, flagged = _cumulated(y, scores, weights)
    alarms = flagged - hits
    before = np.concatenate([np.zeros((len(hits), 1)), hits[:, :-1]], axis=1)
    area = (np.diff(alarms, prepend=0.0) * (hits + before) / 2).sum(axis=1)
    with np.errstate(invalid="ignore"):
        return np.asarray(area / (hits[:, -1] * alarms[:, -1]))


def roc_auc_ovr(y: np.ndarray, probabilities: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Mean over classes of each class's ROC AUC against the rest."""
    classes = range(probabilities.shape[1])
    each = [roc_auc((y == c).astype(float), probabilities[:, c], weights) for c in classes]
    return np.asarray(np.mean(each, axis=0))


def log_loss(y: np.ndarray, probabilities: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Mean negative log-likelihood."""
    if probabilities.ndim == 1:
        given = np.where(y == 1, probabilities, 1 - probabilities)
    else:
        given = np.take_along_axis(probabilities, y.astype(int)[:, None], axis=1)[:, 0]
    eps = np.finfo(probabilities.dtype).eps
    return _mean(-np.log(np.clip(given, eps, 1 - eps)), weights)


def brier_score(y: np.ndarray, probabilities: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Mean squared error of the probabilities; over several classes the squares are summed."""
    if probabilities.ndim == 1:
        return _mean((probabilities - y) ** 2, weights)
    return _mean(((probabilities - np.eye(probabilities.shape[1])[y.astype(int)]) ** 2).sum(axis=1), weights)


def of_counts(metric: FromCounts, y: np.ndarray, labels: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """A metric of predicted labels (n,)."""
    classes = max(2, int(y.max()) + 1, int(labels.max()) + 1)
    cells = y.astype(int) * classes + labels.astype(int)
    counts = [np.bincount(cells, weights=row, minlength=classes * classes) for row in weights]
    return metric(np.reshape(counts, (len(weights), classes, classes)))


def mean_squared_error(y: np.ndarray, predictions: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Mean squared error."""
    return _mean((y - predictions) ** 2, weights)


def root_mean_squared_error(y: np.ndarray, predictions: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Root of the mean squared error."""
    return np.asarray(np.sqrt(mean_squared_error(y, predictions, weights)))


def mean_absolute_error(y: np.ndarray, predictions: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Mean absolute error."""
    return _mean(np.abs(y - predictions), weights)


def mean_absolute_percentage_error(y: np.ndarray, predictions: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Mean absolute error as a share of the true value."""
    return _mean(np.abs(y - predictions) / np.maximum(np.abs(y), np.finfo(np.float64).eps), weights)


def r2(y: np.ndarray, predictions: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Share of the variance around the weighted mean that is explained."""
    centred = y - y.mean()
    variance = _mean(centred**2, weights) - _mean(centred, weights) ** 2
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(variance > 0, 1 - _mean((y - predictions) ** 2, weights) / variance, np.nan)


def _cumulated(y: np.ndarray, scores: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Positive weight and all weight at or above each distinct score, highest first, each (m, distinct)."""
    order = np.argsort(-scores, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(scores[order])), len(scores) - 1)
    ordered = weights[:, order]
    return np.cumsum(ordered * y[order], axis=1)[:, ends], np.cumsum(ordered, axis=1)[:, ends]


def _mean(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    return np.asarray(weights @ values / weights.sum(axis=1))
