"""A fitted classifier and its threshold as one model that answers in the labels of the data."""

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, ClassifierMixin


class ThresholdedClassifier(ClassifierMixin, BaseEstimator):
    """Decides by a threshold and answers in the original labels.

    Args:
        estimator: Fitted classifier with the classes 0..k-1.
        classes: k original labels by class index.
        threshold: With two classes, class 1 is predicted when its probability is at least this. With more, the most
            probable class is predicted.
    """

    def __init__(self, estimator: Any, classes: Sequence[Any], threshold: float = 0.5) -> None:
        self.estimator = estimator
        self.classes = classes
        self.threshold = threshold

    @property
    def classes_(self) -> np.ndarray:
        """The k original labels, in the order of the columns of ``predict_proba``."""
        kinds = {type(label) for label in self.classes}
        return np.array(list(self.classes), dtype=None if len(kinds) == 1 else object)

    def fit(self, X: pd.DataFrame, y: Any) -> Self:
        """Refuses: a threshold belongs to the model it was chosen for."""
        raise TypeError("This classifier wraps a fitted model; fit that, choose its threshold, then wrap it anew.")

    def predict_proba(self, X: pd.DataFrame) -> np.ndarray:
        """Returns (n, k) probabilities."""
        probabilities: np.ndarray = self.estimator.predict_proba(X)
        return probabilities

    def predict(self, X: pd.DataFrame) -> np.ndarray:
        """Returns n original labels."""
        probabilities = self.predict_proba(X)
        binary = len(self.classes) == 2
        chosen = probabilities[:, 1] >= self.threshold if binary else probabilities.argmax(axis=1)
        labels: np.ndarray = self.classes_[chosen.astype(int)]
        return labels

    def __sklearn_is_fitted__(self) -> bool:
        return True
