"""Checks that need a model: do the sides differ, and which labels look wrong?"""

from collections.abc import Iterator

import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from threadpoolctl import threadpool_limits

from trainers.data.checks.view import View, encode, sample
from trainers.data.table import Task
from trainers.findings import Finding, Severity

# Rows of each side, and of the table, that these models see: enough to tell 0.5 from the limits below.
SIDE_ROWS = 2_000
LABEL_ROWS = 10_000
# ROC AUC of telling development from the other rows at which to warn; 0.5 is "cannot tell".
SHIFTED = 0.65
# Out-of-fold probability of another class from which a label is suspect.
CONFIDENT = 0.95
# A model that is this often wrong when it is confident is no witness against labels.
UNRELIABLE = 0.1
# Share of suspect labels from which they are worth a word: a few rows are odd in any table.
SUSPECTS = 0.01


def shifted_sides(view: View) -> Iterator[Finding]:
    """SHIFT: a classifier tells the rows outside development from development rows by their features alone.

    Their targets stay sealed. With a random split there is nothing to tell; with a split by time, group or a given column
    it shows how unlike the rows are that the model is judged on.
    """
    inside = view.features.iloc[sample(np.arange(len(view.features)), SIDE_ROWS)]
    outside = view.rest.iloc[sample(np.arange(len(view.rest)), SIDE_ROWS)]
    if min(len(inside), len(outside)) < 50:
        return
    encoded = encode(pd.concat([inside, outside]), view.columns)
    is_outside = np.repeat([0, 1], [len(inside), len(outside)])
    auc = float(roc_auc_score(is_outside, _out_of_fold(encoded, is_outside, 2)[:, 1]))
    if auc < SHIFTED:
        return
    single = {column.name: _separation(encoded[:, i], is_outside) for i, column in enumerate(view.columns)}
    telling = sorted((name for name in single if single[name] >= 0.6), key=lambda name: -single[name])[:5]
    yield Finding(
        "SHIFT",
        Severity.WARNING,
        f"A classifier tells the rows outside development from the others with ROC AUC {auc:.2f} (0.5 is chance): they are"
        f" not alike{', most in ' + ', '.join(map(repr, telling)) if telling else ''}.",
        "Expect test scores unlike the cross-validated ones; leave out columns that only say when or where a row was written.",
        tuple(telling),
        {"roc_auc": auc, "roc_auc_by_column": {name: single[name] for name in telling}},
    )


def suspect_labels(view: View) -> Iterator[Finding]:
    """LABEL_NOISE: rows whose label a model, fitted on other rows, confidently contradicts."""
    if view.task is Task.REGRESSION:
        return
    chosen = sample(np.arange(len(view.target)), LABEL_ROWS)
    target = view.target[chosen]
    counts = np.bincount(target)
    present = np.flatnonzero(counts >= 6)
    usable = np.isin(target, present)
    if len(present) < 2 or usable.sum() < 200:
        return
    chosen, target = chosen[usable], np.searchsorted(present, target[usable])
    shares = _out_of_fold(encode(view.features.iloc[chosen], view.columns), target, 3)
    predicted = shares.argmax(axis=1)
    confident = shares.max(axis=1) >= CONFIDENT
    contradicted = confident & (predicted != target)
    # A class with nearly all rows is predicted with confidence everywhere, which is no evidence against the others.
    suspect = contradicted & (counts[present] < 0.9 * CONFIDENT * len(target))[predicted]
    if suspect.mean() < SUSPECTS or contradicted.sum() > UNRELIABLE * confident.sum():
        return
    yield Finding(
        "LABEL_NOISE",
        Severity.WARNING,
        f"{int(suspect.sum())} of {len(target)} labels are contradicted by a model that is at least {CONFIDENT:.0%} sure.",
        "Look at these rows; correct the labels that are wrong.",
        (view.target_name,),
        {"suspects": int(suspect.sum()), "of": len(target), "rows": view.rows[chosen[suspect]][:20].tolist()},
    )


def _out_of_fold(encoded: np.ndarray, target: np.ndarray, folds: int) -> np.ndarray:
    """(n, k) probabilities of small boosted trees fitted on other rows."""
    model = HistGradientBoostingClassifier(
        learning_rate=0.2,
        max_iter=20,
        max_leaf_nodes=8,
        min_samples_leaf=60,  # large leaves, so that it is seldom surer than it should be
        early_stopping=False,
        random_state=0,
    )
    splitter = StratifiedKFold(folds, shuffle=True, random_state=0)
    with threadpool_limits(1):  # such small fits lose more than they gain by threads, on a busy machine by far
        shares: np.ndarray = cross_val_predict(model, encoded, target, cv=splitter, method="predict_proba")
    return shares


def _separation(values: np.ndarray, is_outside: np.ndarray) -> float:
    """ROC AUC of one column, whichever way it points."""
    auc = float(roc_auc_score(is_outside, values))
    return max(auc, 1 - auc)
