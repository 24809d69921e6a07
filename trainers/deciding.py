"""From the chosen candidate to the model as it is deployed: calibrated, with a rule that decides, and sets or intervals."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from trainers.data.table import Table, Task
from trainers.evaluation import conformal
from trainers.evaluation.answers import Answers
from trainers.evaluation.calibrate import Calibrated, as_given, calibrate
from trainers.evaluation.conformal import Margins
from trainers.evaluation.crossfit import crossfit
from trainers.evaluation.decide import Decision, decide, labels, outcomes_on_test
from trainers.evaluation.judge import judge
from trainers.evaluation.selection import Candidate
from trainers.finalists import fold_scores, group_folds, y_folds
from trainers.plan import Prepared
from trainers.portable.decision import DecidingClassifier, IntervalRegressor
from trainers.predictions import TEST, Predictions
from trainers.report.values import TestResult


@dataclass(frozen=True)
class Decided:
    """The chosen model and how its predictions become decisions.

    Attributes:
        calibrated: The model, with its probabilities corrected where that helps, and its out-of-fold predictions.
        decision: What decides; None for a number.
        margins: How large prediction sets or intervals are; None unless asked for.
    """

    calibrated: Calibrated
    decision: Decision | None
    margins: Margins | None

    @property
    def model(self) -> Any:
        """Predicts class indices with probabilities, or values."""
        return self.calibrated.model

    def answers(self, table: Table, rows: np.ndarray, predictions: np.ndarray) -> Answers:
        """Predictions of the model for rows of the table, with what is decided from them."""
        rule = self.decision.rule if self.decision else None
        return Answers(predictions, labels(table, rows, predictions, rule) if rule else None)


def settle(ready: Prepared, chosen: Candidate, model: Any, baseline: Candidate) -> Decided:
    """Calibrates the chosen model and chooses its decision, on out-of-fold predictions alone.

    Args:
        ready: What was settled before the first fit.
        chosen: The candidate.
        model: Its model, fitted on all development rows.
        baseline: The best baseline, which is decided by the same policy.

    Raises:
        UnreachableError: No decision keeps the limits of ``threshold``.
    """
    table, split, spec = ready.table, ready.split, ready.spec
    everything = range(len(split.folds))
    calibrated = as_given(model, chosen.predictions)
    if table.task is not Task.REGRESSION:
        taught, method = crossfit(split, everything), spec.calibration.method
        calibrated = calibrate(
            model, y_folds(ready), chosen.predictions, taught, group_folds(ready), method, len(table.classes)
        )
    among = calibrated.decisive
    rows = np.concatenate([split.folds[k].validation for k in among])
    predictions = _joined(calibrated.scores, among)
    groups = None if split.groups is None else split.groups[rows]
    reference, folds = _joined(baseline.predictions, among), crossfit(split, among)
    decision = decide(table, rows, predictions, reference, spec.threshold, folds, groups, spec.split.seed)
    return Decided(calibrated, decision, conformal.settle(spec.conformal, table.target[rows], predictions, table.task))


def calibrated_candidate(ready: Prepared, chosen: Candidate, decided: Decided) -> Candidate:
    """The candidate with the predictions and scores of the model that is deployed."""
    calibrated = decided.calibrated
    if not calibrated.kept:
        return chosen
    return replace(chosen, predictions=calibrated.scores, fold_scores=fold_scores(ready, calibrated.predictions))


def judge_decided(
    ready: Prepared, decided: Decided, rows: np.ndarray, predictions: np.ndarray, reference: np.ndarray
) -> TestResult:
    """The single scoring of the test rows, beside the best baseline's predictions for them."""
    table, split, spec, decision = ready.table, ready.split, ready.spec, decided.decision
    result = judge(
        table.task,
        ready.metric,
        table.target[rows],
        predictions,
        reference,
        table.classes,
        decided.answers(table, rows, predictions).labels,
        labels(table, rows, reference, decision.baseline) if decision else None,
        None if split.groups is None else split.groups[rows],
        spec.split.seed,
    )
    return outcomes_on_test(result, table, rows, predictions, reference, decision, spec.threshold)


def held_out(
    ready: Prepared, chosen: Candidate, decided: Decided, test_rows: np.ndarray, predictions: np.ndarray
) -> Predictions:
    """What the model says of every row that it was not fitted on, out of fold and on the test, and what is decided."""
    table, folds, groups = ready.table, ready.split.folds, ready.split.groups
    rows = np.concatenate([*(fold.validation for fold in folds), test_rows])
    values = np.concatenate([*chosen.predictions, predictions])
    answers = decided.answers(table, rows, values)
    return Predictions(
        rows=rows,
        folds=np.repeat([*range(len(folds)), TEST], [*(len(fold.validation) for fold in folds), len(test_rows)]),
        truth=table.target[rows],
        values=values,
        decided=values if answers.labels is None else answers.labels,
        classes=tuple(str(label) for label in table.classes),
        groups=None if groups is None else groups[rows],
    )


def deployed(decided: Decided, table: Table) -> Any:
    """The model as it is logged: it answers in the labels of the data, by the chosen rule."""
    margins = decided.margins
    if decided.decision is not None:
        least = list(margins.least) if margins else []
        return DecidingClassifier(decided.model, list(table.classes), decided.decision.rule, least)
    return IntervalRegressor(decided.model, margins.half_width) if margins else decided.model


def _joined(folds: Sequence[np.ndarray], among: Sequence[int]) -> np.ndarray:
    return np.concatenate([folds[k] for k in among])
