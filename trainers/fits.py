"""Many fits at once: each in a Ray actor, all over one copy of the development rows."""

import logging
import time
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Any, Self

import numpy as np
import ray
from ray.exceptions import OutOfMemoryError, RayActorError
from sklearn.pipeline import Pipeline

from cluster.resources import ComputeSpec, place, room
from trainers.data.resample import ResampleSpec
from trainers.data.table import Column, ColumnRole, Table, Task
from trainers.families import registry
from trainers.families.family import Workers, WorkersLostError
from trainers.families.fitting import Treatment, fit_rows, predict

logger = logging.getLogger(__name__)
BATCH_SECONDS = 0.1  # fits shorter than this travel together, so that tiny ones do not pay a message each
RETRIES = 3  # new workers for a fit whose worker died; those that a preempted node took are not counted
COPIES = 4  # of the rows that a worker may hold at once: as read, prepared, resampled, and inside the model


@dataclass(frozen=True)
class Added:
    """Numeric columns that a fit sees beside those of the table.

    Attributes:
        names: m column names.
        rows: (n, m) values for the rows that are fitted on.
        score_rows: (s, m) values for the rows that are predicted.
    """

    names: tuple[str, ...]
    rows: np.ndarray
    score_rows: np.ndarray


@dataclass(frozen=True)
class Fit:
    """One fit to do; a family that boosts makes a given number of rounds and does not stop early.

    Attributes:
        family: Family name.
        params: Its parameters.
        rows: n positions in the table to fit on; a position may occur more than once.
        seed: Seed of the fit.
        rounds: Boosting rounds; None for families that do not boost.
        score_rows: s positions to predict afterwards; may be empty.
        columns: Feature columns to use; None for all.
        weight: n sample weights, or None.
        added: Further columns, or None.
        keep_model: Whether the model is sent back: where predictions are all that is needed, it is not.
        label: What it is for, in logs and reasons.
        workers: What it may use beyond one process, where its family can; None for an ordinary fit.
    """

    family: str
    params: Mapping[str, Any]
    rows: np.ndarray
    seed: int
    rounds: int | None
    score_rows: np.ndarray
    columns: tuple[str, ...] | None = None
    weight: np.ndarray | None = None
    added: Added | None = None
    keep_model: bool = True
    label: str = ""
    workers: Workers | None = None


@dataclass(frozen=True)
class Fitted:
    """What became of a Fit.

    Attributes:
        pipeline: The fitted pipeline; None unless it was to be kept.
        predictions: Predictions for ``score_rows``, first axis is rows.
        seconds: Time of fit and predictions.
    """

    pipeline: Pipeline | None
    predictions: np.ndarray
    seconds: float


@dataclass(frozen=True)
class Failed:
    """A Fit that could not be done, and why, in a sentence."""

    reason: str


Outcome = Fitted | Failed
FitAll = Callable[[Sequence[Fit]], Sequence[Outcome]]


def fit(job: Fit, table: Table, resample: ResampleSpec, threads: int) -> Outcome:
    """Does one fit in this process; whatever it raises becomes the reason of a Failed.

    Args:
        job: What to fit; positions are those of ``table``.
        table: The rows.
        resample: How class imbalance is treated.
        threads: Threads of the fit.

    Raises:
        WorkersLostError: The fit was to use workers, and lost them.
    """
    began = time.perf_counter()
    family = registry.get(job.family)
    rounds = {family.boosting.rounds: job.rounds} if family.boosting and job.rounds else {}
    treatment = Treatment(resample, job.seed, threads)
    try:
        table, rows, score_rows = _seen(job, table)
        _check_rows(table, rows)
        fitted = fit_rows(family, {**job.params, **rounds}, table, rows, None, treatment, job.weight, job.workers)
        pipeline = fitted.pipeline
        predictions = np.empty(0)
        if len(score_rows):
            predictions = predict(pipeline, table.features.iloc[score_rows], table.task)
        if not np.isfinite(predictions).all():
            return Failed("It predicts values that are not finite.")
    except WorkersLostError:
        raise
    except Exception as error:  # any library may raise anything; one member must not end the job
        return Failed(f"{type(error).__name__}: {str(error).strip().partition(chr(10))[0][:200]}")
    return Fitted(pipeline if job.keep_model else None, predictions, time.perf_counter() - began)


