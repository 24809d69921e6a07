"""Predictions by models that saw none of a set of folds.

Whatever is learned from out-of-fold predictions and then scored on fold k must not have seen fold k in any way. The
search's predictions for another fold j come from a model that was fitted on fold k: a combination learned from them has
seen fold k at second hand, and on pure noise it scores above chance. So when fold k is to be scored, the predictions for
fold j come from models that saw neither, and so on with every further layer: nested cross-validation (Stone,
"Cross-validatory choice and assessment of statistical predictions", 1974), in which folds j, k and k, j share one model.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from trainers.data.split import Split
from trainers.ensembles.ensemble import Leader, Material
from trainers.fits import Failed, Fit, FitAll

Excluded = frozenset[int]
# A prediction for a fold's validation rows by a model that saw none of the folds in a set, in which the fold is.
Key = tuple[Excluded, int]


@dataclass(frozen=True)
class Crossed:
    """Predictions of leaders.

    Attributes:
        predictions: By family and key.
        failures: Why a family could not be fitted, by family.
        fits: Fits done, by family.
        seconds: Time of these fits, by family.
    """

    predictions: Mapping[tuple[str, Key], np.ndarray]
    failures: Mapping[str, str]
    fits: Mapping[str, int]
    seconds: Mapping[str, float]


def training_rows(split: Split, excluded: Excluded) -> np.ndarray:
    """Development rows that every one of the folds trains on, ascending; all of them for no fold.

    For folds that chain forward in time these are the rows of the earliest fold.
    """
    rows = split.development
    for k in sorted(excluded):
        rows = np.intersect1d(rows, split.folds[k].train, assume_unique=True)
    return rows


def learnable(split: Split, excluded: Excluded) -> dict[int, np.ndarray]:
    """Where a model that saw none of some folds finds out-of-fold predictions to learn from.

    Returns:
        By fold, a mask over its validation rows; folds without such rows are left out, as are those that are excluded.
    """
    rows = training_rows(split, excluded)
    masks = {j: np.isin(fold.validation, rows) for j, fold in enumerate(split.folds) if j not in excluded}
    return {j: mask for j, mask in masks.items() if mask.any()}


def keys_below(split: Split, keys: Iterable[Key]) -> set[Key]:
    """Predictions that a layer needs of the layer below it, to be fitted for ``keys`` and on all development rows."""
    keys = set(keys)
    contexts = {excluded for excluded, _ in keys} | {frozenset[int]()}
    return keys | {(excluded | {j}, j) for excluded in contexts for j in learnable(split, excluded)}


def final_keys(split: Split) -> set[Key]:
    """Predictions that score a combination: of each fold, by a model that did not see it."""
    return {(frozenset({k}), k) for k in range(len(split.folds))}


def crossfit(wanted: Mapping[str, set[Key]], given: Material, fit_all: FitAll) -> Crossed:
    """Predicts with the families' best configurations.

    What the search predicted already, by models of the very same rows, is not fitted again.

    Args:
        wanted: Keys by family.
        given: Leaders and rows.
        fit_all: Does fits in parallel, results in order.
    """
    known: dict[tuple[str, Key], np.ndarray] = {}
    jobs: list[tuple[Fit, list[Key]]] = []
    for leader in given.leaders:
        by_rows: dict[bytes, list[Key]] = {}
        for key in sorted(wanted.get(leader.family, ()), key=lambda key: (sorted(key[0]), key[1])):
            rows = training_rows(given.split, key[0])
            if np.array_equal(rows, given.split.folds[key[1]].train):
                known[leader.family, key] = leader.predictions[key[1]]
            else:
                by_rows.setdefault(rows.tobytes(), []).append(key)
        jobs += [(_fit(leader, keys, given), keys) for keys in by_rows.values()]
    outcomes = fit_all([job for job, _ in jobs])
    failures: dict[str, str] = {}
    fits = dict.fromkeys(wanted, 0)
    seconds = dict.fromkeys(wanted, 0.0)
    for (job, keys), outcome in zip(jobs, outcomes, strict=True):
        if isinstance(outcome, Failed):
            failures.setdefault(job.family, outcome.reason)
            continue
        fits[job.family] += 1
        seconds[job.family] += outcome.seconds
        predicted = dict(zip(_folds(keys), _by_fold(outcome.predictions, _folds(keys), given.split), strict=True))
        known |= {(job.family, key): predicted[key[1]] for key in keys}
    return Crossed(known, failures, fits, seconds)


def _fit(leader: Leader, keys: list[Key], given: Material) -> Fit:
    rows = training_rows(given.split, keys[0][0])
    scored = np.concatenate([given.split.folds[j].validation for j in _folds(keys)])
    without = " and ".join(str(k + 1) for k in sorted(keys[0][0]))
    return Fit(
        leader.family,
        leader.params,
        rows,
        given.seed,
        leader.rounds,
        scored,
        keep_model=False,
        label=f"{leader.family} without fold {without}",
    )


def _folds(keys: Iterable[Key]) -> list[int]:
    return sorted({j for _, j in keys})


def _by_fold(predictions: np.ndarray, folds: list[int], split: Split) -> list[np.ndarray]:
    ends = np.cumsum([len(split.folds[j].validation) for j in folds])[:-1]
    return np.split(predictions, ends)
