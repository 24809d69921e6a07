from google.protobuf import struct_pb2 as _struct_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class TrainingReport(_message.Message):
    __slots__ = ("decision", "task", "data", "split", "findings", "selected", "cross_validation", "baseline", "threshold", "test", "search", "timings", "candidates", "importances", "explanation", "manifest", "tracking", "nested", "calibration", "ensembles", "learning_curves")
    class TimingsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: float
        def __init__(self, key: _Optional[str] = ..., value: _Optional[float] = ...) -> None: ...
    DECISION_FIELD_NUMBER: _ClassVar[int]
    TASK_FIELD_NUMBER: _ClassVar[int]
    DATA_FIELD_NUMBER: _ClassVar[int]
    SPLIT_FIELD_NUMBER: _ClassVar[int]
    FINDINGS_FIELD_NUMBER: _ClassVar[int]
    SELECTED_FIELD_NUMBER: _ClassVar[int]
    CROSS_VALIDATION_FIELD_NUMBER: _ClassVar[int]
    BASELINE_FIELD_NUMBER: _ClassVar[int]
    THRESHOLD_FIELD_NUMBER: _ClassVar[int]
    TEST_FIELD_NUMBER: _ClassVar[int]
    SEARCH_FIELD_NUMBER: _ClassVar[int]
    TIMINGS_FIELD_NUMBER: _ClassVar[int]
    CANDIDATES_FIELD_NUMBER: _ClassVar[int]
    IMPORTANCES_FIELD_NUMBER: _ClassVar[int]
    EXPLANATION_FIELD_NUMBER: _ClassVar[int]
    MANIFEST_FIELD_NUMBER: _ClassVar[int]
    TRACKING_FIELD_NUMBER: _ClassVar[int]
    NESTED_FIELD_NUMBER: _ClassVar[int]
    CALIBRATION_FIELD_NUMBER: _ClassVar[int]
    ENSEMBLES_FIELD_NUMBER: _ClassVar[int]
    LEARNING_CURVES_FIELD_NUMBER: _ClassVar[int]
    decision: str
    task: str
    data: DataSummary
    split: SplitSummary
    findings: _containers.RepeatedCompositeFieldContainer[Finding]
    selected: SelectedModel
    cross_validation: CrossValidation
    baseline: Baseline
    threshold: Threshold
    test: TestResult
    search: SearchSummary
    timings: _containers.ScalarMap[str, float]
    candidates: _containers.RepeatedCompositeFieldContainer[CandidateResult]
    importances: _containers.RepeatedCompositeFieldContainer[FeatureImportance]
    explanation: _containers.RepeatedScalarFieldContainer[str]
    manifest: Manifest
    tracking: Tracking
    nested: NestedCrossValidation
    calibration: Calibration
    ensembles: _containers.RepeatedCompositeFieldContainer[EnsembleResult]
    learning_curves: _containers.RepeatedCompositeFieldContainer[LearningCurves]
    def __init__(self, decision: _Optional[str] = ..., task: _Optional[str] = ..., data: _Optional[_Union[DataSummary, _Mapping]] = ..., split: _Optional[_Union[SplitSummary, _Mapping]] = ..., findings: _Optional[_Iterable[_Union[Finding, _Mapping]]] = ..., selected: _Optional[_Union[SelectedModel, _Mapping]] = ..., cross_validation: _Optional[_Union[CrossValidation, _Mapping]] = ..., baseline: _Optional[_Union[Baseline, _Mapping]] = ..., threshold: _Optional[_Union[Threshold, _Mapping]] = ..., test: _Optional[_Union[TestResult, _Mapping]] = ..., search: _Optional[_Union[SearchSummary, _Mapping]] = ..., timings: _Optional[_Mapping[str, float]] = ..., candidates: _Optional[_Iterable[_Union[CandidateResult, _Mapping]]] = ..., importances: _Optional[_Iterable[_Union[FeatureImportance, _Mapping]]] = ..., explanation: _Optional[_Iterable[str]] = ..., manifest: _Optional[_Union[Manifest, _Mapping]] = ..., tracking: _Optional[_Union[Tracking, _Mapping]] = ..., nested: _Optional[_Union[NestedCrossValidation, _Mapping]] = ..., calibration: _Optional[_Union[Calibration, _Mapping]] = ..., ensembles: _Optional[_Iterable[_Union[EnsembleResult, _Mapping]]] = ..., learning_curves: _Optional[_Iterable[_Union[LearningCurves, _Mapping]]] = ...) -> None: ...

