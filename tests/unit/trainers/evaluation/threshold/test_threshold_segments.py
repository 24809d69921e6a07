"""Thresholds by segment against every combination of them, and the budgets that they share."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.deciding import Pair, every_cut, folds_of, rows_of, scored_pairs
from trainers.evaluation.threshold import segments as room
from trainers.evaluation.threshold.choose import choose_threshold, rule_for
from trainers.evaluation.threshold.outcomes import Prices, Scored, outcome
from trainers.evaluation.threshold.policy import policy_of
from trainers.evaluation.threshold.spec import ExpectedCost, ThresholdSpec
from trainers.portable.rules import Cut

COST = ExpectedCost(false_negative=7, false_positive=2)
BY_SITE = {"segment_on": ("site",), "min_segment_cases": 1}
SPECS = (
    ThresholdSpec(expected_cost=COST, **BY_SITE),
    ThresholdSpec(expected_cost=COST, capacity=0.4, **BY_SITE),
    ThresholdSpec(expected_cost=COST, min_precision=0.6, **BY_SITE),
    ThresholdSpec(capacity=0.3, **BY_SITE),
    ThresholdSpec(min_recall=0.7, **BY_SITE),
    ThresholdSpec(min_recall=0.5, capacity=0.5, **BY_SITE),
    ThresholdSpec(metric="f1", **BY_SITE),
    ThresholdSpec(metric="matthews_corrcoef", capacity=0.5, **BY_SITE),
)


def at_sites(pair: Pair, seed: int, sites: int = 3) -> list:
    """A site for each row; a few rows have none."""
    drawn = np.random.default_rng(seed).integers(0, sites + 1, len(pair[0]))
    return [(f"site {i}",) if i < sites else None for i in drawn]


def every_flagging(rows: Scored, shared: float) -> list[np.ndarray]:
    """What every combination of the segments' thresholds flags, the shared threshold deciding rows without a segment."""
    members = [at for at in rows.members().values() if (rows.y[at] == 1).any()]
    found = []
    for flags in product(*(list(every_cut(rows.scores[at])) for at in members)):
        flagged = rows.scores >= shared
        for at, flag in zip(members, flags, strict=True):
            flagged[at] = flag
        found.append(flagged)
    return found


@settings(max_examples=150, deadline=None)
@given(pair=scored_pairs(most=12), seed=st.integers(0, 99), spec=st.sampled_from(SPECS))
def test_segments_are_the_exhaustive_best_together(pair: Pair, seed: int, spec: ThresholdSpec) -> None:
    rows, policy = rows_of(pair, spec, at_sites(pair, seed)), policy_of(spec)
    rule = rule_for(rows, spec)
    ours = outcome(rows, rows.flagged_by(rule))
    all_of_them = [outcome(rows, flagged) for flagged in every_flagging(rows, rule.threshold)]
    kept = [each for each in all_of_them if policy.kept(each)[0]]
    assert bool(policy.kept(ours)[0]) == bool(kept)
    if kept:
        best = max(policy.objective(each)[0] for each in kept)
        assert policy.objective(ours)[0] == pytest.approx(best)


@settings(max_examples=80, deadline=None)
@given(pair=scored_pairs(most=12), seed=st.integers(0, 99), capacity=st.one_of(st.none(), st.floats(0.2, 0.8)))
def test_costs_by_row_are_least_over_all_segments(pair: Pair, seed: int, capacity: float | None) -> None:
    rng = np.random.default_rng(seed)
    n = len(pair[0])
    prices = Prices(rng.integers(1, 20, n).astype(float), rng.integers(1, 5, n).astype(float))
    rows = Scored(*pair, prices, at_sites(pair, seed))
    spec = ThresholdSpec(expected_cost=COST, capacity=capacity, **BY_SITE)
    rule = rule_for(rows, spec)
    ours = outcome(rows, rows.flagged_by(rule))
    kept = [
        each
        for flagged in every_flagging(rows, rule.threshold)
        if policy_of(spec).kept(each := outcome(rows, flagged))[0]
    ]
    assert ours.cost[0] == min(each.cost[0] for each in kept)
    assert policy_of(spec).kept(ours)[0]


@settings(max_examples=60, deadline=None)
@given(pair=scored_pairs(most=60), seed=st.integers(0, 99), spec=st.sampled_from(SPECS), least=st.integers(1, 6))
def test_the_budget_is_kept_and_one_threshold_is_never_better(
    pair: Pair, seed: int, spec: ThresholdSpec, least: int
) -> None:
    spec = spec.model_copy(update={"min_segment_cases": least})
    rows, policy = rows_of(pair, spec, at_sites(pair, seed)), policy_of(spec)
    rule = rule_for(rows, spec)
    ours, shared = outcome(rows, rows.flagged_by(rule)), outcome(rows, rows.scores >= rule.threshold)
    if policy.kept(shared)[0]:
        assert policy.kept(ours)[0]
        assert policy.objective(ours)[0] >= policy.objective(shared)[0] - 1e-12
        if spec.capacity is not None:
            assert ours.flagged[0] <= spec.capacity


def sites(n: int, seed: int) -> Scored:
    """Two large sites whose scores differ by a shift, and a small one."""
    rng = np.random.default_rng(seed)
    y = (rng.random(n) < 0.15).astype(int)
    site = rng.choice(["north", "south", "tiny"], n, p=[0.49, 0.49, 0.02])
    p = np.clip(0.2 * y + 0.3 * rng.random(n) + 0.3 * (site == "south"), 0, 1)
    return Scored(y, p, Prices(7.0, 2.0), [(str(name),) for name in site])


def test_segments_that_differ_gain_and_small_ones_keep_the_shared_threshold() -> None:
    rows, spec = sites(2000, 0), ThresholdSpec(expected_cost=COST, segment_on=("site",))
    found = choose_threshold(rows, rows.scores, spec, folds_of(np.arange(2000) % 5))
    told = found.threshold
    assert told.shared is not None
    assert told.held_out is not None
    assert told.chosen.cost < told.shared.cost
    assert told.held_out_shared is not None
    assert told.held_out.cost < told.held_out_shared.cost
    north, south, tiny = told.segments
    assert (north.own, south.own, tiny.own) == (True, True, False)
    assert south.threshold == pytest.approx(north.threshold + 0.3, abs=0.07)
    assert tiny.threshold == told.value
    assert sum(each.chosen.cost for each in told.segments) == told.chosen.cost
    assert isinstance(found.rule, Cut)
    assert found.rule.segments == (("north",), ("south",))


def test_very_long_curves_are_thinned_and_stay_near_the_best(monkeypatch: pytest.MonkeyPatch) -> None:
    rows, spec = sites(4000, 1), ThresholdSpec(capacity=0.1, segment_on=("site",))
    exact = outcome(rows, rows.flagged_by(rule_for(rows, spec)))
    monkeypatch.setattr(room, "WORK", 60_000)
    thinned = outcome(rows, rows.flagged_by(rule_for(rows, spec)))
    assert thinned.flagged[0] <= 0.1
    assert 0 <= exact.recall[0] - thinned.recall[0] < 0.03
