"""Fits one pipeline: prepares, resamples, stops early, and corrects the probabilities, all on the rows it is given."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import Pipeline
from threadpoolctl import ThreadpoolController

from trainers.data.resample import ResampleMethod, ResampleSpec, resample
from trainers.data.table import Table, Task
from trainers.families.family import Boosting, Family, History, Rows, Workers
from trainers.portable.prior import PriorCorrectedClassifier


@dataclass(frozen=True)
class Fitted:
    """A fitted pipeline and how it came about.

    Attributes:
        pipeline: Predicts from a data frame with the table's feature columns, in any order.
        rounds: Boosting rounds it has; None for families that do not boost.
        curves: ``train_loss`` and ``validation_loss`` by round; empty when nothing was stopped early.
        class_counts: Rows by class ``before`` and ``after`` resampling; empty for regression.
    """

    pipeline: Pipeline
    rounds: int | None = None
    curves: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    class_counts: Mapping[str, tuple[int, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Treatment:
    """What is the same for every fit of a job.

    Attributes:
        resample: How class imbalance is treated.
        seed: Seed of everything random.
        threads: Threads a fit may use.
    """

    resample: ResampleSpec
    seed: int
    threads: int


def stops_early(family: Family, params: Mapping[str, Any]) -> bool:
    """Whether the number of rounds is still to be found: the family boosts, and ``params`` do not say how many."""
    return family.boosting is not None and family.boosting.rounds not in params


def fit_rows(
    family: Family,
    params: Mapping[str, Any],
    table: Table,
    rows: np.ndarray,
    inner: tuple[np.ndarray, np.ndarray] | None,
    treatment: Treatment,
    weight: np.ndarray | None = None,
    workers: Workers | None = None,
) -> Fitted:
    """Fits a family on rows of a table, after finding the number of rounds on ``inner`` when that is given.

    The rounds are found by a model of its own on the inner fit rows, preparation included; then the model that counts
    is fitted on all rows, just as the final model will be on all development rows.

    Args:
        family: What to fit.
        params: Parameters that differ from the family's defaults.
        table: The table.
        rows: Row positions to fit on; a position may occur more than once.
        inner: (fit rows, stop rows), both among ``rows``, to find the number of rounds; None when it is known.
        treatment: Resampling, seed and threads.
        weight: Sample weight of each of ``rows``, without resampling; None weighs all alike.
        workers: What the model that counts may use beyond this process, where its family can.

    Raises:
        ValueError: The estimator refused the rows or the parameters.
        WorkersLostError: Workers were asked for and lost.
    """
    boosting, curves = family.boosting, {}
    with limited(treatment.threads):
        if boosting is not None and inner is not None:
            history = _find_rounds(family, boosting, params, table, inner, treatment)
            params = {**params, boosting.rounds: history.rounds}
            curves = history.curves
        pipeline = family.build(table.task, params, table.columns, treatment.seed, treatment.threads)
        before, after = _prepare(pipeline["prepare"], table, rows, treatment, weight)
        if family.fit_on_workers is not None and workers is not None:
            family.fit_on_workers(pipeline["model"], after, workers)
        else:
            pipeline["model"].fit(after.X, after.y, sample_weight=after.weight)
    if after is not before:
        corrected = PriorCorrectedClassifier(pipeline["model"], _shares(after).tolist(), _shares(before).tolist())
        pipeline.steps[-1] = ("model", corrected)
    counts = {} if table.task is Task.REGRESSION else {"before": _counts(before), "after": _counts(after)}
    return Fitted(pipeline, params[boosting.rounds] if boosting else None, curves, counts)


def limited(threads: int) -> AbstractContextManager[Any]:
    """Keeps OpenMP and BLAS to a number of threads: more threads than free cores make boosting many times slower."""
    limits: AbstractContextManager[Any] = _thread_pools().limit(limits=threads)
    return limits


def predict(pipeline: Pipeline, X: pd.DataFrame, task: Task) -> np.ndarray:
    """Predicts n rows: (n,) P(class 1) for a binary task, (n, k) probabilities for multiclass, else (n,) values."""
    with limited(1):
        if task is Task.REGRESSION:
            values: np.ndarray = np.asarray(pipeline.predict(X), dtype=float)
            return values
        probabilities: np.ndarray = np.asarray(pipeline.predict_proba(X), dtype=float)
        return probabilities[:, 1] if task is Task.BINARY else probabilities


def _find_rounds(
    family: Family,
    boosting: Boosting,
    params: Mapping[str, Any],
    table: Table,
    inner: tuple[np.ndarray, np.ndarray],
    treatment: Treatment,
) -> History:
    first, last = inner
    pipeline = family.build(table.task, params, table.columns, treatment.seed, treatment.threads)
    before, after = _prepare(pipeline["prepare"], table, first, treatment)
    stop = Rows(pipeline["prepare"].transform(table.features.iloc[last]), table.target[last], None)
    return boosting.stop_early(pipeline["model"], after, _weighted_alike(stop, before, after))


def _prepare(
    prepare: ColumnTransformer,
    table: Table,
    rows: np.ndarray,
    treatment: Treatment,
    weight: np.ndarray | None = None,
) -> tuple[Rows, Rows]:
    """Fits the preparation; returns the prepared rows before and after resampling."""
    if weight is not None and treatment.resample.method is not ResampleMethod.NONE:
        raise ValueError("rows are weighted or resampled, not both")
    y = table.target[rows]
    before = Rows(prepare.fit_transform(table.features.iloc[rows], y), y, weight)
    return before, _resampled(prepare, before, treatment.resample.method, treatment.seed)


def _resampled(prepare: ColumnTransformer, rows: Rows, method: ResampleMethod, seed: int) -> Rows:
    """The prepared rows with their class imbalance treated; the very same object when nothing is to be done."""
    if method is ResampleMethod.NONE:
        return rows
    frame = pd.DataFrame(rows.X)
    frame.columns = [str(name) for name in frame.columns]
    categorical = list(frame.columns[prepare.output_indices_.get("categorical", slice(0))])
    X, y, weight = resample(frame, rows.y, method, categorical, seed)
    return Rows(X.astype(frame.dtypes) if isinstance(rows.X, pd.DataFrame) else X.to_numpy(float), y, weight)


def _weighted_alike(stop: Rows, before: Rows, after: Rows) -> Rows:
    """Weights the stop rows as resampling weighted the classes, so that they measure the loss that is trained."""
    if after is before:
        return stop
    return Rows(stop.X, stop.y, (_shares(after) / _shares(before))[stop.y])


def _shares(rows: Rows) -> np.ndarray:
    """Shares of the k classes, weights counted."""
    totals = np.bincount(rows.y, weights=rows.weight)
    shares: np.ndarray = totals / totals.sum()
    return shares


def _counts(rows: Rows) -> tuple[int, ...]:
    return tuple(int(count) for count in np.bincount(rows.y))


@cache
def _thread_pools() -> ThreadpoolController:
    """Found once a process, because finding them takes longer than a small fit."""
    return ThreadpoolController()
