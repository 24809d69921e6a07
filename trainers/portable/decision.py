"""The model as it is deployed: it answers in the labels of the data, by the chosen rule, and says how sure it is."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import ClassifierMixin, RegressorMixin

from trainers.portable.fitted import Fitted
from trainers.portable.rules import Rule, segments_of


class DecidingClassifier(ClassifierMixin, Fitted):
    """Decides by a rule and answers in the original labels.

    Args:
        estimator: Fitted classifier with the classes 0..k-1.
        classes: k original labels by class index.
        rule: Turns P(class 1) (n,) of two classes, or probabilities (n, k) of more, into class indices. Where it reads
            segments, ``X`` may have their columns beside the features; rows without them get the shared threshold. A
            ``Band`` answers "review" (or as it says) for rows that a person is to decide, and all labels are then text.
        least: By class, the least probability with which it is in a prediction set; empty where none were asked for.
    """

    def __init__(self, estimator: Any, classes: Sequence[Any], rule: Rule, least: Sequence[float] = ()) -> None:
        self.estimator = estimator
        self.classes = classes
        self.rule = rule
        self.least = least

    @property
    def classes_(self) -> np.ndarray:
        """The k original labels, in the order of the columns of ``predict_proba``."""
        kinds = {type(label) for label in self.classes}
        return np.array(list(self.classes), dtype=None if len(kinds) == 1 else object)

    def predict_proba(self, X: pd.DataFrame) -> np.ndarray:
        """Returns (n, k) probabilities."""
        probabilities: np.ndarray = self.estimator.predict_proba(X)
        return probabilities

    def predict(self, X: pd.DataFrame) -> np.ndarray:
        """Returns n original labels."""
        probabilities = self.predict_proba(X)
        given = probabilities[:, 1] if len(self.classes) == 2 else probabilities
        return self.rule.answers(self.classes_, given, segments_of(X, self.rule.columns))

    def predict_set(self, X: pd.DataFrame) -> list[list[Any]]:
        """Returns for each row the labels that it may have, with the coverage that was asked for; perhaps none.

        Raises:
            AttributeError: The model was trained without ``conformal``.
        """
        if not self.least:
            raise AttributeError("no prediction sets: train with conformal.coverage to have them")
        inside = self.predict_proba(X) >= np.asarray(self.least)
        return [[label for label, held in zip(self.classes, row, strict=True) if held] for row in inside]


class IntervalRegressor(RegressorMixin, Fitted):
    """A fitted regressor that says how far it may be off.

    Args:
        estimator: Fitted regressor.
        half_width: Half the width of an interval, in units of the target.
    """

    def __init__(self, estimator: Any, half_width: float) -> None:
        self.estimator = estimator
        self.half_width = half_width

    def predict(self, X: pd.DataFrame) -> np.ndarray:
        """Returns n values."""
        values: np.ndarray = self.estimator.predict(X)
        return values

    def predict_interval(self, X: pd.DataFrame) -> np.ndarray:
        """Returns (n, 2): the ends of an interval that holds the value with the coverage that was asked for."""
        values = self.predict(X)
        return np.column_stack([values - self.half_width, values + self.half_width])
