from google.protobuf import struct_pb2 as _struct_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class TrainingReport(_message.Message):
    __slots__ = ("decision", "task", "data", "split", "findings", "selected", "cross_validation", "baseline", "threshold", "test", "search", "timings", "candidates", "importances", "explanation", "manifest", "tracking", "nested", "calibration", "ensembles", "comparison", "class_decision", "conformal", "insight", "training_curves")
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
    COMPARISON_FIELD_NUMBER: _ClassVar[int]
    CLASS_DECISION_FIELD_NUMBER: _ClassVar[int]
    CONFORMAL_FIELD_NUMBER: _ClassVar[int]
    INSIGHT_FIELD_NUMBER: _ClassVar[int]
    TRAINING_CURVES_FIELD_NUMBER: _ClassVar[int]
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
    comparison: Comparison
    class_decision: ClassDecision
    conformal: Conformal
    insight: Insight
    training_curves: _containers.RepeatedCompositeFieldContainer[TrainingCurves]
    def __init__(self, decision: _Optional[str] = ..., task: _Optional[str] = ..., data: _Optional[_Union[DataSummary, _Mapping]] = ..., split: _Optional[_Union[SplitSummary, _Mapping]] = ..., findings: _Optional[_Iterable[_Union[Finding, _Mapping]]] = ..., selected: _Optional[_Union[SelectedModel, _Mapping]] = ..., cross_validation: _Optional[_Union[CrossValidation, _Mapping]] = ..., baseline: _Optional[_Union[Baseline, _Mapping]] = ..., threshold: _Optional[_Union[Threshold, _Mapping]] = ..., test: _Optional[_Union[TestResult, _Mapping]] = ..., search: _Optional[_Union[SearchSummary, _Mapping]] = ..., timings: _Optional[_Mapping[str, float]] = ..., candidates: _Optional[_Iterable[_Union[CandidateResult, _Mapping]]] = ..., importances: _Optional[_Iterable[_Union[FeatureImportance, _Mapping]]] = ..., explanation: _Optional[_Iterable[str]] = ..., manifest: _Optional[_Union[Manifest, _Mapping]] = ..., tracking: _Optional[_Union[Tracking, _Mapping]] = ..., nested: _Optional[_Union[NestedCrossValidation, _Mapping]] = ..., calibration: _Optional[_Union[Calibration, _Mapping]] = ..., ensembles: _Optional[_Iterable[_Union[EnsembleResult, _Mapping]]] = ..., comparison: _Optional[_Union[Comparison, _Mapping]] = ..., class_decision: _Optional[_Union[ClassDecision, _Mapping]] = ..., conformal: _Optional[_Union[Conformal, _Mapping]] = ..., insight: _Optional[_Union[Insight, _Mapping]] = ..., training_curves: _Optional[_Iterable[_Union[TrainingCurves, _Mapping]]] = ...) -> None: ...

class Comparison(_message.Message):
    __slots__ = ("reference", "job", "changes", "circumstances", "metric", "reference_mean", "mean", "paired", "difference", "difference_se", "verdict", "reference_cost", "cost", "flips", "test", "summary")
    REFERENCE_FIELD_NUMBER: _ClassVar[int]
    JOB_FIELD_NUMBER: _ClassVar[int]
    CHANGES_FIELD_NUMBER: _ClassVar[int]
    CIRCUMSTANCES_FIELD_NUMBER: _ClassVar[int]
    METRIC_FIELD_NUMBER: _ClassVar[int]
    REFERENCE_MEAN_FIELD_NUMBER: _ClassVar[int]
    MEAN_FIELD_NUMBER: _ClassVar[int]
    PAIRED_FIELD_NUMBER: _ClassVar[int]
    DIFFERENCE_FIELD_NUMBER: _ClassVar[int]
    DIFFERENCE_SE_FIELD_NUMBER: _ClassVar[int]
    VERDICT_FIELD_NUMBER: _ClassVar[int]
    REFERENCE_COST_FIELD_NUMBER: _ClassVar[int]
    COST_FIELD_NUMBER: _ClassVar[int]
    FLIPS_FIELD_NUMBER: _ClassVar[int]
    TEST_FIELD_NUMBER: _ClassVar[int]
    SUMMARY_FIELD_NUMBER: _ClassVar[int]
    reference: str
    job: str
    changes: _containers.RepeatedCompositeFieldContainer[SpecChange]
    circumstances: _containers.RepeatedScalarFieldContainer[str]
    metric: str
    reference_mean: float
    mean: float
    paired: bool
    difference: float
    difference_se: float
    verdict: str
    reference_cost: float
    cost: float
    flips: Flips
    test: _containers.RepeatedCompositeFieldContainer[TestChange]
    summary: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, reference: _Optional[str] = ..., job: _Optional[str] = ..., changes: _Optional[_Iterable[_Union[SpecChange, _Mapping]]] = ..., circumstances: _Optional[_Iterable[str]] = ..., metric: _Optional[str] = ..., reference_mean: _Optional[float] = ..., mean: _Optional[float] = ..., paired: bool = ..., difference: _Optional[float] = ..., difference_se: _Optional[float] = ..., verdict: _Optional[str] = ..., reference_cost: _Optional[float] = ..., cost: _Optional[float] = ..., flips: _Optional[_Union[Flips, _Mapping]] = ..., test: _Optional[_Iterable[_Union[TestChange, _Mapping]]] = ..., summary: _Optional[_Iterable[str]] = ...) -> None: ...

