"""Turns scores into decisions: one threshold, chosen by a stated policy on out-of-fold predictions.

Every distinct score is tried, in one sort (O(n log n)), so the choice is exact. The cost policy is that of Elkan, "The
Foundations of Cost-Sensitive Learning", 2001, with the threshold found on the scores instead of derived from calibrated
probabilities. Scores of rows that a model was not fitted on, as in scikit-learn's TunedThresholdClassifierCV.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Self

import numpy as np
from pydantic import BaseModel, Field, model_validator

from trainers.errors import SpecError, Violation
from trainers.evaluation import confusion
from trainers.report.values import Threshold, ThresholdPoint

LABEL_METRICS = ("f1", "balanced_accuracy", "accuracy", "matthews_corrcoef", "jaccard")
CURVE_POINTS = 200


class ExpectedCost(BaseModel, frozen=True, extra="forbid"):
    """Costs of the two errors, in one unit."""

    false_negative: float = Field(gt=0, allow_inf_nan=False)
    false_positive: float = Field(gt=0, allow_inf_nan=False)


class ThresholdSpec(BaseModel, frozen=True, extra="forbid"):
    """How the threshold is chosen; exactly one policy, by default the metric f1."""

    expected_cost: ExpectedCost | None = None
    min_recall: float | None = Field(None, gt=0, le=1)
    min_precision: float | None = Field(None, gt=0, le=1)
    capacity: float | None = Field(None, gt=0, le=1)
    metric: str | None = None

    @model_validator(mode="after")
    def _one_policy(self) -> Self:
        given = [name for name in type(self).model_fields if getattr(self, name) is not None]
        if len(given) > 1:
            raise ValueError(f"give one policy, not {' and '.join(given)}")
        if self.metric is not None and self.metric not in LABEL_METRICS:
            raise ValueError(f"metric {self.metric!r} is not one of {', '.join(LABEL_METRICS)}")
        return self


class UnreachableError(SpecError):
    """No threshold keeps the policy's limit on these scores; the message says what can be reached."""


@dataclass(frozen=True)
class Outcomes:
    """What happens to n rows at each of t thresholds, highest threshold first; every array is (t,).

    Attributes:
        thresholds: Rows with at least this probability are flagged.
        hits: Positive rows flagged.
        alarms: Negative rows flagged.
        positives: Positive rows.
        negatives: Negative rows.
    """

    thresholds: np.ndarray
    hits: np.ndarray
    alarms: np.ndarray
    positives: int
    negatives: int

    @property
    def recall(self) -> np.ndarray:
        """Share of positive rows that are flagged."""
        return self.hits / max(1, self.positives)

    @property
    def precision(self) -> np.ndarray:
        """Share of flagged rows that are positive; 0 where none is flagged."""
        return np.asarray(self.hits / np.maximum(1, self.hits + self.alarms))

    @property
    def flagged(self) -> np.ndarray:
        """Share of rows that are flagged."""
        return np.asarray((self.hits + self.alarms) / (self.positives + self.negatives))

    def metric(self, name: str) -> np.ndarray:
        """A metric of labels, one of LABEL_METRICS."""
        counts = [[self.negatives - self.alarms, self.alarms], [self.positives - self.hits, self.hits]]
        return _FROM_COUNTS[name](np.moveaxis(np.array(counts), 2, 0))


_FROM_COUNTS: Mapping[str, confusion.FromCounts] = {
    "f1": partial(confusion.positive, confusion.f1s),
    "jaccard": partial(confusion.positive, confusion.jaccards),
    "balanced_accuracy": confusion.balanced_accuracy,
    "accuracy": confusion.accuracy,
    "matthews_corrcoef": confusion.matthews_corrcoef,
}