class DataSummary(_message.Message):
    __slots__ = ("uri", "fingerprint", "rows", "target", "positive_class", "class_counts", "columns")
    class ClassCountsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: int
        def __init__(self, key: _Optional[str] = ..., value: _Optional[int] = ...) -> None: ...
    URI_FIELD_NUMBER: _ClassVar[int]
    FINGERPRINT_FIELD_NUMBER: _ClassVar[int]
    ROWS_FIELD_NUMBER: _ClassVar[int]
    TARGET_FIELD_NUMBER: _ClassVar[int]
    POSITIVE_CLASS_FIELD_NUMBER: _ClassVar[int]
    CLASS_COUNTS_FIELD_NUMBER: _ClassVar[int]
    COLUMNS_FIELD_NUMBER: _ClassVar[int]
    uri: str
    fingerprint: str
    rows: int
    target: str
    positive_class: str
    class_counts: _containers.ScalarMap[str, int]
    columns: _containers.RepeatedCompositeFieldContainer[ColumnSummary]
    def __init__(self, uri: _Optional[str] = ..., fingerprint: _Optional[str] = ..., rows: _Optional[int] = ..., target: _Optional[str] = ..., positive_class: _Optional[str] = ..., class_counts: _Optional[_Mapping[str, int]] = ..., columns: _Optional[_Iterable[_Union[ColumnSummary, _Mapping]]] = ...) -> None: ...

class ColumnSummary(_message.Message):
    __slots__ = ("name", "role", "dtype", "missing", "distinct")
    NAME_FIELD_NUMBER: _ClassVar[int]
    ROLE_FIELD_NUMBER: _ClassVar[int]
    DTYPE_FIELD_NUMBER: _ClassVar[int]
    MISSING_FIELD_NUMBER: _ClassVar[int]
    DISTINCT_FIELD_NUMBER: _ClassVar[int]
    name: str
    role: str
    dtype: str
    missing: int
    distinct: int
    def __init__(self, name: _Optional[str] = ..., role: _Optional[str] = ..., dtype: _Optional[str] = ..., missing: _Optional[int] = ..., distinct: _Optional[int] = ...) -> None: ...

class SplitSummary(_message.Message):
    __slots__ = ("kind", "development_rows", "test_rows", "digest", "folds", "openings")
    KIND_FIELD_NUMBER: _ClassVar[int]
    DEVELOPMENT_ROWS_FIELD_NUMBER: _ClassVar[int]
    TEST_ROWS_FIELD_NUMBER: _ClassVar[int]
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    FOLDS_FIELD_NUMBER: _ClassVar[int]
    OPENINGS_FIELD_NUMBER: _ClassVar[int]
    kind: str
    development_rows: int
    test_rows: int
    digest: str
    folds: _containers.RepeatedCompositeFieldContainer[FoldSummary]
    openings: _containers.RepeatedCompositeFieldContainer[TestOpening]
    def __init__(self, kind: _Optional[str] = ..., development_rows: _Optional[int] = ..., test_rows: _Optional[int] = ..., digest: _Optional[str] = ..., folds: _Optional[_Iterable[_Union[FoldSummary, _Mapping]]] = ..., openings: _Optional[_Iterable[_Union[TestOpening, _Mapping]]] = ...) -> None: ...

class FoldSummary(_message.Message):
    __slots__ = ("train_rows", "validation_rows", "validation_class_counts", "train_class_counts", "resampled_class_counts")
    class ValidationClassCountsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: int
        def __init__(self, key: _Optional[str] = ..., value: _Optional[int] = ...) -> None: ...
    class TrainClassCountsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: int
        def __init__(self, key: _Optional[str] = ..., value: _Optional[int] = ...) -> None: ...
    class ResampledClassCountsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: int
        def __init__(self, key: _Optional[str] = ..., value: _Optional[int] = ...) -> None: ...
    TRAIN_ROWS_FIELD_NUMBER: _ClassVar[int]
    VALIDATION_ROWS_FIELD_NUMBER: _ClassVar[int]
    VALIDATION_CLASS_COUNTS_FIELD_NUMBER: _ClassVar[int]
    TRAIN_CLASS_COUNTS_FIELD_NUMBER: _ClassVar[int]
    RESAMPLED_CLASS_COUNTS_FIELD_NUMBER: _ClassVar[int]
    train_rows: int
    validation_rows: int
    validation_class_counts: _containers.ScalarMap[str, int]
    train_class_counts: _containers.ScalarMap[str, int]
    resampled_class_counts: _containers.ScalarMap[str, int]
    def __init__(self, train_rows: _Optional[int] = ..., validation_rows: _Optional[int] = ..., validation_class_counts: _Optional[_Mapping[str, int]] = ..., train_class_counts: _Optional[_Mapping[str, int]] = ..., resampled_class_counts: _Optional[_Mapping[str, int]] = ...) -> None: ...