class SpecChange(_message.Message):
    __slots__ = ("path", "was", "now")
    PATH_FIELD_NUMBER: _ClassVar[int]
    WAS_FIELD_NUMBER: _ClassVar[int]
    NOW_FIELD_NUMBER: _ClassVar[int]
    path: str
    was: str
    now: str
    def __init__(self, path: _Optional[str] = ..., was: _Optional[str] = ..., now: _Optional[str] = ...) -> None: ...

class Flips(_message.Message):
    __slots__ = ("rows", "flipped", "now_right", "now_wrong", "p_value", "examples")
    ROWS_FIELD_NUMBER: _ClassVar[int]
    FLIPPED_FIELD_NUMBER: _ClassVar[int]
    NOW_RIGHT_FIELD_NUMBER: _ClassVar[int]
    NOW_WRONG_FIELD_NUMBER: _ClassVar[int]
    P_VALUE_FIELD_NUMBER: _ClassVar[int]
    EXAMPLES_FIELD_NUMBER: _ClassVar[int]
    rows: int
    flipped: int
    now_right: int
    now_wrong: int
    p_value: float
    examples: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, rows: _Optional[int] = ..., flipped: _Optional[int] = ..., now_right: _Optional[int] = ..., now_wrong: _Optional[int] = ..., p_value: _Optional[float] = ..., examples: _Optional[_Iterable[int]] = ...) -> None: ...

class TestChange(_message.Message):
    __slots__ = ("metric", "was", "now")
    METRIC_FIELD_NUMBER: _ClassVar[int]
    WAS_FIELD_NUMBER: _ClassVar[int]
    NOW_FIELD_NUMBER: _ClassVar[int]
    metric: str
    was: float
    now: float
    def __init__(self, metric: _Optional[str] = ..., was: _Optional[float] = ..., now: _Optional[float] = ...) -> None: ...

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
    __slots__ = ("code", "severity", "columns", "message", "action", "evidence", "alternative")
    CODE_FIELD_NUMBER: _ClassVar[int]
    SEVERITY_FIELD_NUMBER: _ClassVar[int]
    COLUMNS_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    ACTION_FIELD_NUMBER: _ClassVar[int]
    EVIDENCE_FIELD_NUMBER: _ClassVar[int]
    ALTERNATIVE_FIELD_NUMBER: _ClassVar[int]
    code: str
    severity: str
    columns: _containers.RepeatedScalarFieldContainer[str]
    message: str
    action: str
    evidence: _struct_pb2.Struct
    alternative: str
    def __init__(self, code: _Optional[str] = ..., severity: _Optional[str] = ..., columns: _Optional[_Iterable[str]] = ..., message: _Optional[str] = ..., action: _Optional[str] = ..., evidence: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., alternative: _Optional[str] = ...) -> None: ...

class SelectedModel(_message.Message):
    __slots__ = ("family", "params", "reason", "members", "serialization")
    FAMILY_FIELD_NUMBER: _ClassVar[int]
    PARAMS_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    MEMBERS_FIELD_NUMBER: _ClassVar[int]
    SERIALIZATION_FIELD_NUMBER: _ClassVar[int]
    family: str
    params: _struct_pb2.Struct
    reason: str
    members: _containers.RepeatedCompositeFieldContainer[Member]
    serialization: str
    def __init__(self, family: _Optional[str] = ..., params: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., reason: _Optional[str] = ..., members: _Optional[_Iterable[_Union[Member, _Mapping]]] = ..., serialization: _Optional[str] = ...) -> None: ...

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
    __slots__ = ("corrected", "uncorrected", "method", "before", "gain", "gain_se", "reason")
    CORRECTED_FIELD_NUMBER: _ClassVar[int]
    UNCORRECTED_FIELD_NUMBER: _ClassVar[int]
    METHOD_FIELD_NUMBER: _ClassVar[int]
    BEFORE_FIELD_NUMBER: _ClassVar[int]
    GAIN_FIELD_NUMBER: _ClassVar[int]
    GAIN_SE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    corrected: Reliability
    uncorrected: Reliability
    method: str
    before: Reliability
    gain: float
    gain_se: float
    reason: str
    def __init__(self, corrected: _Optional[_Union[Reliability, _Mapping]] = ..., uncorrected: _Optional[_Union[Reliability, _Mapping]] = ..., method: _Optional[str] = ..., before: _Optional[_Union[Reliability, _Mapping]] = ..., gain: _Optional[float] = ..., gain_se: _Optional[float] = ..., reason: _Optional[str] = ...) -> None: ...