@dataclass(frozen=True)
class Policy:
    """What a good threshold is.

    Attributes:
        words: The policy in words.
        objective: What is maximised, (t,).
        slack: By how much the limit is kept, (t,); below 0 it is broken. None without a limit.
        ties: Which of equally good thresholds is taken: 0 flags the fewest rows, -1 the most.
        unreachable: Says what can be reached when every slack is below 0.
    """

    words: str
    objective: Callable[[Outcomes], np.ndarray]
    slack: Callable[[Outcomes], np.ndarray] | None = None
    ties: int = 0
    unreachable: Callable[[Outcomes], Violation] | None = None

    def best(self, outcomes: Outcomes) -> int:
        """Index of the best threshold; where none keeps the limit, of the one that comes nearest."""
        objective = self.objective(outcomes)
        if self.slack is not None:
            slack = self.slack(outcomes)
            objective = np.where(slack >= min(0.0, slack.max()), objective, -np.inf)
        return int(np.flatnonzero(objective == objective.max())[self.ties])

    def check_reachable(self, outcomes: Outcomes) -> None:
        """Raises UnreachableError when no threshold keeps the limit."""
        if self.slack is not None and self.unreachable is not None and self.slack(outcomes).max() < 0:
            raise UnreachableError([self.unreachable(outcomes)])


def choose_threshold(
    y: np.ndarray,
    probabilities: np.ndarray,
    fold_ids: np.ndarray,
    spec: ThresholdSpec,
    baseline: np.ndarray | None = None,
) -> Threshold:
    """Chooses the threshold of a binary decision.

    The value lies midway between the lowest score that is flagged and the next one (with 0 and 1 beyond the ends), so
    that rows like those seen fall on their side. Of equally good thresholds the one that flags fewer rows is taken;
    under ``min_recall`` the one that finds more positives.

    Args:
        y: (n,) 0 or 1.
        probabilities: (n,) out-of-fold P(class 1).
        fold_ids: (n,) fold of each row.
        spec: The policy.
        baseline: (n,) out-of-fold P(class 1) of the best baseline, which gets its own threshold by the same policy, or
            the one that comes nearest where none keeps the limit.

    Returns:
        The threshold, its outcomes, and how it varies from fold to fold.

    Raises:
        UnreachableError: No threshold keeps the limit; the path is ``threshold.*``.
    """
    policy, outcomes = policy_of(spec), sweep(y, probabilities)
    policy.check_reachable(outcomes)
    best = policy.best(outcomes)
    folds = [sweep(y[fold_ids == fold], probabilities[fold_ids == fold]) for fold in np.unique(fold_ids)]
    against = None if baseline is None else sweep(y, baseline)
    return Threshold(
        value=float(outcomes.thresholds[best]),
        policy=policy.words,
        chosen=_points(outcomes, spec, [best])[0],
        at_half=point(y, probabilities, 0.5, spec),
        baseline=None if against is None else _points(against, spec, [policy.best(against)])[0],
        curve=_points(outcomes, spec, _spread(outcomes, best)),
        folds=tuple(float(each.thresholds[policy.best(each)]) for each in folds),
    )


def point(y: np.ndarray, probabilities: np.ndarray, threshold: float, spec: ThresholdSpec) -> ThresholdPoint:
    """What happens to n rows at one threshold."""
    flagged = probabilities >= threshold
    hits, alarms = np.array([(flagged & (y == 1)).sum()]), np.array([(flagged & (y == 0)).sum()])
    positives = int((y == 1).sum())
    return _points(Outcomes(np.array([threshold]), hits, alarms, positives, len(y) - positives), spec, [0])[0]


def sweep(y: np.ndarray, probabilities: np.ndarray) -> Outcomes:
    """Outcomes at every threshold that makes a difference, from none flagged to all flagged."""
    scores = probabilities.astype(np.float64)
    order = np.argsort(-scores, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(scores[order])), len(scores) - 1)
    hits = np.append(0, np.cumsum(y[order] == 1)[ends])
    distinct = scores[order][ends]
    above, below = np.append(1.0, distinct), np.append(distinct, 0.0)
    middle = below + (above - below) / 2
    # Neighbouring floats have no middle: then the upper one itself, and beyond the highest score the next float.
    middle = np.where(middle > below, middle, above)
    middle[0] = max(middle[0], np.nextafter(distinct[0], 2.0))
    return Outcomes(middle, hits, np.append(0, ends + 1) - hits, int(hits[-1]), int(len(y) - hits[-1]))


