"""What happens to scored rows at every threshold that makes a difference."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from trainers.evaluation import confusion
from trainers.portable.rules import Rule, Segment


@dataclass(frozen=True)
class Prices:
    """What errors cost: numbers, or one number a row, (n,).

    Attributes:
        miss: A positive row that is not flagged.
        alarm: A negative row that is.
    """

    miss: float | np.ndarray = 0.0
    alarm: float | np.ndarray = 0.0

    def take(self, rows: np.ndarray) -> "Prices":
        """Prices of some rows."""
        return Prices(*(each[rows] if isinstance(each, np.ndarray) else each for each in (self.miss, self.alarm)))

    @property
    def by_row(self) -> bool:
        """Whether they differ from row to row."""
        return isinstance(self.miss, np.ndarray) or isinstance(self.alarm, np.ndarray)


@dataclass(frozen=True)
class Scored:
    """Rows to decide, with scores of a model that was not fitted on them.

    Attributes:
        y: (n,) 0 or 1.
        scores: (n,) P(class 1).
        prices: What errors cost; 0 where no costs are given.
        segments: n segments, where thresholds differ between them.
    """

    y: np.ndarray
    scores: np.ndarray
    prices: Prices = Prices()
    segments: Sequence[Segment] | None = None

    def take(self, rows: np.ndarray) -> "Scored":
        """Some of the rows, by position."""
        segments = None if self.segments is None else [self.segments[i] for i in rows]
        return Scored(self.y[rows], self.scores[rows], self.prices.take(rows), segments)

    def scored_by(self, scores: np.ndarray) -> "Scored":
        """The same rows with another model's scores."""
        return replace(self, scores=scores)

    def members(self) -> dict[tuple[str, ...], np.ndarray]:
        """Row positions of each segment, in the order of their names; rows without a segment are in none."""
        positions: dict[tuple[str, ...], list[int]] = {}
        for i, segment in enumerate(self.segments or ()):
            if segment is not None:
                positions.setdefault(segment, []).append(i)
        return {name: np.array(positions[name]) for name in sorted(positions)}

    def flagged_by(self, rule: Rule) -> np.ndarray:
        """Which rows a rule flags, (n,) of bool."""
        return np.asarray(rule.labels(self.scores, self.segments) == 1)


@dataclass(frozen=True)
class Outcomes:
    """What happens to n rows under each of t options; every array is (t,).

    Attributes:
        hits: Positive rows flagged; weighted rows count by their weight.
        alarms: Negative rows flagged.
        missed_cost: Cost of the positive rows left alone; 0 without costs.
        alarm_cost: Cost of the negative rows flagged.
        positives: Positive rows.
        negatives: Negative rows.
    """

    hits: np.ndarray
    alarms: np.ndarray
    missed_cost: np.ndarray
    alarm_cost: np.ndarray
    positives: float
    negatives: float

    @property
    def rows(self) -> float:
        """All rows."""
        return self.positives + self.negatives

    @property
    def recall(self) -> np.ndarray:
        """Share of positive rows that are flagged."""
        return np.asarray(self.hits / max(1, self.positives))

    @property
    def precision(self) -> np.ndarray:
        """Share of flagged rows that are positive; 0 where none is flagged."""
        flagged = self.hits + self.alarms
        return np.asarray(np.divide(self.hits, flagged, out=np.zeros(len(flagged)), where=flagged > 0))

    @property
    def flagged(self) -> np.ndarray:
        """Share of rows that are flagged."""
        return np.asarray((self.hits + self.alarms) / self.rows)

    @property
    def cost(self) -> np.ndarray:
        """Total cost over the rows."""
        return np.asarray(self.missed_cost + self.alarm_cost)

    def beside(self, other: "Outcomes") -> "Outcomes":
        """These options, then others for the same rows."""
        return Outcomes(
            np.concatenate([self.hits, other.hits]),
            np.concatenate([self.alarms, other.alarms]),
            np.concatenate([self.missed_cost, other.missed_cost]),
            np.concatenate([self.alarm_cost, other.alarm_cost]),
            self.positives,
            self.negatives,
        )

    def metric(self, name: str) -> np.ndarray:
        """A metric of labels, one of LABEL_METRICS."""
        counts = [[self.negatives - self.alarms, self.alarms], [self.positives - self.hits, self.hits]]
        return np.asarray(_FROM_COUNTS[name](np.moveaxis(np.array(counts), 2, 0)))


