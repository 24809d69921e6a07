"""How different the members of an ensemble are: the correlation of their errors.

Averaging helps as far as errors do not coincide: Krogh and Vedelsby, "Neural network ensembles, cross validation, and
active learning", 1995; for classifiers, Kuncheva and Whitaker, "Measures of diversity in classifier ensembles", 2003.
"""

from collections.abc import Sequence

import numpy as np


def error_correlations(y_folds: Sequence[np.ndarray], members: Sequence[Sequence[np.ndarray]]) -> np.ndarray | None:
    """Correlation of the members' out-of-fold errors, over the rows of all folds.

    Args:
        y_folds: True values of each fold's validation rows.
        members: ``members[k][i]``: predictions of member i for fold k, as ``Metric.score`` takes them.

    Returns:
        (m, m); None for fewer than two members, or where folds have different numbers of them.
    """
    counts = {len(fold) for fold in members}
    if len(counts) != 1 or min(counts) < 2:
        return None
    errors = [np.vstack([_error(y, each) for each in fold]) for y, fold in zip(y_folds, members, strict=True)]
    return _correlation(np.hstack(errors))


def mean_correlation(y_folds: Sequence[np.ndarray], members: Sequence[Sequence[np.ndarray]]) -> float | None:
    """Mean correlation of errors over pairs of members, fold by fold; None where no fold has two members."""
    means = []
    for y, fold in zip(y_folds, members, strict=True):
        if len(fold) > 1:
            matrix = _correlation(np.vstack([_error(y, each) for each in fold]))
            means.append(matrix[np.triu_indices(len(fold), k=1)].mean())
    return float(np.mean(means)) if means else None


def _error(y: np.ndarray, predictions: np.ndarray) -> np.ndarray:
    """True value minus prediction; with more than two classes, what is missing from the true class's probability."""
    if predictions.ndim == 2:
        return np.asarray(1 - predictions[np.arange(len(y)), y])
    return np.asarray(y - predictions)


def _correlation(errors: np.ndarray) -> np.ndarray:
    """Of rows; members without any variation in their errors correlate with nothing but themselves."""
    with np.errstate(invalid="ignore", divide="ignore"):
        matrix: np.ndarray = np.nan_to_num(np.corrcoef(errors))
    np.fill_diagonal(matrix, 1.0)
    return matrix
