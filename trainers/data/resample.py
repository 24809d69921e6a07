"""Treats class imbalance inside the training rows of a fold.

The probabilities are corrected back by ``trainers/portable/prior.py``, which travels inside the model.
"""

from collections.abc import Sequence
from enum import StrEnum

import numpy as np
import pandas as pd
from pydantic import BaseModel
from sklearn.utils.class_weight import compute_sample_weight


class ResampleMethod(StrEnum):
    """Ways to treat class imbalance (imbalanced-learn)."""

    NONE = "none"
    CLASS_WEIGHTS = "class_weights"
    OVER = "over"
    UNDER = "under"
    SMOTE = "smote"


class ResampleSpec(BaseModel, frozen=True, extra="forbid"):
    """How class imbalance is treated."""

    method: ResampleMethod = ResampleMethod.NONE


def resample(
    X: pd.DataFrame, y: np.ndarray, method: ResampleMethod, categorical: Sequence[str], seed: int
) -> tuple[pd.DataFrame, np.ndarray, np.ndarray | None]:
    """Makes the classes of training rows equally many, or equally heavy.

    SMOTE (Chawla et al. 2002) draws new rows between neighbours of a class. Neighbours need distances, so for the drawing
    alone numbers are scaled to unit deviation and missing ones count as the column's median; in the rows that were there
    they stay missing. With categorical columns
    it is SMOTENC, and with no other column SMOTEN. A class with fewer rows than the five neighbours it wants uses those it
    has; a class of one row is repeated instead.

    Args:
        X: n rows x columns, training rows only.
        y: n class indices.
        method: What to do.
        categorical: Columns of ``X`` that are labels or codes.
        seed: Seed of the draw.

    Returns:
        Rows, class indices, and sample weights (None unless they are what the method changes).
    """
    if method is ResampleMethod.NONE:
        return X, y, None
    if method is ResampleMethod.CLASS_WEIGHTS:
        return X, y, compute_sample_weight("balanced", y)
    if method is ResampleMethod.SMOTE and np.bincount(y)[np.unique(y)].min() > 1:
        rows, labels = _synthesise(X, y, categorical, seed)
        return rows, labels, None
    from imblearn.over_sampling import RandomOverSampler  # here, so that reading a spec does not load it
    from imblearn.under_sampling import RandomUnderSampler

    sampler = RandomUnderSampler if method is ResampleMethod.UNDER else RandomOverSampler
    drawn = sampler(random_state=seed)
    drawn.fit_resample(np.zeros((len(y), 1)), y)
    chosen = np.sort(drawn.sample_indices_)
    return X.iloc[chosen].reset_index(drop=True), y[chosen], None


def _synthesise(
    X: pd.DataFrame, y: np.ndarray, categorical: Sequence[str], seed: int
) -> tuple[pd.DataFrame, np.ndarray]:
    from imblearn.over_sampling import SMOTE, SMOTEN, SMOTENC

    given = X.reset_index(drop=True)
    numeric = [name for name in X.columns if name not in set(categorical)]
    numbers = given[numeric].astype(np.float64)
    scale = numbers.std().fillna(0.0).replace(0.0, 1.0)
    complete = numbers.fillna(numbers.median()).fillna(0.0) / scale
    levels = {name: pd.factorize(given[name], use_na_sentinel=False) for name in categorical}
    complete = complete.assign(**{name: codes for name, (codes, _) in levels.items()})
    neighbours = int(min(5, np.bincount(y)[np.unique(y)].min() - 1))
    if not categorical:
        sampler = SMOTE(k_neighbors=neighbours, random_state=seed)
    elif numeric:
        sampler = SMOTENC(list(categorical), k_neighbors=neighbours, random_state=seed)
    else:
        sampler = SMOTEN(k_neighbors=neighbours, random_state=seed)
    rows, labels = sampler.fit_resample(complete, y)
    new = rows.iloc[len(X) :].copy()
    new[numeric] = new[numeric] * scale
    for name, (_, values) in levels.items():
        new[name] = np.asarray(values, dtype=object)[new[name].to_numpy(dtype=np.int64)]
    whole = [name for name in numeric if pd.api.types.is_integer_dtype(X[name])]
    new[whole] = new[whole].round()
    return pd.concat([given, new[X.columns].astype(X.dtypes)], ignore_index=True), np.asarray(labels)