class TestOpening(_message.Message):
    __slots__ = ("time", "by", "why")
    TIME_FIELD_NUMBER: _ClassVar[int]
    BY_FIELD_NUMBER: _ClassVar[int]
    WHY_FIELD_NUMBER: _ClassVar[int]
    time: str
    by: str
    why: str
    def __init__(self, time: _Optional[str] = ..., by: _Optional[str] = ..., why: _Optional[str] = ...) -> None: ...

class Finding(_message.Message):
    __slots__ = ("code", "severity", "columns", "message", "action", "evidence")
    CODE_FIELD_NUMBER: _ClassVar[int]
    SEVERITY_FIELD_NUMBER: _ClassVar[int]
    COLUMNS_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    ACTION_FIELD_NUMBER: _ClassVar[int]
    EVIDENCE_FIELD_NUMBER: _ClassVar[int]
    code: str
    severity: str
    columns: _containers.RepeatedScalarFieldContainer[str]
    message: str
    action: str
    evidence: _struct_pb2.Struct
    def __init__(self, code: _Optional[str] = ..., severity: _Optional[str] = ..., columns: _Optional[_Iterable[str]] = ..., message: _Optional[str] = ..., action: _Optional[str] = ..., evidence: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ...) -> None: ...

class SelectedModel(_message.Message):
    __slots__ = ("family", "params", "reason", "members")
    FAMILY_FIELD_NUMBER: _ClassVar[int]
    PARAMS_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    MEMBERS_FIELD_NUMBER: _ClassVar[int]
    family: str
    params: _struct_pb2.Struct
    reason: str
    members: _containers.RepeatedCompositeFieldContainer[Member]
    def __init__(self, family: _Optional[str] = ..., params: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., reason: _Optional[str] = ..., members: _Optional[_Iterable[_Union[Member, _Mapping]]] = ...) -> None: ...

class Member(_message.Message):
    __slots__ = ("family", "weight", "params")
    FAMILY_FIELD_NUMBER: _ClassVar[int]
    WEIGHT_FIELD_NUMBER: _ClassVar[int]
    PARAMS_FIELD_NUMBER: _ClassVar[int]
    family: str
    weight: float
    params: _struct_pb2.Struct
    def __init__(self, family: _Optional[str] = ..., weight: _Optional[float] = ..., params: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ...) -> None: ...

class CrossValidation(_message.Message):
    __slots__ = ("metric", "mean", "std", "folds")
    METRIC_FIELD_NUMBER: _ClassVar[int]
    MEAN_FIELD_NUMBER: _ClassVar[int]
    STD_FIELD_NUMBER: _ClassVar[int]
    FOLDS_FIELD_NUMBER: _ClassVar[int]
    metric: str
    mean: float
    std: float
    folds: _containers.RepeatedScalarFieldContainer[float]
    def __init__(self, metric: _Optional[str] = ..., mean: _Optional[float] = ..., std: _Optional[float] = ..., folds: _Optional[_Iterable[float]] = ...) -> None: ...

class NestedCrossValidation(_message.Message):
    __slots__ = ("metric", "mean", "std", "optimism", "folds", "family", "agreement", "parameters")
    METRIC_FIELD_NUMBER: _ClassVar[int]
    MEAN_FIELD_NUMBER: _ClassVar[int]
    STD_FIELD_NUMBER: _ClassVar[int]
    OPTIMISM_FIELD_NUMBER: _ClassVar[int]
    FOLDS_FIELD_NUMBER: _ClassVar[int]
    FAMILY_FIELD_NUMBER: _ClassVar[int]
    AGREEMENT_FIELD_NUMBER: _ClassVar[int]
    PARAMETERS_FIELD_NUMBER: _ClassVar[int]
    metric: str
    mean: float
    std: float
    optimism: float
    folds: _containers.RepeatedCompositeFieldContainer[NestedFold]
    family: str
    agreement: float
    parameters: _containers.RepeatedCompositeFieldContainer[ParameterStability]
    def __init__(self, metric: _Optional[str] = ..., mean: _Optional[float] = ..., std: _Optional[float] = ..., optimism: _Optional[float] = ..., folds: _Optional[_Iterable[_Union[NestedFold, _Mapping]]] = ..., family: _Optional[str] = ..., agreement: _Optional[float] = ..., parameters: _Optional[_Iterable[_Union[ParameterStability, _Mapping]]] = ...) -> None: ...

