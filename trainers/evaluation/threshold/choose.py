"""Turns scores into decisions of a binary target: by a stated policy, on out-of-fold predictions, never on the test.

Every distinct score is tried, in one sort, so the choice of a threshold is exact. The cost policy is that of Elkan, "The
Foundations of Cost-Sensitive Learning", 2001, with the threshold found on the scores instead of derived from calibrated
probabilities. Scores of rows that a model was not fitted on, as in scikit-learn's TunedThresholdClassifierCV.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from trainers.evaluation.crossfit import CrossFit
from trainers.evaluation.threshold.band import band_outcome, choose_band
from trainers.evaluation.threshold.doubt import intervals, sensitivity
from trainers.evaluation.threshold.outcomes import Outcomes, Scored, ladder, outcome, sweep
from trainers.evaluation.threshold.policy import Policy, policy_of
from trainers.evaluation.threshold.segments import segment_cuts
from trainers.evaluation.threshold.spec import ThresholdSpec
from trainers.portable.rules import Band, Cut
from trainers.report.values import BandOutcome, ReviewBand, SegmentThreshold, Threshold, ThresholdPoint

CURVE_POINTS = 200


@dataclass(frozen=True)
class Chosen:
    """The decision of a binary target.

    Attributes:
        rule: What decides, here and in the logged model.
        baseline: The best baseline's rule, by the same policy.
        threshold: What the report says of it.
    """

    rule: Cut | Band
    baseline: Cut | Band
    threshold: Threshold


def choose_threshold(
    rows: Scored,
    baseline: np.ndarray,
    spec: ThresholdSpec,
    folds: CrossFit,
    groups: np.ndarray | None = None,
    seed: int = 0,
) -> Chosen:
    """Chooses how a binary target is decided.

    A threshold lies midway between the lowest score that is flagged and the next one (with 0 and 1 beyond the ends), so
    that rows like those seen fall on their side. Of equally good thresholds the one that flags fewer rows is taken;
    under ``min_recall`` the one that finds more positives.

    Args:
        rows: n rows with out-of-fold scores.
        baseline: (n,) out-of-fold P(class 1) of the best baseline, which is decided by the same policy, or by what comes
            nearest where nothing keeps the limits.
        spec: The policy.
        folds: Where the folds are among the rows.
        groups: (n,) group codes where rows belong together.
        seed: Seed of the bootstrap.

    Raises:
        UnreachableError: Nothing keeps the limits; the paths are ``threshold.*``.
    """
    policy, steps = policy_of(spec), ladder(rows.scores)
    options, rule = sweep(rows, steps), rule_for(rows, spec)
    flagged = rows.flagged_by(rule)
    if not policy.kept(outcome(rows, flagged))[0]:
        policy.check_reachable(options)
    against = rows.scored_by(baseline)
    baseline_rule = rule_for(against, spec)
    best = policy.best(options)
    reviewed = review_outcome(rows, rule, spec)
    value, objective = intervals(rows, steps, policy, flagged, groups, seed)
    threshold = Threshold(
        value=rule.threshold,
        policy=policy.words,
        chosen=point(rows, rule, spec),
        at_half=point(rows, Cut(0.5), spec),
        baseline=point(against, baseline_rule, spec),
        curve=_points(steps.thresholds, options, policy, _spread(steps.thresholds, options, best)),
        folds=tuple(_single(rows.take(fold), policy).threshold for fold in folds.folds),
        interval=value,
        objective_interval=objective,
        held_out=_held_out(rows, folds, spec, lambda part: rule_for(part, spec)),
        sensitivity=sensitivity(rows, steps, policy, rule.threshold),
        segment_on=spec.segment_on,
        segments=segment_points(rows, rule, spec),
        shared=point(rows, Cut(rule.threshold), spec) if spec.segment_on else None,
        held_out_shared=_held_out(rows, folds, spec, lambda part: _single(part, policy)) if spec.segment_on else None,
        band=ReviewBand(rule.lower, rule.upper, rule.review, reviewed) if isinstance(rule, Band) and reviewed else None,
    )
    return Chosen(rule, baseline_rule, threshold)


def rule_for(rows: Scored, spec: ThresholdSpec) -> Cut | Band:
    """The best rule by a policy on some rows; where nothing keeps the limits, what comes nearest."""
    policy = policy_of(spec)
    shared = _single(rows, policy)
    if spec.abstain is not None:
        return choose_band(rows, spec.abstain, shared.threshold)
    if not spec.segment_on:
        return shared
    least = spec.min_segment_cases
    return segment_cuts(rows, shared.threshold, spec.segment_on, least, policy, spec.capacity_share)


def _single(rows: Scored, policy: Policy) -> Cut:
    steps = ladder(rows.scores)
    return Cut(float(steps.thresholds[policy.best(sweep(rows, steps))]))


def point(rows: Scored, rule: Cut | Band, spec: ThresholdSpec) -> ThresholdPoint:
    """What a rule does to rows; a band as if nobody were asked."""
    return _points(np.array([rule.threshold]), outcome(rows, rows.flagged_by(rule)), policy_of(spec), [0])[0]


def segment_points(rows: Scored, rule: Cut | Band, spec: ThresholdSpec) -> tuple[SegmentThreshold, ...]:
    """What a rule does to the rows of each segment, in the order of their names; nothing without segments."""
    if not isinstance(rule, Cut):
        return ()
    own = dict(zip(rule.segments, rule.thresholds, strict=True))
    return tuple(
        SegmentThreshold(
            values=name,
            threshold=own.get(name, rule.threshold),
            own=name in own,
            rows=len(part.y),
            cases=int((part.y == 1).sum()),
            chosen=point(part, Cut(own.get(name, rule.threshold)), spec),
        )
        for name, at in rows.members().items()
        for part in [rows.take(at)]
    )


def _held_out(
    rows: Scored, folds: CrossFit, spec: ThresholdSpec, choose: Callable[[Scored], Cut | Band]
) -> ThresholdPoint | None:
    """The outcome on folds that had no part in the choice: each is decided by what is chosen on the others."""
    decided = [(folds.folds[k], choose(rows.take(folds.teachers[k]))) for k in folds.taught]
    if not decided:
        return None
    flagged = np.concatenate([rows.take(fold).flagged_by(rule) for fold, rule in decided])
    judged = rows.take(np.concatenate([fold for fold, _ in decided]))
    middle = np.mean([rule.threshold for _, rule in decided])
    return _points(np.array([middle]), outcome(judged, flagged), policy_of(spec), [0])[0]


def review_outcome(rows: Scored, rule: Cut | Band, spec: ThresholdSpec) -> BandOutcome | None:
    """What a band does to rows; None where nobody is asked."""
    if spec.abstain is None or not isinstance(rule, Band):
        return None
    return band_outcome(rows, rule, spec.abstain)


def _points(
    thresholds: np.ndarray, outcomes: Outcomes, policy: Policy, at: Sequence[int]
) -> tuple[ThresholdPoint, ...]:
    columns = (
        thresholds,
        outcomes.recall,
        outcomes.precision,
        outcomes.alarms / max(1, outcomes.negatives),
        outcomes.flagged,
        outcomes.cost,
        policy.objective(outcomes),
    )
    return tuple(ThresholdPoint(*(float(column[i]) for column in columns)) for i in at)


def _spread(thresholds: np.ndarray, outcomes: Outcomes, best: int) -> list[int]:
    """At most CURVE_POINTS indices, lowest threshold first: even in threshold and in recall, and the best one."""
    half = CURVE_POINTS // 2
    by_value = np.searchsorted(-thresholds, -np.linspace(1, 0, half - 1)).clip(max=len(thresholds) - 1)
    by_recall = np.searchsorted(outcomes.hits, np.linspace(0, outcomes.positives, half))
    return [int(i) for i in np.unique(np.concatenate([by_value, by_recall, [best]]))[::-1]]
