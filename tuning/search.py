"""Searches the studies of a job over folds, on Ray Tune.

One Tune run serves all studies: a Tune trial is one configuration, and its steps are folds. Tune places trials on the
cluster, reuses their workers and tells of their ends; what is tried and what is stopped is decided by ``Course`` and
``Race``, and what is finished is kept by ``Journal``.

The controller is driven directly, without ``tune.run`` around it, which would add loggers, progress reports, signal
handlers and snapshots that nobody reads: measured, they cost more than the fits of a small table.
"""

import os
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ray
from ray import tune
from ray.air.execution import PlacementGroupResourceManager
from ray.air.execution._internal.actor_manager import RayActorManager
from ray.exceptions import OutOfMemoryError, RayActorError, RayTaskError
from ray.train._internal.storage import StorageContext
from ray.tune.execution.placement_groups import PlacementGroupFactory
from ray.tune.execution.tune_controller import TuneController
from ray.tune.experiment import Trial as TuneTrial
from ray.tune.search.search_algorithm import SearchAlgorithm
from ray.tune.utils.object_cache import _ObjectCache
from threadpoolctl import threadpool_limits

from tuning.course import Course, Proposal, planned_trials
from tuning.journal import Journal
from tuning.ledger import Ledger
from tuning.objective import FoldResult, Objective, Study
from tuning.racing import Race
from tuning.result import SearchEvent, SearchResult, TrialOutcome
from tuning.spec import Place, SearchSpec
from tuning.trial import Trial

TRAINABLE = "trainwright_trial"
STEP_SECONDS = 0.1  # folds shorter than this are reported together, so that tiny fits do not pay a message each
RETRIES = 2  # new workers for a trial whose worker died; those that a preempted node took are not counted
LOOK_S = 1.0  # how often the search asks what the cluster has: nodes come and go


def search(
    studies: Sequence[Study],
    objective: Objective,
    spec: SearchSpec,
    *,
    seed: int,
    place: Place,
    room: Callable[[], int],
    journal: Path,
    report: Callable[[SearchEvent], None],
    identity: str = "",
    share: float = 1.0,
) -> SearchResult:
    """Searches all studies together and returns every trial.

    Needs a connected Ray; works in any thread and in an actor. With the same studies, spec, seed and a deterministic
    objective the result is the same on any cluster and after any interruption, unless a time budget ends it.

    Args:
        studies: What to search. One with an empty space has exactly one trial, outside ``max_trials``, never stopped.
        objective: Fits and scores a fold; pickled once.
        spec: Algorithm, budgets and racing.
        seed: Seed of all proposals.
        place: Where each trial runs.
        room: Tells how many trials the cluster can hold at once, nodes that it may add counted; asked again and again.
        journal: Folder for the finished folds. A journal found there is continued.
        report: Called in this thread whenever a trial got further.
        identity: What else the results depend on, such as the data's fingerprint and the metric.
        share: Share of the trials that could run at once that do, at least one. It does not change the result.

    Raises:
        SearchError: No configuration could be scored.
        JournalError: The folder holds the journal of another search.
    """
    began = time.monotonic()
    known = {"identity": identity, "seed": seed, "folds": objective.folds}
    race = Race(objective.folds)
    with Journal(journal, known) as book, tempfile.TemporaryDirectory(prefix="search-") as scratch:

        def difference(ours: TrialOutcome, theirs: TrialOutcome) -> tuple[float, float]:
            return objective.difference(*(book.predictions(o.study, o.params) for o in (ours, theirs)))

        course = Course(studies, spec, seed, race, difference)
        ledger = Ledger(objective, race, book, planned_trials(studies, spec) * objective.folds, report)
        storage = StorageContext(storage_path=scratch, experiment_dir_name="search")
        trials = _Trials(course, ledger, storage, spec, place, room, share)
        _drive(trials, storage, None if spec.time_budget_s is None else began + spec.time_budget_s)
    return ledger.result(course.ended_by, time.monotonic() - began)


def _drive(trials: "_Trials", storage: StorageContext, deadline: float | None) -> None:
    """Runs Tune's loop until all trials have ended; after the deadline none is started."""
    tune.register_trainable(TRAINABLE, _Worker)
    controller = _Controller(search_alg=trials, storage=storage, reuse_actors=True)
    controller.update_max_pending_trials(trials.course.window)
    try:
        while not controller.is_finished():
            controller.step()
            if deadline is not None and time.monotonic() > deadline:
                trials.course.close("The time budget was spent.")
    finally:
        controller.cleanup()


class _PlainActors:
    """Makes actor classes without the environment variables Tune adds, which nearly double the start of a worker."""

    def __init__(self) -> None:
        self._made: dict[type, Any] = {}

    def get(self, trainable: type) -> Any:
        if trainable not in self._made:
            self._made[trainable] = ray.remote(trainable)
        return self._made[trainable]