class Conformal(_message.Message):
    __slots__ = ("coverage", "test_coverage", "class_coverage", "mean_size", "single", "half_width", "least_probability")
    class ClassCoverageEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: float
        def __init__(self, key: _Optional[str] = ..., value: _Optional[float] = ...) -> None: ...
    class LeastProbabilityEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: float
        def __init__(self, key: _Optional[str] = ..., value: _Optional[float] = ...) -> None: ...
    COVERAGE_FIELD_NUMBER: _ClassVar[int]
    TEST_COVERAGE_FIELD_NUMBER: _ClassVar[int]
    CLASS_COVERAGE_FIELD_NUMBER: _ClassVar[int]
    MEAN_SIZE_FIELD_NUMBER: _ClassVar[int]
    SINGLE_FIELD_NUMBER: _ClassVar[int]
    HALF_WIDTH_FIELD_NUMBER: _ClassVar[int]
    LEAST_PROBABILITY_FIELD_NUMBER: _ClassVar[int]
    coverage: float
    test_coverage: float
    class_coverage: _containers.ScalarMap[str, float]
    mean_size: float
    single: float
    half_width: float
    least_probability: _containers.ScalarMap[str, float]
    def __init__(self, coverage: _Optional[float] = ..., test_coverage: _Optional[float] = ..., class_coverage: _Optional[_Mapping[str, float]] = ..., mean_size: _Optional[float] = ..., single: _Optional[float] = ..., half_width: _Optional[float] = ..., least_probability: _Optional[_Mapping[str, float]] = ...) -> None: ...

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
    __slots__ = ("value", "policy", "chosen", "at_half", "baseline", "curve", "folds", "interval", "objective_interval", "held_out", "sensitivity", "segment_on", "segments", "shared", "band", "held_out_shared")
    VALUE_FIELD_NUMBER: _ClassVar[int]
    POLICY_FIELD_NUMBER: _ClassVar[int]
    CHOSEN_FIELD_NUMBER: _ClassVar[int]
    AT_HALF_FIELD_NUMBER: _ClassVar[int]
    BASELINE_FIELD_NUMBER: _ClassVar[int]
    CURVE_FIELD_NUMBER: _ClassVar[int]
    FOLDS_FIELD_NUMBER: _ClassVar[int]
    INTERVAL_FIELD_NUMBER: _ClassVar[int]
    OBJECTIVE_INTERVAL_FIELD_NUMBER: _ClassVar[int]
    HELD_OUT_FIELD_NUMBER: _ClassVar[int]
    SENSITIVITY_FIELD_NUMBER: _ClassVar[int]
    SEGMENT_ON_FIELD_NUMBER: _ClassVar[int]
    SEGMENTS_FIELD_NUMBER: _ClassVar[int]
    SHARED_FIELD_NUMBER: _ClassVar[int]
    BAND_FIELD_NUMBER: _ClassVar[int]
    HELD_OUT_SHARED_FIELD_NUMBER: _ClassVar[int]
    value: float
    policy: str
    chosen: ThresholdPoint
    at_half: ThresholdPoint
    baseline: ThresholdPoint
    curve: _containers.RepeatedCompositeFieldContainer[ThresholdPoint]
    folds: _containers.RepeatedScalarFieldContainer[float]
    interval: Interval
    objective_interval: Interval
    held_out: ThresholdPoint
    sensitivity: _containers.RepeatedCompositeFieldContainer[Sensitivity]
    segment_on: _containers.RepeatedScalarFieldContainer[str]
    segments: _containers.RepeatedCompositeFieldContainer[SegmentThreshold]
    shared: ThresholdPoint
    band: ReviewBand
    held_out_shared: ThresholdPoint
    def __init__(self, value: _Optional[float] = ..., policy: _Optional[str] = ..., chosen: _Optional[_Union[ThresholdPoint, _Mapping]] = ..., at_half: _Optional[_Union[ThresholdPoint, _Mapping]] = ..., baseline: _Optional[_Union[ThresholdPoint, _Mapping]] = ..., curve: _Optional[_Iterable[_Union[ThresholdPoint, _Mapping]]] = ..., folds: _Optional[_Iterable[float]] = ..., interval: _Optional[_Union[Interval, _Mapping]] = ..., objective_interval: _Optional[_Union[Interval, _Mapping]] = ..., held_out: _Optional[_Union[ThresholdPoint, _Mapping]] = ..., sensitivity: _Optional[_Iterable[_Union[Sensitivity, _Mapping]]] = ..., segment_on: _Optional[_Iterable[str]] = ..., segments: _Optional[_Iterable[_Union[SegmentThreshold, _Mapping]]] = ..., shared: _Optional[_Union[ThresholdPoint, _Mapping]] = ..., band: _Optional[_Union[ReviewBand, _Mapping]] = ..., held_out_shared: _Optional[_Union[ThresholdPoint, _Mapping]] = ...) -> None: ...

class Sensitivity(_message.Message):
    __slots__ = ("change", "threshold", "objective", "objective_if_kept", "limits_kept")
    CHANGE_FIELD_NUMBER: _ClassVar[int]
    THRESHOLD_FIELD_NUMBER: _ClassVar[int]
    OBJECTIVE_FIELD_NUMBER: _ClassVar[int]
    OBJECTIVE_IF_KEPT_FIELD_NUMBER: _ClassVar[int]
    LIMITS_KEPT_FIELD_NUMBER: _ClassVar[int]
    change: str
    threshold: float
    objective: float
    objective_if_kept: float
    limits_kept: bool
    def __init__(self, change: _Optional[str] = ..., threshold: _Optional[float] = ..., objective: _Optional[float] = ..., objective_if_kept: _Optional[float] = ..., limits_kept: bool = ...) -> None: ...

