"""A linear model over the families' out-of-fold predictions: Wolpert, "Stacked generalization", 1992."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression, RidgeCV

from trainers.data.load import Task
from trainers.portable.ensemble import stack_logits


def fit_final(task: Task, members: Sequence[np.ndarray], y: np.ndarray) -> Any:
    """Fits the model that combines the members.

    Args:
        task: Kind of prediction.
        members: Out-of-fold predictions of each member for the same n rows.
        y: n true values.
    """
    if task is Task.REGRESSION:
        return RidgeCV(alphas=np.logspace(-3, 3, 13)).fit(np.column_stack(members), y)
    return LogisticRegression(max_iter=1000).fit(stack_logits(members), y)


def predict_final(task: Task, final: Any, members: Sequence[np.ndarray]) -> np.ndarray:
    """Combines the members' predictions for n rows: (n,) P(class 1), (n, k), or (n,) values."""
    if task is Task.REGRESSION:
        values: np.ndarray = final.predict(np.column_stack(members))
        return values
    probabilities: np.ndarray = final.predict_proba(stack_logits(members))
    return probabilities[:, 1] if task is Task.BINARY else probabilities
