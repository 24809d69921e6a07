"""What a finished job says, as frozen values: the TrainingReport of report.proto, field for field.

The comments on every field, with units, are in proto/trainwright/v1/report.proto. A contract test holds the two equal.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import ConfigDict, TypeAdapter

from trainers.findings import Finding

Params = Mapping[str, Any]


@dataclass(frozen=True)
class ColumnSummary:
    """One feature column."""

    name: str
    role: str
    dtype: str
    missing: int
    distinct: int


@dataclass(frozen=True)
class DataSummary:
    """The table as it was read."""

    uri: str
    fingerprint: str
    rows: int
    target: str
    positive_class: str = ""
    class_counts: Mapping[str, int] = field(default_factory=dict)
    columns: tuple[ColumnSummary, ...] = ()


@dataclass(frozen=True)
class FoldSummary:
    """One cross-validation fold."""

    train_rows: int
    validation_rows: int
    validation_class_counts: Mapping[str, int] = field(default_factory=dict)
    train_class_counts: Mapping[str, int] = field(default_factory=dict)
    resampled_class_counts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class TestOpening:
    """One opening of the sealed test rows."""

    time: str
    by: str
    why: str


@dataclass(frozen=True)
class SplitSummary:
    """How rows were assigned."""

    kind: str
    development_rows: int
    test_rows: int
    digest: str
    folds: tuple[FoldSummary, ...] = ()
    openings: tuple[TestOpening, ...] = ()


@dataclass(frozen=True)
class Member:
    """One member of an ensemble."""

    family: str
    weight: float
    params: Params = field(default_factory=dict)


@dataclass(frozen=True)
class SelectedModel:
    """The model that was chosen."""

    family: str
    params: Params
    reason: str
    members: tuple[Member, ...] = ()


@dataclass(frozen=True)
class CrossValidation:
    """A cross-validated score; greater is better."""

    metric: str
    mean: float
    std: float
    folds: tuple[float, ...]


@dataclass(frozen=True)
class NestedFold:
    """What one outer fold's search chose."""

    fold: int
    family: str
    params: Params
    inner_mean: float
    score: float


@dataclass(frozen=True)
class ParameterStability:
    """How far the outer folds agree on a parameter."""

    name: str
    agreement: float
    values: tuple[str, ...]


@dataclass(frozen=True)
class NestedCrossValidation:
    """The search repeated without each fold and judged on it."""

    metric: str
    mean: float
    std: float
    optimism: float
    folds: tuple[NestedFold, ...]
    family: str
    agreement: float
    parameters: tuple[ParameterStability, ...] = ()


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
class Baseline:
    """The best baseline."""

    family: str
    mean: float
    std: float
    means: Mapping[str, float] = field(default_factory=dict)


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


@dataclass(frozen=True)
class ParameterImportance:
    """How much one parameter of a family mattered in its search."""

    family: str
    parameter: str
    importance: float


@dataclass(frozen=True)
class SearchSummary:
    """What the search did."""

    fits: int
    fits_without_racing: int
    trials: int
    failed_trials: int
    fit_seconds: float
    algorithm: str
    resumed_fits: int = 0
    importances: tuple[ParameterImportance, ...] = ()


@dataclass(frozen=True)
class CandidateResult:
    """One candidate: the best configuration of a family, a baseline, or an ensemble."""

    family: str
    kind: str
    params: Params
    mean: float
    std: float
    folds: tuple[float, ...]
    trials: int = 1
    fit_seconds: float = 0.0
    latency_ms: float = 0.0
    model_mb: float = 0.0
    selected: bool = False
    rejected_because: str = ""
    difference: float = 0.0
    difference_se: float = 0.0


@dataclass(frozen=True)
class DroppedMember:
    """A member that was left out of an ensemble."""

    member: str
    reason: str


@dataclass(frozen=True)
class Correlations:
    """One row of a correlation matrix."""

    values: tuple[float, ...]


@dataclass(frozen=True)
class EnsembleResult:
    """One ensemble: its members, and what it gains over the best single model and costs beside it."""

    kind: str
    members: tuple[Member, ...]
    dropped: tuple[DroppedMember, ...]
    best_single: str
    gain: float
    gain_se: float
    extra_latency_ms: float
    extra_model_mb: float
    error_correlation: float | None = None
    error_correlations: tuple[Correlations, ...] = ()
    out_of_bag: float | None = None
    rows_left_out: int = 0
    fits: int = 0


@dataclass(frozen=True)
class FeatureImportance:
    """Permutation importance of one column."""

    feature: str
    mean: float
    std: float


@dataclass(frozen=True)
class Manifest:
    """What must be equal to get these numbers again."""

    spec_digest: str
    data_fingerprint: str
    split_digest: str
    seed: int
    code_version: str
    packages: Mapping[str, str] = field(default_factory=dict)
    hardware: Mapping[str, str] = field(default_factory=dict)
    spec: Params = field(default_factory=dict)
    data_rows: int = 0
    data_columns: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Tracking:
    """Where MLflow keeps the results."""

    uri: str
    experiment: str
    run_id: str
    model_uri: str
    model_version: str = ""


@dataclass(frozen=True, kw_only=True)
class Report:
    """The judged model and the evidence behind it."""

    __pydantic_config__ = ConfigDict(ser_json_inf_nan="strings", extra="forbid")

    decision: str
    task: str
    data: DataSummary
    split: SplitSummary
    findings: tuple[Finding, ...] = ()
    selected: SelectedModel
    cross_validation: CrossValidation
    baseline: Baseline
    threshold: Threshold | None = None
    test: TestResult
    search: SearchSummary
    timings: Mapping[str, float] = field(default_factory=dict)
    candidates: tuple[CandidateResult, ...] = ()
    importances: tuple[FeatureImportance, ...] = ()
    explanation: tuple[str, ...] = ()
    manifest: Manifest
    tracking: Tracking | None = None
    nested: NestedCrossValidation | None = None
    calibration: Calibration | None = None
    ensembles: tuple[EnsembleResult, ...] = ()

    def to_json(self) -> str:
        """The report as report.json: proto field names, what is absent left out, no bare NaN."""
        return _adapter().dump_json(self, indent=2, exclude_none=True, fallback=_plain).decode()

    @classmethod
    def from_json(cls, text: str) -> "Report":
        """Reads what :meth:`to_json` wrote.

        Raises:
            pydantic.ValidationError: The text is not a report.
        """
        return _adapter().validate_json(text)


def _adapter() -> TypeAdapter[Report]:
    return TypeAdapter(Report)


def _plain(value: Any) -> Any:
    """Numpy scalars and arrays inside parameters and evidence."""
    return value.tolist() if hasattr(value, "tolist") else str(value)
