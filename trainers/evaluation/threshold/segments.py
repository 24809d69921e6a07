"""A threshold for each segment, chosen together, so that limits and budgets are shared: exact, not greedy.

For given hits fewer false alarms are better by every policy, so all that matters of a segment are its fewest alarms for each
number of hits. The fewest alarms for h hits over all segments are the (min, +) convolution of these curves (Bellman, "Dynamic
Programming", 1957, on the allocation of a resource), and the best h by the policy is the exact optimum for every objective
and every limit at once. Where errors cost what a row says, the curve is the least cost for each number of rows flagged.
"""

from collections.abc import Sequence

import numpy as np

from trainers.evaluation.threshold.outcomes import Outcomes, Scored, ladder, outcome, sweep
from trainers.evaluation.threshold.policy import Policy
from trainers.portable.rules import Cut

# Additions of all convolutions together; beyond, curves are thinned evenly and the choice is near the optimum.
WORK = 400_000_000


def segment_cuts(
    rows: Scored, shared: float, columns: Sequence[str], least_cases: int, policy: Policy, capacity: float | None
) -> Cut:
    """Chooses the segments' thresholds, together.

    Segments with fewer positive rows than ``least_cases``, and rows without a segment, keep the shared threshold; what that
    does to them counts towards the limits of all. The result is never worse on these rows than the shared threshold alone.

    Args:
        rows: Rows with segments.
        shared: The best single threshold for all rows.
        columns: Columns that make the segments.
        least_cases: Positive rows a segment needs.
        policy: The objective and its limits.
        capacity: Share of all rows that may be flagged, if that is limited.
    """
    members = {name: at for name, at in rows.members().items() if (rows.y[at] == 1).sum() >= least_cases}
    if not members:
        return Cut(shared, tuple(columns))
    rest = rows.take(np.setdiff1d(np.arange(len(rows.y)), np.concatenate(list(members.values()))))
    fixed = outcome(rest, rest.scores >= shared)
    parts = [rows.take(positions) for positions in members.values()]
    steps = [ladder(part.scores) for part in parts]
    options = [sweep(part, each) for part, each in zip(parts, steps, strict=True)]
    chosen = _by_flagged(options, fixed, capacity) if rows.prices.by_row else _by_hits(options, fixed, policy, rows)
    values = tuple(float(each.thresholds[i]) for each, i in zip(steps, chosen, strict=True))
    cut = Cut(shared, tuple(columns), tuple(members), values)
    both = outcome(rows, rows.flagged_by(cut)).beside(outcome(rows, rows.scores >= shared))
    # Thinned curves may miss the shared threshold.
    return cut if policy.best(both) == 0 else Cut(shared, tuple(columns))


def _by_hits(options: Sequence[Outcomes], fixed: Outcomes, policy: Policy, rows: Scored) -> list[int]:
    """Option of each segment, by the fewest alarms over all segments for each number of hits."""
    most = int(sum(each.positives for each in options))
    # Of options with equal hits the first has the fewest alarms.
    kept = [_thinned(np.unique(each.hits, return_index=True)[1], most, len(options)) for each in options]
    at = [each.hits[i] for each, i in zip(options, kept, strict=True)]
    alarms, picks = _convolve(at, [each.alarms[i] for each, i in zip(options, kept, strict=True)], most)
    possible = np.flatnonzero(np.isfinite(alarms))
    positives, negatives = int((rows.y == 1).sum()), int((rows.y != 1).sum())
    hits, alarms = possible + fixed.hits[0], alarms[possible] + fixed.alarms[0]
    missed_cost, alarm_cost = rows.prices.miss * (positives - hits), rows.prices.alarm * alarms
    together = Outcomes(hits, alarms, missed_cost, alarm_cost, positives, negatives)
    return _traced(picks, at, kept, int(possible[policy.best(together)]))


def _by_flagged(options: Sequence[Outcomes], fixed: Outcomes, capacity: float | None) -> list[int]:
    """Option of each segment, by the least cost over all segments for each number of rows flagged."""
    if capacity is None:
        return [int(np.argmin(each.cost)) for each in options]
    flagged = [(each.hits + each.alarms).astype(int) for each in options]
    total = int(fixed.rows + sum(each.rows for each in options))
    within = int(np.flatnonzero(np.arange(total + 1) / total <= capacity)[-1] - fixed.hits[0] - fixed.alarms[0])
    kept = [_thinned(np.flatnonzero(each <= within), within, len(options)) for each in flagged]
    at = [each[i] for each, i in zip(flagged, kept, strict=True)]
    costs, picks = _convolve(at, [each.cost[i] for each, i in zip(options, kept, strict=True)], within)
    return _traced(picks, at, kept, int(np.argmin(costs)))


def _thinned(options: np.ndarray, length: int, segments: int) -> np.ndarray:
    """The options, or as many of them, evenly, as the work allows; the first and the last stay."""
    most = max(2, WORK // max(1, length * segments))
    if len(options) <= most:
        return options
    return np.asarray(options[np.unique(np.linspace(0, len(options) - 1, most).astype(int))])


def _convolve(
    at: Sequence[np.ndarray], value: Sequence[np.ndarray], length: int
) -> tuple[np.ndarray, list[np.ndarray]]:
    """The least sum of values, one option a segment, for each sum of places from 0 to ``length``.

    Args:
        at: Place of each option, by segment; ascending whole numbers.
        value: Value of each option, by segment.
        length: Greatest sum of places.

    Returns:
        The least sums (length + 1,), infinite where no options add up to it, and by segment the option taken for each.
    """
    least = np.full(length + 1, np.inf)
    least[0] = 0.0
    picks = []
    for places, values in zip(at, value, strict=True):
        following, pick = np.full(length + 1, np.inf), np.zeros(length + 1, dtype=np.int64)
        for option, (place, each) in enumerate(zip(places, values, strict=True)):
            sums = least[: length + 1 - place] + each
            better = sums < following[place:]
            following[place:][better] = sums[better]
            pick[place:][better] = option
        least = following
        picks.append(pick)
    return least, picks


def _traced(picks: Sequence[np.ndarray], at: Sequence[np.ndarray], kept: Sequence[np.ndarray], place: int) -> list[int]:
    """The option of each segment behind one sum of places, as an index before thinning."""
    chosen = []
    for pick, places, options in zip(reversed(picks), reversed(at), reversed(kept), strict=True):
        option = pick[place]
        chosen.append(int(options[option]))
        place -= int(places[option])
    return chosen[::-1]
