"""Two thresholds, with a person deciding what lies between.

The reject option of Chow, "On optimum recognition error and reject tradeoff", 1970, with both thresholds found on the scores.
With the cost of errors split as false alarms from the upper threshold on plus misses below the lower one, the best pair is
found exactly in one pass over the thresholds.
"""

import numpy as np

from trainers.evaluation.threshold.outcomes import Outcomes, Scored, ladder, sweep
from trainers.evaluation.threshold.spec import AbstainSpec
from trainers.portable.rules import Band
from trainers.report.values import BandOutcome


def choose_band(rows: Scored, spec: AbstainSpec, threshold: float) -> Band:
    """Chooses both thresholds; of equally good pairs the one that asks least of a person.

    Args:
        rows: Rows with prices.
        spec: What a person's decision costs, or how many rows may be sent.
        threshold: The best single threshold, which decides where nobody is asked.
    """
    steps = ladder(rows.scores)
    outcomes = sweep(rows, steps)
    if spec.review_cost is not None:
        upper, lower = _worth(outcomes, spec.review_cost)
    else:
        upper, lower = _within(outcomes, float(spec.max_share or 0))
    return Band(float(steps.thresholds[lower]), float(steps.thresholds[upper]), threshold, spec.label)


def band_outcome(rows: Scored, band: Band, spec: AbstainSpec) -> BandOutcome:
    """What a band does to scored rows."""
    asked, flagged = band.reviewed(rows.scores), rows.scores >= band.upper
    positive = rows.y == 1
    missed, alarms = positive & ~asked & ~flagged, ~positive & flagged
    errors = np.sum(rows.prices.miss * missed) + np.sum(rows.prices.alarm * alarms)
    return BandOutcome(
        reviewed=float(asked.mean()),
        flagged=float(flagged.mean()),
        caught=float((positive & flagged).sum() / max(1, positive.sum())),
        missed=float(missed.sum() / max(1, positive.sum())),
        false_positive_rate=float(alarms.sum() / max(1, (~positive).sum())),
        cost=float(errors + (spec.review_cost or 0.0) * asked.sum()),
    )


def _worth(outcomes: Outcomes, price: float) -> tuple[int, int]:
    """Indices of the upper and lower threshold of least cost, a reviewed row costing ``price``."""
    flagged = outcomes.hits + outcomes.alarms
    above = outcomes.alarm_cost - price * flagged
    # The best upper threshold at or above each lower one; of equal ones the lowest, which leaves fewest to review.
    least = np.minimum.accumulate(above)
    upper = np.maximum.accumulate(np.where(above <= least, np.arange(len(above)), 0))
    costs = above[upper] + outcomes.missed_cost + price * flagged
    return _fewest_reviewed(costs, upper, np.arange(len(above)), flagged)


def _within(outcomes: Outcomes, share: float) -> tuple[int, int]:
    """Indices of the upper and lower threshold of least cost, with at most this share of rows between them."""
    flagged = outcomes.hits + outcomes.alarms
    upper = np.arange(len(flagged))
    allowed = np.flatnonzero(np.arange(int(outcomes.rows) + 1) / outcomes.rows <= share)[-1]
    lower = np.searchsorted(flagged, flagged + allowed, side="right") - 1
    # Misses that a narrower band would avoid as well are no reason to ask: the first threshold with as few of them.
    lower = np.maximum(upper, np.searchsorted(-outcomes.missed_cost, -outcomes.missed_cost[lower]))
    return _fewest_reviewed(outcomes.alarm_cost + outcomes.missed_cost[lower], upper, lower, flagged)


def _fewest_reviewed(costs: np.ndarray, upper: np.ndarray, lower: np.ndarray, flagged: np.ndarray) -> tuple[int, int]:
    level = np.flatnonzero(costs == costs.min())
    at = level[np.argmin((flagged[lower] - flagged[upper])[level])]
    return int(upper[at]), int(lower[at])
