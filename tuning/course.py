"""The course of a search: which configuration is tried next, against whom it races, and when there are enough.

The course is a function of the seed and the results alone. Trials run at the same time and end in any order, so a
decision about trial n may use only results that are certain to be known whenever it is made: those of trials up to
n - window, taken in order of number. Until they have ended, ``next`` says to wait. The same search therefore tries the
same configurations and stops the same trials on any number of workers, and again after it was interrupted.
"""

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tuning.objective import Study
from tuning.racing import Race, overdispersion
from tuning.result import SearchError, TrialOutcome, TrialState, best_of
from tuning.sampling import Sampler, sampler
from tuning.spec import WINDOW, SearchSpec

PAIRS = 20  # pairs of trials from which it is learned how far folds differ; more would change little
FAIR_TRIALS = 3  # trials every study gets before it may lose its share
REASONS = 5  # listed when a search fails
ALL_FAILED = 10  # so many failures and no score mean that the objective is broken

# Paired difference in score between two completed trials and its standard error.
Difference = Callable[[TrialOutcome, TrialOutcome], tuple[float, float]]


@dataclass(frozen=True)
class Proposal:
    """A configuration to try.

    Attributes:
        number: Order of proposal over all studies, from 0.
        study: The study it belongs to.
        params: All parameters, the fixed ones included.
        rival: The incumbent it races against; None if it runs all folds in any case.
        race: The test that may stop it.
    """

    number: int
    study: Study
    params: Mapping[str, Any]
    rival: TrialOutcome | None
    race: Race


@dataclass
class _Lane:
    """What is known of one study."""

    study: Study
    sampler: Sampler | None
    proposed: int = 0
    ended: int = 0
    best: TrialOutcome | None = None
    exhausted: bool = False
    behind: bool = False
    compared: tuple[int, int] | None = None


@dataclass
class _Progress:
    """What the results taken in so far say about stopping."""

    scored: int = 0
    since_better: int = 0
    failures: Counter[str] = field(default_factory=Counter)


