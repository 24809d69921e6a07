"""How a search is run."""

from enum import StrEnum

from pydantic import BaseModel, Field

WINDOW = 8  # trials that may run at once when no parallelism is asked for


class Algorithm(StrEnum):
    """The order in which configurations are proposed."""

    RANDOM = "random"
    BAYESIAN = "bayesian"
    GRID = "grid"
    GAUSSIAN_PROCESS = "gaussian_process"


class SearchSpec(BaseModel, frozen=True, extra="forbid"):
    """How candidates are searched; the field comments are in proto/trainwright/v1/spec.proto."""

    algorithm: Algorithm = Algorithm.BAYESIAN
    metric: str | None = None
    max_trials: int = Field(40, ge=1, le=100_000)
    racing: bool = True
    time_budget_s: float | None = Field(None, gt=0)
    parallelism: int | None = Field(None, ge=1, le=1024)
    target_score: float | None = None
    patience: int | None = Field(None, ge=1)
    max_failures: int | None = Field(None, ge=1)
    warm_start_from: tuple[str, ...] = ()
