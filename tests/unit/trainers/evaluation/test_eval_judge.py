"""The scoring of the test rows."""

import numpy as np
import pytest
from sklearn import metrics as sk

from trainers.data.load import Task
from trainers.evaluation.judge import judge
from trainers.evaluation.metrics import metric
from trainers.evaluation.threshold import ExpectedCost, ThresholdSpec, choose_threshold

COST = ThresholdSpec(expected_cost=ExpectedCost(false_negative=20, false_positive=1))


def binary(n: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    y = (rng.random(n) < 0.1).astype(int)
    return y, 0.3 * y + 0.4 * rng.random(n), 0.1 * y + 0.9 * rng.random(n)


def test_a_binary_model_is_judged_at_its_threshold_and_the_baseline_at_its_own() -> None:
    y, p, b = binary(500, 0)
    threshold = choose_threshold(y, p, np.zeros(500), COST, b)
    y, p, b = binary(300, 1)
    m = metric("average_precision", Task.BINARY)
    result = judge(Task.BINARY, m, y, p, b, ("no", "yes"), threshold, COST)
    labels = (p >= threshold.value).astype(int)
    assert labels.sum() > (p >= 0.5).sum()
    assert result.rows == 300
    assert result.metrics["average_precision"] == pytest.approx(sk.average_precision_score(y, p))
    assert result.metrics["recall"] == pytest.approx(sk.recall_score(y, labels))
    assert result.confusion is not None
    assert result.confusion.labels == ("no", "yes")
    counts = [list(row.counts) for row in result.confusion.rows]
    assert counts == sk.confusion_matrix(y, labels).tolist()
    assert result.chosen is not None
    assert result.chosen.cost == 20 * counts[1][0] + counts[0][1]
    assert result.at_half is not None
    assert result.at_half.threshold == 0.5
    assert threshold.baseline is not None
    assert result.baseline is not None
    assert result.baseline.threshold == threshold.baseline.threshold != threshold.value
    expected = sk.recall_score(y, (b >= threshold.baseline.threshold).astype(int))
    assert result.baseline_metrics["recall"] == pytest.approx(expected)
    assert result.intervals.keys() == result.metrics.keys() == result.baseline_metrics.keys()
    for name, interval in result.intervals.items():
        assert interval.low <= result.metrics[name] <= interval.high


def test_several_classes_and_classes_that_no_row_has() -> None:
    rng = np.random.default_rng(0)
    y = rng.integers(3, size=90)
    p = np.eye(4)[y] + rng.random((90, 4))
    p /= p.sum(axis=1, keepdims=True)
    result = judge(Task.MULTICLASS, metric("f1_macro", Task.MULTICLASS), y, p, p[:, ::-1], (1, 2, 3, 4))
    assert result.confusion is not None
    assert result.confusion.labels == ("1", "2", "3", "4")
    counts = np.array([row.counts for row in result.confusion.rows])
    assert counts.shape == (4, 4)
    assert counts.sum(axis=1).tolist() == np.bincount(y, minlength=4).tolist()
    assert (result.chosen, result.at_half, result.baseline) == (None, None, None)
    assert result.metrics["f1_macro"] > result.baseline_metrics["f1_macro"]
    assert "roc_auc_ovr" not in result.metrics
    assert result.metrics.keys() == result.intervals.keys() == result.baseline_metrics.keys()


def test_regression_has_neither_confusion_nor_threshold() -> None:
    rng = np.random.default_rng(0)
    y = rng.normal(size=80)
    result = judge(Task.REGRESSION, metric("r2", Task.REGRESSION), y, y + 0.1 * rng.normal(size=80), np.zeros(80), ())
    assert result.confusion is None
    assert result.chosen is None
    assert result.intervals["r2"].low < result.metrics["r2"] < result.intervals["r2"].high
    assert result.metrics["r2"] > 0.9 > 0.1 > result.baseline_metrics["r2"]
