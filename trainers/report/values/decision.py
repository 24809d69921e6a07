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
    """Whether probabilities can be taken at their word, with and without what corrects them."""

    corrected: Reliability
    uncorrected: Reliability | None = None
    method: str = ""
    before: Reliability | None = None
    gain: float | None = None
    gain_se: float | None = None
    reason: str = ""


@dataclass(frozen=True)
class Conformal:
    """Prediction sets or intervals whose size was settled out of fold, and what they hold of the sealed test rows."""

    coverage: float
    test_coverage: float
    class_coverage: Mapping[str, float] = field(default_factory=dict)
    mean_size: float | None = None
    single: float | None = None
    half_width: float | None = None
    least_probability: Mapping[str, float] = field(default_factory=dict)


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
class Interval:
    """A confidence interval."""

    low: float
    high: float


@dataclass(frozen=True)
class Sensitivity:
    """What one wrong assumption would change, told of the one threshold for all rows."""

    change: str
    threshold: float
    objective: float
    objective_if_kept: float
    limits_kept: bool


@dataclass(frozen=True)
class SegmentThreshold:
    """One segment's threshold, and what it does to the segment's rows out of fold."""

    values: tuple[str, ...]
    threshold: float
    own: bool
    rows: int
    cases: int
    chosen: ThresholdPoint


@dataclass(frozen=True)
class BandOutcome:
    """What two thresholds do to one set of rows; shares from 0 to 1."""

    reviewed: float
    flagged: float
    caught: float
    missed: float
    false_positive_rate: float
    cost: float


@dataclass(frozen=True)
class ReviewBand:
    """Two thresholds, between which a person decides."""

    lower: float
    upper: float
    label: str
    chosen: BandOutcome


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
    interval: Interval | None = None
    objective_interval: Interval | None = None
    held_out: ThresholdPoint | None = None
    sensitivity: tuple[Sensitivity, ...] = ()
    segment_on: tuple[str, ...] = ()
    segments: tuple[SegmentThreshold, ...] = ()
    shared: ThresholdPoint | None = None
    band: ReviewBand | None = None
    held_out_shared: ThresholdPoint | None = None


@dataclass(frozen=True)
class ClassOutcome:
    """What a way to choose among several classes does to one set of rows."""

    objective: float
    cost: float
    recalls: tuple[float, ...]
    precisions: tuple[float, ...]


@dataclass(frozen=True)
class ClassWeights:
    """What the probability of one true class counts for each class that may be decided."""

    weights: tuple[float, ...]


@dataclass(frozen=True)
class ClassDecision:
    """How one of several classes is chosen, settled on out-of-fold predictions."""

    policy: str
    labels: tuple[str, ...]
    matrix: tuple[ClassWeights, ...]
    chosen: ClassOutcome
    most_probable: ClassOutcome
    baseline: ClassOutcome | None = None
    held_out: ClassOutcome | None = None


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
    shared: ThresholdPoint | None = None
    segments: tuple[SegmentThreshold, ...] = ()
    band: BandOutcome | None = None
    classes: ClassOutcome | None = None
    most_probable: ClassOutcome | None = None
    baseline_classes: ClassOutcome | None = None
