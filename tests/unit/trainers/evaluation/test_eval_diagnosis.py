"""Planted faults are named, healthy models are not; calibration and importance see what was planted."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, train_test_split
from sklearn.tree import DecisionTreeClassifier

from trainers.data.load import Task
from trainers.evaluation.calibration import reliability
from trainers.evaluation.diagnosis import Scores, diagnose, diagnose_probabilities, generalisation
from trainers.evaluation.metrics import bootstrap, metric
from trainers.insight.importance import importances
from trainers.report.values import Interval

METRIC = metric("average_precision", Task.BINARY)
HEALTHY = Scores("average_precision", 0.9, (0.80, 0.83, 0.81, 0.79, 0.82), 0.80, Interval(0.75, 0.85), 0.1)


def codes(scores: Scores) -> list[str]:
    return [finding.code for finding in diagnose(scores)]


def measured(model: object, X: np.ndarray, y: np.ndarray, shift: float = 0.0) -> Scores:
    """Fits a model for real, on folds and on all development rows, and scores it."""
    X, X_test, y, y_test = train_test_split(X, y, test_size=0.3, stratify=y, random_state=0)
    X_test = X_test + shift
    folds = []
    for train, held in StratifiedKFold(5).split(X, y):
        folds.append(METRIC.score(y[held], model.fit(X[train], y[train]).predict_proba(X[held])[:, 1]))
    p, p_test = (model.fit(X, y).predict_proba(rows)[:, 1] for rows in (X, X_test))
    interval = bootstrap([METRIC], y_test, p_test)[METRIC.name]
    return Scores(
        METRIC.name, METRIC.score(y, p), tuple(folds), METRIC.score(y_test, p_test), interval, float(y.mean())
    )


def table(seed: int, n: int = 1000) -> tuple[np.ndarray, np.ndarray]:
    """Two columns that decide together, in a way no line can follow, and two that do not matter."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 4))
    return X, ((X[:, 0] * X[:, 1] + 0.2 * rng.normal(size=n)) > 0.5).astype(int)


def test_a_healthy_forest_is_left_alone() -> None:
    assert codes(measured(RandomForestClassifier(30, min_samples_leaf=5, random_state=0), *table(0))) == []


def test_a_tree_that_memorises_noise_is_overfitted() -> None:
    X, _ = table(1, 600)
    noise = (np.random.default_rng(2).random(600) < 0.3).astype(int)
    assert "OVERFITTING" in codes(measured(DecisionTreeClassifier(random_state=0), X, noise))


def test_a_line_through_an_interaction_is_underfitted() -> None:
    assert "UNDERFITTING" in codes(measured(LogisticRegression(), *table(3)))


def test_shifted_test_rows_are_noticed() -> None:
    forest = RandomForestClassifier(30, min_samples_leaf=5, random_state=0)
    assert codes(measured(forest, *table(4), shift=1.5)) == ["TEST_DIFFERS"]


def test_a_leaked_target_is_too_good() -> None:
    X, y = table(5)
    X[:, 3] = y
    assert codes(measured(DecisionTreeClassifier(random_state=0), X, y)) == ["TOO_GOOD"]


def test_folds_that_disagree_are_unstable() -> None:
    assert codes(replace(HEALTHY, folds=(0.95, 0.3, 0.9, 0.5, 0.8), train=0.9)) == ["UNSTABLE_FOLDS"]


def test_losses_are_measured_against_nought() -> None:
    scores = Scores("neg_root_mean_squared_error", -1.0, (-1.1, -1.2, -1.1), -1.15, Interval(-1.3, -1.0), -10.0)
    assert codes(scores) == []
    assert codes(replace(scores, train=-0.01, folds=(-5.1, -5.2, -5.3), test=-5.2)) == ["OVERFITTING"]
    assert codes(replace(scores, train=-0.01, folds=(-0.02, -0.02, -0.02), test=-0.02)) == ["TOO_GOOD"]


@pytest.mark.parametrize(
    ("changes", "verdict"),
    [
        ({}, "healthy"),
        ({"train": 0.99, "folds": (0.5, 0.52, 0.51)}, "overfitting"),
        ({"train": 0.3, "folds": (0.29, 0.3, 0.31), "test": 0.3}, "underfitting"),
        ({"train": 1.0, "folds": (0.999, 0.998, 0.999), "test": 0.999}, "suspicious"),
    ],
)
def test_the_gap_has_a_verdict_and_every_fault_two_remedies(changes: dict[str, Any], verdict: str) -> None:
    scores = replace(HEALTHY, **changes)
    found = diagnose(scores)
    told = generalisation(scores, found)
    assert told is not None
    assert told.verdict == verdict
    assert all(finding.action and finding.alternative for finding in found)


def test_where_nothing_can_be_gained_there_is_no_verdict() -> None:
    assert generalisation(replace(HEALTHY, dummy=1.0), ()) is None


def test_every_finding_carries_its_numbers_and_two_remedies() -> None:
    [finding] = diagnose(replace(HEALTHY, test=0.5, test_interval=Interval(0.45, 0.55)))
    assert finding.evidence["test"] == 0.5
    assert finding.evidence["standard_errors_apart"] > finding.evidence["limit"]
    assert " or " in finding.action


def test_calibrated_probabilities_pass_and_inflated_ones_do_not() -> None:
    rng = np.random.default_rng(0)
    p = rng.beta(1, 8, size=3000)
    y = (rng.random(3000) < p).astype(int)
    assert diagnose_probabilities(y, p) == ()
    [finding] = diagnose_probabilities(y, p**0.5)
    assert finding.code == "MISCALIBRATED"
    assert "calibration.method" in finding.action


def test_calibration_counts_by_hand() -> None:
    y = np.array([0, 0, 0, 1, 1, 1, 0, 1])
    p = np.array([0.2, 0.2, 0.2, 0.2, 0.6, 0.6, 0.6, 0.6])
    found = reliability(y, p, bins=2)
    assert (found.predicted, found.observed) == (pytest.approx((0.2, 0.6)), (0.25, 0.75))
    assert found.rows == (4, 4)
    assert found.expected_error == pytest.approx((0.05 + 0.15) / 2)
    assert found.brier == pytest.approx(np.mean((p - y) ** 2))


def test_of_several_classes_the_most_probable_one_is_measured() -> None:
    y = np.array([0, 0, 1, 2])
    p = np.array([[0.8, 0.1, 0.1], [0.1, 0.8, 0.1], [0.1, 0.8, 0.1], [0.1, 0.1, 0.8]])
    found = reliability(y, p)
    assert (found.predicted, found.observed) == (pytest.approx((0.8,)), (0.75,))
    assert found.brier == pytest.approx((3 * 0.2**2 + 0.8**2) / 4)


def test_one_probability_for_all_is_one_bin() -> None:
    found = reliability(np.array([0, 1, 0, 0]), np.full(4, 0.25))
    assert (found.rows, found.expected_error) == ((4,), 0.0)


def test_importance_ranks_the_columns_that_matter_first() -> None:
    X, y = table(6)
    frame = pd.DataFrame(X, columns=["first", "second", "noise", "more_noise"])
    model = RandomForestClassifier(30, min_samples_leaf=5, random_state=0).fit(frame[:600], y[:600])
    found = importances(model, lambda m, rows: m.predict_proba(rows)[:, 1], frame[600:], y[600:], METRIC, max_rows=300)
    assert {f.feature for f in found[:2]} == {"first", "second"}
    assert found[1].mean > 5 * abs(found[2].mean)
    assert [f.mean for f in found] == sorted((f.mean for f in found), reverse=True)
