"""Candidates, their cross-validated scores, and the one that was chosen."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Params = Mapping[str, Any]


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
    serialization: str = ""


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
class Baseline:
    """The best baseline."""

    family: str
    mean: float
    std: float
    means: Mapping[str, float] = field(default_factory=dict)


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
    latency_p99_ms: float = 0.0
    batch_latency_ms: float = 0.0
    memory_mb: float = 0.0
    refit_seconds: float = 0.0
    explainability: str = ""
    worst_slice: str = ""
    worst_slice_score: float | None = None


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
