"""Wrong labels are noticed and named; classes that merely overlap are not called wrong."""

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict

from tests.explaining import table_of
from trainers.data.table import Table, Task
from trainers.evaluation.answers import Answers
from trainers.insight.rows import diagnose_labels, hardest_rows, label_noise, row_losses
from trainers.report.values import Reason

N = 1200
FOREST = RandomForestClassifier(40, min_samples_leaf=5, random_state=0)


def made(seed: int, overlap: float, wrong: float, share: float = 0.5) -> tuple[Table, np.ndarray]:
    """Two classes, some of whose labels are turned; and the rows that were."""
    rng = np.random.default_rng(seed)
    features = pd.DataFrame(rng.normal(size=(N, 3)), columns=["a", "b", "c"])
    score = features["a"] + features["b"] + overlap * rng.normal(size=N)
    y = (score > np.quantile(score, 1 - share)).astype(int)
    turned = rng.choice(N, round(wrong * N), replace=False)
    y[turned] = 1 - y[turned]
    return table_of(features, y, Task.BINARY), turned


def noticed(table: Table, model=FOREST) -> list[str]:
    p = cross_val_predict(model, table.features, table.target, cv=5, method="predict_proba")[:, 1]
    return [finding.code for finding in diagnose_labels(label_noise(table, np.arange(N), p, ["a"]))]


@pytest.mark.parametrize("wrong", [0.1, 0.15])
def test_wrong_labels_are_noticed(wrong: float):
    assert noticed(made(0, 0.1, wrong)[0]) == ["LABEL_NOISE"]


@pytest.mark.parametrize(
    ("overlap", "share", "model"),
    [(0.1, 0.5, FOREST), (1.0, 0.5, FOREST), (1.0, 0.1, FOREST), (2.0, 0.5, LogisticRegression())],
)
def test_classes_that_overlap_are_not_called_wrong(overlap: float, share: float, model):
    assert all(noticed(made(seed, overlap, 0.0, share)[0], model) == [] for seed in range(3))


def test_the_suspects_are_mostly_the_rows_whose_labels_were_turned():
    table, turned = made(1, 0.1, 0.08)
    p = cross_val_predict(FOREST, table.features, table.target, cv=5, method="predict_proba")[:, 1]
    found = label_noise(table, np.arange(N), p, ["a", "b"])
    assert found is not None
    assert found.suspects > 0.6 * len(turned)
    assert len({row.row for row in found.shown} - set(turned)) <= 1
    for suspect in found.shown:
        assert suspect.given == str(table.target[suspect.row]) != suspect.likely
        assert suspect.probability < 0.5
        assert list(suspect.values) == ["a", "b"]


def test_a_quantity_has_no_labels_in_doubt():
    table = table_of(pd.DataFrame({"a": np.arange(4.0)}), np.arange(4.0), Task.REGRESSION)
    assert label_noise(table, np.arange(4), np.arange(4.0), ["a"]) is None


def test_losses_of_rows():
    np.testing.assert_allclose(row_losses(np.array([1, 0]), np.array([0.25, 0.25])), -np.log([0.25, 0.75]))
    np.testing.assert_allclose(
        row_losses(np.array([2, 0]), np.array([[0.1, 0.2, 0.7], [0, 0, 1.0]])), -np.log([0.7, 1e-3])
    )
    np.testing.assert_allclose(row_losses(np.array([1.0, 3.0]), np.array([2.0, 1.0])), [1, 2])


def test_hard_rows_have_their_labels_by_the_threshold():
    table = table_of(pd.DataFrame({"a": np.arange(3.0)}), np.array([1, 0, 1]), Task.BINARY)
    reason = Reason("a", "0", 0.1)
    found = hardest_rows(table, np.array([2, 1]), Answers(np.array([0.2, 0.4]), np.array([0, 1])), [[reason], []])
    assert [(row.row, row.truth, row.predicted, row.prediction) for row in found] == [
        (2, "1", "0", 0.2),
        (1, "0", "1", 0.4),
    ]
    assert found[0].reasons == (reason,)