class SegmentThreshold(_message.Message):
    __slots__ = ("values", "threshold", "own", "rows", "cases", "chosen")
    VALUES_FIELD_NUMBER: _ClassVar[int]
    THRESHOLD_FIELD_NUMBER: _ClassVar[int]
    OWN_FIELD_NUMBER: _ClassVar[int]
    ROWS_FIELD_NUMBER: _ClassVar[int]
    CASES_FIELD_NUMBER: _ClassVar[int]
    CHOSEN_FIELD_NUMBER: _ClassVar[int]
    values: _containers.RepeatedScalarFieldContainer[str]
    threshold: float
    own: bool
    rows: int
    cases: int
    chosen: ThresholdPoint
    def __init__(self, values: _Optional[_Iterable[str]] = ..., threshold: _Optional[float] = ..., own: bool = ..., rows: _Optional[int] = ..., cases: _Optional[int] = ..., chosen: _Optional[_Union[ThresholdPoint, _Mapping]] = ...) -> None: ...

class ReviewBand(_message.Message):
    __slots__ = ("lower", "upper", "label", "chosen")
    LOWER_FIELD_NUMBER: _ClassVar[int]
    UPPER_FIELD_NUMBER: _ClassVar[int]
    LABEL_FIELD_NUMBER: _ClassVar[int]
    CHOSEN_FIELD_NUMBER: _ClassVar[int]
    lower: float
    upper: float
    label: str
    chosen: BandOutcome
    def __init__(self, lower: _Optional[float] = ..., upper: _Optional[float] = ..., label: _Optional[str] = ..., chosen: _Optional[_Union[BandOutcome, _Mapping]] = ...) -> None: ...

class BandOutcome(_message.Message):
    __slots__ = ("reviewed", "flagged", "caught", "missed", "false_positive_rate", "cost")
    REVIEWED_FIELD_NUMBER: _ClassVar[int]
    FLAGGED_FIELD_NUMBER: _ClassVar[int]
    CAUGHT_FIELD_NUMBER: _ClassVar[int]
    MISSED_FIELD_NUMBER: _ClassVar[int]
    FALSE_POSITIVE_RATE_FIELD_NUMBER: _ClassVar[int]
    COST_FIELD_NUMBER: _ClassVar[int]
    reviewed: float
    flagged: float
    caught: float
    missed: float
    false_positive_rate: float
    cost: float
    def __init__(self, reviewed: _Optional[float] = ..., flagged: _Optional[float] = ..., caught: _Optional[float] = ..., missed: _Optional[float] = ..., false_positive_rate: _Optional[float] = ..., cost: _Optional[float] = ...) -> None: ...

class ClassDecision(_message.Message):
    __slots__ = ("policy", "labels", "matrix", "chosen", "most_probable", "baseline", "held_out")
    POLICY_FIELD_NUMBER: _ClassVar[int]
    LABELS_FIELD_NUMBER: _ClassVar[int]
    MATRIX_FIELD_NUMBER: _ClassVar[int]
    CHOSEN_FIELD_NUMBER: _ClassVar[int]
    MOST_PROBABLE_FIELD_NUMBER: _ClassVar[int]
    BASELINE_FIELD_NUMBER: _ClassVar[int]
    HELD_OUT_FIELD_NUMBER: _ClassVar[int]
    policy: str
    labels: _containers.RepeatedScalarFieldContainer[str]
    matrix: _containers.RepeatedCompositeFieldContainer[ClassWeights]
    chosen: ClassOutcome
    most_probable: ClassOutcome
    baseline: ClassOutcome
    held_out: ClassOutcome
    def __init__(self, policy: _Optional[str] = ..., labels: _Optional[_Iterable[str]] = ..., matrix: _Optional[_Iterable[_Union[ClassWeights, _Mapping]]] = ..., chosen: _Optional[_Union[ClassOutcome, _Mapping]] = ..., most_probable: _Optional[_Union[ClassOutcome, _Mapping]] = ..., baseline: _Optional[_Union[ClassOutcome, _Mapping]] = ..., held_out: _Optional[_Union[ClassOutcome, _Mapping]] = ...) -> None: ...

class ClassWeights(_message.Message):
    __slots__ = ("weights",)
    WEIGHTS_FIELD_NUMBER: _ClassVar[int]
    weights: _containers.RepeatedScalarFieldContainer[float]
    def __init__(self, weights: _Optional[_Iterable[float]] = ...) -> None: ...

