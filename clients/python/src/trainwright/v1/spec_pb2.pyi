from google.protobuf import struct_pb2 as _struct_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Task(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    TASK_UNSPECIFIED: _ClassVar[Task]
    TASK_BINARY: _ClassVar[Task]
    TASK_MULTICLASS: _ClassVar[Task]
    TASK_REGRESSION: _ClassVar[Task]

class ColumnRole(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    COLUMN_ROLE_UNSPECIFIED: _ClassVar[ColumnRole]
    COLUMN_ROLE_NUMERIC: _ClassVar[ColumnRole]
    COLUMN_ROLE_CATEGORICAL: _ClassVar[ColumnRole]

class SearchAlgorithm(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SEARCH_ALGORITHM_UNSPECIFIED: _ClassVar[SearchAlgorithm]
    SEARCH_ALGORITHM_RANDOM: _ClassVar[SearchAlgorithm]
    SEARCH_ALGORITHM_BAYESIAN: _ClassVar[SearchAlgorithm]
    SEARCH_ALGORITHM_GRID: _ClassVar[SearchAlgorithm]
    SEARCH_ALGORITHM_GAUSSIAN_PROCESS: _ClassVar[SearchAlgorithm]

class FinalModel(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    FINAL_MODEL_UNSPECIFIED: _ClassVar[FinalModel]
    FINAL_MODEL_LOGISTIC: _ClassVar[FinalModel]
    FINAL_MODEL_RIDGE: _ClassVar[FinalModel]
    FINAL_MODEL_BOOSTED: _ClassVar[FinalModel]

class EnsembleKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ENSEMBLE_KIND_UNSPECIFIED: _ClassVar[EnsembleKind]
    ENSEMBLE_KIND_BAGGING: _ClassVar[EnsembleKind]
    ENSEMBLE_KIND_BOOSTING: _ClassVar[EnsembleKind]
    ENSEMBLE_KIND_STACKING: _ClassVar[EnsembleKind]
    ENSEMBLE_KIND_WEIGHTED: _ClassVar[EnsembleKind]
    ENSEMBLE_KIND_SNAPSHOT: _ClassVar[EnsembleKind]

class CalibrationMethod(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CALIBRATION_METHOD_UNSPECIFIED: _ClassVar[CalibrationMethod]
    CALIBRATION_METHOD_AUTO: _ClassVar[CalibrationMethod]
    CALIBRATION_METHOD_NONE: _ClassVar[CalibrationMethod]
    CALIBRATION_METHOD_SIGMOID: _ClassVar[CalibrationMethod]
    CALIBRATION_METHOD_ISOTONIC: _ClassVar[CalibrationMethod]
    CALIBRATION_METHOD_TEMPERATURE: _ClassVar[CalibrationMethod]

class Explainability(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    EXPLAINABILITY_UNSPECIFIED: _ClassVar[Explainability]
    EXPLAINABILITY_HIGH: _ClassVar[Explainability]
    EXPLAINABILITY_MEDIUM: _ClassVar[Explainability]
    EXPLAINABILITY_LOW: _ClassVar[Explainability]

class Preference(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PREFERENCE_UNSPECIFIED: _ClassVar[Preference]
    PREFERENCE_SIMPLEST: _ClassVar[Preference]
    PREFERENCE_BEST: _ClassVar[Preference]

class Placement(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PLACEMENT_UNSPECIFIED: _ClassVar[Placement]
    PLACEMENT_PACK: _ClassVar[Placement]
    PLACEMENT_SPREAD: _ClassVar[Placement]

class ResampleMethod(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    RESAMPLE_METHOD_UNSPECIFIED: _ClassVar[ResampleMethod]
    RESAMPLE_METHOD_NONE: _ClassVar[ResampleMethod]
    RESAMPLE_METHOD_CLASS_WEIGHTS: _ClassVar[ResampleMethod]
    RESAMPLE_METHOD_OVER: _ClassVar[ResampleMethod]
    RESAMPLE_METHOD_UNDER: _ClassVar[ResampleMethod]
    RESAMPLE_METHOD_SMOTE: _ClassVar[ResampleMethod]
TASK_UNSPECIFIED: Task
TASK_BINARY: Task
TASK_MULTICLASS: Task
TASK_REGRESSION: Task
COLUMN_ROLE_UNSPECIFIED: ColumnRole
COLUMN_ROLE_NUMERIC: ColumnRole
COLUMN_ROLE_CATEGORICAL: ColumnRole
SEARCH_ALGORITHM_UNSPECIFIED: SearchAlgorithm
SEARCH_ALGORITHM_RANDOM: SearchAlgorithm
SEARCH_ALGORITHM_BAYESIAN: SearchAlgorithm
SEARCH_ALGORITHM_GRID: SearchAlgorithm
SEARCH_ALGORITHM_GAUSSIAN_PROCESS: SearchAlgorithm
FINAL_MODEL_UNSPECIFIED: FinalModel
FINAL_MODEL_LOGISTIC: FinalModel
FINAL_MODEL_RIDGE: FinalModel
FINAL_MODEL_BOOSTED: FinalModel
ENSEMBLE_KIND_UNSPECIFIED: EnsembleKind
ENSEMBLE_KIND_BAGGING: EnsembleKind
ENSEMBLE_KIND_BOOSTING: EnsembleKind
ENSEMBLE_KIND_STACKING: EnsembleKind
ENSEMBLE_KIND_WEIGHTED: EnsembleKind
ENSEMBLE_KIND_SNAPSHOT: EnsembleKind
CALIBRATION_METHOD_UNSPECIFIED: CalibrationMethod
CALIBRATION_METHOD_AUTO: CalibrationMethod
CALIBRATION_METHOD_NONE: CalibrationMethod
CALIBRATION_METHOD_SIGMOID: CalibrationMethod
CALIBRATION_METHOD_ISOTONIC: CalibrationMethod
CALIBRATION_METHOD_TEMPERATURE: CalibrationMethod
EXPLAINABILITY_UNSPECIFIED: Explainability
EXPLAINABILITY_HIGH: Explainability
EXPLAINABILITY_MEDIUM: Explainability
EXPLAINABILITY_LOW: Explainability
PREFERENCE_UNSPECIFIED: Preference
PREFERENCE_SIMPLEST: Preference
PREFERENCE_BEST: Preference
PLACEMENT_UNSPECIFIED: Placement
PLACEMENT_PACK: Placement
PLACEMENT_SPREAD: Placement
RESAMPLE_METHOD_UNSPECIFIED: ResampleMethod
RESAMPLE_METHOD_NONE: ResampleMethod
RESAMPLE_METHOD_CLASS_WEIGHTS: ResampleMethod
RESAMPLE_METHOD_OVER: ResampleMethod
RESAMPLE_METHOD_UNDER: ResampleMethod
RESAMPLE_METHOD_SMOTE: ResampleMethod

class TrainingSpec(_message.Message):
    __slots__ = ("decision", "data", "split", "candidates", "search", "ensembles", "threshold", "requirements", "compute", "tracking", "audit", "resample", "parent", "calibration", "conformal", "slices", "diagnosis")
    DECISION_FIELD_NUMBER: _ClassVar[int]
    DATA_FIELD_NUMBER: _ClassVar[int]
    SPLIT_FIELD_NUMBER: _ClassVar[int]
    CANDIDATES_FIELD_NUMBER: _ClassVar[int]
    SEARCH_FIELD_NUMBER: _ClassVar[int]
    ENSEMBLES_FIELD_NUMBER: _ClassVar[int]
    THRESHOLD_FIELD_NUMBER: _ClassVar[int]
    REQUIREMENTS_FIELD_NUMBER: _ClassVar[int]
    COMPUTE_FIELD_NUMBER: _ClassVar[int]
    TRACKING_FIELD_NUMBER: _ClassVar[int]
    AUDIT_FIELD_NUMBER: _ClassVar[int]
    RESAMPLE_FIELD_NUMBER: _ClassVar[int]
    PARENT_FIELD_NUMBER: _ClassVar[int]
    CALIBRATION_FIELD_NUMBER: _ClassVar[int]
    CONFORMAL_FIELD_NUMBER: _ClassVar[int]
    SLICES_FIELD_NUMBER: _ClassVar[int]
    DIAGNOSIS_FIELD_NUMBER: _ClassVar[int]
    decision: str
    data: DataSpec
    split: SplitSpec
    candidates: _containers.RepeatedCompositeFieldContainer[CandidateSpec]
    search: SearchSpec
    ensembles: _containers.RepeatedCompositeFieldContainer[EnsembleSpec]
    threshold: ThresholdSpec
    requirements: RequirementsSpec
    compute: ComputeSpec
    tracking: TrackingSpec
    audit: AuditSpec
    resample: ResampleSpec
    parent: str
    calibration: CalibrationSpec
    conformal: ConformalSpec
    slices: SlicesSpec
    diagnosis: DiagnosisSpec
    def __init__(self, decision: _Optional[str] = ..., data: _Optional[_Union[DataSpec, _Mapping]] = ..., split: _Optional[_Union[SplitSpec, _Mapping]] = ..., candidates: _Optional[_Iterable[_Union[CandidateSpec, _Mapping]]] = ..., search: _Optional[_Union[SearchSpec, _Mapping]] = ..., ensembles: _Optional[_Iterable[_Union[EnsembleSpec, _Mapping]]] = ..., threshold: _Optional[_Union[ThresholdSpec, _Mapping]] = ..., requirements: _Optional[_Union[RequirementsSpec, _Mapping]] = ..., compute: _Optional[_Union[ComputeSpec, _Mapping]] = ..., tracking: _Optional[_Union[TrackingSpec, _Mapping]] = ..., audit: _Optional[_Union[AuditSpec, _Mapping]] = ..., resample: _Optional[_Union[ResampleSpec, _Mapping]] = ..., parent: _Optional[str] = ..., calibration: _Optional[_Union[CalibrationSpec, _Mapping]] = ..., conformal: _Optional[_Union[ConformalSpec, _Mapping]] = ..., slices: _Optional[_Union[SlicesSpec, _Mapping]] = ..., diagnosis: _Optional[_Union[DiagnosisSpec, _Mapping]] = ...) -> None: ...

class SlicesSpec(_message.Message):
    __slots__ = ("on", "min_rows")
    ON_FIELD_NUMBER: _ClassVar[int]
    MIN_ROWS_FIELD_NUMBER: _ClassVar[int]
    on: _containers.RepeatedScalarFieldContainer[str]
    min_rows: int
    def __init__(self, on: _Optional[_Iterable[str]] = ..., min_rows: _Optional[int] = ...) -> None: ...

class DiagnosisSpec(_message.Message):
    __slots__ = ("learning_points", "seeds", "shap_rows")
    LEARNING_POINTS_FIELD_NUMBER: _ClassVar[int]
    SEEDS_FIELD_NUMBER: _ClassVar[int]
    SHAP_ROWS_FIELD_NUMBER: _ClassVar[int]
    learning_points: int
    seeds: int
    shap_rows: int
    def __init__(self, learning_points: _Optional[int] = ..., seeds: _Optional[int] = ..., shap_rows: _Optional[int] = ...) -> None: ...

class DataSpec(_message.Message):
    __slots__ = ("uri", "target", "positive_class", "exclude", "task", "roles")
    class RolesEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: ColumnRole
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[ColumnRole, str]] = ...) -> None: ...
    URI_FIELD_NUMBER: _ClassVar[int]
    TARGET_FIELD_NUMBER: _ClassVar[int]
    POSITIVE_CLASS_FIELD_NUMBER: _ClassVar[int]
    EXCLUDE_FIELD_NUMBER: _ClassVar[int]
    TASK_FIELD_NUMBER: _ClassVar[int]
    ROLES_FIELD_NUMBER: _ClassVar[int]
    uri: str
    target: str
    positive_class: str
    exclude: _containers.RepeatedScalarFieldContainer[str]
    task: Task
    roles: _containers.ScalarMap[str, ColumnRole]
    def __init__(self, uri: _Optional[str] = ..., target: _Optional[str] = ..., positive_class: _Optional[str] = ..., exclude: _Optional[_Iterable[str]] = ..., task: _Optional[_Union[Task, str]] = ..., roles: _Optional[_Mapping[str, ColumnRole]] = ...) -> None: ...

class SplitSpec(_message.Message):
    __slots__ = ("test_fraction", "folds", "stratify_on", "group_on", "time_on", "embargo", "predefined_on", "hash_on", "seed", "nested")
    TEST_FRACTION_FIELD_NUMBER: _ClassVar[int]
    FOLDS_FIELD_NUMBER: _ClassVar[int]
    STRATIFY_ON_FIELD_NUMBER: _ClassVar[int]
    GROUP_ON_FIELD_NUMBER: _ClassVar[int]
    TIME_ON_FIELD_NUMBER: _ClassVar[int]
    EMBARGO_FIELD_NUMBER: _ClassVar[int]
    PREDEFINED_ON_FIELD_NUMBER: _ClassVar[int]
    HASH_ON_FIELD_NUMBER: _ClassVar[int]
    SEED_FIELD_NUMBER: _ClassVar[int]
    NESTED_FIELD_NUMBER: _ClassVar[int]
    test_fraction: float
    folds: int
    stratify_on: _containers.RepeatedScalarFieldContainer[str]
    group_on: _containers.RepeatedScalarFieldContainer[str]
    time_on: str
    embargo: float
    predefined_on: str
    hash_on: str
    seed: int
    nested: bool
    def __init__(self, test_fraction: _Optional[float] = ..., folds: _Optional[int] = ..., stratify_on: _Optional[_Iterable[str]] = ..., group_on: _Optional[_Iterable[str]] = ..., time_on: _Optional[str] = ..., embargo: _Optional[float] = ..., predefined_on: _Optional[str] = ..., hash_on: _Optional[str] = ..., seed: _Optional[int] = ..., nested: bool = ...) -> None: ...

class CandidateSpec(_message.Message):
    __slots__ = ("family", "space", "params")
    class SpaceEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: ParameterSpace
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[ParameterSpace, _Mapping]] = ...) -> None: ...
    class ParamsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: _struct_pb2.Value
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[_struct_pb2.Value, _Mapping]] = ...) -> None: ...
    FAMILY_FIELD_NUMBER: _ClassVar[int]
    SPACE_FIELD_NUMBER: _ClassVar[int]
    PARAMS_FIELD_NUMBER: _ClassVar[int]
    family: str
    space: _containers.MessageMap[str, ParameterSpace]
    params: _containers.MessageMap[str, _struct_pb2.Value]
    def __init__(self, family: _Optional[str] = ..., space: _Optional[_Mapping[str, ParameterSpace]] = ..., params: _Optional[_Mapping[str, _struct_pb2.Value]] = ...) -> None: ...

class ParameterSpace(_message.Message):
    __slots__ = ("uniform", "log_uniform", "integer", "log_integer", "choice", "when")
    class WhenEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: Choices
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[Choices, _Mapping]] = ...) -> None: ...
    UNIFORM_FIELD_NUMBER: _ClassVar[int]
    LOG_UNIFORM_FIELD_NUMBER: _ClassVar[int]
    INTEGER_FIELD_NUMBER: _ClassVar[int]
    LOG_INTEGER_FIELD_NUMBER: _ClassVar[int]
    CHOICE_FIELD_NUMBER: _ClassVar[int]
    WHEN_FIELD_NUMBER: _ClassVar[int]
    uniform: Range
    log_uniform: Range
    integer: IntegerRange
    log_integer: IntegerRange
    choice: Choices
    when: _containers.MessageMap[str, Choices]
    def __init__(self, uniform: _Optional[_Union[Range, _Mapping]] = ..., log_uniform: _Optional[_Union[Range, _Mapping]] = ..., integer: _Optional[_Union[IntegerRange, _Mapping]] = ..., log_integer: _Optional[_Union[IntegerRange, _Mapping]] = ..., choice: _Optional[_Union[Choices, _Mapping]] = ..., when: _Optional[_Mapping[str, Choices]] = ...) -> None: ...

class Range(_message.Message):
    __slots__ = ("low", "high")
    LOW_FIELD_NUMBER: _ClassVar[int]
    HIGH_FIELD_NUMBER: _ClassVar[int]
    low: float
    high: float
    def __init__(self, low: _Optional[float] = ..., high: _Optional[float] = ...) -> None: ...

class IntegerRange(_message.Message):
    __slots__ = ("low", "high")
    LOW_FIELD_NUMBER: _ClassVar[int]
    HIGH_FIELD_NUMBER: _ClassVar[int]
    low: int
    high: int
    def __init__(self, low: _Optional[int] = ..., high: _Optional[int] = ...) -> None: ...

class Choices(_message.Message):
    __slots__ = ("values",)
    VALUES_FIELD_NUMBER: _ClassVar[int]
    values: _containers.RepeatedCompositeFieldContainer[_struct_pb2.Value]
    def __init__(self, values: _Optional[_Iterable[_Union[_struct_pb2.Value, _Mapping]]] = ...) -> None: ...

class SearchSpec(_message.Message):
    __slots__ = ("algorithm", "metric", "max_trials", "racing", "time_budget_s", "parallelism", "target_score", "patience", "max_failures", "warm_start_from")
    ALGORITHM_FIELD_NUMBER: _ClassVar[int]
    METRIC_FIELD_NUMBER: _ClassVar[int]
    MAX_TRIALS_FIELD_NUMBER: _ClassVar[int]
    RACING_FIELD_NUMBER: _ClassVar[int]
    TIME_BUDGET_S_FIELD_NUMBER: _ClassVar[int]
    PARALLELISM_FIELD_NUMBER: _ClassVar[int]
    TARGET_SCORE_FIELD_NUMBER: _ClassVar[int]
    PATIENCE_FIELD_NUMBER: _ClassVar[int]
    MAX_FAILURES_FIELD_NUMBER: _ClassVar[int]
    WARM_START_FROM_FIELD_NUMBER: _ClassVar[int]
    algorithm: SearchAlgorithm
    metric: str
    max_trials: int
    racing: bool
    time_budget_s: float
    parallelism: int
    target_score: float
    patience: int
    max_failures: int
    warm_start_from: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, algorithm: _Optional[_Union[SearchAlgorithm, str]] = ..., metric: _Optional[str] = ..., max_trials: _Optional[int] = ..., racing: bool = ..., time_budget_s: _Optional[float] = ..., parallelism: _Optional[int] = ..., target_score: _Optional[float] = ..., patience: _Optional[int] = ..., max_failures: _Optional[int] = ..., warm_start_from: _Optional[_Iterable[str]] = ...) -> None: ...

