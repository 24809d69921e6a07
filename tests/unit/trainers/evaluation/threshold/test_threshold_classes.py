"""Decisions among several classes, against every decision."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as sk

from tests.deciding import folds_of
from trainers.evaluation.threshold.classes import choose_classes, cost_table
from trainers.evaluation.threshold.spec import CLASS_METRICS, MistakeCost, ThresholdSpec

CLASSES = ("ok", "scratch", "crack")
SK = {
    "f1_macro": lambda y, d: sk.f1_score(y, d, average="macro", zero_division=0),
    "f1_weighted": lambda y, d: sk.f1_score(y, d, average="weighted", zero_division=0),
    "jaccard_macro": lambda y, d: sk.jaccard_score(y, d, average="macro", zero_division=0),
    "balanced_accuracy": sk.balanced_accuracy_score,
    "accuracy": sk.accuracy_score,
    "matthews_corrcoef": sk.matthews_corrcoef,
}


def inspected(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows of rare defects, with calibrated probabilities."""
    rng = np.random.default_rng(seed)
    p = rng.dirichlet([4, 0.6, 0.3], n)
    return np.array([rng.choice(3, p=row) for row in p]), p


def test_the_decision_for_each_row_has_the_least_expected_cost() -> None:
    y, p = inspected(500, 0)
    costs = (MistakeCost(truth="crack", decided="ok", cost=50), MistakeCost(truth="crack", decided="scratch", cost=5))
    found = choose_classes(y, p, p, CLASSES, ThresholdSpec(cost_matrix=costs), folds_of(np.arange(500) % 5))
    table = np.array([[0, 1, 1], [1, 0, 1], [50, 5, 0]])
    assert cost_table(costs, CLASSES).tolist() == table.tolist()
    decided = found.rule.labels(p)
    expected = np.array([[row @ table[:, d] for d in range(3)] for row in p])
    assert (expected[np.arange(500), decided] == expected.min(axis=1)).all()
    told = found.decision
    assert told is not None
    assert told.chosen.cost == table[y, decided].sum() == -told.chosen.objective
    assert told.chosen.cost < told.most_probable.cost == table[y, p.argmax(axis=1)].sum()


@pytest.mark.parametrize("name", CLASS_METRICS)
@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 1000), n=st.integers(6, 40))
@pytest.mark.filterwarnings("ignore")
def test_no_other_weight_of_one_class_is_better(name: str, seed: int, n: int) -> None:
    y, p = inspected(n, seed)
    found = choose_classes(y, p, p, CLASSES, ThresholdSpec(metric=name), folds_of(np.zeros(n)))
    told = found.decision
    assert told is not None
    weights = np.array([row.weights[i] for i, row in enumerate(told.matrix)])
    best = SK[name](y, found.rule.labels(p))
    assert told.chosen.objective == pytest.approx(best)
    assert best >= SK[name](y, p.argmax(axis=1)) - 1e-12
    for each in range(3):
        others = np.delete(p * weights, each, axis=1).max(axis=1)
        turning = np.unique(others[p[:, each] > 0] / p[p[:, each] > 0, each])
        for weight in [turning[0] / 2, *(turning[1:] + turning[:-1]) / 2, 2 * turning[-1]]:
            tried = weights.copy()
            tried[each] = weight
            assert SK[name](y, (p * tried).argmax(axis=1)) <= best + 1e-12


def test_weights_carry_over_to_rows_that_had_no_part_in_them() -> None:
    y, p = inspected(3000, 1)
    found = choose_classes(y, p, p, CLASSES, ThresholdSpec(metric="f1_macro"), folds_of(np.arange(3000) % 5))
    told = found.decision
    assert told is not None
    assert told.held_out is not None
    assert told.most_probable.objective < told.held_out.objective <= told.chosen.objective


def test_where_nothing_is_asked_the_most_probable_class_is_decided() -> None:
    y, p = inspected(50, 2)
    found = choose_classes(y, p, p, CLASSES, ThresholdSpec(), folds_of(np.zeros(50)))
    assert found.decision is None
    assert (found.rule.labels(p) == p.argmax(axis=1)).all()
