"""Two thresholds with a person between them, against every pair of thresholds."""

from itertools import combinations_with_replacement

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.deciding import Pair, folds_of, rows_of, scored_pairs
from trainers.evaluation.threshold.band import band_outcome, choose_band
from trainers.evaluation.threshold.choose import choose_threshold
from trainers.evaluation.threshold.spec import AbstainSpec, ExpectedCost, ThresholdSpec

COST = ThresholdSpec(expected_cost=ExpectedCost(false_negative=7, false_positive=2))


def every_band(pair: Pair, review: float) -> list[tuple[float, float]]:
    """Cost and share reviewed of every pair of thresholds."""
    y, p = pair
    found = []
    for lower, upper in combinations_with_replacement([*np.unique(p), np.inf], 2):
        asked = (p >= lower) & (p < upper)
        errors = 7 * ((p < lower) & (y == 1)).sum() + 2 * ((p >= upper) & (y == 0)).sum()
        found.append((errors + review * asked.sum(), asked.mean()))
    return found


@settings(max_examples=100, deadline=None)
@given(pair=scored_pairs(), review=st.sampled_from([0.25, 0.5, 1, 2, 8]))
def test_a_priced_review_is_the_exhaustive_least_cost(pair: Pair, review: float) -> None:
    spec = AbstainSpec(review_cost=review)
    rows = rows_of(pair, COST)
    found = band_outcome(rows, choose_band(rows, spec, 0.5), spec)
    least = min(cost for cost, _ in every_band(pair, review))
    assert found.cost == least
    assert found.reviewed == min(share for cost, share in every_band(pair, review) if cost == least)


@settings(max_examples=100, deadline=None)
@given(pair=scored_pairs(), share=st.floats(0.05, 0.9))
def test_a_limited_review_is_the_exhaustive_least_cost(pair: Pair, share: float) -> None:
    spec = AbstainSpec(max_share=share)
    rows = rows_of(pair, COST)
    found = band_outcome(rows, choose_band(rows, spec, 0.5), spec)
    within = [(cost, asked) for cost, asked in every_band(pair, 0.0) if asked <= share]
    assert (found.cost, found.reviewed) == min(within)
    assert found.reviewed <= share


def test_nobody_is_asked_where_it_costs_more_than_the_errors() -> None:
    rng = np.random.default_rng(0)
    y = (rng.random(500) < 0.2).astype(int)
    p = np.clip(0.3 * y + 0.5 * rng.random(500), 0, 1)
    reviewed = []
    for price in (0.1, 1.0, 50.0):
        spec = COST.model_copy(update={"abstain": AbstainSpec(review_cost=price)})
        rows = rows_of((y, p), spec)
        told = choose_threshold(rows, p, spec, folds_of(np.arange(500) % 5)).threshold
        assert told.band is not None
        assert told.band.chosen.cost <= told.chosen.cost
        reviewed.append(told.band.chosen.reviewed)
    assert reviewed[0] > reviewed[1] > reviewed[2] == pytest.approx(0)
