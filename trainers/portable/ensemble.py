"""Fitted models combined into one scikit-learn estimator that needs neither Ray nor this project's code to predict."""

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin


def stack_logits(probabilities: Sequence[np.ndarray]) -> np.ndarray:
    """Log-odds of each member as columns, so that a linear model sees them on an even scale.

    Args:
        probabilities: Per member (n,) P(class 1) or (n, k); of k columns the first is left out, the others determine it.
    """
    columns = [p[:, None] if p.ndim == 1 else p[:, 1:] for p in probabilities]
    clipped = np.clip(np.hstack(columns), 1e-6, 1 - 1e-6)
    logits: np.ndarray = np.log(clipped / (1 - clipped))
    return logits


class _Fitted(BaseEstimator):
    """Made of models that are fitted already."""

    def fit(self, X: pd.DataFrame, y: np.ndarray) -> Self:
        """Refuses: the members were fitted before they were combined."""
        raise TypeError("This estimator is made of fitted models; fit them, then build it anew.")

    def __sklearn_is_fitted__(self) -> bool:
        return True


class _FittedClassifier(ClassifierMixin, _Fitted):
    """Made of classifiers with the same classes; whoever combines them says how, in ``predict_proba``."""

    estimators: Sequence[Any]

    @property
    def classes_(self) -> np.ndarray:
        """The members' classes."""
        classes: np.ndarray = self.estimators[0].classes_
        return classes

    def predict(self, X: pd.DataFrame) -> np.ndarray:
        """Returns the most probable class of each row."""
        labels: np.ndarray = self.classes_[np.argmax(self.predict_proba(X), axis=1)]
        return labels


class AveragedClassifier(_FittedClassifier):
    """Weighted mean of probabilities.

    Args:
        estimators: Fitted classifiers with the same classes.
        weights: One weight an estimator, summing to 1.
    """

    def __init__(self, estimators: Sequence[Any], weights: Sequence[float]) -> None:
        self.estimators = estimators
        self.weights = weights

    def predict_proba(self, X: pd.DataFrame) -> np.ndarray:
        """Returns (n, k) probabilities."""
        return np.average([e.predict_proba(X) for e in self.estimators], axis=0, weights=self.weights)


class AveragedRegressor(RegressorMixin, _Fitted):
    """Weighted mean of predictions.

    Args:
        estimators: Fitted regressors.
        weights: One weight an estimator, summing to 1.
    """

    def __init__(self, estimators: Sequence[Any], weights: Sequence[float]) -> None:
        self.estimators = estimators
        self.weights = weights

    def predict(self, X: pd.DataFrame) -> np.ndarray:
        """Returns n predictions."""
        return np.average([e.predict(X) for e in self.estimators], axis=0, weights=self.weights)


class StackedClassifier(_FittedClassifier):
    """A linear model over the members' log-odds.

    Args:
        estimators: Fitted classifiers with the same classes.
        final_estimator: Fitted classifier over ``stack_logits`` of the members.
    """

    def __init__(self, estimators: Sequence[Any], final_estimator: Any) -> None:
        self.estimators = estimators
        self.final_estimator = final_estimator

    def predict_proba(self, X: pd.DataFrame) -> np.ndarray:
        """Returns (n, k) probabilities."""
        members = stack_logits([e.predict_proba(X) for e in self.estimators])
        probabilities: np.ndarray = self.final_estimator.predict_proba(members)
        return probabilities


class StackedRegressor(RegressorMixin, _Fitted):
    """A linear model over the members' predictions.

    Args:
        estimators: Fitted regressors.
        final_estimator: Fitted regressor over the members' predictions as columns.
    """

    def __init__(self, estimators: Sequence[Any], final_estimator: Any) -> None:
        self.estimators = estimators
        self.final_estimator = final_estimator

    def predict(self, X: pd.DataFrame) -> np.ndarray:
        """Returns n predictions."""
        predictions: np.ndarray = self.final_estimator.predict(np.column_stack([e.predict(X) for e in self.estimators]))
        return predictions