def policy_of(spec: ThresholdSpec) -> Policy:
    """The policy that a spec asks for."""
    if spec.expected_cost is not None:
        costs = spec.expected_cost
        prices = f"{costs.false_negative:g} for a miss and {costs.false_positive:g} for a false alarm"
        words = f"least expected cost, with {prices}"
        return Policy(words, lambda o: -_cost(o, spec))
    if spec.min_recall is not None:
        return _min_recall(spec.min_recall)
    if spec.min_precision is not None:
        return _min_precision(spec.min_precision)
    if spec.capacity is not None:
        return _capacity(spec.capacity)
    name = spec.metric or "f1"
    return Policy(f"highest {name}", lambda o: o.metric(name))


def _min_recall(limit: float) -> Policy:
    def unreachable(outcomes: Outcomes) -> Violation:
        return Violation("threshold.min_recall", f"{limit:g} cannot be reached: no row is positive; check the target")

    words = f"highest precision with a recall of at least {limit:g}"
    return Policy(words, lambda o: o.precision, lambda o: o.recall - limit, -1, unreachable)


def _min_precision(limit: float) -> Policy:
    def unreachable(outcomes: Outcomes) -> Violation:
        best = int(outcomes.precision.argmax())
        reached, recall = outcomes.precision[best], outcomes.recall[best]
        return Violation(
            "threshold.min_precision",
            f"{limit:g} cannot be reached: the highest precision on out-of-fold predictions is {reached:.4g}, "
            f"at a recall of {recall:.4g}; ask for no more than that, or let more configurations be tried",
        )

    words = f"highest recall with a precision of at least {limit:g}"
    return Policy(words, lambda o: o.recall, lambda o: o.precision - limit, 0, unreachable)


def _capacity(limit: float) -> Policy:
    def slack(outcomes: Outcomes) -> np.ndarray:
        # To flag nothing keeps any capacity, and is no use of it.
        return np.where(outcomes.flagged > 0, limit - outcomes.flagged, -1.0)

    def unreachable(outcomes: Outcomes) -> Violation:
        rows = int(outcomes.hits[1] + outcomes.alarms[1])
        return Violation(
            "threshold.capacity",
            f"{limit:g} cannot be kept: the {rows} rows with the highest score share it, and they are "
            f"{outcomes.flagged[1]:.4g} of all rows; allow at least that",
        )

    return Policy(
        f"highest recall with at most {limit:g} of the rows flagged", lambda o: o.recall, slack, 0, unreachable
    )


def _cost(outcomes: Outcomes, spec: ThresholdSpec) -> np.ndarray:
    """Total cost over the rows, (t,); 0 without costs."""
    if spec.expected_cost is None:
        return np.zeros(len(outcomes.thresholds))
    missed = outcomes.positives - outcomes.hits
    return spec.expected_cost.false_negative * missed + spec.expected_cost.false_positive * outcomes.alarms


def _points(outcomes: Outcomes, spec: ThresholdSpec, at: Sequence[int]) -> tuple[ThresholdPoint, ...]:
    columns = (
        outcomes.thresholds,
        outcomes.recall,
        outcomes.precision,
        outcomes.alarms / max(1, outcomes.negatives),
        outcomes.flagged,
        _cost(outcomes, spec),
        policy_of(spec).objective(outcomes),
    )
    return tuple(ThresholdPoint(*(float(column[i]) for column in columns)) for i in at)


def _spread(outcomes: Outcomes, best: int) -> list[int]:
    """At most CURVE_POINTS indices, lowest threshold first: even in threshold and in recall, and the best one."""
    half = CURVE_POINTS // 2
    by_value = np.searchsorted(-outcomes.thresholds, -np.linspace(1, 0, half - 1)).clip(
        max=len(outcomes.thresholds) - 1
    )
    by_recall = np.searchsorted(outcomes.hits, np.linspace(0, outcomes.positives, half))
    return [int(i) for i in np.unique(np.concatenate([by_value, by_recall, [best]]))[::-1]]