class EnsembleSpec(_message.Message):
    __slots__ = ("kind", "members", "family", "row_fraction", "column_fraction", "bootstrap", "final_model", "passthrough", "layers")
    KIND_FIELD_NUMBER: _ClassVar[int]
    MEMBERS_FIELD_NUMBER: _ClassVar[int]
    FAMILY_FIELD_NUMBER: _ClassVar[int]
    ROW_FRACTION_FIELD_NUMBER: _ClassVar[int]
    COLUMN_FRACTION_FIELD_NUMBER: _ClassVar[int]
    BOOTSTRAP_FIELD_NUMBER: _ClassVar[int]
    FINAL_MODEL_FIELD_NUMBER: _ClassVar[int]
    PASSTHROUGH_FIELD_NUMBER: _ClassVar[int]
    LAYERS_FIELD_NUMBER: _ClassVar[int]
    kind: EnsembleKind
    members: int
    family: str
    row_fraction: float
    column_fraction: float
    bootstrap: bool
    final_model: FinalModel
    passthrough: bool
    layers: int
    def __init__(self, kind: _Optional[_Union[EnsembleKind, str]] = ..., members: _Optional[int] = ..., family: _Optional[str] = ..., row_fraction: _Optional[float] = ..., column_fraction: _Optional[float] = ..., bootstrap: bool = ..., final_model: _Optional[_Union[FinalModel, str]] = ..., passthrough: bool = ..., layers: _Optional[int] = ...) -> None: ...