_FROM_COUNTS: Mapping[str, confusion.FromCounts] = {
    "f1": partial(confusion.positive, confusion.f1s),
    "jaccard": partial(confusion.positive, confusion.jaccards),
    "balanced_accuracy": confusion.balanced_accuracy,
    "accuracy": confusion.accuracy,
    "matthews_corrcoef": confusion.matthews_corrcoef,
}


@dataclass(frozen=True)
class Ladder:
    """The t thresholds that make a difference to n scores, from none flagged to all flagged.

    Attributes:
        thresholds: (t,) each midway between two neighbouring scores, with 0 and 1 beyond the ends.
        order: (n,) rows, highest score first.
        ends: (t - 1,) place in that order of the last row flagged at each threshold but the first.
    """

    thresholds: np.ndarray
    order: np.ndarray
    ends: np.ndarray

    def sums(self, values: np.ndarray) -> np.ndarray:
        """Sum of the values (n,) of flagged rows at each threshold, (t,)."""
        return np.append(np.zeros(1, values.dtype), np.cumsum(values[self.order])[self.ends])

    def left(self, values: np.ndarray) -> np.ndarray:
        """Sum of the values (n,) of the rows that are not flagged, (t,)."""
        sums = self.sums(values)
        return np.asarray(sums[-1] - sums)


def ladder(scores: np.ndarray) -> Ladder:
    """The thresholds of scores (n,), in one sort."""
    scores = scores.astype(np.float64)
    order = np.argsort(-scores, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(scores[order])), len(scores) - 1)
    distinct = scores[order][ends]
    above, below = np.append(1.0, distinct), np.append(distinct, 0.0)
    middle = below + (above - below) / 2
    # Neighbouring floats have no middle: then the upper one itself, and beyond the highest score the next float.
    middle = np.where(middle > below, middle, above)
    middle[0] = max(middle[0], np.nextafter(distinct[0], 2.0))
    return Ladder(middle, order, ends)


def sweep(rows: Scored, steps: Ladder, weights: np.ndarray | None = None) -> Outcomes:
    """Outcomes at every threshold of a ladder, rows counted as often as weights (n,) say."""
    positive, negative = (rows.y == 1).astype(int), (rows.y != 1).astype(int)
    if weights is not None:
        positive, negative = positive * weights, negative * weights
    hits, alarms, positives = steps.sums(positive), steps.sums(negative), positive.sum()
    miss, alarm = rows.prices.miss, rows.prices.alarm
    return Outcomes(
        hits=hits,
        alarms=alarms,
        missed_cost=steps.left(miss * positive) if isinstance(miss, np.ndarray) else miss * (positives - hits),
        alarm_cost=steps.sums(alarm * negative) if isinstance(alarm, np.ndarray) else alarm * alarms,
        positives=positives,
        negatives=negative.sum(),
    )


def outcome(rows: Scored, flagged: np.ndarray, weights: np.ndarray | int = 1) -> Outcomes:
    """The one outcome of flagging some rows, (n,) of bool, each counted as often as its weight says."""
    positive, negative = (rows.y == 1) * weights, (rows.y != 1) * weights
    return Outcomes(
        hits=np.array([positive[flagged].sum()]),
        alarms=np.array([negative[flagged].sum()]),
        missed_cost=np.array([np.sum(rows.prices.miss * positive * ~flagged)]),
        alarm_cost=np.array([np.sum(rows.prices.alarm * negative * flagged)]),
        positives=positive.sum(),
        negatives=negative.sum(),
    )