class NestedFold(_message.Message):
    __slots__ = ("fold", "family", "params", "inner_mean", "score")
    FOLD_FIELD_NUMBER: _ClassVar[int]
    FAMILY_FIELD_NUMBER: _ClassVar[int]
    PARAMS_FIELD_NUMBER: _ClassVar[int]
    INNER_MEAN_FIELD_NUMBER: _ClassVar[int]
    SCORE_FIELD_NUMBER: _ClassVar[int]
    fold: int
    family: str
    params: _struct_pb2.Struct
    inner_mean: float
    score: float
    def __init__(self, fold: _Optional[int] = ..., family: _Optional[str] = ..., params: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., inner_mean: _Optional[float] = ..., score: _Optional[float] = ...) -> None: ...

class ParameterStability(_message.Message):
    __slots__ = ("name", "agreement", "values")
    NAME_FIELD_NUMBER: _ClassVar[int]
    AGREEMENT_FIELD_NUMBER: _ClassVar[int]
    VALUES_FIELD_NUMBER: _ClassVar[int]
    name: str
    agreement: float
    values: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, name: _Optional[str] = ..., agreement: _Optional[float] = ..., values: _Optional[_Iterable[str]] = ...) -> None: ...

class Calibration(_message.Message):
    __slots__ = ("corrected", "uncorrected")
    CORRECTED_FIELD_NUMBER: _ClassVar[int]
    UNCORRECTED_FIELD_NUMBER: _ClassVar[int]
    corrected: Reliability
    uncorrected: Reliability
    def __init__(self, corrected: _Optional[_Union[Reliability, _Mapping]] = ..., uncorrected: _Optional[_Union[Reliability, _Mapping]] = ...) -> None: ...

class Reliability(_message.Message):
    __slots__ = ("predicted", "observed", "rows", "brier", "expected_error", "by_chance")
    PREDICTED_FIELD_NUMBER: _ClassVar[int]
    OBSERVED_FIELD_NUMBER: _ClassVar[int]
    ROWS_FIELD_NUMBER: _ClassVar[int]
    BRIER_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_ERROR_FIELD_NUMBER: _ClassVar[int]
    BY_CHANCE_FIELD_NUMBER: _ClassVar[int]
    predicted: _containers.RepeatedScalarFieldContainer[float]
    observed: _containers.RepeatedScalarFieldContainer[float]
    rows: _containers.RepeatedScalarFieldContainer[int]
    brier: float
    expected_error: float
    by_chance: float
    def __init__(self, predicted: _Optional[_Iterable[float]] = ..., observed: _Optional[_Iterable[float]] = ..., rows: _Optional[_Iterable[int]] = ..., brier: _Optional[float] = ..., expected_error: _Optional[float] = ..., by_chance: _Optional[float] = ...) -> None: ...

class Baseline(_message.Message):
    __slots__ = ("family", "mean", "std", "means")
    class MeansEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: float
        def __init__(self, key: _Optional[str] = ..., value: _Optional[float] = ...) -> None: ...
    FAMILY_FIELD_NUMBER: _ClassVar[int]
    MEAN_FIELD_NUMBER: _ClassVar[int]
    STD_FIELD_NUMBER: _ClassVar[int]
    MEANS_FIELD_NUMBER: _ClassVar[int]
    family: str
    mean: float
    std: float
    means: _containers.ScalarMap[str, float]
    def __init__(self, family: _Optional[str] = ..., mean: _Optional[float] = ..., std: _Optional[float] = ..., means: _Optional[_Mapping[str, float]] = ...) -> None: ...

