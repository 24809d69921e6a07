"""A classifier whose probabilities are corrected by what its out-of-fold predictions showed."""

from typing import Any, Self

import numpy as np
import pandas as pd
from sklearn import config_context
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.calibration import CalibratedClassifierCV
from sklearn.frozen import FrozenEstimator

from trainers.portable.fitted import WrappedClassifier

LEAST = 1e-6  # probabilities are kept this far from 0 and 1, where log-odds have no end


def log_odds(probabilities: np.ndarray) -> np.ndarray:
    """What a calibrator corrects: (n, 1) log-odds of P(class 1) (n,), or (n, k) log-probabilities of (n, k)."""
    clipped = np.clip(probabilities, LEAST, 1 - LEAST)
    odds: np.ndarray = np.log(clipped) if clipped.ndim == 2 else np.log(clipped / (1 - clipped))[:, None]
    return odds


class GivenScores(ClassifierMixin, BaseEstimator):
    """Hands log-odds on, so that scikit-learn calibrates predictions that are there already.

    Args:
        k: Number of classes.
    """

    def __init__(self, k: int) -> None:
        self.k = k

    @property
    def classes_(self) -> np.ndarray:
        """0..k-1."""
        return np.arange(self.k)

    def fit(self, X: np.ndarray, y: Any = None) -> Self:
        """Nothing to learn."""
        return self

    def decision_function(self, X: np.ndarray) -> np.ndarray:
        """Returns the scores, (n,) for two classes."""
        return X[:, 0] if self.k == 2 else X

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Returns the class of the highest score."""
        return (X[:, 0] > 0).astype(int) if self.k == 2 else np.asarray(X.argmax(axis=1))

    def __sklearn_is_fitted__(self) -> bool:
        return True


def fit_calibrator(method: str, y: np.ndarray, probabilities: np.ndarray, k: int) -> CalibratedClassifierCV:
    """Fits scikit-learn's calibration on predictions.

    Args:
        method: "sigmoid", "isotonic" or "temperature".
        y: (n,) class indices, each at least twice.
        probabilities: (n,) P(class 1) or (n, k), of rows the model was not fitted on.
        k: Number of classes.
    """
    calibrated = CalibratedClassifierCV(FrozenEstimator(GivenScores(k)), method=method, cv=2)
    return calibrated.fit(log_odds(probabilities), y)


def corrected(calibrator: CalibratedClassifierCV, probabilities: np.ndarray) -> np.ndarray:
    """Corrected probabilities, in the form of those given: (n,) P(class 1) or (n, k)."""
    with config_context(assume_finite=True, skip_parameter_validation=True):  # checks cost more than one row
        found: np.ndarray = calibrator.predict_proba(log_odds(probabilities))
    return found[:, 1] if probabilities.ndim == 1 else found


class CorrectedClassifier(WrappedClassifier):
    """A fitted classifier with a calibrator behind it.

    Args:
        estimator: Fitted classifier with the classes 0..k-1.
        calibrator: What :func:`fit_calibrator` returns.
    """

    def __init__(self, estimator: Any, calibrator: CalibratedClassifierCV) -> None:
        self.estimator = estimator
        self.calibrator = calibrator

    def predict_proba(self, X: pd.DataFrame) -> np.ndarray:
        """Returns (n, k) corrected probabilities."""
        given = self.estimator.predict_proba(X)
        if given.shape[1] > 2:
            return corrected(self.calibrator, given)
        positive = corrected(self.calibrator, given[:, 1])
        return np.column_stack([1 - positive, positive])