class ThresholdSpec(_message.Message):
    __slots__ = ("expected_cost", "min_recall", "min_precision", "capacity", "metric", "segment_on", "min_segment_cases", "lot_capacity", "cost_matrix", "abstain")
    EXPECTED_COST_FIELD_NUMBER: _ClassVar[int]
    MIN_RECALL_FIELD_NUMBER: _ClassVar[int]
    MIN_PRECISION_FIELD_NUMBER: _ClassVar[int]
    CAPACITY_FIELD_NUMBER: _ClassVar[int]
    METRIC_FIELD_NUMBER: _ClassVar[int]
    SEGMENT_ON_FIELD_NUMBER: _ClassVar[int]
    MIN_SEGMENT_CASES_FIELD_NUMBER: _ClassVar[int]
    LOT_CAPACITY_FIELD_NUMBER: _ClassVar[int]
    COST_MATRIX_FIELD_NUMBER: _ClassVar[int]
    ABSTAIN_FIELD_NUMBER: _ClassVar[int]
    expected_cost: ExpectedCost
    min_recall: float
    min_precision: float
    capacity: float
    metric: str
    segment_on: _containers.RepeatedScalarFieldContainer[str]
    min_segment_cases: int
    lot_capacity: LotCapacity
    cost_matrix: _containers.RepeatedCompositeFieldContainer[MistakeCost]
    abstain: AbstainSpec
    def __init__(self, expected_cost: _Optional[_Union[ExpectedCost, _Mapping]] = ..., min_recall: _Optional[float] = ..., min_precision: _Optional[float] = ..., capacity: _Optional[float] = ..., metric: _Optional[str] = ..., segment_on: _Optional[_Iterable[str]] = ..., min_segment_cases: _Optional[int] = ..., lot_capacity: _Optional[_Union[LotCapacity, _Mapping]] = ..., cost_matrix: _Optional[_Iterable[_Union[MistakeCost, _Mapping]]] = ..., abstain: _Optional[_Union[AbstainSpec, _Mapping]] = ...) -> None: ...