class Threshold(_message.Message):
    __slots__ = ("value", "policy", "chosen", "at_half", "baseline", "curve", "folds")
    VALUE_FIELD_NUMBER: _ClassVar[int]
    POLICY_FIELD_NUMBER: _ClassVar[int]
    CHOSEN_FIELD_NUMBER: _ClassVar[int]
    AT_HALF_FIELD_NUMBER: _ClassVar[int]
    BASELINE_FIELD_NUMBER: _ClassVar[int]
    CURVE_FIELD_NUMBER: _ClassVar[int]
    FOLDS_FIELD_NUMBER: _ClassVar[int]
    value: float
    policy: str
    chosen: ThresholdPoint
    at_half: ThresholdPoint
    baseline: ThresholdPoint
    curve: _containers.RepeatedCompositeFieldContainer[ThresholdPoint]
    folds: _containers.RepeatedScalarFieldContainer[float]
    def __init__(self, value: _Optional[float] = ..., policy: _Optional[str] = ..., chosen: _Optional[_Union[ThresholdPoint, _Mapping]] = ..., at_half: _Optional[_Union[ThresholdPoint, _Mapping]] = ..., baseline: _Optional[_Union[ThresholdPoint, _Mapping]] = ..., curve: _Optional[_Iterable[_Union[ThresholdPoint, _Mapping]]] = ..., folds: _Optional[_Iterable[float]] = ...) -> None: ...

class ThresholdPoint(_message.Message):
    __slots__ = ("threshold", "recall", "precision", "false_positive_rate", "flagged", "cost", "objective")
    THRESHOLD_FIELD_NUMBER: _ClassVar[int]
    RECALL_FIELD_NUMBER: _ClassVar[int]
    PRECISION_FIELD_NUMBER: _ClassVar[int]
    FALSE_POSITIVE_RATE_FIELD_NUMBER: _ClassVar[int]
    FLAGGED_FIELD_NUMBER: _ClassVar[int]
    COST_FIELD_NUMBER: _ClassVar[int]
    OBJECTIVE_FIELD_NUMBER: _ClassVar[int]
    threshold: float
    recall: float
    precision: float
    false_positive_rate: float
    flagged: float
    cost: float
    objective: float
    def __init__(self, threshold: _Optional[float] = ..., recall: _Optional[float] = ..., precision: _Optional[float] = ..., false_positive_rate: _Optional[float] = ..., flagged: _Optional[float] = ..., cost: _Optional[float] = ..., objective: _Optional[float] = ...) -> None: ...

class TestResult(_message.Message):
    __slots__ = ("rows", "metrics", "intervals", "confusion", "chosen", "at_half", "baseline", "baseline_metrics")
    class MetricsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: float
        def __init__(self, key: _Optional[str] = ..., value: _Optional[float] = ...) -> None: ...
    class IntervalsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: Interval
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[Interval, _Mapping]] = ...) -> None: ...
    class BaselineMetricsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: float
        def __init__(self, key: _Optional[str] = ..., value: _Optional[float] = ...) -> None: ...
    ROWS_FIELD_NUMBER: _ClassVar[int]
    METRICS_FIELD_NUMBER: _ClassVar[int]
    INTERVALS_FIELD_NUMBER: _ClassVar[int]
    CONFUSION_FIELD_NUMBER: _ClassVar[int]
    CHOSEN_FIELD_NUMBER: _ClassVar[int]
    AT_HALF_FIELD_NUMBER: _ClassVar[int]
    BASELINE_FIELD_NUMBER: _ClassVar[int]
    BASELINE_METRICS_FIELD_NUMBER: _ClassVar[int]
    rows: int
    metrics: _containers.ScalarMap[str, float]
    intervals: _containers.MessageMap[str, Interval]
    confusion: Confusion
    chosen: ThresholdPoint
    at_half: ThresholdPoint
    baseline: ThresholdPoint
    baseline_metrics: _containers.ScalarMap[str, float]
    def __init__(self, rows: _Optional[int] = ..., metrics: _Optional[_Mapping[str, float]] = ..., intervals: _Optional[_Mapping[str, Interval]] = ..., confusion: _Optional[_Union[Confusion, _Mapping]] = ..., chosen: _Optional[_Union[ThresholdPoint, _Mapping]] = ..., at_half: _Optional[_Union[ThresholdPoint, _Mapping]] = ..., baseline: _Optional[_Union[ThresholdPoint, _Mapping]] = ..., baseline_metrics: _Optional[_Mapping[str, float]] = ...) -> None: ...

class Interval(_message.Message):
    __slots__ = ("low", "high")
    LOW_FIELD_NUMBER: _ClassVar[int]
    HIGH_FIELD_NUMBER: _ClassVar[int]
    low: float
    high: float
    def __init__(self, low: _Optional[float] = ..., high: _Optional[float] = ...) -> None: ...

