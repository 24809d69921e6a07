"""The scoring of the test rows."""

import numpy as np
import pytest
from sklearn import metrics as sk

from trainers.data.load import Task
from trainers.evaluation.judge import judge
from trainers.evaluation.metrics import metric


def binary(n: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    y = (rng.random(n) < 0.1).astype(int)
    return y, 0.3 * y + 0.4 * rng.random(n), 0.1 * y + 0.9 * rng.random(n)


def test_metrics_of_labels_and_the_confusion_are_those_of_the_decision() -> None:
    y, p, b = binary(300, 1)
    labels, baseline_labels = (p >= 0.3).astype(int), (b >= 0.7).astype(int)
    m = metric("average_precision", Task.BINARY)
    result = judge(Task.BINARY, m, y, p, b, ("no", "yes"), labels, baseline_labels)
    assert labels.sum() > (p >= 0.5).sum()
    assert result.rows == 300
    assert result.metrics["average_precision"] == pytest.approx(sk.average_precision_score(y, p))
    assert result.metrics["recall"] == pytest.approx(sk.recall_score(y, labels))
    assert result.confusion is not None
    assert result.confusion.labels == ("no", "yes")
    assert [list(row.counts) for row in result.confusion.rows] == sk.confusion_matrix(y, labels).tolist()
    assert result.baseline_metrics["recall"] == pytest.approx(sk.recall_score(y, baseline_labels))
    assert result.intervals.keys() == result.metrics.keys() == result.baseline_metrics.keys()
    assert next(iter(result.metrics)) == "average_precision"
    for name, interval in result.intervals.items():
        assert interval.low <= result.metrics[name] <= interval.high


def test_several_classes_and_classes_that_no_row_has() -> None:
    rng = np.random.default_rng(0)
    y = rng.integers(3, size=90)
    p = np.eye(4)[y] + rng.random((90, 4))
    p /= p.sum(axis=1, keepdims=True)
    result = judge(Task.MULTICLASS, metric("f1_macro", Task.MULTICLASS), y, p, p[:, ::-1], (1, 2, 3, 4), (y + 1) % 3, y)
    assert result.confusion is not None
    assert result.confusion.labels == ("1", "2", "3", "4")
    counts = np.array([row.counts for row in result.confusion.rows])
    assert counts.shape == (4, 4)
    assert counts.sum(axis=1).tolist() == np.bincount(y, minlength=4).tolist()
    assert (counts[:3, :3].diagonal() == 0).all()  # what was decided counts, not what is most probable
    assert (result.metrics["f1_macro"], result.baseline_metrics["f1_macro"]) == (0.0, 1.0)
    assert "roc_auc_ovr" not in result.metrics
    assert result.metrics.keys() == result.intervals.keys() == result.baseline_metrics.keys()


def test_regression_has_neither_confusion_nor_threshold() -> None:
    rng = np.random.default_rng(0)
    y = rng.normal(size=80)
    result = judge(Task.REGRESSION, metric("r2", Task.REGRESSION), y, y + 0.1 * rng.normal(size=80), np.zeros(80), ())
    assert result.confusion is None
    assert result.intervals["r2"].low < result.metrics["r2"] < result.intervals["r2"].high
    assert result.metrics["r2"] > 0.9 > 0.1 > result.baseline_metrics["r2"]
