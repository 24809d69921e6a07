"""What a good decision is: one objective under limits, and what to say when the limits cannot be kept."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from trainers.errors import SpecError, Violation
from trainers.evaluation.threshold.outcomes import Outcomes
from trainers.evaluation.threshold.spec import ExpectedCost, ThresholdSpec

Measure = Callable[[Outcomes], np.ndarray]


class UnreachableError(SpecError):
    """No threshold keeps the limits on these scores; the message says what can be reached."""


@dataclass(frozen=True)
class Limit:
    """What the outcome must keep.

    Attributes:
        field: Name in the spec.
        bound: The limit.
        measure: What is limited, (t,).
        sense: 1 for at least, -1 for at most.
        words: The limit in words.
        best: What the nearest that can be reached is called.
    """

    field: str
    bound: float
    measure: Measure
    sense: int
    words: str
    best: str

    def slack(self, outcomes: Outcomes) -> np.ndarray:
        """By how much it is kept, (t,); below 0 it is broken."""
        return self.sense * (self.measure(outcomes) - self.bound)


@dataclass(frozen=True)
class Policy:
    """An objective under limits.

    Every objective and limit is no worse for fewer false alarms among options that catch as many positive rows.

    Attributes:
        words: In words.
        objective: What is maximised, (t,).
        limits: What must be kept.
        prefer: Which of equally good options is taken: the one that has most of this, (t,).
    """

    words: str
    objective: Measure
    limits: tuple[Limit, ...] = ()
    prefer: Measure = lambda o: -o.flagged

    def best(self, outcomes: Outcomes) -> int:
        """Index of the best option; where none keeps the limits, of the one that comes nearest."""
        short = self._shortfall(outcomes)
        objective = np.where(short <= short.min(), self.objective(outcomes), -np.inf)
        level = np.flatnonzero(objective == objective.max())
        return int(level[np.argmax(self.prefer(outcomes)[level])])

    def kept(self, outcomes: Outcomes) -> np.ndarray:
        """Which options keep every limit, (t,) of bool."""
        return self._shortfall(outcomes) <= 0

    def check_reachable(self, outcomes: Outcomes) -> None:
        """Raises UnreachableError when no option keeps every limit."""
        if not self.kept(outcomes).any():
            raise UnreachableError(list(self._unreachable(outcomes)))

    def _shortfall(self, outcomes: Outcomes) -> np.ndarray:
        """How far the limits are broken, (t,); 0 where they are kept."""
        return sum((np.maximum(0, -limit.slack(outcomes)) for limit in self.limits), np.zeros(len(outcomes.hits)))

    def _unreachable(self, outcomes: Outcomes) -> Iterator[Violation]:
        """For each limit, what can be reached while the others are kept, or alone where not even they can be."""
        for limit in self.limits:
            others = tuple(each for each in self.limits if each is not limit)
            rest = replace(self, limits=others).kept(outcomes)
            beside = f" beside {' and '.join(each.field for each in others)}" if others and rest.any() else ""
            slack = np.where(rest | (not rest.any()), limit.slack(outcomes), -np.inf)
            at = int(np.argmax(slack))
            if slack[at] >= 0:
                continue
            reached = limit.measure(outcomes)[at]
            if not np.isfinite(reached):
                yield Violation(f"threshold.{limit.field}", "cannot be used: no row is positive; check the target")
                continue
            yield Violation(
                f"threshold.{limit.field}",
                f"{limit.bound:.4g} cannot be {'reached' if limit.sense > 0 else 'kept'}{beside}: on out-of-fold predictions "
                f"{limit.best} is {reached:.4g}, at a recall of {outcomes.recall[at]:.4g} and a precision of "
                f"{outcomes.precision[at]:.4g}; ask for no {'more' if limit.sense > 0 else 'less'} than that, or let more "
                "configurations be tried",
            )


def policy_of(spec: ThresholdSpec) -> Policy:
    """The policy that a spec asks for."""
    limits = tuple(_limits(spec))
    under = "".join(f", with {limit.words}" for limit in limits)
    within = f"; thresholds by {' and '.join(spec.segment_on)}" if spec.segment_on else ""
    if spec.expected_cost is not None:
        return Policy(f"least expected cost, {_prices(spec.expected_cost)}{under}{within}", lambda o: -o.cost, limits)
    if spec.metric is not None or not limits:
        name = spec.metric or "f1"
        return Policy(f"highest {name}{under}{within}", lambda o: o.metric(name), limits)
    if spec.min_recall is not None:
        words = f"highest precision{under}{within}"
        return Policy(words, lambda o: o.precision, limits, prefer=lambda o: o.hits)
    return Policy(f"highest recall{under}{within}", lambda o: o.recall, limits)


def _prices(costs: ExpectedCost) -> str:
    miss, alarm = (
        f"{price:g}" if column is None else (column if price == 1 else f"{price:g} x {column}")
        for price, column in (
            (costs.false_negative, costs.false_negative_column),
            (costs.false_positive, costs.false_positive_column),
        )
    )
    return f"with {miss} for a miss and {alarm} for a false alarm"


def _limits(spec: ThresholdSpec) -> Iterator[Limit]:
    if spec.min_recall is not None:
        words = f"a recall of at least {spec.min_recall:g}"
        yield Limit("min_recall", spec.min_recall, _recall, 1, words, "the highest recall")
    if spec.min_precision is not None:
        words = f"a precision of at least {spec.min_precision:g}"
        yield Limit("min_precision", spec.min_precision, lambda o: o.precision, 1, words, "the highest precision")
    if spec.capacity_share is None:
        return
    field, words = "capacity", f"at most {100 * spec.capacity_share:.3g} % of the rows flagged"
    if spec.lot_capacity is not None:
        field, words = (
            "lot_capacity",
            f"at most {spec.lot_capacity.rows:,} of every {spec.lot_capacity.of:,} rows flagged",
        )
    free = spec.expected_cost is None and spec.metric is None
    nearest = "the least share of rows flagged" + (" that catches any positive row" if free else "")
    yield Limit(field, spec.capacity_share, _useful if free else lambda o: o.flagged, -1, words, nearest)


def _recall(outcomes: Outcomes) -> np.ndarray:
    return outcomes.recall if outcomes.positives else np.full(len(outcomes.hits), -np.inf)


def _useful(outcomes: Outcomes) -> np.ndarray:
    """Share flagged. To catch nothing keeps any capacity, and is no use of it."""
    return np.where(outcomes.hits > 0, outcomes.flagged, np.inf)
