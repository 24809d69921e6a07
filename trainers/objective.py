"""What the search maximises: a family's score on a fold, fitted on that fold's training rows."""

import time
import warnings
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from trainers.data.resample import ResampleSpec
from trainers.data.split import Split
from trainers.data.table import Table
from trainers.evaluation.metrics import Metric, paired_difference
from trainers.families import registry
from trainers.families.fitting import Treatment, fit_rows, predict, stops_early
from trainers.portable.prior import PriorCorrectedClassifier
from tuning.objective import FoldResult


class FoldObjective:
    """Fits and scores on the development rows; holds no other rows, so that the sealed ones never reach a worker.

    Args:
        table: The table.
        split: Where its rows go.
        metric: What is maximised.
        resample: How class imbalance is treated.
        seed: Seed of every fit.
        threads: Threads of one fit.
    """

    def __init__(
        self, table: Table, split: Split, metric: Metric, resample: ResampleSpec, seed: int, threads: int
    ) -> None:
        development = split.development
        self._table = table.take(development)
        self._groups = None if split.groups is None else split.groups[development]
        self._train = [np.searchsorted(development, fold.train) for fold in split.folds]
        self._validation = [np.searchsorted(development, fold.validation) for fold in split.folds]
        inner = [split.inner(fold.train, seed) for fold in split.folds]
        self._inner = [(np.searchsorted(development, fit), np.searchsorted(development, stop)) for fit, stop in inner]
        self._metric = metric
        self._treatment = Treatment(resample, seed, threads)

    @property
    def folds(self) -> int:
        """Number of folds."""
        return len(self._validation)

    def evaluate(self, study: str, params: Mapping[str, Any], fold: int) -> FoldResult:
        """Fits ``params`` of a family on a fold's training rows and scores it on its validation rows.

        Returns:
            The result; its details are ``rounds``, ``curves`` (losses by round), ``class_counts`` (rows by class before
            and after resampling), ``priors`` (class shares ``trained`` and ``true``, where probabilities were corrected) and
            ``warnings`` (how often each kind occurred).

        Raises:
            UnknownFamilyError: There is no such family.
            ValueError: The estimator refused the rows or the parameters.
        """
        family, table = registry.get(study), self._table
        inner = self._inner[fold] if stops_early(family, params) else None
        validation = self._validation[fold]
        began = time.perf_counter()
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            fitted = fit_rows(family, params, table, self._train[fold], inner, self._treatment)
            predictions = predict(fitted.pipeline, table.features.iloc[validation], table.task)
        seconds = time.perf_counter() - began
        details = {
            "rounds": fitted.rounds,
            "curves": {name: list(losses) for name, losses in fitted.curves.items()},
            "class_counts": {when: list(counts) for when, counts in fitted.class_counts.items()},
            "priors": _priors(fitted.pipeline["model"]),
            "warnings": dict(Counter(warning.category.__name__ for warning in caught)),
        }
        return FoldResult(self._metric.score(table.target[validation], predictions), seconds, predictions, details)

    def difference(self, ours: Sequence[np.ndarray], theirs: Sequence[np.ndarray]) -> tuple[float, float]:
        """Paired difference in score (ours minus theirs) over the first ``len(ours)`` folds, and its standard error."""
        validation, groups = self._validation[: len(ours)], self._groups
        return paired_difference(
            self._metric,
            [self._table.target[rows] for rows in validation],
            ours,
            theirs,
            None if groups is None else [groups[rows] for rows in validation],
        )


def _priors(model: Any) -> dict[str, list[float]]:
    if not isinstance(model, PriorCorrectedClassifier):
        return {}
    return {"trained": list(model.trained_prior), "true": list(model.true_prior)}