def _seen(job: Fit, table: Table) -> tuple[Table, np.ndarray, np.ndarray]:
    """The table as the fit sees it, with the positions of its rows there."""
    rows, score_rows = job.rows, job.score_rows
    if job.columns is not None:
        kept = tuple(column for column in table.columns if column.name in job.columns)
        table = replace(table, features=table.features[[column.name for column in kept]], columns=kept)
    if job.added is not None:
        table = table.take(np.concatenate([rows, score_rows]))
        rows, score_rows = np.arange(len(rows)), np.arange(len(rows), len(rows) + len(score_rows))
        values = np.vstack([job.added.rows, job.added.score_rows])
        features = table.features.assign(**dict(zip(job.added.names, values.T, strict=True)))
        added = (Column(name, ColumnRole.NUMERIC, "float64", 0, 0) for name in job.added.names)
        table = replace(table, features=features, columns=(*table.columns, *added))
    return table, rows, score_rows


def _check_rows(table: Table, rows: np.ndarray) -> None:
    """Members are averaged class by class, so each must know every class."""
    if not len(rows):
        raise ValueError("no rows are left to fit on")
    if table.task is Task.REGRESSION:
        return
    missing = np.setdiff1d(np.arange(len(table.classes)), table.target[rows])
    if len(missing):
        raise ValueError(f"its rows have none of class {table.classes[missing[0]]!r}")


def _preempted(lost: Exception) -> bool:
    """Whether a node was taken away, which says nothing against the fits that ran there."""
    return isinstance(lost, RayActorError) and lost.preempted


class _Fitter:
    """Runs in a worker process and keeps the rows it has read for all its fits."""

    def __init__(self, resample: ResampleSpec, threads: int) -> None:
        self._treatment = (resample, threads)
        self._table: Table | None = None

    def fit(self, jobs: Sequence[Fit], rows: Sequence[ray.ObjectRef]) -> list[Outcome]:
        table = self._table = self._table if self._table is not None else ray.get(rows[0])
        return [fit(job, table, *self._treatment) for job in jobs]


def _asked(compute: ComputeSpec, rows: int) -> dict[str, float]:
    """What one fit asks of a node: memory for its rows, in bytes, as far as any node has so much."""
    given = room()
    largest = max((kind.resources.get("memory", 0.0) for kind in given.kinds), default=0.0) if given else 0.0
    asked = compute.fit
    return {**asked, "memory": max(asked.get("memory", 0.0), min(float(rows), largest))}


