"""Each policy against an exhaustive search, and the properties that every choice must have."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as sk

from tests.deciding import Pair, every_cut, folds_of, rows_of, scored_pairs
from trainers.evaluation.threshold.choose import CURVE_POINTS, Chosen, choose_threshold, point, rule_for
from trainers.evaluation.threshold.outcomes import Prices, Scored, outcome
from trainers.evaluation.threshold.policy import UnreachableError, policy_of
from trainers.evaluation.threshold.spec import LABEL_METRICS, ExpectedCost, LotCapacity, ThresholdSpec
from trainers.portable.rules import Cut
from trainers.report.values import ThresholdPoint

COST = ThresholdSpec(expected_cost=ExpectedCost(false_negative=20, false_positive=1))
SK = {
    "f1": lambda y, f: sk.f1_score(y, f, zero_division=0),
    "jaccard": lambda y, f: sk.jaccard_score(y, f, zero_division=0),
    "balanced_accuracy": sk.balanced_accuracy_score,
    "accuracy": sk.accuracy_score,
    "matthews_corrcoef": sk.matthews_corrcoef,
}


def costing(miss: float, alarm: float, **limits: float) -> ThresholdSpec:
    return ThresholdSpec(expected_cost=ExpectedCost(false_negative=miss, false_positive=alarm), **limits)


def choose(
    pair: Pair, spec: ThresholdSpec, ids: np.ndarray | None = None, baseline: np.ndarray | None = None
) -> Chosen:
    folds = folds_of(np.zeros(len(pair[0])) if ids is None else ids)
    return choose_threshold(rows_of(pair, spec), pair[1] if baseline is None else baseline, spec, folds)


def flagged(pair: Pair, spec: ThresholdSpec) -> np.ndarray:
    """What the choice flags, without all that is told of it."""
    rows = rows_of(pair, spec)
    return rows.flagged_by(rule_for(rows, spec))


def rates(y: np.ndarray, f: np.ndarray) -> tuple[float, float, float]:
    """Recall, precision and share flagged."""
    hits = float((f & (y == 1)).sum())
    return hits / float((y == 1).sum()), hits / max(1, float(f.sum())), float(f.mean())


def cost(y: np.ndarray, f: np.ndarray, miss: float, alarm: float) -> float:
    return float(miss * (y[~f] == 1).sum() + alarm * (y[f] == 0).sum())


@settings(max_examples=80, deadline=None)
@given(pair=scored_pairs(), miss=st.floats(0.01, 100), alarm=st.floats(0.01, 100))
def test_least_cost_is_the_exhaustive_least(pair: Pair, miss: float, alarm: float) -> None:
    y, p = pair
    least = min(cost(y, f, miss, alarm) for f in every_cut(p))
    assert cost(y, flagged(pair, costing(miss, alarm)), miss, alarm) == pytest.approx(least)


@settings(max_examples=80, deadline=None)
@given(pair=scored_pairs(), limit=st.floats(0.01, 1))
def test_min_recall_gives_the_exhaustive_best_precision(pair: Pair, limit: float) -> None:
    y, p = pair
    best = max((precision, recall) for recall, precision, _ in (rates(y, f) for f in every_cut(p)) if recall >= limit)
    recall, precision, _ = rates(y, flagged(pair, ThresholdSpec(min_recall=limit)))
    assert (precision, recall) == best


@settings(max_examples=80, deadline=None)
@given(pair=scored_pairs(), limit=st.floats(0.01, 1))
def test_min_precision_gives_the_exhaustive_best_recall(pair: Pair, limit: float) -> None:
    y, p = pair
    kept = [rates(y, f)[:2] for f in every_cut(p) if rates(y, f)[1] >= limit]
    spec = ThresholdSpec(min_precision=limit)
    if not kept:
        with pytest.raises(UnreachableError):
            choose(pair, spec)
        return
    assert rates(y, flagged(pair, spec))[:2] == max(kept)


@settings(max_examples=80, deadline=None)
@given(pair=scored_pairs(), limit=st.floats(0.01, 1))
def test_capacity_gives_the_exhaustive_best_recall(pair: Pair, limit: float) -> None:
    y, p = pair
    kept = [(r, -f) for r, _, f in (rates(y, f) for f in every_cut(p)) if f <= limit and r > 0]
    spec = ThresholdSpec(capacity=limit)
    if not kept:
        with pytest.raises(UnreachableError):
            choose(pair, spec)
        return
    recall, _, share = rates(y, flagged(pair, spec))
    assert (recall, -share) == max(kept)


@pytest.mark.parametrize("name", LABEL_METRICS)
@settings(max_examples=40, deadline=None)
@given(pair=scored_pairs())
@pytest.mark.filterwarnings("ignore")
def test_a_metric_is_the_exhaustive_best_by_scikit_learn(name: str, pair: Pair) -> None:
    y, p = pair
    best = max(SK[name](y, f.astype(int)) for f in every_cut(p))
    assert SK[name](y, flagged(pair, ThresholdSpec(metric=name)).astype(int)) == pytest.approx(best)


@settings(max_examples=120, deadline=None)
@given(
    pair=scored_pairs(),
    capacity=st.floats(0.1, 1),
    floor=st.floats(0.01, 0.7),
    objective=st.sampled_from(["cost", "f1", "precision"]),
)
def test_limits_combine_under_any_objective(pair: Pair, capacity: float, floor: float, objective: str) -> None:
    y, p = pair
    spec, value = {
        "cost": (costing(7, 2, capacity=capacity, min_precision=floor), lambda f: -cost(y, f, 7, 2)),
        "f1": (ThresholdSpec(metric="f1", capacity=capacity, min_recall=floor), lambda f: SK["f1"](y, f)),
        "precision": (ThresholdSpec(min_recall=floor, capacity=capacity), lambda f: rates(y, f)[1]),
    }[objective]
    at = 1 if objective == "cost" else 0
    kept = [value(f) for f in every_cut(p) if rates(y, f)[at] >= floor and rates(y, f)[2] <= capacity]
    if not kept:
        with pytest.raises(UnreachableError):
            choose(pair, spec)
        return
    found = flagged(pair, spec)
    assert value(found) == pytest.approx(max(kept))
    assert rates(y, found)[at] >= floor
    assert rates(y, found)[2] <= capacity


@settings(max_examples=80, deadline=None)
@given(pair=scored_pairs(), seed=st.integers(0, 9), capacity=st.one_of(st.none(), st.floats(0.05, 1)))
def test_costs_by_row_give_the_exhaustive_least(pair: Pair, seed: int, capacity: float | None) -> None:
    y, p = pair
    rng = np.random.default_rng(seed)
    miss, alarm = rng.integers(1, 30, len(y)).astype(float), rng.integers(1, 5, len(y)).astype(float)
    spec = costing(1, 1, capacity=capacity)
    rows = Scored(y, p, Prices(miss, alarm))

    def total(f: np.ndarray) -> float:
        return float(miss[~f & (y == 1)].sum() + alarm[f & (y == 0)].sum())

    least = min(total(f) for f in every_cut(p) if capacity is None or f.mean() <= capacity)
    assert total(rows.flagged_by(rule_for(rows, spec))) == least


@settings(max_examples=60, deadline=None)
@given(pair=scored_pairs(), miss=st.integers(1, 50), alarm=st.integers(1, 9))
def test_costs_by_row_that_are_all_alike_are_fixed_costs(pair: Pair, miss: int, alarm: int) -> None:
    by_row = Scored(*pair, Prices(np.full(len(pair[0]), float(miss)), np.full(len(pair[0]), float(alarm))))
    spec = costing(miss, alarm)
    assert rule_for(by_row, spec) == rule_for(rows_of(pair, spec), spec)


@settings(max_examples=80, deadline=None)
@given(pair=scored_pairs(), costs=st.tuples(st.integers(1, 50), st.integers(1, 50)))
def test_a_higher_miss_cost_never_raises_the_threshold(pair: Pair, costs: tuple[int, int]) -> None:
    cheap, dear = (rule_for(rows_of(pair, costing(c, 7)), costing(c, 7)).threshold for c in sorted(costs))
    assert dear <= cheap


@settings(max_examples=80, deadline=None)
@given(pair=scored_pairs(), limits=st.tuples(st.floats(0.01, 1), st.floats(0.01, 1)), free=st.booleans())
def test_a_tighter_capacity_never_flags_more(pair: Pair, limits: tuple[float, float], free: bool) -> None:
    shares = []
    for limit in sorted(limits):
        spec = ThresholdSpec(capacity=limit) if free else costing(5, 1, capacity=limit)
        rows = rows_of(pair, spec)
        found = rows.flagged_by(rule_for(rows, spec))
        kept = policy_of(spec).kept(outcome(rows, found))[0]
        shares.append(found.mean() if kept else 0.0)
    assert shares[0] <= shares[1] <= max(limits)


@settings(max_examples=15, deadline=None)
@given(pair=scored_pairs(), spec=st.sampled_from([COST, ThresholdSpec(), ThresholdSpec(min_recall=0.6)]))
def test_what_is_told_is_what_happens(pair: Pair, spec: ThresholdSpec) -> None:
    found, rows = choose(pair, spec), rows_of(pair, spec)
    told = found.threshold
    assert told.chosen == point(rows, Cut(told.value), spec)
    for each in told.curve:
        assert each == point(rows, Cut(each.threshold), spec)
    assert told.chosen in told.curve
    assert told.at_half == point(rows, Cut(0.5), spec)
    assert found.rule == Cut(told.value)


def test_a_capacity_by_lots_is_the_same_share() -> None:
    p = np.random.default_rng(0).random(400)
    pair = (p > 0.5).astype(int), p
    lots = ThresholdSpec(lot_capacity=LotCapacity(rows=12, of=400))
    assert flagged(pair, lots).sum() == 12
    assert (flagged(pair, lots) == flagged(pair, ThresholdSpec(capacity=0.03))).all()


def test_neighbouring_floats_are_still_told_apart() -> None:
    low = 0.5
    high = np.nextafter(low, 1)
    assert low < rule_for(Scored(np.array([0, 1]), np.array([low, high])), ThresholdSpec()).threshold <= high


def test_scores_in_single_precision_fall_on_their_side_of_the_value() -> None:
    rows = Scored(np.array([0, 0, 1, 1]), np.array([0.1, 0.2, 0.7, 0.8], dtype=np.float32))
    assert rule_for(rows, ThresholdSpec()).threshold == pytest.approx(0.45)


def test_to_flag_nothing_is_an_option_when_alarms_are_dear() -> None:
    found = choose((np.array([1, 0, 1]), np.array([0.5, 1.0, 0.2])), costing(1, 100)).threshold
    assert found.value > 1.0
    assert found.chosen.flagged == 0


def test_of_equal_costs_the_one_that_flags_fewer_rows_is_taken() -> None:
    found = choose((np.array([1, 0, 1, 0]), np.array([0.9, 0.6, 0.3, 0.1])), costing(1, 1)).threshold
    assert found.chosen.cost == 1
    assert found.chosen.flagged == 0.25


def informed(n: int, seed: int, rate: float = 0.1) -> Pair:
    rng = np.random.default_rng(seed)
    y = (rng.random(n) < rate).astype(int)
    return y, np.clip(0.3 * y + 0.5 * rng.random(n), 0, 1)


@pytest.mark.parametrize("seed", range(3))
def test_the_curve_of_many_scores_is_short_and_holds_the_choice(seed: int) -> None:
    found = choose(informed(5000, seed, 0.3), ThresholdSpec()).threshold
    assert 100 < len(found.curve) <= CURVE_POINTS
    assert found.chosen in found.curve
    assert [c.threshold for c in found.curve] == sorted(c.threshold for c in found.curve)
    recalls = np.array([c.recall for c in found.curve])
    assert -np.diff(recalls).min() < 0.03


def test_each_fold_has_its_own_threshold() -> None:
    pair = np.array([0, 1, 0, 1]), np.array([0.1, 0.3, 0.6, 0.8])
    found = choose(pair, ThresholdSpec(), np.array([0, 0, 1, 1]))
    assert found.threshold.folds == (pytest.approx(0.2), pytest.approx(0.7))


def test_held_out_folds_are_decided_by_what_the_others_choose() -> None:
    y, p = np.array([0, 1, 0, 1]), np.array([0.1, 0.3, 0.6, 0.8])
    held = choose((y, p), COST, np.array([0, 0, 1, 1])).threshold.held_out
    # 0.7, chosen on the second fold, misses the case of the first; 0.2, chosen on the first, flags both of the second.
    assert held is not None
    assert (held.recall, held.false_positive_rate, held.cost) == (0.5, 0.5, 21)


def test_a_fold_that_cannot_keep_the_limit_tells_the_nearest() -> None:
    pair = np.array([0, 1, 1, 0, 1]), np.array([0.1, 0.9, 0.9, 0.8, 0.5])
    found = choose(pair, ThresholdSpec(min_precision=0.9), np.array([0, 0, 0, 1, 1])).threshold
    assert found.folds[1] == pytest.approx(0.25)  # flags both rows: a precision of one half is the most it can give


def test_the_baseline_gets_its_own_threshold_by_the_same_policy() -> None:
    y, baseline = np.array([0, 0, 1, 1]), np.array([0.1, 0.4, 0.3, 0.6])
    found = choose((y, np.array([0.1, 0.2, 0.8, 0.9])), COST, baseline=baseline)
    alone = choose((y, baseline), COST)
    assert (found.threshold.baseline, found.baseline) == (alone.threshold.chosen, alone.rule)
    assert (found.threshold.chosen.cost, alone.threshold.chosen.cost) == (0, 1)


def test_a_baseline_that_cannot_keep_the_limit_does_not_stop_the_job() -> None:
    pair = np.array([0, 0, 0, 1]), np.array([0.1, 0.2, 0.3, 0.9])
    found = choose(pair, ThresholdSpec(min_precision=0.9), baseline=np.full(4, 0.25)).threshold.baseline
    assert isinstance(found, ThresholdPoint)
    assert found.precision == 0.25


@pytest.mark.parametrize(
    ("spec", "told"),
    [
        (ThresholdSpec(min_precision=0.9), {"min_precision": "0.5"}),
        (ThresholdSpec(capacity=0.1), {"capacity": "0.4"}),
        (ThresholdSpec(lot_capacity=LotCapacity(rows=1, of=9)), {"lot_capacity": "0.4"}),
        (ThresholdSpec(min_precision=0.9, capacity=0.1), {"min_precision": "0.5", "capacity": "0.4"}),
        (costing(1, 1, min_recall=1, capacity=0.2), {"min_recall": "is 0,", "capacity": "0.4"}),
    ],
)
def test_unreachable_limits_say_what_can_be_reached(spec: ThresholdSpec, told: dict[str, str]) -> None:
    with pytest.raises(UnreachableError) as caught:
        choose((np.array([0, 1, 0, 0, 0]), np.array([0.9, 0.9, 0.5, 0.4, 0.3])), spec)
    found = {violation.field.removeprefix("threshold."): violation.message for violation in caught.value.violations}
    assert found.keys() == told.keys()
    for name, reached in told.items():
        assert reached in found[name]
        assert "ask for no" in found[name]


def test_limits_that_can_be_kept_alone_but_not_together_name_each_other() -> None:
    spec = costing(1, 1, min_recall=1, capacity=0.4)
    with pytest.raises(UnreachableError, match=r"cannot be reached beside capacity.*is 0\.5") as caught:
        choose((np.array([1, 0, 1, 0, 0]), np.array([0.9, 0.8, 0.7, 0.2, 0.1])), spec)
    assert "cannot be kept beside min_recall" in str(caught.value)
    assert "0.6" in str(caught.value)


def test_costs_are_told_only_where_costs_are_given() -> None:
    pair = np.array([1, 0, 1]), np.array([0.4, 0.6, 0.7])
    assert point(rows_of(pair, COST), Cut(0.5), COST).cost == 21
    assert point(rows_of(pair, ThresholdSpec()), Cut(0.5), ThresholdSpec()).cost == 0


def test_the_interval_holds_the_choice_and_narrows_with_more_rows() -> None:
    widths = []
    for n in (300, 6000):
        found = choose(informed(n, 1), COST).threshold
        assert found.interval is not None
        assert found.objective_interval is not None
        assert found.interval.low <= found.value <= found.interval.high
        assert found.objective_interval.low <= found.chosen.objective <= found.objective_interval.high
        widths.append(found.interval.high - found.interval.low)
    assert widths[1] < widths[0] / 2


def test_grouped_rows_are_drawn_as_groups() -> None:
    y, p = informed(200, 2)
    repeated, spec = (np.repeat(y, 10), np.repeat(p, 10)), ThresholdSpec()
    rows, folds = rows_of(repeated, spec), folds_of(np.zeros(2000))
    alone, together = (
        choose_threshold(rows, repeated[1], spec, folds, groups).threshold.objective_interval
        for groups in (None, np.repeat(np.arange(200), 10))
    )
    assert alone is not None
    assert together is not None
    assert together.high - together.low > 2 * (alone.high - alone.low)


def test_what_wrong_prices_and_shares_would_change_is_told() -> None:
    pair = informed(800, 0)
    found = choose(pair, costing(8, 1)).threshold
    told = {each.change: each for each in found.sensitivity}
    half, twice = told["a miss costs half as much"], told["a miss costs twice as much"]
    assert twice.threshold < found.value < half.threshold
    assert told["twice as many rows are positive"].threshold < told["half as many rows are positive"].threshold
    assert all(each.objective >= each.objective_if_kept for each in found.sensitivity)
    kept = point(rows_of(pair, costing(16, 1)), Cut(found.value), costing(16, 1))
    assert twice.objective_if_kept == pytest.approx(kept.objective)


def test_a_capacity_that_more_positive_rows_would_break_is_told() -> None:
    found = choose(informed(2000, 3), ThresholdSpec(capacity=0.1)).threshold
    kept = {each.change: each.limits_kept for each in found.sensitivity}
    assert kept == {"half as many rows are positive": True, "twice as many rows are positive": False}
