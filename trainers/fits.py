"""Many fits at once: each in a Ray actor, all over one copy of the development rows."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Any, Self

import numpy as np
import ray
from ray.util import ActorPool
from sklearn.pipeline import Pipeline

from trainers.data.load import Table
from trainers.data.resample import ResampleSpec
from trainers.families import registry
from trainers.families.fitting import Treatment, fit_rows, predict


@dataclass(frozen=True)
class Fit:
    """One fit to do; a family that boosts makes a given number of rounds and does not stop early.

    Attributes:
        family: Family name.
        params: Its parameters.
        rows: Positions in the table to fit on; a position may occur more than once.
        seed: Seed of the fit.
        rounds: Boosting rounds; None for families that do not boost.
        score_rows: Positions to predict afterwards; may be empty.
    """

    family: str
    params: Mapping[str, Any]
    rows: np.ndarray
    seed: int
    rounds: int | None
    score_rows: np.ndarray


@dataclass(frozen=True)
class Fitted:
    """What became of a Fit.

    Attributes:
        pipeline: The fitted pipeline.
        predictions: Predictions for ``score_rows``, first axis is rows.
        seconds: Time of fit and predictions.
    """

    pipeline: Pipeline
    predictions: np.ndarray
    seconds: float


class _Fitter:
    """Runs in a worker process and keeps the rows it has read for all its fits."""

    def __init__(self, resample: ResampleSpec, threads: int) -> None:
        self._resample, self._threads = resample, threads
        self._table: Table | None = None

    def fit(self, number: int, job: Fit, rows: Sequence[ray.ObjectRef]) -> tuple[int, Fitted]:
        began = time.perf_counter()
        table = self._table = self._table if self._table is not None else ray.get(rows[0])
        family = registry.get(job.family)
        rounds = {family.boosting.rounds: job.rounds} if family.boosting and job.rounds else {}
        treatment = Treatment(self._resample, job.seed, self._threads)
        pipeline = fit_rows(family, {**job.params, **rounds}, table, job.rows, None, treatment).pipeline
        predictions = np.empty(0)
        if len(job.score_rows):
            predictions = predict(pipeline, table.features.iloc[job.score_rows], table.task)
        return number, Fitted(pipeline, predictions, time.perf_counter() - began)


class Fitters:
    """Worker processes that fit in parallel. Use as a context manager; leaving it ends the workers.

    Only development rows are sent to them, so the sealed test rows cannot reach a fit.

    Args:
        table: The table.
        development: Positions of its development rows, ascending.
        resample: How class imbalance is treated.
        threads: CPUs of one fit.
    """

    def __init__(self, table: Table, development: np.ndarray, resample: ResampleSpec, threads: int) -> None:
        self._development = development
        self._rows = [
            ray.put(table.take(development))
        ]  # in a list, so that an actor reads them once and not with every fit
        self._treatment = (resample, threads)
        self._actor = ray.remote(num_cpus=threads, max_restarts=3, max_task_retries=3)(_Fitter)
        self._most = max(1, int(ray.cluster_resources().get("CPU", 1)) // threads)
        self._actors: list[Any] = []

    def fit_all(self, jobs: Sequence[Fit], done: Callable[[int], None] = lambda count: None) -> list[Fitted]:
        """Does every fit, as many at once as the cluster's CPUs hold.

        A fit whose actor is lost is done again by a new actor; the others are not touched. The result does not depend on
        the number of actors or on their order of finishing.

        Args:
            jobs: What to fit.
            done: Called with the number of finished fits after each one.

        Returns:
            Results in the order of ``jobs``.
        """
        while len(self._actors) < min(self._most, len(jobs)):
            self._actors.append(self._actor.remote(*self._treatment))
        results: dict[int, Fitted] = {}
        pool = ActorPool(self._actors)
        numbered = [(number, self._within_development(job)) for number, job in enumerate(jobs)]
        for number, fitted in pool.map_unordered(lambda actor, job: actor.fit.remote(*job, self._rows), numbered):
            results[number] = fitted
            done(len(results))
        return [results[number] for number in range(len(jobs))]

    def _within_development(self, job: Fit) -> Fit:
        """The same job with positions among the development rows."""
        at = self._development
        if not np.isin(job.rows, at).all() or not np.isin(job.score_rows, at).all():
            raise ValueError("A fit was asked for on rows that are not development rows.")
        return replace(job, rows=np.searchsorted(at, job.rows), score_rows=np.searchsorted(at, job.score_rows))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for actor in self._actors:
            ray.kill(actor)