class ExpectedCost(_message.Message):
    __slots__ = ("false_negative", "false_positive", "false_negative_column", "false_positive_column")
    FALSE_NEGATIVE_FIELD_NUMBER: _ClassVar[int]
    FALSE_POSITIVE_FIELD_NUMBER: _ClassVar[int]
    FALSE_NEGATIVE_COLUMN_FIELD_NUMBER: _ClassVar[int]
    FALSE_POSITIVE_COLUMN_FIELD_NUMBER: _ClassVar[int]
    false_negative: float
    false_positive: float
    false_negative_column: str
    false_positive_column: str
    def __init__(self, false_negative: _Optional[float] = ..., false_positive: _Optional[float] = ..., false_negative_column: _Optional[str] = ..., false_positive_column: _Optional[str] = ...) -> None: ...

class LotCapacity(_message.Message):
    __slots__ = ("rows", "of")
    ROWS_FIELD_NUMBER: _ClassVar[int]
    OF_FIELD_NUMBER: _ClassVar[int]
    rows: int
    of: int
    def __init__(self, rows: _Optional[int] = ..., of: _Optional[int] = ...) -> None: ...

class MistakeCost(_message.Message):
    __slots__ = ("truth", "decided", "cost")
    TRUTH_FIELD_NUMBER: _ClassVar[int]
    DECIDED_FIELD_NUMBER: _ClassVar[int]
    COST_FIELD_NUMBER: _ClassVar[int]
    truth: str
    decided: str
    cost: float
    def __init__(self, truth: _Optional[str] = ..., decided: _Optional[str] = ..., cost: _Optional[float] = ...) -> None: ...