class ClassOutcome(_message.Message):
    __slots__ = ("objective", "cost", "recalls", "precisions")
    OBJECTIVE_FIELD_NUMBER: _ClassVar[int]
    COST_FIELD_NUMBER: _ClassVar[int]
    RECALLS_FIELD_NUMBER: _ClassVar[int]
    PRECISIONS_FIELD_NUMBER: _ClassVar[int]
    objective: float
    cost: float
    recalls: _containers.RepeatedScalarFieldContainer[float]
    precisions: _containers.RepeatedScalarFieldContainer[float]
    def __init__(self, objective: _Optional[float] = ..., cost: _Optional[float] = ..., recalls: _Optional[_Iterable[float]] = ..., precisions: _Optional[_Iterable[float]] = ...) -> None: ...

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
    __slots__ = ("rows", "metrics", "intervals", "confusion", "chosen", "at_half", "baseline", "baseline_metrics", "shared", "segments", "band", "classes", "most_probable", "baseline_classes")
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
    SHARED_FIELD_NUMBER: _ClassVar[int]
    SEGMENTS_FIELD_NUMBER: _ClassVar[int]
    BAND_FIELD_NUMBER: _ClassVar[int]
    CLASSES_FIELD_NUMBER: _ClassVar[int]
    MOST_PROBABLE_FIELD_NUMBER: _ClassVar[int]
    BASELINE_CLASSES_FIELD_NUMBER: _ClassVar[int]
    rows: int
    metrics: _containers.ScalarMap[str, float]
    intervals: _containers.MessageMap[str, Interval]
    confusion: Confusion
    chosen: ThresholdPoint
    at_half: ThresholdPoint
    baseline: ThresholdPoint
    baseline_metrics: _containers.ScalarMap[str, float]
    shared: ThresholdPoint
    segments: _containers.RepeatedCompositeFieldContainer[SegmentThreshold]
    band: BandOutcome
    classes: ClassOutcome
    most_probable: ClassOutcome
    baseline_classes: ClassOutcome
    def __init__(self, rows: _Optional[int] = ..., metrics: _Optional[_Mapping[str, float]] = ..., intervals: _Optional[_Mapping[str, Interval]] = ..., confusion: _Optional[_Union[Confusion, _Mapping]] = ..., chosen: _Optional[_Union[ThresholdPoint, _Mapping]] = ..., at_half: _Optional[_Union[ThresholdPoint, _Mapping]] = ..., baseline: _Optional[_Union[ThresholdPoint, _Mapping]] = ..., baseline_metrics: _Optional[_Mapping[str, float]] = ..., shared: _Optional[_Union[ThresholdPoint, _Mapping]] = ..., segments: _Optional[_Iterable[_Union[SegmentThreshold, _Mapping]]] = ..., band: _Optional[_Union[BandOutcome, _Mapping]] = ..., classes: _Optional[_Union[ClassOutcome, _Mapping]] = ..., most_probable: _Optional[_Union[ClassOutcome, _Mapping]] = ..., baseline_classes: _Optional[_Union[ClassOutcome, _Mapping]] = ...) -> None: ...

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
    __slots__ = ("family", "kind", "params", "mean", "std", "folds", "trials", "fit_seconds", "latency_ms", "model_mb", "selected", "rejected_because", "difference", "difference_se", "latency_p99_ms", "batch_latency_ms", "memory_mb", "refit_seconds", "explainability", "worst_slice", "worst_slice_score")
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
    LATENCY_P99_MS_FIELD_NUMBER: _ClassVar[int]
    BATCH_LATENCY_MS_FIELD_NUMBER: _ClassVar[int]
    MEMORY_MB_FIELD_NUMBER: _ClassVar[int]
    REFIT_SECONDS_FIELD_NUMBER: _ClassVar[int]
    EXPLAINABILITY_FIELD_NUMBER: _ClassVar[int]
    WORST_SLICE_FIELD_NUMBER: _ClassVar[int]
    WORST_SLICE_SCORE_FIELD_NUMBER: _ClassVar[int]
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
    latency_p99_ms: float
    batch_latency_ms: float
    memory_mb: float
    refit_seconds: float
    explainability: str
    worst_slice: str
    worst_slice_score: float
    def __init__(self, family: _Optional[str] = ..., kind: _Optional[str] = ..., params: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., mean: _Optional[float] = ..., std: _Optional[float] = ..., folds: _Optional[_Iterable[float]] = ..., trials: _Optional[int] = ..., fit_seconds: _Optional[float] = ..., latency_ms: _Optional[float] = ..., model_mb: _Optional[float] = ..., selected: bool = ..., rejected_because: _Optional[str] = ..., difference: _Optional[float] = ..., difference_se: _Optional[float] = ..., latency_p99_ms: _Optional[float] = ..., batch_latency_ms: _Optional[float] = ..., memory_mb: _Optional[float] = ..., refit_seconds: _Optional[float] = ..., explainability: _Optional[str] = ..., worst_slice: _Optional[str] = ..., worst_slice_score: _Optional[float] = ...) -> None: ...

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
    __slots__ = ("feature", "mean", "std", "low", "high")
    FEATURE_FIELD_NUMBER: _ClassVar[int]
    MEAN_FIELD_NUMBER: _ClassVar[int]
    STD_FIELD_NUMBER: _ClassVar[int]
    LOW_FIELD_NUMBER: _ClassVar[int]
    HIGH_FIELD_NUMBER: _ClassVar[int]
    feature: str
    mean: float
    std: float
    low: float
    high: float
    def __init__(self, feature: _Optional[str] = ..., mean: _Optional[float] = ..., std: _Optional[float] = ..., low: _Optional[float] = ..., high: _Optional[float] = ...) -> None: ...

class Insight(_message.Message):
    __slots__ = ("generalisation", "slices", "learning_curve", "seeds", "validation_curve", "hardest", "label_noise", "dependences", "interactions", "attributions")
    GENERALISATION_FIELD_NUMBER: _ClassVar[int]
    SLICES_FIELD_NUMBER: _ClassVar[int]
    LEARNING_CURVE_FIELD_NUMBER: _ClassVar[int]
    SEEDS_FIELD_NUMBER: _ClassVar[int]
    VALIDATION_CURVE_FIELD_NUMBER: _ClassVar[int]
    HARDEST_FIELD_NUMBER: _ClassVar[int]
    LABEL_NOISE_FIELD_NUMBER: _ClassVar[int]
    DEPENDENCES_FIELD_NUMBER: _ClassVar[int]
    INTERACTIONS_FIELD_NUMBER: _ClassVar[int]
    ATTRIBUTIONS_FIELD_NUMBER: _ClassVar[int]
    generalisation: Generalisation
    slices: Slices
    learning_curve: LearningCurve
    seeds: SeedStability
    validation_curve: ValidationCurve
    hardest: _containers.RepeatedCompositeFieldContainer[HardRow]
    label_noise: LabelNoise
    dependences: _containers.RepeatedCompositeFieldContainer[PartialDependence]
    interactions: _containers.RepeatedCompositeFieldContainer[Interaction]
    attributions: Attributions
    def __init__(self, generalisation: _Optional[_Union[Generalisation, _Mapping]] = ..., slices: _Optional[_Union[Slices, _Mapping]] = ..., learning_curve: _Optional[_Union[LearningCurve, _Mapping]] = ..., seeds: _Optional[_Union[SeedStability, _Mapping]] = ..., validation_curve: _Optional[_Union[ValidationCurve, _Mapping]] = ..., hardest: _Optional[_Iterable[_Union[HardRow, _Mapping]]] = ..., label_noise: _Optional[_Union[LabelNoise, _Mapping]] = ..., dependences: _Optional[_Iterable[_Union[PartialDependence, _Mapping]]] = ..., interactions: _Optional[_Iterable[_Union[Interaction, _Mapping]]] = ..., attributions: _Optional[_Union[Attributions, _Mapping]] = ...) -> None: ...

