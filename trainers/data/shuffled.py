"""Splits at random, in proportion by stratum, whole groups together."""

import warnings
from fractions import Fraction

import numpy as np
from sklearn.model_selection import StratifiedKFold, train_test_split

from trainers.data.meaning import Meaning
from trainers.data.sides import Fold, Sides, most_folds
from trainers.errors import SpecError, Violation
from trainers.findings import Finding

# A test fraction of whole groups is met to the nearest of these parts.
MAX_PARTS = 20


def shuffle(meaning: Meaning, fraction: float, k: int, seed: int) -> tuple[Sides, list[Finding]]:
    """Splits rows, or whole groups, at random with the strata in proportion (scikit-learn).

    Args:
        meaning: Strata and groups.
        fraction: Share of the rows for the test; of whole groups, as near as they allow.
        k: Folds.
        seed: Seed.

    Raises:
        SpecError: There are too few rows or groups.
    """
    rows = np.arange(len(meaning.strata))
    if meaning.groups is None:
        development, test = _draw_rows(rows, meaning.strata, fraction, seed)
    else:
        development, test = _draw_groups(meaning, meaning.groups, fraction, seed)
    folds, findings = shuffled_folds(meaning, development, k, seed)
    return Sides(development, test, folds), findings


def shuffled_folds(
    meaning: Meaning, development: np.ndarray, k: int, seed: int
) -> tuple[tuple[Fold, ...], list[Finding]]:
    """Divides development rows into folds, fewer than k when a fold would miss a class.

    Raises:
        SpecError: Not even two folds can be.
    """
    drawn = most_folds(lambda parts: _parts(meaning, development, parts, seed), k, meaning.classes)
    if drawn is None:
        message = f"{k} cannot be reached: a class has rows in fewer than two {_units(meaning)} of the development rows"
        raise SpecError([Violation("split.folds", f"{message}; bring more rows of it or leave it out")])
    return drawn


def hold_out(meaning: Meaning, rows: np.ndarray, parts: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Splits distinct rows at random into all but one of ``parts`` parts, and that one.

    Every class keeps rows in the first.
    """
    groups = None if meaning.groups is None else meaning.groups[rows]
    units = len(rows) if groups is None else len(np.unique(groups))
    drawn = _parts(meaning, rows, min(parts, units), seed) if units > 1 else None
    if drawn is None:
        raise ValueError(f"{len(rows)} rows in {units} {_units(meaning)} cannot be divided; there must be at least two")
    keep, held = drawn[0].train, drawn[0].validation
    lost = np.setdiff1d(meaning.classes[held], meaning.classes[keep])
    back = np.isin(meaning.classes[held], lost)
    if meaning.groups is not None:
        back = np.isin(meaning.groups[held], meaning.groups[held[back]])
    return np.union1d(keep, held[back]), held[~back]


def _draw_rows(rows: np.ndarray, strata: np.ndarray, fraction: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    count, tested = len(np.unique(strata)), int(np.ceil(fraction * len(rows)))
    if tested < count:
        message = f"{fraction:g} of {len(rows)} rows are {tested} test rows, fewer than the {count} classes or strata"
        mend = f"use at least {min(0.5, count / len(rows)):.2g} or bring more rows"
        raise SpecError([Violation("split.test_fraction", f"{message}; {mend}")])
    development, test = train_test_split(rows, test_size=fraction, random_state=seed, stratify=strata)
    return np.sort(development), np.sort(test)


def _draw_groups(meaning: Meaning, groups: np.ndarray, fraction: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    units = len(np.unique(groups))
    if units < 3:
        message = f"gives {units} groups; at least three are needed: two for the folds and one for the test"
        raise SpecError([Violation("split.group_on", message)])
    share = Fraction(fraction).limit_denominator(min(MAX_PARTS, units)) or Fraction(1, min(MAX_PARTS, units))
    everything = np.arange(len(groups))
    parts = [fold.validation for fold in _parts(meaning, everything, share.denominator, seed) or ()]
    choices = [
        np.sort(np.concatenate([parts[(first + i) % len(parts)] for i in range(share.numerator)]))
        for first in np.random.default_rng(seed).permutation(len(parts))
    ]
    test = min(choices, key=lambda rows: _poverty(meaning.classes, groups, rows))
    return np.setdiff1d(everything, test), test


def _poverty(classes: np.ndarray, groups: np.ndarray, test: np.ndarray) -> tuple[int, int]:
    """Classes with fewer than two development groups, and classes that the test lacks: the less the better."""
    development = np.setdiff1d(np.arange(len(classes)), test)
    pairs = np.unique(np.column_stack([classes[development], groups[development]]), axis=0)
    held = np.bincount(pairs[:, 0], minlength=int(classes.max()) + 1)[np.unique(classes)]
    return int((held < 2).sum()), len(np.setdiff1d(classes, classes[test]))


def _parts(meaning: Meaning, rows: np.ndarray, k: int, seed: int) -> tuple[Fold, ...] | None:
    """Divides rows into k folds; None when there are fewer than k rows or groups."""
    strata = meaning.strata[rows]
    if meaning.groups is None:
        drawn = _dealt_rows(strata, k, seed) if k <= len(rows) else None
    else:
        groups = np.unique(meaning.groups[rows], return_inverse=True)[1]
        drawn = _dealt_groups(strata, groups, k, seed) if k <= groups.max() + 1 else None
    if drawn is None:
        return None
    return tuple(Fold(rows[drawn != fold], rows[drawn == fold]) for fold in range(k))


def _dealt_rows(strata: np.ndarray, k: int, seed: int) -> np.ndarray:
    """Fold of each row."""
    if k > np.bincount(strata).max():
        strata = np.zeros_like(strata)
    drawn = np.empty(len(strata), dtype=np.int64)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # strata smaller than k; most_folds checks the classes
        for fold, (_, held) in enumerate(StratifiedKFold(k, shuffle=True, random_state=seed).split(strata, strata)):
            drawn[held] = fold
    return drawn


def _dealt_groups(strata: np.ndarray, groups: np.ndarray, k: int, seed: int) -> np.ndarray:
    """Fold of each row, whole groups together.

    As scikit-learn's StratifiedGroupKFold: uneven groups first, each to the fold where the strata stay most alike, here by
    sum of squares, of which only one term changes. That makes 10,000 groups a matter of 0.1 s instead of 5 s.

    Args:
        strata: n stratum codes.
        groups: n group codes 0..g-1.
        k: Folds, at most g.
        seed: Order of groups that are alike.
    """
    shares = np.zeros((groups.max() + 1, strata.max() + 1))
    np.add.at(shares, (groups, strata), 1 / np.bincount(strata)[strata])
    order = np.random.default_rng(seed).permutation(len(shares))
    order = order[np.argsort(-shares[order].std(axis=1), kind="stable")]
    held, members = np.zeros((k, shares.shape[1])), np.zeros(k)
    drawn = np.empty(len(shares), dtype=np.int64)
    for group in order:
        fold = np.lexsort((members, held.sum(axis=1), (held @ shares[group]).round(12)))[0]
        drawn[group] = fold
        held[fold] += shares[group]
        members[fold] += 1
    by_row: np.ndarray = drawn[groups]
    return by_row


def _units(meaning: Meaning) -> str:
    return "rows" if meaning.groups is None else "groups"
