"""Which columns a model leans on."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from sklearn.inspection import permutation_importance
from sklearn.utils import resample

from trainers.evaluation.metrics import Metric, Takes
from trainers.report.values import FeatureImportance


def importances(
    model: Any,
    predict: Callable[[Any, pd.DataFrame], np.ndarray],
    X: pd.DataFrame,
    y: np.ndarray,
    metric: Metric,
    repeats: int = 5,
    max_rows: int = 2000,
    seed: int = 0,
) -> tuple[FeatureImportance, ...]:
    """Permutation importance: how far the metric falls when one column is shuffled (Breiman, "Random Forests", 2001).

    Columns that carry the same information share their importance, so that each looks weaker than both are.

    Args:
        model: Fitted pipeline.
        predict: Predictions of the model as ``Metric.score`` takes them.
        X: n rows x features; rows the model was not fitted on, or columns it only memorised look important.
        y: (n,) true values.
        metric: What falls.
        repeats: Shuffles of each column.
        max_rows: With more rows, this many are drawn, in the proportion of the classes.
        seed: Seed of the draw and the shuffles.

    Returns:
        One value a column, strongest first.
    """
    if len(X) > max_rows:
        strata = None if metric.takes is Takes.VALUES else y
        X, y = resample(X, y, replace=False, n_samples=max_rows, stratify=strata, random_state=seed)

    def falls(fitted: Any, rows: pd.DataFrame, truth: np.ndarray) -> float:
        return metric.score(truth, predict(fitted, rows))

    found = permutation_importance(model, X, y, scoring=falls, n_repeats=repeats, random_state=seed)
    each = (
        FeatureImportance(str(name), float(mean), float(std))
        for name, mean, std in zip(X.columns, found.importances_mean, found.importances_std, strict=True)
    )
    return tuple(sorted(each, key=lambda importance: -importance.mean))