class AbstainSpec(_message.Message):
    __slots__ = ("review_cost", "max_share", "label")
    REVIEW_COST_FIELD_NUMBER: _ClassVar[int]
    MAX_SHARE_FIELD_NUMBER: _ClassVar[int]
    LABEL_FIELD_NUMBER: _ClassVar[int]
    review_cost: float
    max_share: float
    label: str
    def __init__(self, review_cost: _Optional[float] = ..., max_share: _Optional[float] = ..., label: _Optional[str] = ...) -> None: ...

class CalibrationSpec(_message.Message):
    __slots__ = ("method",)
    METHOD_FIELD_NUMBER: _ClassVar[int]
    method: CalibrationMethod
    def __init__(self, method: _Optional[_Union[CalibrationMethod, str]] = ...) -> None: ...

class ConformalSpec(_message.Message):
    __slots__ = ("coverage",)
    COVERAGE_FIELD_NUMBER: _ClassVar[int]
    coverage: float
    def __init__(self, coverage: _Optional[float] = ...) -> None: ...

class RequirementsSpec(_message.Message):
    __slots__ = ("max_latency_ms", "max_model_mb", "must_beat_baseline_by", "max_latency_p99_ms", "max_batch_latency_ms", "max_memory_mb", "max_refit_seconds", "min_explainability", "prefer", "min_worst_slice")
    MAX_LATENCY_MS_FIELD_NUMBER: _ClassVar[int]
    MAX_MODEL_MB_FIELD_NUMBER: _ClassVar[int]
    MUST_BEAT_BASELINE_BY_FIELD_NUMBER: _ClassVar[int]
    MAX_LATENCY_P99_MS_FIELD_NUMBER: _ClassVar[int]
    MAX_BATCH_LATENCY_MS_FIELD_NUMBER: _ClassVar[int]
    MAX_MEMORY_MB_FIELD_NUMBER: _ClassVar[int]
    MAX_REFIT_SECONDS_FIELD_NUMBER: _ClassVar[int]
    MIN_EXPLAINABILITY_FIELD_NUMBER: _ClassVar[int]
    PREFER_FIELD_NUMBER: _ClassVar[int]
    MIN_WORST_SLICE_FIELD_NUMBER: _ClassVar[int]
    max_latency_ms: float
    max_model_mb: float
    must_beat_baseline_by: float
    max_latency_p99_ms: float
    max_batch_latency_ms: float
    max_memory_mb: float
    max_refit_seconds: float
    min_explainability: Explainability
    prefer: Preference
    min_worst_slice: float
    def __init__(self, max_latency_ms: _Optional[float] = ..., max_model_mb: _Optional[float] = ..., must_beat_baseline_by: _Optional[float] = ..., max_latency_p99_ms: _Optional[float] = ..., max_batch_latency_ms: _Optional[float] = ..., max_memory_mb: _Optional[float] = ..., max_refit_seconds: _Optional[float] = ..., min_explainability: _Optional[_Union[Explainability, str]] = ..., prefer: _Optional[_Union[Preference, str]] = ..., min_worst_slice: _Optional[float] = ...) -> None: ...