class Generalisation(_message.Message):
    __slots__ = ("verdict", "train", "cross_validation", "standard_error", "test", "dummy")
    VERDICT_FIELD_NUMBER: _ClassVar[int]
    TRAIN_FIELD_NUMBER: _ClassVar[int]
    CROSS_VALIDATION_FIELD_NUMBER: _ClassVar[int]
    STANDARD_ERROR_FIELD_NUMBER: _ClassVar[int]
    TEST_FIELD_NUMBER: _ClassVar[int]
    DUMMY_FIELD_NUMBER: _ClassVar[int]
    verdict: str
    train: float
    cross_validation: float
    standard_error: float
    test: float
    dummy: float
    def __init__(self, verdict: _Optional[str] = ..., train: _Optional[float] = ..., cross_validation: _Optional[float] = ..., standard_error: _Optional[float] = ..., test: _Optional[float] = ..., dummy: _Optional[float] = ...) -> None: ...

class Slices(_message.Message):
    __slots__ = ("metric", "looked_at", "results")
    METRIC_FIELD_NUMBER: _ClassVar[int]
    LOOKED_AT_FIELD_NUMBER: _ClassVar[int]
    RESULTS_FIELD_NUMBER: _ClassVar[int]
    metric: str
    looked_at: int
    results: _containers.RepeatedCompositeFieldContainer[SliceResult]
    def __init__(self, metric: _Optional[str] = ..., looked_at: _Optional[int] = ..., results: _Optional[_Iterable[_Union[SliceResult, _Mapping]]] = ...) -> None: ...

class SliceResult(_message.Message):
    __slots__ = ("name", "columns", "found", "out_of_fold", "test", "judged_on", "score", "expected", "p_value", "beyond_chance")
    NAME_FIELD_NUMBER: _ClassVar[int]
    COLUMNS_FIELD_NUMBER: _ClassVar[int]
    FOUND_FIELD_NUMBER: _ClassVar[int]
    OUT_OF_FOLD_FIELD_NUMBER: _ClassVar[int]
    TEST_FIELD_NUMBER: _ClassVar[int]
    JUDGED_ON_FIELD_NUMBER: _ClassVar[int]
    SCORE_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_FIELD_NUMBER: _ClassVar[int]
    P_VALUE_FIELD_NUMBER: _ClassVar[int]
    BEYOND_CHANCE_FIELD_NUMBER: _ClassVar[int]
    name: str
    columns: _containers.RepeatedScalarFieldContainer[str]
    found: bool
    out_of_fold: SliceScores
    test: SliceScores
    judged_on: str
    score: float
    expected: float
    p_value: float
    beyond_chance: bool
    def __init__(self, name: _Optional[str] = ..., columns: _Optional[_Iterable[str]] = ..., found: bool = ..., out_of_fold: _Optional[_Union[SliceScores, _Mapping]] = ..., test: _Optional[_Union[SliceScores, _Mapping]] = ..., judged_on: _Optional[str] = ..., score: _Optional[float] = ..., expected: _Optional[float] = ..., p_value: _Optional[float] = ..., beyond_chance: bool = ...) -> None: ...

class SliceScores(_message.Message):
    __slots__ = ("rows", "class_counts", "metrics", "intervals")
    class ClassCountsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: int
        def __init__(self, key: _Optional[str] = ..., value: _Optional[int] = ...) -> None: ...
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
    ROWS_FIELD_NUMBER: _ClassVar[int]
    CLASS_COUNTS_FIELD_NUMBER: _ClassVar[int]
    METRICS_FIELD_NUMBER: _ClassVar[int]
    INTERVALS_FIELD_NUMBER: _ClassVar[int]
    rows: int
    class_counts: _containers.ScalarMap[str, int]
    metrics: _containers.ScalarMap[str, float]
    intervals: _containers.MessageMap[str, Interval]
    def __init__(self, rows: _Optional[int] = ..., class_counts: _Optional[_Mapping[str, int]] = ..., metrics: _Optional[_Mapping[str, float]] = ..., intervals: _Optional[_Mapping[str, Interval]] = ...) -> None: ...

