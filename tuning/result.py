"""What a search reports while it runs and returns when it ends."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import numpy as np

from tuning.objective import Study


class SearchError(Exception):
    """The search cannot give an answer, for example because every configuration failed; the text says what to do."""


class TrialState(StrEnum):
    """How far a configuration has come."""

    RUNNING = "running"
    COMPLETED = "completed"
    STOPPED = "stopped"
    FAILED = "failed"


@dataclass(frozen=True)
class TrialOutcome:
    """One configuration of one study.

    Attributes:
        number: Order of proposal over all studies, from 0.
        study: The study it belongs to.
        params: All parameters, the fixed ones included.
        state: Only a completed trial has all folds and may be selected.
        fold_scores: Scores of the finished folds, in fold order.
        fit_seconds: Sum of pure fit time.
        reason: Why it failed or was stopped, in a sentence; empty otherwise.
        details: What the objective told of each finished fold.
    """

    number: int
    study: Study
    params: Mapping[str, Any]
    state: TrialState
    fold_scores: tuple[float, ...] = ()
    fit_seconds: float = 0.0
    reason: str = ""
    details: tuple[Mapping[str, Any], ...] = ()

    @property
    def mean(self) -> float | None:
        """Mean score of the finished folds; None without one."""
        return sum(self.fold_scores) / len(self.fold_scores) if self.fold_scores else None


@dataclass(frozen=True)
class SearchEvent:
    """A trial got further.

    Attributes:
        trial: The trial as it stands now.
        fits_done: Fold fits that need not be done any more: finished, or saved by stopping a trial.
        fits_planned: Fold fits if no trial is stopped.
        trials_done: Ended trials.
        best: Best completed trial of all studies so far.
    """

    trial: TrialOutcome
    fits_done: int
    fits_planned: int
    trials_done: int
    best: TrialOutcome | None


@dataclass(frozen=True)
class SearchResult:
    """What the search found.

    Attributes:
        outcomes: All trials in order of proposal.
        fits: Finished fold fits behind this result.
        fits_without_racing: What ``fits`` would be if no trial had been stopped between folds.
        resumed_fits: Part of ``fits`` that an earlier, broken search left in the journal.
        fit_seconds: Sum of pure fit time over all fits.
        wall: Seconds this search took.
        ended_by: Why no more configurations were tried, in a sentence.
    """

    outcomes: tuple[TrialOutcome, ...]
    fits: int
    fits_without_racing: int
    resumed_fits: int
    fit_seconds: float
    wall: float
    ended_by: str
    read_predictions: Callable[[TrialOutcome], list[np.ndarray]] = field(repr=False, compare=False)

    def best(self, study: Study | None = None) -> TrialOutcome | None:
        """Best completed trial of a study, or of all; the earlier one of equals. None if none completed."""
        return best_of(o for o in self.outcomes if study is None or o.study == study)

    def predictions(self, outcome: TrialOutcome) -> list[np.ndarray]:
        """Predictions for the validation rows of each finished fold, in fold order."""
        return self.read_predictions(outcome)


def best_of(outcomes: Iterable[TrialOutcome]) -> TrialOutcome | None:
    """Best completed trial; the earlier one of equals."""
    completed = [o for o in outcomes if o.state is TrialState.COMPLETED]
    return max(completed, key=lambda o: (o.mean, -o.number), default=None)
