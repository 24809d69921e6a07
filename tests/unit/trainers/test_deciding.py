"""From a chosen candidate to decisions: the same rule in metrics, outcomes and the deployed model."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from trainers.data.split import SplitSpec, assign
from trainers.data.table import Column, ColumnRole, Table, Task
from trainers.deciding import Decided, calibrated_candidate, deployed, judge_decided, settle
from trainers.evaluation.metrics import default_metric, metric
from trainers.evaluation.selection import Candidate
from trainers.plan import Prepared
from trainers.portable.decision import IntervalRegressor
from trainers.portable.rules import Cut
from trainers.report import values
from trainers.spec import TrainingSpec

ROWS = 2000
SHUFFLED = SplitSpec()
COST = {"expected_cost": {"false_negative": 9, "false_positive": 1}}
CLASSES = {Task.BINARY: ("ok", "bad"), Task.MULTICLASS: ("ok", "scratch", "crack"), Task.REGRESSION: ()}


class Model:
    """Knows the first column, and claims to know it twice as well."""

    def __init__(self, k: int) -> None:
        self.k = k

    def predict_proba(self, X: pd.DataFrame) -> np.ndarray:
        positive = expit(2 * X["a"].to_numpy() - 4)
        if self.k == 2:
            return np.column_stack([1 - positive, positive])
        return np.column_stack([1 - positive, positive * 0.7, positive * 0.3])

    def predict(self, X: pd.DataFrame) -> np.ndarray:
        return X["a"].to_numpy()


def table(task: Task) -> Table:
    rng = np.random.default_rng(0)
    a = rng.normal(size=ROWS)
    keys = pd.DataFrame({"a": a, "site": rng.choice(["n", "s"], ROWS), "day": np.arange(ROWS)})
    positive = rng.random(ROWS) < expit(a - 2)
    target = {
        Task.BINARY: positive.astype(np.int64),
        Task.MULTICLASS: positive * rng.choice([1, 2], ROWS, p=[0.7, 0.3]),
        Task.REGRESSION: a + rng.normal(size=ROWS),
    }[task]
    column = Column("a", ColumnRole.NUMERIC, "float64", 0, ROWS)
    return Table("memory", keys[["a"]], target, task, CLASSES[task], (column,), keys, "y", "0")


def run(
    task: Task = Task.BINARY, split: SplitSpec = SHUFFLED, **parts: Any
) -> tuple[Decided, values.TestResult, Table]:
    rows = table(task)
    assigned = assign(rows, split)
    spec = TrainingSpec.model_validate({"decision": "d", "data": {"uri": "memory", "target": "y"}, **parts})
    ready = Prepared(spec, rows, assigned, metric(default_metric(task), task), (), (), ())
    model = Model(len(rows.classes))

    def predicted(model: Any, at: np.ndarray) -> np.ndarray:
        X = rows.features.iloc[at]
        if task is Task.REGRESSION:
            return model.predict(X)
        return model.predict_proba(X)[:, 1] if task is Task.BINARY else model.predict_proba(X)

    folds = tuple(predicted(model, fold.validation) for fold in assigned.folds)
    candidate: Any = SimpleNamespace(predictions=folds)
    decided = settle(ready, candidate, model, candidate)
    test = assigned.open_test("test", "to judge")
    return decided, judge_decided(ready, decided, test, predicted(decided.model, test), predicted(model, test)), rows


def test_segments_are_decided_alike_in_metrics_outcomes_and_the_deployed_model() -> None:
    decided, result, rows = run(threshold={**COST, "segment_on": ["site"], "capacity": 0.4})
    assert decided.calibrated.kept
    assert result.chosen is not None
    assert result.metrics["recall"] == pytest.approx(result.chosen.recall)
    assert result.metrics["precision"] == pytest.approx(result.chosen.precision)
    assert result.confusion is not None
    (_, alarms), (missed, _) = (row.counts for row in result.confusion.rows)
    assert result.chosen.cost == 9 * missed + alarms
    assert sum(each.chosen.cost for each in result.segments) == result.chosen.cost
    model = deployed(decided, rows)
    assert decided.decision is not None
    rule = decided.decision.rule
    assert isinstance(rule, Cut)
    assert len(rule.thresholds) == 2
    answers = model.predict(rows.keys)
    by_hand = np.where(rows.keys["site"] == "n", rule.thresholds[0], rule.thresholds[1])
    assert (answers == np.where(model.predict_proba(rows.features)[:, 1] >= by_hand, "bad", "ok")).all()


def test_a_persons_rows_are_answered_as_such_and_counted_apart() -> None:
    decided, result, rows = run(threshold={**COST, "abstain": {"max_share": 0.2, "label": "ask"}})
    answers = pd.Series(deployed(decided, rows).predict(rows.features))
    assert set(answers) == {"ok", "bad", "ask"}
    assert (answers == "ask").mean() == pytest.approx(0.2, abs=0.03)
    assert result.band is not None
    assert result.chosen is not None
    assert result.band.reviewed == pytest.approx(0.2, abs=0.05)
    assert result.band.cost < result.chosen.cost
    assert result.metrics["recall"] == pytest.approx(result.chosen.recall)  # as if nobody were asked


def test_a_calibration_changes_probabilities_and_no_decision() -> None:
    (ours, result, rows), (plain, same, _) = (run(threshold=COST, calibration={"method": m}) for m in ("auto", "none"))
    assert ours.calibrated.kept
    assert not plain.calibrated.kept
    assert result.confusion == same.confusion
    assert (deployed(ours, rows).predict(rows.features) == deployed(plain, rows).predict(rows.features)).all()
    assert result.metrics["neg_log_loss"] > same.metrics["neg_log_loss"]
    assert result.metrics["roc_auc"] == pytest.approx(same.metrics["roc_auc"])


def test_the_candidate_gets_the_scores_of_what_is_deployed() -> None:
    rows = table(Task.BINARY)
    split = assign(rows, SplitSpec())
    spec = TrainingSpec.model_validate({"decision": "d", "data": {"uri": "memory", "target": "y"}})
    ready = Prepared(spec, rows, split, metric("neg_log_loss", Task.BINARY), (), (), ())
    predictions = tuple(Model(2).predict_proba(rows.features.iloc[f.validation])[:, 1] for f in split.folds)
    before = Candidate("x", "family", {}, (-9.0,) * 5, predictions, 1)
    decided = settle(ready, before, Model(2), before)
    after = calibrated_candidate(ready, before, decided)
    honest = zip(split.folds, decided.calibrated.predictions, strict=True)
    assert after.fold_scores == tuple(ready.metric.score(rows.target[f.validation], p) for f, p in honest)
    assert after.predictions == decided.calibrated.scores


def test_in_time_the_first_fold_has_no_part_in_a_choice_among_corrected_classes() -> None:
    decided, _, _ = run(Task.MULTICLASS, SplitSpec(time_on="day"), threshold={"metric": "f1_macro"})
    assert decided.calibrated.kept
    assert decided.calibrated.decisive == (1, 2, 3, 4)
    assert decided.decision is not None
    assert decided.decision.classes is not None
    assert decided.decision.classes.held_out is not None


def test_several_classes_are_decided_by_their_costs() -> None:
    costs = [{"truth": "crack", "decided": "ok", "cost": 30}]
    decided, result, rows = run(Task.MULTICLASS, threshold={"cost_matrix": costs}, conformal={"coverage": 0.8})
    assert result.classes is not None
    assert result.most_probable is not None
    assert result.classes.cost < result.most_probable.cost
    assert result.confusion is not None
    wrong = np.array([row.counts for row in result.confusion.rows]) * np.array([[0, 1, 1], [1, 0, 1], [30, 1, 0]])
    assert wrong.sum() == result.classes.cost
    model = deployed(decided, rows)
    assert set(model.predict(rows.features)) <= set(rows.classes)
    held = [rows.classes[y] in labels for y, labels in zip(rows.target, model.predict_set(rows.features), strict=True)]
    assert np.mean(held) == pytest.approx(0.8, abs=0.05)


def test_a_number_is_not_decided_but_may_have_an_interval() -> None:
    plain, result, rows = run(Task.REGRESSION)
    assert plain.decision is None
    assert result.confusion is None
    assert isinstance(deployed(plain, rows), Model)
    sure, _, _ = run(Task.REGRESSION, conformal={"coverage": 0.9})
    assert isinstance(deployed(sure, rows), IntervalRegressor)
    assert sure.margins is not None
    assert sure.margins.half_width == pytest.approx(1.645, abs=0.1)