class ComputeSpec(_message.Message):
    __slots__ = ("trial_cpus", "workers", "gpus_per_worker", "max_failures", "min_workers", "accelerator_type", "trial_gpus", "max_preemptions", "memory_gib", "placement")
    TRIAL_CPUS_FIELD_NUMBER: _ClassVar[int]
    WORKERS_FIELD_NUMBER: _ClassVar[int]
    GPUS_PER_WORKER_FIELD_NUMBER: _ClassVar[int]
    MAX_FAILURES_FIELD_NUMBER: _ClassVar[int]
    MIN_WORKERS_FIELD_NUMBER: _ClassVar[int]
    ACCELERATOR_TYPE_FIELD_NUMBER: _ClassVar[int]
    TRIAL_GPUS_FIELD_NUMBER: _ClassVar[int]
    MAX_PREEMPTIONS_FIELD_NUMBER: _ClassVar[int]
    MEMORY_GIB_FIELD_NUMBER: _ClassVar[int]
    PLACEMENT_FIELD_NUMBER: _ClassVar[int]
    trial_cpus: int
    workers: int
    gpus_per_worker: float
    max_failures: int
    min_workers: int
    accelerator_type: str
    trial_gpus: float
    max_preemptions: int
    memory_gib: float
    placement: Placement
    def __init__(self, trial_cpus: _Optional[int] = ..., workers: _Optional[int] = ..., gpus_per_worker: _Optional[float] = ..., max_failures: _Optional[int] = ..., min_workers: _Optional[int] = ..., accelerator_type: _Optional[str] = ..., trial_gpus: _Optional[float] = ..., max_preemptions: _Optional[int] = ..., memory_gib: _Optional[float] = ..., placement: _Optional[_Union[Placement, str]] = ...) -> None: ...

class TrackingSpec(_message.Message):
    __slots__ = ("experiment", "register_as")
    EXPERIMENT_FIELD_NUMBER: _ClassVar[int]
    REGISTER_AS_FIELD_NUMBER: _ClassVar[int]
    experiment: str
    register_as: str
    def __init__(self, experiment: _Optional[str] = ..., register_as: _Optional[str] = ...) -> None: ...

class AuditSpec(_message.Message):
    __slots__ = ("acknowledge",)
    ACKNOWLEDGE_FIELD_NUMBER: _ClassVar[int]
    acknowledge: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, acknowledge: _Optional[_Iterable[str]] = ...) -> None: ...

class ResampleSpec(_message.Message):
    __slots__ = ("method",)
    METHOD_FIELD_NUMBER: _ClassVar[int]
    method: ResampleMethod
    def __init__(self, method: _Optional[_Union[ResampleMethod, str]] = ...) -> None: ...
