"""How the predictions of the chosen model become decisions, and what the decisions do to rows they are judged on."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from trainers.data.table import Table, Task
from trainers.evaluation.crossfit import CrossFit
from trainers.evaluation.threshold.choose import choose_threshold, point, review_outcome, segment_points
from trainers.evaluation.threshold.classes import choose_classes, class_outcome, class_policy
from trainers.evaluation.threshold.outcomes import Prices, Scored
from trainers.evaluation.threshold.spec import ThresholdSpec
from trainers.portable.rules import Band, Cut, Rule, most_probable, segments_of
from trainers.report.values import ClassDecision, TestResult, Threshold


@dataclass(frozen=True)
class Decision:
    """Turns predictions into labels, everywhere: metrics, confusion, report and logged model.

    Attributes:
        rule: The chosen model's.
        baseline: The best baseline's, by the same policy.
        threshold: What the report says of a binary decision.
        classes: What it says of a decision among several classes, where a policy was asked for.
    """

    rule: Rule
    baseline: Rule
    threshold: Threshold | None = None
    classes: ClassDecision | None = None


def decide(
    table: Table,
    rows: np.ndarray,
    predictions: np.ndarray,
    baseline: np.ndarray,
    spec: ThresholdSpec,
    folds: CrossFit,
    groups: np.ndarray | None,
    seed: int,
) -> Decision | None:
    """Chooses the decision on out-of-fold predictions; None for a number.

    Args:
        table: The table.
        rows: Positions of n rows.
        predictions: The chosen model's out-of-fold predictions for them.
        baseline: The best baseline's.
        spec: The policy.
        folds: Where the folds are among the rows.
        groups: (n,) group codes where rows belong together.
        seed: Seed of the bootstrap.

    Raises:
        UnreachableError: Nothing keeps the limits; the paths are ``threshold.*``.
    """
    if table.task is Task.REGRESSION:
        return None
    if table.task is Task.BINARY:
        found = choose_threshold(scored(table, rows, predictions, spec), baseline, spec, folds, groups, seed)
        return Decision(found.rule, found.baseline, threshold=found.threshold)
    chosen = choose_classes(table.target[rows], predictions, baseline, table.classes, spec, folds)
    return Decision(chosen.rule, chosen.baseline, classes=chosen.decision)


def scored(table: Table, rows: np.ndarray, predictions: np.ndarray, spec: ThresholdSpec) -> Scored:
    """Rows of a binary target with what errors cost there and the segments they are in."""
    frame = table.keys.iloc[rows]
    return Scored(table.target[rows], predictions, _prices(frame, spec), segments_of(frame, spec.segment_on))


def labels(table: Table, rows: np.ndarray, predictions: np.ndarray, rule: Rule) -> np.ndarray:
    """Class indices that a rule decides for rows."""
    return rule.labels(predictions, segments_of(table.keys.iloc[rows], rule.columns))


def outcomes_on_test(
    result: TestResult,
    table: Table,
    rows: np.ndarray,
    predictions: np.ndarray,
    baseline: np.ndarray,
    decision: Decision | None,
    spec: ThresholdSpec,
) -> TestResult:
    """Adds to the scores of the test rows what the decision does to them, beside the usual ways to decide."""
    if decision is None:
        return result
    if isinstance(decision.rule, Cut | Band) and isinstance(decision.baseline, Cut | Band):
        ours = scored(table, rows, predictions, spec)
        return replace(
            result,
            chosen=point(ours, decision.rule, spec),
            at_half=point(ours, Cut(0.5), spec),
            baseline=point(ours.scored_by(baseline), decision.baseline, spec),
            shared=point(ours, Cut(decision.rule.threshold), spec) if spec.segment_on else None,
            segments=segment_points(ours, decision.rule, spec),
            band=review_outcome(ours, decision.rule, spec),
        )
    policy = class_policy(spec, table.classes)
    if policy is None:
        return result
    y = table.target[rows]
    return replace(
        result,
        classes=class_outcome(y, decision.rule.labels(predictions), policy),
        most_probable=class_outcome(y, most_probable(len(table.classes)).labels(predictions), policy),
        baseline_classes=class_outcome(y, decision.baseline.labels(baseline), policy),
    )


def _prices(frame: pd.DataFrame, spec: ThresholdSpec) -> Prices:
    costs = spec.expected_cost
    if costs is None:
        return Prices()
    return Prices(
        _price(frame, costs.false_negative, costs.false_negative_column),
        _price(frame, costs.false_positive, costs.false_positive_column),
    )


def _price(frame: pd.DataFrame, price: float, column: str | None) -> float | np.ndarray:
    if column is None:
        return price
    units: np.ndarray = pd.to_numeric(frame[column]).to_numpy(dtype=float)
    return price * units