class _MemoryMonitorError(RayActorError):
    """Ray's memory monitor ended the worker."""


class _ActorManager(RayActorManager):
    """Tune's manager of workers, to which an end by the memory monitor is the end of a worker; Tune's own raises then."""

    def _actor_task_failed(self, tracked_actor_task: Any, exception: Exception) -> None:
        if isinstance(exception, OutOfMemoryError):
            exception = _MemoryMonitorError(error_msg=str(exception))
        super()._actor_task_failed(tracked_actor_task, exception)


class _EveryWorker(_ObjectCache):
    """Keeps every idle worker until the search ends; Tune would end all but one whenever the course waits for results."""

    def cache_object(self, key: Any, obj: Any) -> bool:
        self._cached_objects[key].append(obj)
        self._num_cached_objects += 1
        return True

    def flush_cached_objects(self, force_all: bool = False) -> Iterator[Any]:
        yield from super().flush_cached_objects(force_all=True) if force_all else ()


class _Controller(TuneController):
    """Tune's controller without what the journal makes needless."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self._actor_manager = _ActorManager(resource_manager=PlacementGroupResourceManager())
        self._class_cache = _PlainActors()
        self._actor_cache = _EveryWorker()

    def checkpoint(self, force: bool = False, wait: bool = False) -> None:
        """Writes no snapshot: the journal is what a search is resumed from."""

    def _process_trial_failure(self, trial: TuneTrial, exception: Exception) -> None:
        """Tells the search why a worker was lost; Tune itself keeps only the text."""
        self._search_alg.lose(trial.trial_id, exception)
        super()._process_trial_failure(trial, exception)

    def _maybe_reuse_cached_actor(self, trial: TuneTrial) -> bool:
        """Gives a free worker to a trial that has none coming, where there is one.

        Tune would give it to the first that waits, end the worker that is starting for that one, and ask for another place,
        for which an autoscaler may add a node.
        """
        coming = trial in self._trial_to_actor and trial not in self._resetting_trials
        if coming and any(each not in self._trial_to_actor for each in self._pending_trials):
            return False
        return bool(super()._maybe_reuse_cached_actor(trial))

    def cleanup(self) -> None:
        """Ends the workers at once: they hold nothing that is worth waiting for."""
        self._actor_manager.cleanup()


class _TuneTrial(TuneTrial):
    """Knows its trainable without asking the cluster for it, as Tune does several times a trial."""

    def get_trainable_cls(self) -> type[tune.Trainable]:
        return _Worker


@dataclass(frozen=True)
class _Assignment:
    """What a worker needs to run one trial; references point into the object store.

    Attributes:
        objective: The objective.
        study: Name of the study.
        params: All parameters.
        race: The test that stops the trial.
        rival: The incumbent's predictions, by fold, or None.
        finished: Predictions of the folds found in the journal, or None.
        threads: Numerical threads.
    """

    objective: ray.ObjectRef
    study: str
    params: Mapping[str, Any]
    race: Race
    rival: ray.ObjectRef | None
    finished: ray.ObjectRef | None
    threads: int

    def __deepcopy__(self, memo: dict[int, Any]) -> "_Assignment":
        return self  # Tune copies configurations on every hand-over; a frozen value needs none


class _Worker(tune.Trainable):
    """Runs trials one after the other in a process of its own; the objective is read once."""

    def setup(self, config: dict[str, Any]) -> None:
        assignment: _Assignment = config["assignment"]
        os.environ["OMP_NUM_THREADS"] = str(assignment.threads)  # for libraries that are loaded later
        self._objective: Objective = ray.get(assignment.objective)
        threadpool_limits(assignment.threads)
        self._begin(assignment)

    def reset_config(self, new_config: dict[str, Any]) -> bool:
        self._begin(new_config["assignment"])
        return True

    def step(self) -> dict[str, Any]:
        """Fits folds for a short while, at least one, and returns their results."""
        results: list[FoldResult | str] = []
        began = time.monotonic()
        while not self._trial.ended and (not results or time.monotonic() - began < STEP_SECONDS):
            results.append(self._trial.advance())
        return {"folds": results, "verdict": self._trial.verdict, "done": self._trial.ended}

    def _begin(self, assignment: _Assignment) -> None:
        self.config: dict[str, Any] = {}  # Tune would send the configuration back with every result
        rival = None if assignment.rival is None else ray.get(assignment.rival)
        finished = [] if assignment.finished is None else list(ray.get(assignment.finished))
        self._trial = Trial(self._objective, assignment.study, assignment.params, assignment.race, rival, finished)


def _group(place: Place) -> PlacementGroupFactory:
    labels = {"bundle_label_selector": [dict(place.labels)]} if place.labels else {}
    return PlacementGroupFactory([dict(place.bundle)], **labels)


class _Trials(SearchAlgorithm):
    """Hands the course's proposals to Tune as trials, and Tune's results to the books."""

    def __init__(
        self,
        course: Course,
        ledger: Ledger,
        storage: StorageContext,
        spec: SearchSpec,
        place: Place,
        room: Callable[[], int],
        share: float = 1.0,
    ) -> None:
        self.course, self._ledger, self._storage, self._place = course, ledger, storage, place
        self._parallelism, self._room, self._share, self._looked = spec.parallelism, room, share, 0.0
        self._most, self._memory_holds = 1, course.window
        self._objective = ray.put(ledger.objective)
        self._rivals: dict[int, ray.ObjectRef] = {}
        self._running: dict[str, tuple[int, int]] = {}  # number of each trial, and the slots when it started
        self._again: list[Proposal] = []

    @property
    def slots(self) -> int:
        """Trials that may run at once: as many as the cluster holds.

        A trial that waits for resources makes Tune start a worker and end it again unused.
        """
        if time.monotonic() - self._looked > LOOK_S:
            self._most = min(self.course.window, max(1, self._parallelism or self._room()))
            self._looked = time.monotonic()
        return max(1, int(min(self._most, self._memory_holds) * self._share))

    def is_finished(self) -> bool:
        """Whether no trial is left to start."""
        return bool(self.course.ended_by) and not self._again

    def next_trial(self) -> TuneTrial | None:
        """The next trial that needs a fit; None when all slots are taken, or the course waits or has ended."""
        if len(self._running) >= self.slots:
            return None
        if self._again:
            return self._start(self._again.pop(0))
        while (proposal := self.course.next()) is not None:
            outcome = self._ledger.begin(proposal)
            if outcome is None:
                return self._start(proposal)
            self.course.end(outcome)
        return None

    def on_trial_result(self, trial_id: str, result: dict[str, Any]) -> None:
        """Enters the folds of a trial that goes on."""
        number, _ = self._running[trial_id]
        self._enter(number, result)

    def on_trial_complete(self, trial_id: str, result: dict[str, Any] | None = None, error: bool = False) -> None:
        """Enters the last folds of a trial; of one whose worker was lost, ``lose`` has told already."""
        if not error and result is not None:
            number, _ = self._running.pop(trial_id)
            self._enter(number, result)

    def lose(self, trial_id: str, cause: Exception) -> None:
        """Starts a trial whose worker was lost again, with fewer at once when memory had run out."""
        if trial_id not in self._running:  # Tune tells of a death for the worker, and again for each task it had
            return
        number, slots = self._running.pop(trial_id)
        opened = self._ledger.open[number]
        origin = cause.cause if isinstance(cause, RayTaskError) else cause
        told = (str(origin).strip() or type(origin).__name__).splitlines()[0]
        if isinstance(origin, _MemoryMonitorError | OutOfMemoryError | MemoryError):
            self._memory_holds = min(self._memory_holds, max(1, slots // 2))
            reason = f"It needs more memory than there is, even when it runs alone: {told}" if slots == 1 else ""
        else:
            opened.deaths += not (isinstance(origin, RayActorError) and origin.preempted)
            reason = f"Its worker died {opened.deaths} times: {told}" if opened.deaths > RETRIES else ""
        if reason:
            self.course.end(self._ledger.fail(number, reason))
        else:
            self._again.append(opened.proposal)

    def _enter(self, number: int, result: dict[str, Any]) -> None:
        folds: list[FoldResult | str] = result["folds"]
        outcome = self._ledger.add(number, folds, result["verdict"])
        folds.clear()  # Tune keeps the last result of every trial; the predictions in it are on disk now
        if outcome is not None:
            self.course.end(outcome)

    def _start(self, proposal: Proposal) -> TuneTrial:
        finished = self._ledger.finished_predictions(proposal.number)
        assignment = _Assignment(
            objective=self._objective,
            study=proposal.study.name,
            params=proposal.params,
            race=proposal.race,
            rival=None if proposal.rival is None else self._rival(proposal.rival),
            finished=ray.put(finished) if finished else None,
            threads=int(self._place.bundle["CPU"]),
        )
        trial = _TuneTrial(
            TRAINABLE,
            config={"assignment": assignment},
            storage=self._storage,
            placement_group_factory=_group(self._place),
        )
        self._running[trial.trial_id] = (proposal.number, self.slots)
        return trial

    def _rival(self, rival: TrialOutcome) -> ray.ObjectRef:
        if rival.number not in self._rivals:
            self._rivals[rival.number] = ray.put(self._ledger.predictions(rival))
        return self._rivals[rival.number]
