"""What the run did, and where its results are."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Params = Mapping[str, Any]


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
