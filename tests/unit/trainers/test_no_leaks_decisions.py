"""What is chosen on out-of-fold predictions, calibration and thresholds, sees nothing of the rows it is judged on."""

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from tests.deciding import folds_of
from trainers.data.split import Split, SplitSpec, assign
from trainers.data.table import Column, ColumnRole, Table, Task
from trainers.evaluation.calibrate import calibrate
from trainers.evaluation.calibration import CalibrationMethod
from trainers.evaluation.crossfit import CrossFit, crossfit
from trainers.evaluation.threshold.choose import choose_threshold, point
from trainers.evaluation.threshold.outcomes import Prices, Scored
from trainers.evaluation.threshold.spec import ExpectedCost, ThresholdSpec

ROWS = 1200
COST = ThresholdSpec(expected_cost=ExpectedCost(false_negative=9, false_positive=1))
WIDTH = 4.0  # standard errors
KINDS = {
    "stratified": SplitSpec(folds=4),
    "grouped": SplitSpec(folds=4, group_on=("unit",)),
    "time": SplitSpec(folds=4, time_on="day", embargo=2),
}


def table(seed: int) -> Table:
    rng = np.random.default_rng(seed)
    keys = pd.DataFrame({"a": rng.normal(size=ROWS), "unit": np.arange(ROWS) // 3, "day": np.arange(ROWS)})
    target = (rng.random(ROWS) < 0.3).astype(np.int64)
    column = Column("a", ColumnRole.NUMERIC, "float64", 0, ROWS)
    return Table("memory", keys[["a"]], target, Task.BINARY, (0, 1), (column,), keys, "y", "0")


def overconfident(rows: Table, split: Split, seed: int) -> list[np.ndarray]:
    """Scores that know a little of the labels, and claim to know much."""
    log_odds = 6 * np.random.default_rng(seed).normal(size=ROWS) + 4 * (2 * rows.target - 1)
    return [expit(log_odds[fold.validation]) for fold in split.folds]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("method", ["sigmoid", "isotonic", "temperature"])
def test_a_folds_labels_change_nothing_of_its_own_correction(kind: str, method: str) -> None:
    """The labels of the last fold are turned round: only the other folds, and in time none of them, are corrected otherwise."""
    rows = table(0)
    split = assign(rows, KINDS[kind])
    given = overconfident(rows, split, 0)
    found = []
    for turned in (False, True):
        y = [rows.target[fold.validation] for fold in split.folds]
        if turned:
            y[-1] = 1 - y[-1]
        folds = crossfit(split, range(len(split.folds)))
        found.append(calibrate(None, y, given, folds, None, CalibrationMethod(method), 2))
    before, after = found
    assert before.kept
    if after.kept:
        np.testing.assert_array_equal(before.predictions[-1], after.predictions[-1])
    else:  # what the turned labels show is worse than no correction, so that all stays as it was given
        np.testing.assert_array_equal(after.predictions[-1], given[-1])
    if kind == "time" and after.kept:
        for ours, theirs in zip(before.predictions, after.predictions, strict=True):
            np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("kind", KINDS)
def test_what_teaches_a_fold_is_among_the_rows_that_its_model_was_fitted_on(kind: str) -> None:
    rows = table(1)
    split = assign(rows, KINDS[kind])
    positions = np.concatenate([fold.validation for fold in split.folds])
    folds = crossfit(split, range(len(split.folds)))
    for k, fold in enumerate(split.folds):
        teachers = positions[folds.teachers[k]]
        assert np.isin(teachers, fold.train).all()
        np.testing.assert_array_equal(positions[folds.folds[k]], fold.validation)
        if kind == "time":
            assert not len(teachers) or rows.keys["day"][teachers].max() + 2 < rows.keys["day"][fold.validation].min()
    assert folds.taught == ((1, 2, 3) if kind == "time" else (0, 1, 2, 3))


def test_on_noise_the_held_out_cost_is_that_of_new_rows_and_the_chosen_one_flatters() -> None:
    flattery, held_out = [], []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        rows, new = (Scored((rng.random(200) < 0.1).astype(int), rng.random(200), Prices(9.0, 1.0)) for _ in range(2))
        folds: CrossFit = folds_of(np.arange(200) % 5)
        found = choose_threshold(rows, rows.scores, COST, folds)
        told, cost = found.threshold, point(new, found.rule, COST).cost
        assert told.held_out is not None
        flattery.append(cost - told.chosen.cost)
        held_out.append(cost - told.held_out.cost)
    for values, honest in ((flattery, False), (held_out, True)):
        error = np.std(values, ddof=1) / np.sqrt(len(values))
        assert (abs(np.mean(values)) < WIDTH * error) == honest
    assert np.mean(flattery) > 0
