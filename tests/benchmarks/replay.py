"""A search played again on any number of nodes, from recorded fits: the product's course and race on a clock of its own.

The driver is a queue with one server: it starts trials and takes messages of workers one after the other, and a worker that
has told of a fold waits for its turn. A node is one slot for trials. Not in it: start of nodes and workers, network, losses,
and fits that take longer beside others.
"""

import heapq
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tests.benchmarks.recorded import FOLDS, Recorded
from tests.benchmarks.stoppers import Pointed
from tuning.course import Course
from tuning.objective import Study
from tuning.racing import Race
from tuning.result import TrialOutcome, TrialState
from tuning.search import STEP_SECONDS
from tuning.space import Parameter
from tuning.spec import Algorithm, SearchSpec

WHICH = Parameter.model_validate({"uniform": [0, 1]})  # of the recorded configurations


@dataclass(frozen=True)
class Driver:
    """What the driver's time goes to.

    Attributes:
        start: Seconds for the start of a trial, its proposal included.
        start_open: Seconds more for each trial that is open then.
        message: Seconds for a message of a worker.
        message_open: Seconds more for each trial that is open then.
    """

    start: float
    start_open: float
    message: float
    message_open: float

    def starts(self, trials: int) -> float:
        """Seconds for a start while so many trials are open."""
        return self.start + self.start_open * trials

    def takes(self, trials: int) -> float:
        """Seconds for a message while so many trials are open."""
        return self.message + self.message_open * trials


@dataclass(frozen=True)
class Played:
    """Where the nodes' time went; the shares add up to 1.

    Attributes:
        fits: Share that was spent on fits.
        driver: Share spent waiting for the driver, to hear of a message or to be given a trial.
        course: Share spent without a trial because the course waited for results.
        tail: Share spent without a trial when the last had been started.
        served: Share of the time in which the driver worked.
        messages: Messages of workers a second.
        saved: Share of the folds that racing saved.
    """

    fits: float
    driver: float
    course: float
    tail: float
    served: float
    messages: float
    saved: float


@dataclass
class _Open:
    """A trial on a worker: its configuration, its rival's, and folds that it has told of and that it will tell of next."""

    number: int
    study: Study
    params: dict
    ours: Sequence[np.ndarray]
    theirs: Sequence[np.ndarray] | None
    race: Race
    done: int = 0
    stopped: bool = False


class Play:
    """One search on so many nodes.

    Args:
        search: What was recorded.
        seconds: Of the folds of each configuration, (configurations, folds).
        nodes: Nodes, each of which runs one trial at a time.
        trials: Trials of the search; each is one of the recorded configurations, drawn at random.
        racing: Whether trials race.
        driver: What the driver's time goes to.
    """

    def __init__(
        self, search: Recorded, seconds: np.ndarray, *, nodes: int, trials: int, racing: bool, driver: Driver
    ) -> None:
        self._seconds, self._nodes, self._driver = seconds, nodes, driver
        self._objective = Pointed(search)
        self._pointers = [[np.array([i, fold]) for fold in range(FOLDS)] for i in range(len(seconds))]
        self._scores = search.scores
        spec = SearchSpec(algorithm=Algorithm.RANDOM, max_trials=trials, racing=racing, parallelism=nodes)
        self._course = Course([Study("recorded", {"x": WHICH}, {})], spec, 0, Race(FOLDS), self._difference)
        self._now, self._free, self._folds, self._trials, self._told = 0.0, nodes, 0, 0, 0
        self._served = 0.0
        self._spent = dict.fromkeys(("fits", "driver", "course", "tail"), 0.0)
        self._coming: list[tuple[float, int, _Open]] = []

    def played(self) -> Played:
        """Plays it to its end."""
        while True:
            if self._free and self._start():
                continue
            if not self._coming:
                break
            self._take()
        whole = self._nodes * self._now
        shares = {name: spent / whole for name, spent in self._spent.items()}
        assert math.isclose(sum(shares.values()), 1.0), shares
        saved = 1 - self._folds / (FOLDS * self._trials)
        return Played(**shares, served=self._served / self._now, messages=self._told / self._now, saved=saved)

    def _start(self) -> bool:
        """The driver gives a free node the next trial, if there is one."""
        proposal = self._course.next()
        if proposal is None:
            return False
        self._serve(self._driver.starts(len(self._coming)), "driver")
        self._free -= 1
        self._trials += 1
        theirs = None if proposal.rival is None else self._of(proposal.rival.params["x"])
        params = dict(proposal.params)
        self._fit(_Open(proposal.number, proposal.study, params, self._of(params["x"]), theirs, proposal.race))
        return True

    def _take(self) -> None:
        """The driver waits for the next message, unless one waits for it, and takes it."""
        without = "tail" if self._course.ended_by else "course"
        arrived, _, trial = heapq.heappop(self._coming)
        self._pass(max(0.0, arrived - self._now), without)
        self._serve(self._driver.takes(len(self._coming) + 1), without)
        self._spent["driver"] += self._now - arrived
        self._told += 1
        if not trial.stopped and trial.done < FOLDS:
            return self._fit(trial)
        self._free += 1
        scores = tuple(self._scores[int(trial.ours[0][0])][: trial.done])
        state = TrialState.STOPPED if trial.stopped else TrialState.COMPLETED
        self._course.end(TrialOutcome(trial.number, trial.study, trial.params, state, scores))
        return None

    def _fit(self, trial: _Open) -> None:
        """The worker fits folds until it is time for a message, as it does in the product."""
        spent = 0.0
        while trial.done < FOLDS and not trial.stopped and spent < STEP_SECONDS:
            spent += self._seconds[int(trial.ours[0][0])][trial.done]
            trial.done += 1
            self._folds += 1
            if trial.theirs is not None:
                verdict = trial.race.verdict(self._objective, trial.ours[: trial.done], trial.theirs)
                trial.stopped = bool(verdict)
        self._spent["fits"] += spent
        heapq.heappush(self._coming, (self._now + spent, trial.number, trial))

    def _serve(self, seconds: float, without: str) -> None:
        self._pass(seconds, without)
        self._served += seconds

    def _pass(self, seconds: float, without: str) -> None:
        """Time passes, in which free nodes are without a trial for one of the reasons."""
        self._now += seconds
        self._spent[without] += self._free * seconds

    def _of(self, x: float) -> list[np.ndarray]:
        return self._pointers[min(int(x * len(self._pointers)), len(self._pointers) - 1)]

    def _difference(self, ours: TrialOutcome, theirs: TrialOutcome) -> tuple[float, float]:
        return self._objective.difference(*(self._of(o.params["x"]) for o in (ours, theirs)))