class LearningCurve(_message.Message):
    __slots__ = ("family", "points", "last_doubling", "last_doubling_se", "next_doubling", "next_low", "next_high")
    FAMILY_FIELD_NUMBER: _ClassVar[int]
    POINTS_FIELD_NUMBER: _ClassVar[int]
    LAST_DOUBLING_FIELD_NUMBER: _ClassVar[int]
    LAST_DOUBLING_SE_FIELD_NUMBER: _ClassVar[int]
    NEXT_DOUBLING_FIELD_NUMBER: _ClassVar[int]
    NEXT_LOW_FIELD_NUMBER: _ClassVar[int]
    NEXT_HIGH_FIELD_NUMBER: _ClassVar[int]
    family: str
    points: _containers.RepeatedCompositeFieldContainer[LearningPoint]
    last_doubling: float
    last_doubling_se: float
    next_doubling: float
    next_low: float
    next_high: float
    def __init__(self, family: _Optional[str] = ..., points: _Optional[_Iterable[_Union[LearningPoint, _Mapping]]] = ..., last_doubling: _Optional[float] = ..., last_doubling_se: _Optional[float] = ..., next_doubling: _Optional[float] = ..., next_low: _Optional[float] = ..., next_high: _Optional[float] = ...) -> None: ...

class LearningPoint(_message.Message):
    __slots__ = ("rows", "mean", "std")
    ROWS_FIELD_NUMBER: _ClassVar[int]
    MEAN_FIELD_NUMBER: _ClassVar[int]
    STD_FIELD_NUMBER: _ClassVar[int]
    rows: int
    mean: float
    std: float
    def __init__(self, rows: _Optional[int] = ..., mean: _Optional[float] = ..., std: _Optional[float] = ...) -> None: ...

class SeedStability(_message.Message):
    __slots__ = ("family", "means", "std", "fold_std")
    FAMILY_FIELD_NUMBER: _ClassVar[int]
    MEANS_FIELD_NUMBER: _ClassVar[int]
    STD_FIELD_NUMBER: _ClassVar[int]
    FOLD_STD_FIELD_NUMBER: _ClassVar[int]
    family: str
    means: _containers.RepeatedScalarFieldContainer[float]
    std: float
    fold_std: float
    def __init__(self, family: _Optional[str] = ..., means: _Optional[_Iterable[float]] = ..., std: _Optional[float] = ..., fold_std: _Optional[float] = ...) -> None: ...

class ValidationCurve(_message.Message):
    __slots__ = ("family", "parameter", "chosen", "low", "high", "logarithmic", "points", "at_end")
    FAMILY_FIELD_NUMBER: _ClassVar[int]
    PARAMETER_FIELD_NUMBER: _ClassVar[int]
    CHOSEN_FIELD_NUMBER: _ClassVar[int]
    LOW_FIELD_NUMBER: _ClassVar[int]
    HIGH_FIELD_NUMBER: _ClassVar[int]
    LOGARITHMIC_FIELD_NUMBER: _ClassVar[int]
    POINTS_FIELD_NUMBER: _ClassVar[int]
    AT_END_FIELD_NUMBER: _ClassVar[int]
    family: str
    parameter: str
    chosen: float
    low: float
    high: float
    logarithmic: bool
    points: _containers.RepeatedCompositeFieldContainer[ParameterPoint]
    at_end: str
    def __init__(self, family: _Optional[str] = ..., parameter: _Optional[str] = ..., chosen: _Optional[float] = ..., low: _Optional[float] = ..., high: _Optional[float] = ..., logarithmic: bool = ..., points: _Optional[_Iterable[_Union[ParameterPoint, _Mapping]]] = ..., at_end: _Optional[str] = ...) -> None: ...

class ParameterPoint(_message.Message):
    __slots__ = ("value", "mean", "folds")
    VALUE_FIELD_NUMBER: _ClassVar[int]
    MEAN_FIELD_NUMBER: _ClassVar[int]
    FOLDS_FIELD_NUMBER: _ClassVar[int]
    value: float
    mean: float
    folds: int
    def __init__(self, value: _Optional[float] = ..., mean: _Optional[float] = ..., folds: _Optional[int] = ...) -> None: ...

class HardRow(_message.Message):
    __slots__ = ("row", "truth", "prediction", "loss", "reasons", "predicted")
    ROW_FIELD_NUMBER: _ClassVar[int]
    TRUTH_FIELD_NUMBER: _ClassVar[int]
    PREDICTION_FIELD_NUMBER: _ClassVar[int]
    LOSS_FIELD_NUMBER: _ClassVar[int]
    REASONS_FIELD_NUMBER: _ClassVar[int]
    PREDICTED_FIELD_NUMBER: _ClassVar[int]
    row: int
    truth: str
    prediction: float
    loss: float
    reasons: _containers.RepeatedCompositeFieldContainer[Reason]
    predicted: str
    def __init__(self, row: _Optional[int] = ..., truth: _Optional[str] = ..., prediction: _Optional[float] = ..., loss: _Optional[float] = ..., reasons: _Optional[_Iterable[_Union[Reason, _Mapping]]] = ..., predicted: _Optional[str] = ...) -> None: ...

class Reason(_message.Message):
    __slots__ = ("feature", "value", "effect")
    FEATURE_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    EFFECT_FIELD_NUMBER: _ClassVar[int]
    feature: str
    value: str
    effect: float
    def __init__(self, feature: _Optional[str] = ..., value: _Optional[str] = ..., effect: _Optional[float] = ...) -> None: ...

