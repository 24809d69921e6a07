"""Probabilities, the decision made from them, and what it did to the test rows."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Reliability:
    """Predicted probabilities beside what happened, in bins of about equally many rows."""

    predicted: tuple[float, ...]
    observed: tuple[float, ...]
    rows: tuple[int, ...]
    brier: float
    expected_error: float
    by_chance: float


@dataclass(frozen=True)
class Calibration:
    """Whether probabilities can be taken at their word, with and without the correction for resampled classes."""

    corrected: Reliability
    uncorrected: Reliability | None = None


@dataclass(frozen=True)
class ThresholdPoint:
    """Outcomes of one threshold on one set of rows; rates are shares from 0 to 1."""

    threshold: float
    recall: float
    precision: float
    false_positive_rate: float
    flagged: float
    cost: float
    objective: float


@dataclass(frozen=True)
class Threshold:
    """The decision threshold, chosen on out-of-fold predictions."""

    value: float
    policy: str
    chosen: ThresholdPoint
    at_half: ThresholdPoint
    baseline: ThresholdPoint | None = None
    curve: tuple[ThresholdPoint, ...] = ()
    folds: tuple[float, ...] = ()


@dataclass(frozen=True)
class Interval:
    """A confidence interval."""

    low: float
    high: float


@dataclass(frozen=True)
class ConfusionRow:
    """Predictions for one true class."""

    counts: tuple[int, ...]


@dataclass(frozen=True)
class Confusion:
    """Counts of true class by predicted class."""

    labels: tuple[str, ...]
    rows: tuple[ConfusionRow, ...]


@dataclass(frozen=True)
class TestResult:
    """The single scoring of the sealed test rows."""

    rows: int
    metrics: Mapping[str, float]
    intervals: Mapping[str, Interval] = field(default_factory=dict)
    confusion: Confusion | None = None
    chosen: ThresholdPoint | None = None
    at_half: ThresholdPoint | None = None
    baseline: ThresholdPoint | None = None
    baseline_metrics: Mapping[str, float] = field(default_factory=dict)
