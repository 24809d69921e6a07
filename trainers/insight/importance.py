"""Which columns a model leans on."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from sklearn.utils import resample

from trainers.evaluation.metrics import Metric, Takes, paired_difference
from trainers.report.values import FeatureImportance

Z = 1.96


def importances(
    model: Any,
    predict: Callable[[Any, pd.DataFrame], np.ndarray],
    X: pd.DataFrame,
    y: np.ndarray,
    metric: Metric,
    groups: np.ndarray | None = None,
    repeats: int = 5,
    max_rows: int = 2000,
    seed: int = 0,
) -> tuple[FeatureImportance, ...]:
    """Permutation importance: how far the metric falls when one column is shuffled (Breiman, "Random Forests", 2001).

    Columns that carry the same information share their importance, so that each looks weaker than both are. The interval
    is for other test rows and other shuffles: the jackknife of ``paired_difference`` over the rows, and the spread over the
    shuffles. scikit-learn's ``permutation_importance`` has the second part alone.

    Args:
        model: Fitted pipeline.
        predict: Predictions of the model as ``Metric.score`` takes them.
        X: n rows x features; rows the model was not fitted on, or columns it only memorised look important.
        y: (n,) true values.
        metric: What falls.
        groups: (n,) group codes where rows belong together.
        repeats: Shuffles of each column.
        max_rows: With more rows, this many are drawn, in the proportion of the classes.
        seed: Seed of the draw and the shuffles.

    Returns:
        One value a column, strongest first.
    """
    rows = np.arange(len(X))
    if len(X) > max_rows:
        strata = None if metric.takes is Takes.VALUES else y
        rows = resample(rows, replace=False, n_samples=max_rows, stratify=strata, random_state=seed)
    X, y = X.iloc[rows].reset_index(drop=True), y[rows]
    of_rows = None if groups is None else [groups[rows]]
    whole, rng = predict(model, X), np.random.default_rng(seed)
    orders = [rng.permutation(len(X)) for _ in range(repeats)]

    def importance(name: str) -> FeatureImportance:
        shuffled = (X.assign(**{name: X[name].to_numpy()[order]}) for order in orders)
        falls = [paired_difference(metric, [y], [whole], [predict(model, each)], of_rows) for each in shuffled]
        mean, std = float(np.mean([fall for fall, _ in falls])), float(np.std([fall for fall, _ in falls]))
        error = float(np.sqrt(np.mean([error**2 for _, error in falls]) + std**2 / repeats))
        return FeatureImportance(name, mean, std, mean - Z * error, mean + Z * error)

    return tuple(sorted((importance(str(name)) for name in X.columns), key=lambda each: -each.mean))
