"""How far a threshold can be trusted: on other rows, at other prices, with another share of positive rows."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from trainers.evaluation.metrics import draws
from trainers.evaluation.threshold.outcomes import Ladder, Prices, Scored, outcome, sweep
from trainers.evaluation.threshold.policy import Policy
from trainers.report.values import Interval, Sensitivity

REPLICATES = 200
FACTORS = {"half": 0.5, "twice": 2.0}


def intervals(
    rows: Scored, steps: Ladder, policy: Policy, flagged: np.ndarray, groups: np.ndarray | None, seed: int
) -> tuple[Interval, Interval]:
    """95 % bootstrap intervals: of the one threshold for all rows, chosen anew on each draw, and of the objective.

    Args:
        rows: Rows drawn from, with replacement within each class, or as whole groups.
        steps: Their thresholds.
        policy: What is chosen by.
        flagged: (n,) the rows that the chosen rule flags, whose objective is told.
        groups: (n,) group codes where rows belong together.
        seed: Seed of the draws.
    """
    thresholds: list[float] = []
    objectives: list[float] = []
    for block in draws(rows.y, groups, REPLICATES, seed):
        for weights in block:
            thresholds.append(float(steps.thresholds[policy.best(sweep(rows, steps, weights))]))
            objectives.append(float(policy.objective(outcome(rows, flagged, weights))[0]))
    return _middle(thresholds), _middle(objectives)


def _middle(values: list[float]) -> Interval:
    low, high = np.percentile(values, [2.5, 97.5])
    return Interval(float(low), float(high))


def sensitivity(rows: Scored, steps: Ladder, policy: Policy, threshold: float) -> tuple[Sensitivity, ...]:
    """What would be chosen, and what keeping the threshold would mean, if an assumption is off by a factor of two.

    Without limits, a miss that costs twice as much moves the threshold as twice the odds of a positive row would (Elkan,
    2001); under limits it does not.
    """
    flagged = rows.scores >= threshold
    told = []
    for change, changed, weights in (*_other_prices(rows), *_other_shares(rows)):
        options = sweep(changed, steps, weights)
        best = policy.best(options)
        kept = outcome(changed, flagged, weights)
        told.append(
            Sensitivity(
                change,
                float(steps.thresholds[best]),
                float(policy.objective(options)[best]),
                float(policy.objective(kept)[0]),
                bool(policy.kept(kept)[0]),
            )
        )
    return tuple(told)


def _other_prices(rows: Scored) -> Iterator[tuple[str, Scored, np.ndarray]]:
    if not np.any(rows.prices.miss):
        return
    for name, factor in FACTORS.items():
        prices = Prices(factor * rows.prices.miss, rows.prices.alarm)
        yield f"a miss costs {name} as much", replace(rows, prices=prices), np.ones(len(rows.y))


def _other_shares(rows: Scored) -> Iterator[tuple[str, Scored, np.ndarray]]:
    share = float(np.mean(rows.y == 1))
    for name, factor in FACTORS.items():
        if 0 < factor * share < 1:
            weights = np.where(rows.y == 1, factor, (1 - factor * share) / (1 - share))
            yield f"{name} as many rows are positive", rows, weights