class Confusion(_message.Message):
    __slots__ = ("labels", "rows")
    LABELS_FIELD_NUMBER: _ClassVar[int]
    ROWS_FIELD_NUMBER: _ClassVar[int]
    labels: _containers.RepeatedScalarFieldContainer[str]
    rows: _containers.RepeatedCompositeFieldContainer[ConfusionRow]
    def __init__(self, labels: _Optional[_Iterable[str]] = ..., rows: _Optional[_Iterable[_Union[ConfusionRow, _Mapping]]] = ...) -> None: ...

class ConfusionRow(_message.Message):
    __slots__ = ("counts",)
    COUNTS_FIELD_NUMBER: _ClassVar[int]
    counts: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, counts: _Optional[_Iterable[int]] = ...) -> None: ...

class SearchSummary(_message.Message):
    __slots__ = ("fits", "fits_without_racing", "trials", "failed_trials", "fit_seconds", "algorithm", "resumed_fits", "importances")
    FITS_FIELD_NUMBER: _ClassVar[int]
    FITS_WITHOUT_RACING_FIELD_NUMBER: _ClassVar[int]
    TRIALS_FIELD_NUMBER: _ClassVar[int]
    FAILED_TRIALS_FIELD_NUMBER: _ClassVar[int]
    FIT_SECONDS_FIELD_NUMBER: _ClassVar[int]
    ALGORITHM_FIELD_NUMBER: _ClassVar[int]
    RESUMED_FITS_FIELD_NUMBER: _ClassVar[int]
    IMPORTANCES_FIELD_NUMBER: _ClassVar[int]
    fits: int
    fits_without_racing: int
    trials: int
    failed_trials: int
    fit_seconds: float
    algorithm: str
    resumed_fits: int
    importances: _containers.RepeatedCompositeFieldContainer[ParameterImportance]
    def __init__(self, fits: _Optional[int] = ..., fits_without_racing: _Optional[int] = ..., trials: _Optional[int] = ..., failed_trials: _Optional[int] = ..., fit_seconds: _Optional[float] = ..., algorithm: _Optional[str] = ..., resumed_fits: _Optional[int] = ..., importances: _Optional[_Iterable[_Union[ParameterImportance, _Mapping]]] = ...) -> None: ...

class ParameterImportance(_message.Message):
    __slots__ = ("family", "parameter", "importance")
    FAMILY_FIELD_NUMBER: _ClassVar[int]
    PARAMETER_FIELD_NUMBER: _ClassVar[int]
    IMPORTANCE_FIELD_NUMBER: _ClassVar[int]
    family: str
    parameter: str
    importance: float
    def __init__(self, family: _Optional[str] = ..., parameter: _Optional[str] = ..., importance: _Optional[float] = ...) -> None: ...

class CandidateResult(_message.Message):
    __slots__ = ("family", "kind", "params", "mean", "std", "folds", "trials", "fit_seconds", "latency_ms", "model_mb", "selected", "rejected_because", "difference", "difference_se")
    FAMILY_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    PARAMS_FIELD_NUMBER: _ClassVar[int]
    MEAN_FIELD_NUMBER: _ClassVar[int]
    STD_FIELD_NUMBER: _ClassVar[int]
    FOLDS_FIELD_NUMBER: _ClassVar[int]
    TRIALS_FIELD_NUMBER: _ClassVar[int]
    FIT_SECONDS_FIELD_NUMBER: _ClassVar[int]
    LATENCY_MS_FIELD_NUMBER: _ClassVar[int]
    MODEL_MB_FIELD_NUMBER: _ClassVar[int]
    SELECTED_FIELD_NUMBER: _ClassVar[int]
    REJECTED_BECAUSE_FIELD_NUMBER: _ClassVar[int]
    DIFFERENCE_FIELD_NUMBER: _ClassVar[int]
    DIFFERENCE_SE_FIELD_NUMBER: _ClassVar[int]
    family: str
    kind: str
    params: _struct_pb2.Struct
    mean: float
    std: float
    folds: _containers.RepeatedScalarFieldContainer[float]
    trials: int
    fit_seconds: float
    latency_ms: float
    model_mb: float
    selected: bool
    rejected_because: str
    difference: float
    difference_se: float
    def __init__(self, family: _Optional[str] = ..., kind: _Optional[str] = ..., params: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., mean: _Optional[float] = ..., std: _Optional[float] = ..., folds: _Optional[_Iterable[float]] = ..., trials: _Optional[int] = ..., fit_seconds: _Optional[float] = ..., latency_ms: _Optional[float] = ..., model_mb: _Optional[float] = ..., selected: bool = ..., rejected_because: _Optional[str] = ..., difference: _Optional[float] = ..., difference_se: _Optional[float] = ...) -> None: ...