class LabelNoise(_message.Message):
    __slots__ = ("suspects", "sure_rows", "contradicted", "low", "high", "shown", "others")
    SUSPECTS_FIELD_NUMBER: _ClassVar[int]
    SURE_ROWS_FIELD_NUMBER: _ClassVar[int]
    CONTRADICTED_FIELD_NUMBER: _ClassVar[int]
    LOW_FIELD_NUMBER: _ClassVar[int]
    HIGH_FIELD_NUMBER: _ClassVar[int]
    SHOWN_FIELD_NUMBER: _ClassVar[int]
    OTHERS_FIELD_NUMBER: _ClassVar[int]
    suspects: int
    sure_rows: int
    contradicted: float
    low: float
    high: float
    shown: _containers.RepeatedCompositeFieldContainer[LabelSuspect]
    others: float
    def __init__(self, suspects: _Optional[int] = ..., sure_rows: _Optional[int] = ..., contradicted: _Optional[float] = ..., low: _Optional[float] = ..., high: _Optional[float] = ..., shown: _Optional[_Iterable[_Union[LabelSuspect, _Mapping]]] = ..., others: _Optional[float] = ...) -> None: ...

class LabelSuspect(_message.Message):
    __slots__ = ("row", "given", "likely", "probability", "values")
    class ValuesEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    ROW_FIELD_NUMBER: _ClassVar[int]
    GIVEN_FIELD_NUMBER: _ClassVar[int]
    LIKELY_FIELD_NUMBER: _ClassVar[int]
    PROBABILITY_FIELD_NUMBER: _ClassVar[int]
    VALUES_FIELD_NUMBER: _ClassVar[int]
    row: int
    given: str
    likely: str
    probability: float
    values: _containers.ScalarMap[str, str]
    def __init__(self, row: _Optional[int] = ..., given: _Optional[str] = ..., likely: _Optional[str] = ..., probability: _Optional[float] = ..., values: _Optional[_Mapping[str, str]] = ...) -> None: ...

class PartialDependence(_message.Message):
    __slots__ = ("feature", "outcome", "categorical", "points")
    FEATURE_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    CATEGORICAL_FIELD_NUMBER: _ClassVar[int]
    POINTS_FIELD_NUMBER: _ClassVar[int]
    feature: str
    outcome: str
    categorical: bool
    points: _containers.RepeatedCompositeFieldContainer[DependencePoint]
    def __init__(self, feature: _Optional[str] = ..., outcome: _Optional[str] = ..., categorical: bool = ..., points: _Optional[_Iterable[_Union[DependencePoint, _Mapping]]] = ...) -> None: ...

class DependencePoint(_message.Message):
    __slots__ = ("label", "value", "mean", "low", "high")
    LABEL_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    MEAN_FIELD_NUMBER: _ClassVar[int]
    LOW_FIELD_NUMBER: _ClassVar[int]
    HIGH_FIELD_NUMBER: _ClassVar[int]
    label: str
    value: float
    mean: float
    low: float
    high: float
    def __init__(self, label: _Optional[str] = ..., value: _Optional[float] = ..., mean: _Optional[float] = ..., low: _Optional[float] = ..., high: _Optional[float] = ...) -> None: ...

class Interaction(_message.Message):
    __slots__ = ("first", "second", "strength")
    FIRST_FIELD_NUMBER: _ClassVar[int]
    SECOND_FIELD_NUMBER: _ClassVar[int]
    STRENGTH_FIELD_NUMBER: _ClassVar[int]
    first: str
    second: str
    strength: float
    def __init__(self, first: _Optional[str] = ..., second: _Optional[str] = ..., strength: _Optional[float] = ...) -> None: ...

class Attributions(_message.Message):
    __slots__ = ("rows", "outcome", "base", "columns")
    ROWS_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    BASE_FIELD_NUMBER: _ClassVar[int]
    COLUMNS_FIELD_NUMBER: _ClassVar[int]
    rows: int
    outcome: str
    base: float
    columns: _containers.RepeatedCompositeFieldContainer[Attribution]
    def __init__(self, rows: _Optional[int] = ..., outcome: _Optional[str] = ..., base: _Optional[float] = ..., columns: _Optional[_Iterable[_Union[Attribution, _Mapping]]] = ...) -> None: ...

class Attribution(_message.Message):
    __slots__ = ("feature", "mean_size")
    FEATURE_FIELD_NUMBER: _ClassVar[int]
    MEAN_SIZE_FIELD_NUMBER: _ClassVar[int]
    feature: str
    mean_size: float
    def __init__(self, feature: _Optional[str] = ..., mean_size: _Optional[float] = ...) -> None: ...

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

class TrainingCurves(_message.Message):
    __slots__ = ("family", "shape", "remedies", "folds")
    FAMILY_FIELD_NUMBER: _ClassVar[int]
    SHAPE_FIELD_NUMBER: _ClassVar[int]
    REMEDIES_FIELD_NUMBER: _ClassVar[int]
    FOLDS_FIELD_NUMBER: _ClassVar[int]
    family: str
    shape: str
    remedies: _containers.RepeatedScalarFieldContainer[str]
    folds: _containers.RepeatedCompositeFieldContainer[TrainingCurve]
    def __init__(self, family: _Optional[str] = ..., shape: _Optional[str] = ..., remedies: _Optional[_Iterable[str]] = ..., folds: _Optional[_Iterable[_Union[TrainingCurve, _Mapping]]] = ...) -> None: ...

class TrainingCurve(_message.Message):
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