class Fitters:
    """Worker processes that fit in parallel. Use as a context manager; leaving it ends the workers.

    Only development rows are sent to them, so the sealed test rows cannot reach a fit. Fits go to workers that have started, so
    that one which waits for a node holds nothing up.

    Args:
        table: The table.
        development: Positions of its development rows, ascending.
        resample: How class imbalance is treated.
        compute: What one fit has.
        share: Share of the fits that could run at once that do, at least one.
    """

    def __init__(
        self, table: Table, development: np.ndarray, resample: ResampleSpec, compute: ComputeSpec, share: float = 1.0
    ) -> None:
        held = table.take(development)
        self._development = development
        self._rows = [ray.put(held)]  # in a list, so that an actor reads them once and not with every fit
        self._treatment = (resample, compute.trial_cpus)
        self.place = place(_asked(compute, COPIES * int(held.features.memory_usage().sum())))
        self._most = max(1, int(self.place.most * share))
        self._actor = ray.remote(
            num_cpus=compute.trial_cpus,
            memory=self.place.bundle.get("memory", 0),
            label_selector=dict(self.place.labels),
        )(_Fitter)
        self._actors: list[Any] = []
        self._free: list[Any] = []
        self._running: dict[ray.ObjectRef, tuple[Any, list[int]]] = {}  # without a fit: the worker is starting

    def fit_all(
        self, jobs: Sequence[Fit], done: Callable[[Fit, Outcome], None] = lambda job, outcome: None
    ) -> list[Outcome]:
        """Does every fit, as many at once as the cluster's CPUs and memory hold.

        A fit whose worker is lost is done again by a new worker; the others are not touched. The result does not depend
        on the number of workers or on their order of finishing.

        Args:
            jobs: What to fit.
            done: Called after each fit, in the order of finishing.

        Returns:
            Results in the order of ``jobs``.
        """
        waiting = deque(range(len(jobs)))
        while len(self._actors) < min(self._most, len(jobs)):
            self._hire()
        results: dict[int, Outcome] = {}
        deaths, size = Counter[int](), 1
        while len(results) < len(jobs):
            while waiting and self._free:
                batch = [waiting.popleft() for _ in range(min(size, len(waiting)))]
                self._send(self._free.pop(), batch, [jobs[number] for number in batch])
            (ready,), _ = ray.wait(list(self._running))
            actor, batch = self._running.pop(ready)
            outcomes = self._received(ready)
            if isinstance(outcomes, Exception):
                self._replace(actor)
                deaths.update([] if _preempted(outcomes) else batch)
                waiting.extendleft(number for number in reversed(batch) if deaths[number] <= RETRIES)
                batch = [number for number in batch if deaths[number] > RETRIES]
                outcomes = [Failed(f"Its worker died {RETRIES + 1} times, perhaps for want of memory.")] * len(batch)
            else:
                self._free.append(actor)
                size = self._batch_size(outcomes, len(waiting)) if batch else size
            for number, outcome in zip(batch, outcomes, strict=True):
                results[number] = outcome
                done(jobs[number], outcome)
        return [results[number] for number in range(len(jobs))]

    def rest(self) -> None:
        """Lets the workers go; the next fits start new ones."""
        for actor in self._actors:
            ray.kill(actor)
        self._actors.clear()
        self._free.clear()
        self._running.clear()

    def _send(self, actor: Any, numbers: list[int], jobs: Sequence[Fit]) -> None:
        sent = [self._within_development(job) for job in jobs]
        self._running[actor.fit.remote(sent, self._rows)] = (actor, numbers)

    def _received(self, outcomes: ray.ObjectRef) -> list[Outcome] | RayActorError | OutOfMemoryError:
        """What a worker sent, or why it was lost."""
        try:
            received: list[Outcome] = ray.get(outcomes)
        except (RayActorError, OutOfMemoryError) as lost:
            return lost
        return received

    def _hire(self) -> None:
        self._actors.append(self._actor.remote(*self._treatment))
        self._send(self._actors[-1], [], [])

    def _replace(self, lost: Any) -> None:
        logger.warning("a worker was lost; its fits are done again by another one")
        self._actors.remove(lost)
        ray.kill(lost)
        self._hire()

    def _batch_size(self, outcomes: Sequence[Outcome], waiting: int) -> int:
        """As many fits as take BATCH_SECONDS, yet few enough that every worker gets some of what is left."""
        seconds = [outcome.seconds for outcome in outcomes if isinstance(outcome, Fitted)]
        short = int(BATCH_SECONDS / max(float(np.mean(seconds)), 1e-6)) if seconds else 1
        return max(1, min(short, waiting // (2 * len(self._actors))))

    def _within_development(self, job: Fit) -> Fit:
        """The same job with positions among the development rows."""
        return replace(job, rows=self._positions(job.rows), score_rows=self._positions(job.score_rows))

    def _positions(self, rows: np.ndarray) -> np.ndarray:
        found = np.searchsorted(self._development, rows)
        if not np.array_equal(self._development[np.minimum(found, len(self._development) - 1)], rows):
            raise ValueError("A fit was asked for on rows that are not development rows.")
        return found

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.rest()
