"""What the search asks of whoever brings the models. Nothing here knows a model library."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from tuning.space import Parameter


@dataclass(frozen=True)
class FoldResult:
    """One configuration fitted on one fold's training rows and scored on its validation rows.

    Attributes:
        score: Greater is better.
        fit_seconds: Pure fit and predict time.
        predictions: Predictions for the fold's validation rows, in the fold's row order; first axis is rows.
        details: Small JSON-serialisable facts to keep, such as the number of boosting rounds.
    """

    score: float
    fit_seconds: float
    predictions: np.ndarray
    details: Mapping[str, Any] = field(default_factory=dict)


class Objective(Protocol):
    """Fits and scores; pickled once, shared by every worker through the object store."""

    @property
    def folds(self) -> int:
        """Number of folds; fold k means the same rows for every configuration."""
        ...

    def evaluate(self, study: str, params: Mapping[str, Any], fold: int) -> FoldResult:
        """Fits ``params`` of ``study`` on a fold. Any exception makes the trial failed, with its text as the reason."""
        ...

    def difference(self, ours: Sequence[np.ndarray], theirs: Sequence[np.ndarray]) -> tuple[float, float]:
        """Paired difference in score (ours minus theirs) over the first ``len(ours)`` folds, and its standard error."""
        ...


@dataclass(frozen=True)
class Study:
    """One family to search.

    Attributes:
        name: Family name.
        space: Parameters to search, by name; may be empty (then there is one trial).
        default: Values of every searched parameter for the first trial.
        fixed: Parameters that every trial gets unchanged.
        promising: Values of searched parameters to try right after the default.
    """

    name: str
    space: Mapping[str, Parameter]
    default: Mapping[str, Any]
    fixed: Mapping[str, Any] = field(default_factory=dict)
    promising: Sequence[Mapping[str, Any]] = ()
