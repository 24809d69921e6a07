"""Many fits at once: each in a Ray actor of its own, all over one copy of the data."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import ray
from ray.util import ActorPool
from sklearn.pipeline import Pipeline

from trainers.data.load import Table
from trainers.data.resample import ResampleSpec
from trainers.data.split import Split
from trainers.families import registry
from trainers.families.fitting import fit, predict


@dataclass(frozen=True)
class Fit:
    """One fit to do.

    Attributes:
        family: Family name.
        params: Its parameters.
        rows: Positions in the table to fit on; a position may occur more than once.
        seed: Seed of the fit.
        rounds: Boosting rounds, or None to stop early on inner rows.
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
        curves: Losses by boosting round.
        seconds: Time of fit and predictions.
    """

    pipeline: Pipeline
    predictions: np.ndarray
    curves: Mapping[str, tuple[float, ...]]
    seconds: float


class _Fitter:
    """Runs in a worker process; holds the shared table for all its fits."""

    def __init__(self, table: Table, split: Split, resample: ResampleSpec, threads: int) -> None:
        self._table, self._split, self._resample, self._threads = table, split, resample, threads

    def fit(self, number: int, job: Fit) -> tuple[int, Fitted]:
        began = time.perf_counter()
        family, table = registry.get(job.family), self._table
        done = fit(
            family, job.params, table, job.rows, self._split, self._resample, job.seed, self._threads, job.rounds
        )
        predictions = np.empty(0)
        if len(job.score_rows):
            predictions = predict(done.pipeline, table.features.iloc[job.score_rows], table.task)
        return number, Fitted(done.pipeline, predictions, done.curves, time.perf_counter() - began)


def fit_all(
    jobs: Sequence[Fit],
    table: Table,
    split: Split,
    resample: ResampleSpec,
    threads: int,
    done: Callable[[int], None],
) -> list[Fitted]:
    """Does every fit, as many at once as the cluster's CPUs hold.

    A fit whose actor is lost is done again by a new actor; the others are not touched. The result does not depend on
    the number of actors or on their order of finishing.

    Args:
        jobs: What to fit.
        table: The table; sent to the object store once.
        split: Where its rows go.
        resample: How class imbalance is treated.
        threads: CPUs of one fit.
        done: Called with the number of finished fits after each one.

    Returns:
        Results in the order of ``jobs``.
    """
    if not jobs:
        return []
    cpus = int(ray.cluster_resources().get("CPU", 1))
    size = max(1, min(len(jobs), cpus // threads))
    actor = ray.remote(num_cpus=threads, max_restarts=3, max_task_retries=3)(_Fitter)
    shared = [ray.put(value) for value in (table, split)]
    actors = [actor.remote(*shared, resample, threads) for _ in range(size)]
    try:
        results: dict[int, Fitted] = {}
        pool = ActorPool(actors)
        for number, fitted in pool.map_unordered(lambda a, job: a.fit.remote(*job), list(enumerate(jobs))):
            results[number] = fitted
            done(len(results))
        return [results[number] for number in range(len(jobs))]
    finally:
        for each in actors:
            ray.kill(each)
