"""Small tables of scored rows, and every way to decide them."""

from collections.abc import Iterator

import numpy as np
from hypothesis import strategies as st

from trainers.evaluation.crossfit import CrossFit
from trainers.evaluation.threshold.outcomes import Prices, Scored
from trainers.evaluation.threshold.spec import ThresholdSpec

Pair = tuple[np.ndarray, np.ndarray]


@st.composite
def scored_pairs(draw: st.DrawFn, most: int = 25) -> Pair:
    """Labels and scores of rows of both classes, often with tied scores and scores at 0 and 1."""
    pairs = st.tuples(st.integers(0, 1), st.one_of(st.sampled_from([0, 0.5, 1]), st.floats(0, 1)))
    rows = [(0, draw(st.floats(0, 1))), (1, draw(st.floats(0, 1))), *draw(st.lists(pairs, max_size=most))]
    return np.array([y for y, _ in rows]), np.array([p for _, p in rows])


def rows_of(pair: Pair, spec: ThresholdSpec, segments: list | None = None) -> Scored:
    costs = spec.expected_cost
    prices = Prices(costs.false_negative, costs.false_positive) if costs else Prices()
    return Scored(*pair, prices, segments)


def every_cut(p: np.ndarray) -> Iterator[np.ndarray]:
    """What each threshold that makes a difference flags."""
    return (p >= t for t in [*np.unique(p), np.inf])


def folds_of(ids: np.ndarray) -> CrossFit:
    """Folds by number, of which each may learn from all others."""
    numbers = np.unique(ids)
    return CrossFit(tuple(np.flatnonzero(ids == k) for k in numbers), tuple(np.flatnonzero(ids != k) for k in numbers))
