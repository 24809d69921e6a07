"""Probabilities of a classifier that was trained on other class shares than those it meets."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from trainers.portable.fitted import WrappedClassifier


def correct_prior(probabilities: np.ndarray, trained: np.ndarray, true: np.ndarray) -> np.ndarray:
    """Moves probabilities from the class shares of training to the true ones.

    Saerens et al., "Adjusting the outputs of a classifier to new a priori probabilities", Neural Computation 2002,
    equation 2.4.

    Args:
        probabilities: (n, k), rows sum to 1.
        trained: k class shares the classifier was trained on.
        true: k class shares of the data it is used on.

    Returns:
        (n, k), rows sum to 1.
    """
    weighted = probabilities * (np.asarray(true) / np.asarray(trained))
    corrected: np.ndarray = weighted / weighted.sum(axis=1, keepdims=True)
    return corrected


def undo_prior(probabilities: np.ndarray, trained: Sequence[float], true: Sequence[float]) -> np.ndarray:
    """The probabilities before :func:`correct_prior`; of two classes also in the form (n,) P(class 1)."""
    if probabilities.ndim == 1:
        return undo_prior(np.column_stack([1 - probabilities, probabilities]), trained, true)[:, 1]
    return correct_prior(probabilities, np.asarray(true), np.asarray(trained))


class PriorCorrectedClassifier(WrappedClassifier):
    """A classifier fitted on resampled or weighted rows that answers for the rows as they were.

    Args:
        estimator: Fitted classifier with the classes 0..k-1.
        trained_prior: k class shares it was trained on.
        true_prior: k class shares before resampling.
    """

    def __init__(self, estimator: Any, trained_prior: Sequence[float], true_prior: Sequence[float]) -> None:
        self.estimator = estimator
        self.trained_prior = trained_prior
        self.true_prior = true_prior

    def predict_proba(self, X: Any) -> np.ndarray:
        """Returns (n, k) probabilities under the true class shares."""
        probabilities = self.estimator.predict_proba(X)
        return correct_prior(probabilities, np.asarray(self.trained_prior), np.asarray(self.true_prior))
