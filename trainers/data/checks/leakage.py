"""Columns that give the target away."""

import re
from collections.abc import Iterator

import numpy as np
import pandas as pd
from scipy.stats import spearmanr
from sklearn.metrics import balanced_accuracy_score, r2_score, roc_auc_score

from trainers.data.checks.view import View
from trainers.data.table import Task
from trainers.findings import Finding, Severity

# A quantity is cut into this many quantile bins; a column with fewer distinct values is taken value by value.
BINS = 64
# Scores of one column alone at which to warn and to stop: ROC AUC, adjusted balanced accuracy, R2.
LIMITS = {Task.BINARY: (0.95, 0.99), Task.MULTICLASS: (0.95, 0.98), Task.REGRESSION: (0.95, 0.99)}
SCORES = {Task.BINARY: "ROC AUC", Task.MULTICLASS: "adjusted balanced accuracy", Task.REGRESSION: "R2"}
# A value gives a class away when, with 95 % confidence, this share of its rows is of the class ...
PURITY = 0.85
# ... and the odds of the class are this many times its odds among all rows.
ODDS_RATIO = 30.0
MEND = "Leave the column out with data.exclude if its value is only known after the target."


def leaking_columns(view: View) -> Iterator[Finding]:
    """TARGET_LEAKAGE: a column that alone predicts too well out of fold, or one value of it that nearly always means a class."""
    for column in view.columns:
        codes = _levels(view.features[column.name])
        score = _alone(column.name, codes, view)
        warn, stop = LIMITS[view.task]
        giveaway = _giveaway(view.features[column.name], view) if view.task is not Task.REGRESSION else None
        if score >= warn:
            yield Finding(
                "TARGET_LEAKAGE",
                Severity.ERROR if score >= stop else Severity.WARNING,
                f"{column.name!r} alone predicts {view.target_name!r} with {SCORES[view.task]} {score:.3f} out of fold.",
                MEND,
                (column.name,),
                {"score": SCORES[view.task], "value": score, "warns_at": warn, "stops_at": stop},
            )
        elif giveaway:
            yield giveaway


def telling_names(view: View) -> Iterator[Finding]:
    """TARGET_NAME: columns whose names contain the target's name."""
    target = _tokens(view.target_name)
    for column in view.columns:
        if len("".join(target)) >= 3 and set(target) <= set(_tokens(column.name)):
            yield Finding(
                "TARGET_NAME",
                Severity.WARNING,
                f"{column.name!r} is named after the target {view.target_name!r} and may be derived from it.",
                "Leave it out with data.exclude unless its value is known when the decision is made.",
                (column.name,),
            )


def _tokens(name: str) -> list[str]:
    spaced = re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", name)
    return re.findall(r"[a-z0-9]+", spaced.lower())


def _levels(column: pd.Series) -> np.ndarray:
    """M codes 0..: missing, then values or quantile bins."""
    if pd.api.types.is_numeric_dtype(column) and column.nunique() > BINS:
        binned = pd.qcut(column, BINS, labels=False, duplicates="drop")
        bins: np.ndarray = binned.fillna(-1).to_numpy(dtype=np.int64) + 1
        return bins
    codes: np.ndarray = pd.factorize(column)[0] + 1
    return codes


def _alone(name: str, codes: np.ndarray, view: View) -> float:
    """Score of the target's mean (or class shares) by level, learned on one half and scored on the other, both ways."""
    half = np.random.default_rng(0).random(len(codes)) < 0.5
    if view.task is Task.REGRESSION:
        predicted = _crossed(codes, view.target[:, None], half)[:, 0]
        # Bins are too coarse for a column that follows the target exactly; ranks are not.
        return max(float(r2_score(view.target, predicted)), _rank_r2(view.features[name], view.target))
    shares = _crossed(codes, np.eye(len(view.classes))[view.target], half)
    if view.task is Task.BINARY:
        return float(roc_auc_score(view.target, shares[:, 1]))
    lifted = np.argmax(shares / np.bincount(view.target, minlength=len(view.classes)).clip(1), axis=1)
    return float(balanced_accuracy_score(view.target, lifted, adjusted=True))


def _rank_r2(column: pd.Series, target: np.ndarray) -> float:
    """Squared rank correlation (Spearman) where at least half the values are present, otherwise 0."""
    present = column.notna().to_numpy()
    if not pd.api.types.is_numeric_dtype(column) or present.mean() < 0.5 or column.nunique() < 3:
        return 0.0
    return float(spearmanr(column[present], target[present]).statistic ** 2)


def _odds(share: np.ndarray) -> np.ndarray:
    odds: np.ndarray = share / (1 - share).clip(1e-12)
    return odds


def _crossed(codes: np.ndarray, values: np.ndarray, half: np.ndarray) -> np.ndarray:
    """Means of ``values`` (m, k) by level, each row's taken from the other half; one row's worth of the overall mean added."""
    means = np.empty_like(values, dtype=np.float64)
    for learn, apply in ((half, ~half), (~half, half)):
        overall = values[learn].mean(axis=0)
        counts = np.bincount(codes[learn], minlength=codes.max() + 1)[:, None]
        sums = np.column_stack([np.bincount(codes[learn], column[learn], codes.max() + 1) for column in values.T])
        means[apply] = ((sums + overall) / (counts + 1))[codes[apply]]
    return means


def _giveaway(column: pd.Series, view: View) -> Finding | None:
    """The value of a column that most surely means a class, if any does."""
    prior = np.bincount(view.target, minlength=len(view.classes)) / len(view.target)
    best: tuple[float, str, int, int, int] | None = None
    for value, is_set in _indicators(column):
        counts = np.bincount(view.target[is_set], minlength=len(view.classes))
        surely = _wilson_lower(counts, int(counts.sum()))
        for c in map(int, np.flatnonzero((surely >= PURITY) & (_odds(surely) >= ODDS_RATIO * _odds(prior)))):
            if best is None or surely[c] > best[0]:
                best = (float(surely[c]), value, c, int(counts[c]), int(counts.sum()))
    if best is None:
        return None
    _, value, c, hits, total = best
    return Finding(
        "TARGET_LEAKAGE",
        Severity.ERROR,
        f"Where {column.name!r} is {value}, {view.target_name!r} is {view.classes[c]} in {hits} of {total} rows, against"
        f" {prior[c]:.1%} of all rows.",
        MEND,
        (str(column.name),),
        {
            "value": value,
            "class": str(view.classes[c]),
            "rows": total,
            "of_class": hits,
            "share_of_all": float(prior[c]),
        },
    )


def _indicators(column: pd.Series) -> Iterator[tuple[str, np.ndarray]]:
    """Yes-or-no readings of a column: each common value, missing, and anything but the usual value."""
    missing = column.isna().to_numpy()
    yield "missing", missing
    counts = column.value_counts()
    if counts.empty:
        return
    if len(counts) <= BINS:
        yield from ((repr(value), (column == value).to_numpy()) for value in counts.index)
    usual = counts.index[0]
    if counts.iloc[0] > len(column) / 2:
        yield f"not {usual!r}", (column != usual).to_numpy() & ~missing
    yield "present", ~missing


def _wilson_lower(hits: np.ndarray, total: int) -> np.ndarray:
    """Lower end of the 95 % interval of a share (Wilson 1927); 0 when there are no rows."""
    if total == 0:
        return np.zeros(len(hits))
    z, share = 1.96, hits / total
    centre = share + z * z / (2 * total)
    spread = z * np.sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    lower: np.ndarray = (centre - spread) / (1 + z * z / total)
    return lower