class EnsembleResult(_message.Message):
    __slots__ = ("kind", "members", "dropped", "best_single", "gain", "gain_se", "extra_latency_ms", "extra_model_mb", "error_correlation", "error_correlations", "out_of_bag", "rows_left_out", "fits")
    KIND_FIELD_NUMBER: _ClassVar[int]
    MEMBERS_FIELD_NUMBER: _ClassVar[int]
    DROPPED_FIELD_NUMBER: _ClassVar[int]
    BEST_SINGLE_FIELD_NUMBER: _ClassVar[int]
    GAIN_FIELD_NUMBER: _ClassVar[int]
    GAIN_SE_FIELD_NUMBER: _ClassVar[int]
    EXTRA_LATENCY_MS_FIELD_NUMBER: _ClassVar[int]
    EXTRA_MODEL_MB_FIELD_NUMBER: _ClassVar[int]
    ERROR_CORRELATION_FIELD_NUMBER: _ClassVar[int]
    ERROR_CORRELATIONS_FIELD_NUMBER: _ClassVar[int]
    OUT_OF_BAG_FIELD_NUMBER: _ClassVar[int]
    ROWS_LEFT_OUT_FIELD_NUMBER: _ClassVar[int]
    FITS_FIELD_NUMBER: _ClassVar[int]
    kind: str
    members: _containers.RepeatedCompositeFieldContainer[Member]
    dropped: _containers.RepeatedCompositeFieldContainer[DroppedMember]
    best_single: str
    gain: float
    gain_se: float
    extra_latency_ms: float
    extra_model_mb: float
    error_correlation: float
    error_correlations: _containers.RepeatedCompositeFieldContainer[Correlations]
    out_of_bag: float
    rows_left_out: int
    fits: int
    def __init__(self, kind: _Optional[str] = ..., members: _Optional[_Iterable[_Union[Member, _Mapping]]] = ..., dropped: _Optional[_Iterable[_Union[DroppedMember, _Mapping]]] = ..., best_single: _Optional[str] = ..., gain: _Optional[float] = ..., gain_se: _Optional[float] = ..., extra_latency_ms: _Optional[float] = ..., extra_model_mb: _Optional[float] = ..., error_correlation: _Optional[float] = ..., error_correlations: _Optional[_Iterable[_Union[Correlations, _Mapping]]] = ..., out_of_bag: _Optional[float] = ..., rows_left_out: _Optional[int] = ..., fits: _Optional[int] = ...) -> None: ...

