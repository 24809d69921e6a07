"""What estimators share that are made of models which are fitted already."""

from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin


class Fitted(BaseEstimator):
    """Made of one model or several that are fitted already."""

    def fit(self, X: Any, y: Any) -> Self:
        """Refuses: what it is made of was fitted before."""
        raise TypeError(f"{type(self).__name__} wraps a fitted model, or several; fit those, then build it anew.")

    def __sklearn_is_fitted__(self) -> bool:
        return True


class FittedClassifier(ClassifierMixin, Fitted):
    """Answers with the most probable class; whoever derives says which classes there are, and how probable they are."""

    def predict(self, X: Any) -> np.ndarray:
        """Returns the most probable class of each row."""
        labels: np.ndarray = self.classes_[np.argmax(self.predict_proba(X), axis=1)]
        return labels


class WrappedClassifier(FittedClassifier):
    """Changes the probabilities of one classifier, and not its classes."""

    estimator: Any

    @property
    def classes_(self) -> np.ndarray:
        """The classes of the estimator."""
        classes: np.ndarray = self.estimator.classes_
        return classes
