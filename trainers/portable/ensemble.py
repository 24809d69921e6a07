"""Fitted models combined into one scikit-learn estimator that needs neither Ray nor this project's code to predict."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import RegressorMixin

from trainers.portable.fitted import Fitted, FittedClassifier

LEAST = 1e-3


def stack_logits(probabilities: Sequence[np.ndarray]) -> np.ndarray:
    """Log-odds of each member as columns, so that a linear model sees them on an even scale.

    Probabilities are kept a thousandth away from 0 and 1: beyond, a member's log-odds say more of how it was made than of
    the row (a forest gives exactly 0), and would drown what the others say.

    Args:
        probabilities: Per member (n,) P(class 1) or (n, k); of k columns the first is left out, the others determine it.
    """
    columns = [p[:, None] if p.ndim == 1 else p[:, 1:] for p in probabilities]
    clipped = np.clip(np.hstack(columns), LEAST, 1 - LEAST)
    logits: np.ndarray = np.log(clipped / (1 - clipped))
    return logits


class _Members(FittedClassifier):
    """Made of classifiers with the same classes; whoever combines them says how, in ``predict_proba``."""

    estimators: Sequence[Any]

    @property
    def classes_(self) -> np.ndarray:
        """The members' classes."""
        classes: np.ndarray = self.estimators[0].classes_
        return classes


class AveragedClassifier(_Members):
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


class AveragedRegressor(RegressorMixin, Fitted):
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


class StackedClassifier(_Members):
    """Layers of classifiers, each over the columns and what the layer before it predicts, and a final one.

    Args:
        layers: Per layer its fitted classifiers, all with the same classes. Each picks its columns by name.
        columns: Per layer the names of the columns that ``stack_logits`` of its classifiers makes.
        final_estimator: Fitted classifier over the columns and those of the last layer.
    """

    def __init__(self, layers: Sequence[Sequence[Any]], columns: Sequence[Sequence[str]], final_estimator: Any) -> None:
        self.layers = layers
        self.columns = columns
        self.final_estimator = final_estimator

    @property
    def classes_(self) -> np.ndarray:
        """The final classifier's classes."""
        classes: np.ndarray = self.final_estimator.classes_
        return classes

    def predict_proba(self, X: pd.DataFrame) -> np.ndarray:
        """Returns (n, k) probabilities."""
        seen = X
        for layer, names in zip(self.layers, self.columns, strict=True):
            made = stack_logits([classifier.predict_proba(seen) for classifier in layer])
            seen = _beside(X, names, made)
        probabilities: np.ndarray = self.final_estimator.predict_proba(seen)
        return probabilities


class StackedRegressor(RegressorMixin, Fitted):
    """Layers of regressors, each over the columns and what the layer before it predicts, and a final one.

    Args:
        layers: Per layer its fitted regressors. Each picks its columns by name.
        columns: Per layer the names of the columns that its regressors' predictions make.
        final_estimator: Fitted regressor over the columns and those of the last layer.
    """

    def __init__(self, layers: Sequence[Sequence[Any]], columns: Sequence[Sequence[str]], final_estimator: Any) -> None:
        self.layers = layers
        self.columns = columns
        self.final_estimator = final_estimator

    def predict(self, X: pd.DataFrame) -> np.ndarray:
        """Returns n predictions."""
        seen = X
        for layer, names in zip(self.layers, self.columns, strict=True):
            seen = _beside(X, names, np.column_stack([regressor.predict(seen) for regressor in layer]))
        predictions: np.ndarray = self.final_estimator.predict(seen)
        return predictions


class CommitteeClassifier(_Members):
    """Members that vote, as SAMME has them.

    Args:
        estimators: Fitted classifiers with the classes 0..k-1.
        weights: One positive weight an estimator.
    """

    def __init__(self, estimators: Sequence[Any], weights: Sequence[float]) -> None:
        self.estimators = estimators
        self.weights = weights

    def predict_proba(self, X: pd.DataFrame) -> np.ndarray:
        """Returns (n, k) probabilities."""
        labels = np.column_stack([np.argmax(e.predict_proba(X), axis=1) for e in self.estimators])
        return vote(labels, np.asarray(self.weights), len(self.classes_))


class CommitteeRegressor(RegressorMixin, Fitted):
    """The weighted median of its members, as AdaBoost.R2 has it.

    Args:
        estimators: Fitted regressors.
        weights: One positive weight an estimator.
    """

    def __init__(self, estimators: Sequence[Any], weights: Sequence[float]) -> None:
        self.estimators = estimators
        self.weights = weights

    def predict(self, X: pd.DataFrame) -> np.ndarray:
        """Returns n predictions."""
        return weighted_median(np.column_stack([e.predict(X) for e in self.estimators]), np.asarray(self.weights))


def vote(labels: np.ndarray, weights: np.ndarray, k: int) -> np.ndarray:
    """Probabilities of a weighted vote: softmax of the mean vote, as in scikit-learn's AdaBoostClassifier.

    A vote counts 1 for its class and -1/(k-1) for each other.

    Args:
        labels: (n, m) classes 0..k-1 that m members chose.
        weights: m positive weights.
        k: Classes.

    Returns:
        (n, k), rows sum to 1.
    """
    shares = np.stack([(labels == each) @ weights for each in range(k)], axis=1) / weights.sum()
    votes = (shares - (1 - shares) / (k - 1)) / (k - 1)
    powers = np.exp(votes - votes.max(axis=1, keepdims=True))
    probabilities: np.ndarray = powers / powers.sum(axis=1, keepdims=True)
    return probabilities


def weighted_median(predictions: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """The smallest prediction of each row at which half of the weight is reached.

    Args:
        predictions: (n, m).
        weights: m positive weights.
    """
    order = np.argsort(predictions, axis=1, kind="stable")
    reached = np.cumsum(weights[order], axis=1)
    at = np.argmax(reached >= 0.5 * weights.sum(), axis=1)
    rows = np.arange(len(predictions))
    median: np.ndarray = predictions[rows, order[rows, at]]
    return median


def _beside(X: pd.DataFrame, names: Sequence[str], values: np.ndarray) -> pd.DataFrame:
    return pd.concat([X, pd.DataFrame(values, columns=list(names), index=X.index)], axis=1)
