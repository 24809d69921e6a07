"""Each policy against an exhaustive search, and the properties that every choice must have."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as sk

from trainers.evaluation.threshold import (
    CURVE_POINTS,
    LABEL_METRICS,
    ExpectedCost,
    ThresholdSpec,
    UnreachableError,
    choose_threshold,
    point,
)
from trainers.report.values import Threshold

COST = ThresholdSpec(expected_cost=ExpectedCost(false_negative=20, false_positive=1))
SK = {
    "f1": lambda y, f: sk.f1_score(y, f, zero_division=0),
    "jaccard": lambda y, f: sk.jaccard_score(y, f, zero_division=0),
    "balanced_accuracy": sk.balanced_accuracy_score,
    "accuracy": sk.accuracy_score,
    "matthews_corrcoef": sk.matthews_corrcoef,
}


@st.composite
def scored(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    """Rows of both classes, often with tied scores and scores at 0 and 1."""
    pairs = st.tuples(st.integers(0, 1), st.one_of(st.sampled_from([0, 0.5, 1]), st.floats(0, 1)))
    rows = [(0, draw(st.floats(0, 1))), (1, draw(st.floats(0, 1))), *draw(st.lists(pairs, max_size=25))]
    return np.array([y for y, _ in rows]), np.array([p for _, p in rows])


def choose(y: np.ndarray, p: np.ndarray, spec: ThresholdSpec) -> Threshold:
    return choose_threshold(y, p, np.zeros(len(y), dtype=int), spec)


def every_flagging(p: np.ndarray) -> list[np.ndarray]:
    return [p >= t for t in [*np.unique(p), np.inf]]


def rates(y: np.ndarray, flagged: np.ndarray) -> tuple[float, float, float]:
    return (
        float((flagged & (y == 1)).sum() / (y == 1).sum()),
        float((flagged & (y == 1)).sum() / max(1, flagged.sum())),
        float(flagged.mean()),
    )


@settings(max_examples=80, deadline=None)
@given(rows=scored(), miss=st.floats(0.01, 100), alarm=st.floats(0.01, 100))
def test_least_cost_is_the_exhaustive_least(rows: tuple[np.ndarray, np.ndarray], miss: float, alarm: float) -> None:
    y, p = rows
    spec = ThresholdSpec(expected_cost=ExpectedCost(false_negative=miss, false_positive=alarm))
    costs = [miss * (y[~f] == 1).sum() + alarm * (y[f] == 0).sum() for f in every_flagging(p)]
    found = choose(y, p, spec)
    assert found.chosen.cost == pytest.approx(min(costs))
    flagged = p >= found.value
    assert miss * (y[~flagged] == 1).sum() + alarm * (y[flagged] == 0).sum() == pytest.approx(min(costs))


@settings(max_examples=80, deadline=None)
@given(rows=scored(), limit=st.floats(0.01, 1))
def test_min_recall_gives_the_exhaustive_best_precision(rows: tuple[np.ndarray, np.ndarray], limit: float) -> None:
    y, p = rows
    flaggings = [rates(y, f) for f in every_flagging(p)]
    best = max((precision, recall) for recall, precision, _ in flaggings if recall >= limit)
    recall, precision, _ = rates(y, p >= choose(y, p, ThresholdSpec(min_recall=limit)).value)
    assert (precision, recall) == best


@settings(max_examples=80, deadline=None)
@given(rows=scored(), limit=st.floats(0.01, 1))
def test_min_precision_gives_the_exhaustive_best_recall(rows: tuple[np.ndarray, np.ndarray], limit: float) -> None:
    y, p = rows
    kept = [
        (recall, precision) for recall, precision, _ in (rates(y, f) for f in every_flagging(p)) if precision >= limit
    ]
    if not kept:
        with pytest.raises(UnreachableError):
            choose(y, p, ThresholdSpec(min_precision=limit))
        return
    assert rates(y, p >= choose(y, p, ThresholdSpec(min_precision=limit)).value)[:2] == max(kept)


@settings(max_examples=80, deadline=None)
@given(rows=scored(), limit=st.floats(0.01, 1))
def test_capacity_gives_the_exhaustive_best_recall(rows: tuple[np.ndarray, np.ndarray], limit: float) -> None:
    y, p = rows
    kept = [
        (recall, -flagged) for recall, _, flagged in (rates(y, f) for f in every_flagging(p)) if 0 < flagged <= limit
    ]
    if not kept:
        with pytest.raises(UnreachableError):
            choose(y, p, ThresholdSpec(capacity=limit))
        return
    recall, _, flagged = rates(y, p >= choose(y, p, ThresholdSpec(capacity=limit)).value)
    assert (recall, -flagged) == max(kept)


@pytest.mark.parametrize("name", LABEL_METRICS)
@settings(max_examples=40, deadline=None)
@given(rows=scored())
@pytest.mark.filterwarnings("ignore")
def test_a_metric_is_the_exhaustive_best_by_scikit_learn(name: str, rows: tuple[np.ndarray, np.ndarray]) -> None:
    y, p = rows
    best = max(SK[name](y, f.astype(int)) for f in every_flagging(p))
    found = choose(y, p, ThresholdSpec(metric=name))
    assert SK[name](y, (p >= found.value).astype(int)) == pytest.approx(best)
    assert found.chosen.objective == pytest.approx(best)


@settings(max_examples=80, deadline=None)
@given(rows=scored(), low=st.integers(1, 50), high=st.integers(1, 50))
def test_a_higher_miss_cost_never_raises_the_threshold(
    rows: tuple[np.ndarray, np.ndarray], low: int, high: int
) -> None:
    low, high = sorted((low, high))
    cheap, dear = (
        choose(*rows, ThresholdSpec(expected_cost=ExpectedCost(false_negative=c, false_positive=7))).value
        for c in (low, high)
    )
    assert dear <= cheap


@settings(max_examples=80, deadline=None)
@given(rows=scored(), limits=st.tuples(st.floats(0.01, 1), st.floats(0.01, 1)))
def test_a_tighter_capacity_never_flags_more(rows: tuple[np.ndarray, np.ndarray], limits: tuple[float, float]) -> None:
    flagged = []
    for limit in sorted(limits):
        try:
            flagged.append(choose(*rows, ThresholdSpec(capacity=limit)).chosen.flagged)
        except UnreachableError:
            flagged.append(0.0)
    assert flagged[0] <= flagged[1] <= max(limits)


@settings(max_examples=100, deadline=None)
@given(rows=scored(), spec=st.sampled_from([COST, ThresholdSpec(), ThresholdSpec(min_recall=0.6)]))
def test_what_is_told_is_what_happens(rows: tuple[np.ndarray, np.ndarray], spec: ThresholdSpec) -> None:
    found = choose(*rows, spec)
    assert found.chosen == point(*rows, found.value, spec)
    for each in found.curve:
        assert each == point(*rows, each.threshold, spec)
    assert found.chosen in found.curve
    assert found.at_half == point(*rows, 0.5, spec)


def test_neighbouring_floats_are_still_told_apart() -> None:
    low = 0.5
    high = np.nextafter(low, 1)
    found = choose(np.array([0, 1]), np.array([low, high]), ThresholdSpec())
    assert low < found.value <= high


def test_scores_in_single_precision_fall_on_their_side_of_the_value() -> None:
    p = np.array([0.1, 0.2, 0.7, 0.8], dtype=np.float32)
    found = choose(np.array([0, 0, 1, 1]), p, ThresholdSpec())
    assert found.value == pytest.approx(0.45)


def test_to_flag_nothing_is_an_option_when_alarms_are_dear() -> None:
    spec = ThresholdSpec(expected_cost=ExpectedCost(false_negative=1, false_positive=100))
    found = choose(np.array([1, 0, 1]), np.array([0.5, 1.0, 0.2]), spec)
    assert found.value > 1.0
    assert found.chosen.flagged == 0


def test_of_equal_costs_the_one_that_flags_fewer_rows_is_taken() -> None:
    spec = ThresholdSpec(expected_cost=ExpectedCost(false_negative=1, false_positive=1))
    found = choose(np.array([1, 0, 1, 0]), np.array([0.9, 0.6, 0.3, 0.1]), spec)
    assert found.chosen.cost == 1
    assert found.chosen.flagged == 0.25


@pytest.mark.parametrize("seed", range(5))
def test_the_curve_of_many_scores_is_short_and_holds_the_choice(seed: int) -> None:
    rng = np.random.default_rng(seed)
    y = (rng.random(5000) < 0.3).astype(int)
    p = np.clip(0.3 * y + 0.5 * rng.random(5000), 0, 1)
    found = choose(y, p, ThresholdSpec())
    assert 100 < len(found.curve) <= CURVE_POINTS
    assert found.chosen in found.curve
    assert [c.threshold for c in found.curve] == sorted(c.threshold for c in found.curve)
    recalls = np.array([c.recall for c in found.curve])
    assert -np.diff(recalls).min() < 0.03


def test_each_fold_has_its_own_threshold() -> None:
    y = np.array([0, 1, 0, 1])
    p = np.array([0.1, 0.3, 0.6, 0.8])
    found = choose_threshold(y, p, np.array([0, 0, 1, 1]), ThresholdSpec())
    assert found.folds == (pytest.approx(0.2), pytest.approx(0.7))


def test_a_fold_that_cannot_keep_the_limit_tells_the_nearest() -> None:
    y = np.array([0, 1, 1, 0, 1])
    p = np.array([0.1, 0.9, 0.9, 0.8, 0.5])
    found = choose_threshold(y, p, np.array([0, 0, 0, 1, 1]), ThresholdSpec(min_precision=0.9))
    assert found.folds[1] == pytest.approx(0.25)  # flags both rows: a precision of one half is the most it can give


def test_the_baseline_gets_its_own_threshold_by_the_same_policy() -> None:
    y = np.array([0, 0, 1, 1])
    baseline = np.array([0.1, 0.4, 0.3, 0.6])
    found = choose_threshold(y, np.array([0.1, 0.2, 0.8, 0.9]), np.zeros(4), COST, baseline)
    assert found.baseline == choose(y, baseline, COST).chosen
    assert found.baseline is not None
    assert (found.chosen.cost, found.baseline.cost) == (0, 1)


def test_a_baseline_that_cannot_keep_the_limit_does_not_stop_the_job() -> None:
    y = np.array([0, 0, 0, 1])
    found = choose_threshold(
        y, np.array([0.1, 0.2, 0.3, 0.9]), np.zeros(4), ThresholdSpec(min_precision=0.9), np.full(4, 0.25)
    )
    assert found.baseline is not None
    assert found.baseline.precision == 0.25


@pytest.mark.parametrize(
    ("spec", "field", "reachable"),
    [
        (ThresholdSpec(min_precision=0.9), "threshold.min_precision", "0.5"),
        (ThresholdSpec(capacity=0.1), "threshold.capacity", "0.4"),
    ],
)
def test_an_unreachable_limit_says_what_can_be_reached(spec: ThresholdSpec, field: str, reachable: str) -> None:
    with pytest.raises(UnreachableError) as caught:
        choose(np.array([0, 1, 0, 0, 0]), np.array([0.9, 0.9, 0.5, 0.4, 0.3]), spec)
    [violation] = caught.value.violations
    assert violation.field == field
    assert reachable in violation.message


def test_costs_are_told_only_where_costs_are_given() -> None:
    y, p = np.array([1, 0, 1]), np.array([0.4, 0.6, 0.7])
    assert point(y, p, 0.5, COST).cost == 21
    assert point(y, p, 0.5, ThresholdSpec()).cost == 0
