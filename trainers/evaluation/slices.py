"""How a model fares on parts of the rows, and whether a part fares worse than chance explains.

A score on few rows is noisy, and many metrics move with the share of a class, so a slice is compared with random sets of as
many rows of the same classes (of the same range of values, for a quantity): what is left is the slice itself.
"""

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from trainers.evaluation.metrics import Metric

FEWEST_OF_A_CLASS = 5  # rows of each class of a binary target, below which a slice is not scored
EXTREME_DRAWS = 10  # after this many draws as low as the slice its p-value is settled
MOST_DRAWS = 4000
BATCH = 200  # draws at once
LEVELS, LEVEL_ROWS = 50, 10  # ranges of a quantity's values, at most, and rows of each, at least
SIGNIFICANCE = 0.05  # of all slices together


@dataclass(frozen=True)
class SliceScore:
    """The score of one slice.

    Attributes:
        division: Which way of dividing the rows, counted from 0.
        code: Which slice of it.
        rows: Its rows.
        score: Its score.
    """

    division: int
    code: int
    rows: int
    score: float


@dataclass(frozen=True)
class Chance:
    """What random rows of the same classes would score.

    Attributes:
        expected: Their mean score.
        p_value: How often they score as low as the slice.
    """

    expected: float
    p_value: float


def score_slices(
    metric: Metric,
    y: np.ndarray,
    predictions: np.ndarray,
    codes: Sequence[np.ndarray],
    min_rows: int = 30,
) -> tuple[SliceScore, ...]:
    """Scores every slice that has enough rows.

    Args:
        metric: What is scored; greater is better.
        y: (n,) true values.
        predictions: As ``Metric.score`` takes them.
        codes: For each way of dividing the rows, (n,) slice codes; a row below 0 is in no slice.
        min_rows: Smaller slices are passed over, as are those of a binary target with hardly a row of one class.
    """
    scored = []
    for division, of_row in enumerate(codes):
        for code in np.unique(of_row[of_row >= 0]):
            rows = np.flatnonzero(of_row == code)
            score = score_of(metric, y[rows], predictions[rows], min_rows)
            if score is not None:
                scored.append(SliceScore(division, int(code), len(rows), score))
    return tuple(scored)


def worst_slice(
    metric: Metric,
    y: np.ndarray,
    predictions: np.ndarray,
    codes: Sequence[np.ndarray],
    min_rows: int = 30,
) -> SliceScore | None:
    """The slice with the lowest score; None when none has enough rows. The arguments are those of ``score_slices``."""
    scored = score_slices(metric, y, predictions, codes, min_rows)
    return min(scored, key=lambda each: each.score, default=None)


def score_of(metric: Metric, y: np.ndarray, predictions: np.ndarray, min_rows: int) -> float | None:
    """The score of the rows of a slice; None where they are too few for one that says anything, or leave it undefined."""
    if len(y) < min_rows:
        return None
    binary = np.issubdtype(y.dtype, np.integer) and predictions.ndim == 1
    if binary and np.bincount(y, minlength=2).min() < FEWEST_OF_A_CLASS:
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # scikit-learn's word that the rows leave a metric undefined
        score = metric.score(y, predictions)
    return score if np.isfinite(score) else None


def by_chance(
    metric: Metric,
    y: np.ndarray,
    predictions: np.ndarray,
    inside: np.ndarray,
    groups: np.ndarray | None = None,
    seed: int = 0,
) -> Chance:
    """Compares a slice with random sets of as many rows of the same classes (a permutation test, drawn until settled).

    Draws end early where the slice is nothing special (Besag and Clifford, "Sequential Monte Carlo p-values", 1991). Where
    rows belong together whole groups are drawn, about as many rows; classes are then not held equal.

    Args:
        metric: What is scored.
        y: (n,) true values.
        predictions: As ``Metric.score`` takes them.
        inside: (n,) whether a row is in the slice.
        groups: (n,) group codes, or None.
        seed: Seed of the draws.
    """
    score = metric.score(y[inside], predictions[inside])
    drawn: list[float] = []
    for weights in _random_sets(strata_of(y), inside, groups, np.random.default_rng(seed)):
        scores = metric.replicates(y, predictions, weights)
        drawn += scores[np.isfinite(scores)].tolist()  # whole groups may lack a class
        low = np.flatnonzero(np.array(drawn) <= score + 1e-12)
        if len(low) >= EXTREME_DRAWS:  # p is settled by the draw at which that came about, whatever came after
            return Chance(float(np.mean(drawn)), EXTREME_DRAWS / (1 + int(low[EXTREME_DRAWS - 1])))
    return Chance(float(np.mean(drawn or [score])), (len(low) + 1) / (len(drawn) + 1))


def strata_of(y: np.ndarray) -> np.ndarray:
    """Classes as they are, a quantity in ranges of about equally many rows, (n,)."""
    if np.issubdtype(y.dtype, np.integer):
        return y
    ranks = np.argsort(np.argsort(y, kind="stable"), kind="stable")
    levels: np.ndarray = ranks * max(1, min(LEVELS, len(y) // LEVEL_ROWS)) // len(y)
    return levels


def beyond_chance(p_values: Sequence[float]) -> list[bool]:
    """Which of all slices looked at are worse than chance explains, erring once in twenty jobs (Holm, 1979)."""
    order = np.argsort(p_values)
    found = [False] * len(p_values)
    for rank, i in enumerate(order):
        if p_values[i] > SIGNIFICANCE / (len(p_values) - rank):
            break
        found[i] = True
    return found


def _random_sets(
    strata: np.ndarray, inside: np.ndarray, groups: np.ndarray | None, rng: np.random.Generator
) -> Iterator[np.ndarray]:
    """Weights (BATCH, n) of 0 and 1, each row a random set like the slice."""
    for _ in range(MOST_DRAWS // BATCH):
        if groups is not None:
            yield _random_groups(groups, int(inside.sum()), rng)
            continue
        weights = np.zeros((BATCH, len(strata)))
        for value in np.unique(strata[inside]):
            pool = np.flatnonzero(strata == value)
            wanted = int(np.sum(inside[pool]))
            lots = rng.random((BATCH, len(pool)))
            chosen = np.argpartition(lots, wanted - 1, axis=1)[:, :wanted]
            weights[np.arange(BATCH)[:, None], pool[chosen]] = 1
        yield weights


def _random_groups(groups: np.ndarray, rows: int, rng: np.random.Generator) -> np.ndarray:
    """Whole groups in random order until they hold as many rows."""
    _, codes, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    order = np.argsort(rng.random((BATCH, len(sizes))), axis=1)
    before = np.cumsum(sizes[order], axis=1) - sizes[order]
    chosen = np.zeros((BATCH, len(sizes)))
    np.put_along_axis(chosen, order, (before < rows).astype(float), axis=1)
    drawn: np.ndarray = chosen[:, codes]
    return drawn
