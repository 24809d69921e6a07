"""What ensembles are made from, and what an ensemble is, whatever its kind."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from trainers.data.split import Split
from trainers.data.table import Table, Task
from trainers.ensembles.spec import EnsembleKind
from trainers.evaluation.metrics import Metric


class EnsembleError(Exception):
    """No ensemble came of it; the message says why."""


@dataclass(frozen=True)
class Leader:
    """The best configuration of a family.

    Attributes:
        family: Family name.
        params: Its parameters.
        rounds: Boosting rounds of the final fit; None for families that do not boost.
        score: Mean cross-validated score.
        predictions: Out-of-fold predictions, fold by fold.
    """

    family: str
    params: Mapping[str, Any]
    rounds: int | None
    score: float
    predictions: tuple[np.ndarray, ...]


@dataclass(frozen=True)
class Material:
    """What ensembles are made from.

    Attributes:
        leaders: Best configuration of each family, best first.
        table: The table.
        split: Where its rows go.
        metric: What is maximised.
        seed: Seed of every draw and fit.
    """

    leaders: tuple[Leader, ...]
    table: Table
    split: Split
    metric: Metric
    seed: int

    @property
    def task(self) -> Task:
        """Kind of prediction."""
        return self.table.task

    @property
    def y_folds(self) -> list[np.ndarray]:
        """True values of each fold's validation rows."""
        return [self.table.target[fold.validation] for fold in self.split.folds]

    def leader(self, family: str | None, preferred: Sequence[Leader] = ()) -> Leader:
        """The leader of a family; where none is named, or it was never scored, the first preferred, else the best of all."""
        named = [each for each in self.leaders if each.family == family]
        return [*named, *preferred, *self.leaders][0]


@dataclass(frozen=True)
class Part:
    """A member of the model, and its weight."""

    family: str
    weight: float
    params: Mapping[str, Any]


@dataclass(frozen=True)
class Dropped:
    """A member that was left out, and why, in a sentence."""

    member: str
    reason: str


@dataclass(frozen=True)
class Ensemble:
    """An ensemble, scored.

    Attributes:
        kind: How members are combined.
        params: What was asked for and chosen, for the reader.
        parts: Members of the model with their weights.
        dropped: Members left out, of the model or of a fold's.
        predictions: Its own out-of-fold predictions, fold by fold.
        members: Out-of-fold predictions of the members behind them, fold by fold; their number may differ between folds.
        fits: Fits it cost.
        fit_seconds: Time of these fits.
        assemble: Makes the model, from the families' final models by family.
        out_of_bag: Score on rows that were not drawn (bagging); None where there is none.
        rows_left_out: Development rows that the final model could not learn from (stacking).
    """

    kind: EnsembleKind
    params: Mapping[str, Any]
    parts: tuple[Part, ...]
    dropped: tuple[Dropped, ...]
    predictions: tuple[np.ndarray, ...]
    members: tuple[tuple[np.ndarray, ...], ...]
    fits: int
    fit_seconds: float
    assemble: Callable[[Mapping[str, Any]], Any]
    out_of_bag: float | None = None
    rows_left_out: int = 0


def mean(predictions: Sequence[np.ndarray], weights: Sequence[float] | np.ndarray | None = None) -> np.ndarray:
    """Weighted mean of several models' predictions for the same rows."""
    averaged: np.ndarray = np.average(predictions, axis=0, weights=weights)
    return averaged