class DroppedMember(_message.Message):
    __slots__ = ("member", "reason")
    MEMBER_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    member: str
    reason: str
    def __init__(self, member: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class Correlations(_message.Message):
    __slots__ = ("values",)
    VALUES_FIELD_NUMBER: _ClassVar[int]
    values: _containers.RepeatedScalarFieldContainer[float]
    def __init__(self, values: _Optional[_Iterable[float]] = ...) -> None: ...

class FeatureImportance(_message.Message):
    __slots__ = ("feature", "mean", "std")
    FEATURE_FIELD_NUMBER: _ClassVar[int]
    MEAN_FIELD_NUMBER: _ClassVar[int]
    STD_FIELD_NUMBER: _ClassVar[int]
    feature: str
    mean: float
    std: float
    def __init__(self, feature: _Optional[str] = ..., mean: _Optional[float] = ..., std: _Optional[float] = ...) -> None: ...

class Manifest(_message.Message):
    __slots__ = ("spec_digest", "data_fingerprint", "split_digest", "seed", "code_version", "packages", "hardware", "spec", "data_rows", "data_columns")
    class PackagesEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    class HardwareEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    class DataColumnsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    SPEC_DIGEST_FIELD_NUMBER: _ClassVar[int]
    DATA_FINGERPRINT_FIELD_NUMBER: _ClassVar[int]
    SPLIT_DIGEST_FIELD_NUMBER: _ClassVar[int]
    SEED_FIELD_NUMBER: _ClassVar[int]
    CODE_VERSION_FIELD_NUMBER: _ClassVar[int]
    PACKAGES_FIELD_NUMBER: _ClassVar[int]
    HARDWARE_FIELD_NUMBER: _ClassVar[int]
    SPEC_FIELD_NUMBER: _ClassVar[int]
    DATA_ROWS_FIELD_NUMBER: _ClassVar[int]
    DATA_COLUMNS_FIELD_NUMBER: _ClassVar[int]
    spec_digest: str
    data_fingerprint: str
    split_digest: str
    seed: int
    code_version: str
    packages: _containers.ScalarMap[str, str]
    hardware: _containers.ScalarMap[str, str]
    spec: _struct_pb2.Struct
    data_rows: int
    data_columns: _containers.ScalarMap[str, str]
    def __init__(self, spec_digest: _Optional[str] = ..., data_fingerprint: _Optional[str] = ..., split_digest: _Optional[str] = ..., seed: _Optional[int] = ..., code_version: _Optional[str] = ..., packages: _Optional[_Mapping[str, str]] = ..., hardware: _Optional[_Mapping[str, str]] = ..., spec: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., data_rows: _Optional[int] = ..., data_columns: _Optional[_Mapping[str, str]] = ...) -> None: ...

class Tracking(_message.Message):
    __slots__ = ("uri", "experiment", "run_id", "model_uri", "model_version")
    URI_FIELD_NUMBER: _ClassVar[int]
    EXPERIMENT_FIELD_NUMBER: _ClassVar[int]
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    MODEL_URI_FIELD_NUMBER: _ClassVar[int]
    MODEL_VERSION_FIELD_NUMBER: _ClassVar[int]
    uri: str
    experiment: str
    run_id: str
    model_uri: str
    model_version: str
    def __init__(self, uri: _Optional[str] = ..., experiment: _Optional[str] = ..., run_id: _Optional[str] = ..., model_uri: _Optional[str] = ..., model_version: _Optional[str] = ...) -> None: ...

class LearningCurves(_message.Message):
    __slots__ = ("family", "shape", "remedies", "folds")
    FAMILY_FIELD_NUMBER: _ClassVar[int]
    SHAPE_FIELD_NUMBER: _ClassVar[int]
    REMEDIES_FIELD_NUMBER: _ClassVar[int]
    FOLDS_FIELD_NUMBER: _ClassVar[int]
    family: str
    shape: str
    remedies: _containers.RepeatedScalarFieldContainer[str]
    folds: _containers.RepeatedCompositeFieldContainer[LearningCurve]
    def __init__(self, family: _Optional[str] = ..., shape: _Optional[str] = ..., remedies: _Optional[_Iterable[str]] = ..., folds: _Optional[_Iterable[_Union[LearningCurve, _Mapping]]] = ...) -> None: ...

class LearningCurve(_message.Message):
    __slots__ = ("fold", "shape", "kept", "rounds", "train_loss", "validation_loss", "learning_rate", "gradient_norm")
    FOLD_FIELD_NUMBER: _ClassVar[int]
    SHAPE_FIELD_NUMBER: _ClassVar[int]
    KEPT_FIELD_NUMBER: _ClassVar[int]
    ROUNDS_FIELD_NUMBER: _ClassVar[int]
    TRAIN_LOSS_FIELD_NUMBER: _ClassVar[int]
    VALIDATION_LOSS_FIELD_NUMBER: _ClassVar[int]
    LEARNING_RATE_FIELD_NUMBER: _ClassVar[int]
    GRADIENT_NORM_FIELD_NUMBER: _ClassVar[int]
    fold: int
    shape: str
    kept: int
    rounds: _containers.RepeatedScalarFieldContainer[int]
    train_loss: _containers.RepeatedScalarFieldContainer[float]
    validation_loss: _containers.RepeatedScalarFieldContainer[float]
    learning_rate: _containers.RepeatedScalarFieldContainer[float]
    gradient_norm: _containers.RepeatedScalarFieldContainer[float]
    def __init__(self, fold: _Optional[int] = ..., shape: _Optional[str] = ..., kept: _Optional[int] = ..., rounds: _Optional[_Iterable[int]] = ..., train_loss: _Optional[_Iterable[float]] = ..., validation_loss: _Optional[_Iterable[float]] = ..., learning_rate: _Optional[_Iterable[float]] = ..., gradient_norm: _Optional[_Iterable[float]] = ...) -> None: ...