@dataclass
class Course:
    """Proposes trials one by one.

    A study with an empty space (a baseline) has one trial, which is not part of ``max_trials``. Every study's first
    trial is its default and runs all folds, so that all studies can be compared. After that the study with the fewest
    trials is next; one that fails, or is clearly behind once it had its fair number of trials, gets more only when all
    others are exhausted.

    Attributes:
        studies: What is searched.
        spec: Algorithm and budgets.
        seed: Seed of all proposals.
        race: The test that stops trials and studies; it learns from the first pairs how far folds differ.
        difference: Compares two completed trials.
        ended_by: Why the course ended, in a sentence; empty while it goes on.
    """

    studies: Sequence[Study]
    spec: SearchSpec
    seed: int
    race: Race
    difference: Difference
    ended_by: str = ""
    _proposals: list[tuple[_Lane, int]] = field(default_factory=list)
    _waiting: dict[int, TrialOutcome] = field(default_factory=dict)
    _known: int = 0
    _best: TrialOutcome | None = None
    _progress: _Progress = field(default_factory=_Progress)
    _overdispersions: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        if not self.studies:
            raise SearchError("There is nothing to search. Give at least one study.")
        self._lanes = [
            _Lane(study, sampler(study, self.spec.algorithm, self.seed) if study.space else None)
            for study in self.studies
        ]

    @property
    def window(self) -> int:
        """How many trials may be unfinished at once, at most."""
        return _most(self.spec)

    def next(self) -> Proposal | None:
        """The next trial; None if results must be waited for, or if the course has ended."""
        if self.ended_by:
            return None
        number = len(self._proposals)
        while self._known <= number - window(self.spec, number):
            if self._known not in self._waiting:
                return None
            self._take_in(self._waiting.pop(self._known))
            self._known += 1
        self.ended_by = self._enough()
        while not self.ended_by:
            lane = self._choose()
            if lane is None:
                self.ended_by = "There is no configuration left to try."
            elif (values := lane.sampler.ask() if lane.sampler else {}) is None:
                lane.exhausted = True
            else:
                return self._propose(number, lane, values)
        return None

    def end(self, outcome: TrialOutcome) -> None:
        """Takes the result of a proposed trial; trials may end in any order."""
        self._waiting[outcome.number] = outcome

    def close(self, reason: str) -> None:
        """Ends the course from outside."""
        self.ended_by = self.ended_by or reason

    def _propose(self, number: int, lane: _Lane, values: Mapping[str, Any]) -> Proposal:
        first = lane.proposed == 0
        self._proposals.append((lane, lane.proposed))
        lane.proposed += 1
        lane.exhausted = lane.sampler is None
        rival = self._best if self.spec.racing and not first else None
        return Proposal(number, lane.study, {**lane.study.fixed, **values}, rival, self.race)

    def _choose(self) -> _Lane | None:
        lanes = [lane for lane in self._lanes if not lane.exhausted]
        hopeful = [lane for lane in lanes if not lane.behind] or lanes
        return min(hopeful, key=lambda lane: lane.proposed, default=None)

    def _take_in(self, outcome: TrialOutcome) -> None:
        lane, asked = self._proposals[outcome.number]
        lane.ended += 1
        if lane.sampler:
            lane.sampler.tell(asked, outcome)
            self._count(outcome)
            self._pair(outcome)
        if _better(outcome, lane.best):
            lane.best = outcome
        if _better(outcome, self._best):
            self._best, self._progress.since_better = outcome, 0
        self._compare()

    def _count(self, outcome: TrialOutcome) -> None:
        self._progress.since_better += 1
        if outcome.state is TrialState.FAILED:
            self._progress.failures[outcome.reason] += 1
        else:
            self._progress.scored += 1

    def _pair(self, outcome: TrialOutcome) -> None:
        """Learns from a completed trial beside the incumbent how far their folds differ beyond what rows explain."""
        rival, enough = self._best, len(self._overdispersions) >= PAIRS
        if enough or rival is None or not self.spec.racing or outcome.state is not TrialState.COMPLETED:
            return
        _, standard_error = self.difference(outcome, rival)
        found = overdispersion(outcome.fold_scores, rival.fold_scores, standard_error)
        if math.isfinite(found):
            self._overdispersions.append(found)
            self.race = self.race.learned(self._overdispersions)

    def _compare(self) -> None:
        """Marks the studies that had their fair number of trials and whose best is clearly behind the best of all."""
        searched = [lane for lane in self._lanes if lane.sampler]
        leader = best_of(lane.best for lane in searched if lane.best)
        if leader is None:
            return
        fair = max(FAIR_TRIALS, self.spec.max_trials // (4 * len(searched)))
        for lane in searched:
            if lane.best is None or lane.best is leader or lane.ended < fair:
                lane.behind = lane.best is None and lane.ended >= fair
            elif self.spec.racing and lane.compared != (pair := (lane.best.number, leader.number)):
                lane.compared = pair
                lane.behind = self.race.behind(*self.difference(lane.best, leader))

    def _enough(self) -> str:
        """Why no further searched trial is needed; studies with one trial only are always tried."""
        if any(lane.proposed == 0 and lane.sampler is None for lane in self._lanes):
            return ""
        spec, progress, score = self.spec, self._progress, self._best.mean if self._best else None
        failed = progress.failures.total()
        if progress.scored == 0 and failed >= ALL_FAILED:
            raise SearchError(
                f"The first {failed} configurations all failed: {_listed(progress.failures)} "
                "Mend the cause, or narrow the search space to values that work."
            )
        if spec.max_failures is not None and failed >= spec.max_failures:
            raise SearchError(
                f"{failed} configurations failed, and max_failures is {spec.max_failures}: {_listed(progress.failures)} "
                "Mend the causes, narrow the search space to values that work, or allow more failures."
            )
        if sum(lane.proposed for lane in self._lanes if lane.sampler) >= spec.max_trials:
            return f"All {spec.max_trials} trials were tried."
        if spec.target_score is not None and score is not None and score >= spec.target_score:
            return f"The target score {spec.target_score:g} was reached."
        if spec.patience is not None and progress.since_better >= spec.patience:
            return f"{spec.patience} trials in a row brought no improvement."
        return ""


def _listed(failures: Counter[str]) -> str:
    """The most frequent reasons, each with how often it was met."""
    told = [f"{count} x {reason.rstrip('.')}" for reason, count in failures.most_common(REASONS)]
    more = [f"{len(failures) - REASONS} other reasons"] if len(failures) > REASONS else []
    return "; ".join([*told, *more]) + "."


def window(spec: SearchSpec, number: int) -> int:
    """How many trials may be unfinished when this one is proposed: enough for none to wait, few enough to race against news.

    A race begins with few, as each of the first runs all folds until there is a rival.
    """
    least = (spec.parallelism or 2) if spec.racing else _most(spec)
    return min(_most(spec), max(least, number // 2))


def _most(spec: SearchSpec) -> int:
    return WINDOW if spec.parallelism is None else 2 * spec.parallelism


def planned_trials(studies: Sequence[Study], spec: SearchSpec) -> int:
    """Trials of a search that nothing ends early: ``max_trials``, and one for each study with an empty space."""
    single = sum(not study.space for study in studies)
    return single + (spec.max_trials if single < len(studies) else 0)


def _better(outcome: TrialOutcome, best: TrialOutcome | None) -> bool:
    if outcome.state is not TrialState.COMPLETED or outcome.mean is None:
        return False
    return best is None or best.mean is None or outcome.mean > best.mean
