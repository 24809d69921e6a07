"""Ways to stop a configuration between folds, playing a recorded search: ours and those of others."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import optuna
from optuna.pruners import BasePruner, SuccessiveHalvingPruner, WilcoxonPruner

from tests.benchmarks.recorded import FOLDS, Recorded
from tuning.course import Course
from tuning.objective import Study
from tuning.racing import ERROR, Race
from tuning.result import TrialOutcome, TrialState
from tuning.space import Choices, Parameter
from tuning.spec import Algorithm, SearchSpec

warnings.filterwarnings("ignore", category=optuna.exceptions.ExperimentalWarning)
warnings.filterwarnings("ignore", message=".*sample size|Exact p-value.*")


@dataclass(frozen=True)
class Played:
    """What one play of a search did.

    Attributes:
        folds: Folds fitted of each configuration, by configuration.
        incumbents: The best configuration known when each was tried, or -1.
    """

    folds: np.ndarray
    incumbents: np.ndarray


class Stopper(Protocol):
    """Plays a search."""

    def play(self, search: Recorded, order: Sequence[int], folds: Sequence[int]) -> Played:
        """Tries the configurations in an order, each on the folds in an order, and stops those it thinks will lose."""
        ...


class Racing:
    """The product's course: each configuration races against the best of those that ended a window before."""

    def play(self, search: Recorded, order: Sequence[int], folds: Sequence[int]) -> Played:
        objective, made = Pointed(search), {"configuration": Parameter(choice=Choices(values=tuple(order)))}
        pointers = [[np.array([i, fold]) for fold in folds] for i in range(len(order))]

        def difference(ours: TrialOutcome, theirs: TrialOutcome) -> tuple[float, float]:
            return objective.difference(*(pointers[o.params["configuration"]] for o in (ours, theirs)))

        spec = SearchSpec(algorithm=Algorithm.GRID, max_trials=len(order))
        course = Course([Study("recorded", made, {})], spec, 0, Race(FOLDS), difference)
        done, incumbents = np.zeros(len(order), int), np.full(len(order), -1)
        while (proposal := course.next()) is not None:
            i, state = proposal.params["configuration"], TrialState.COMPLETED
            incumbents[i] = -1 if proposal.rival is None else proposal.rival.params["configuration"]
            for k in range(1, FOLDS + 1):
                done[i] = k
                if proposal.rival and proposal.race.verdict(objective, pointers[i][:k], pointers[incumbents[i]]):
                    state = TrialState.STOPPED
                    break
            scores = tuple(search.scores[i][list(folds[: done[i]])])
            course.end(TrialOutcome(proposal.number, proposal.study, proposal.params, state, scores))
        return Played(done, incumbents)


class Pruning:
    """One of Optuna's pruners, told of each fold's score or, where it needs them to converge, of their mean so far."""

    def __init__(self, make: type[BasePruner], *, running_mean: bool, **settings: float) -> None:
        self._make, self._settings, self._running_mean = make, settings, running_mean

    def play(self, search: Recorded, order: Sequence[int], folds: Sequence[int]) -> Played:
        study = optuna.create_study(direction="maximize", pruner=self._make(**self._settings))
        done, incumbents = np.zeros(len(order), int), np.full(len(order), -1)
        best = -1
        for i in order:
            trial, incumbents[i] = study.ask(), best
            for k in range(1, FOLDS + 1):
                scores, done[i] = search.scores[i][list(folds[:k])], k
                trial.report(scores.mean() if self._running_mean else scores[-1], k)
                if k < FOLDS and trial.should_prune():
                    study.tell(trial, state=optuna.trial.TrialState.PRUNED)
                    break
            else:
                study.tell(trial, search.scores[i].mean())
                if best < 0 or search.scores[i].mean() > search.scores[best].mean():
                    best = i
        return Played(done, incumbents)


STOPPERS: dict[str, Stopper] = {
    "racing": Racing(),
    f"WilcoxonPruner(p_threshold={ERROR:g})": Pruning(WilcoxonPruner, running_mean=False, p_threshold=ERROR),
    "SuccessiveHalvingPruner": Pruning(SuccessiveHalvingPruner, running_mean=True, min_resource=1, reduction_factor=2),
}


class Pointed:
    """Stands for an objective: predictions are pointers (configuration, fold) into the recorded ones."""

    def __init__(self, search: Recorded) -> None:
        self._search = search

    def difference(self, ours: Sequence[np.ndarray], theirs: Sequence[np.ndarray]) -> tuple[float, float]:
        """As ``paired_difference`` over these folds: mean of differences, independent errors added up."""
        pairs = [self._search.paired(int(a[0]), int(b[0]), int(a[1])) for a, b in zip(ours, theirs, strict=True)]
        differences, errors = zip(*pairs, strict=True)
        return float(np.mean(differences)), float(np.sqrt(np.sum(np.square(errors))) / len(pairs))
