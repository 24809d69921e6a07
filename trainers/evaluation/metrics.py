"""scikit-learn's metrics by scorer name and task, and how far their values can be trusted."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from typing import Any

import numpy as np
from sklearn import metrics as sk

from trainers.data.load import Task
from trainers.errors import SpecError, Violation
from trainers.evaluation import confusion as counted
from trainers.evaluation import weighted
from trainers.report.values import Interval

BLOCKS = 20  # of the jackknife; over five folds the standard error itself is then known to about 7 %
CELLS = 2_000_000  # weights held at once, 16 MB


class Takes(StrEnum):
    """What a metric is computed from."""

    PROBABILITIES = "probabilities"
    LABELS = "labels"
    VALUES = "values"


@dataclass(frozen=True)
class Metric:
    """A scikit-learn metric; greater is better.

    Attributes:
        name: scikit-learn scorer name.
        takes: Whether it needs probabilities, labels or values.
        function: scikit-learn's function.
        resampled: The same over many weightings of the rows at once; None where there is no fast form.
        options: Keyword arguments of ``function``.
    """

    name: str
    takes: Takes
    function: Callable[..., float]
    resampled: weighted.Weighted | None = None
    options: Mapping[str, Any] = field(default_factory=dict)

    def score(self, y: np.ndarray, predictions: np.ndarray, threshold: float = 0.5) -> float:
        """Scores predictions.

        Args:
            y: (n,) class indices, or values for regression.
            predictions: (n,) P(class 1) for a binary target, (n, k) probabilities, or (n,) values.
            threshold: Binary rows with at least this probability are labelled 1; only metrics of labels use it.

        Returns:
            The score; NaN where the rows leave it undefined.
        """
        options = dict(self.options)
        if self.takes is Takes.PROBABILITIES and predictions.ndim == 2:
            options["labels"] = np.arange(predictions.shape[1])
        return self._sign * float(self.function(y, self._given(predictions, threshold), **options))

    def replicates(
        self, y: np.ndarray, predictions: np.ndarray, weights: np.ndarray, threshold: float = 0.5
    ) -> np.ndarray:
        """Scores of the rows repeated as often as each row of ``weights`` (m, n; whole numbers) says, (m,)."""
        if self.resampled is None:
            drawn = (np.repeat(np.arange(len(y)), row) for row in weights.astype(int))
            return np.array([self.score(y[rows], predictions[rows], threshold) for rows in drawn])
        return self._sign * self.resampled(y, self._given(predictions, threshold), weights)

    @property
    def _sign(self) -> int:
        return -1 if self.name.startswith("neg_") else 1

    def _given(self, predictions: np.ndarray, threshold: float) -> np.ndarray:
        return to_labels(predictions, threshold) if self.takes is Takes.LABELS else predictions


def to_labels(probabilities: np.ndarray, threshold: float = 0.5) -> np.ndarray:
    """Class indices (n,): at or above the threshold for P(class 1), the most probable class for (n, k)."""
    if probabilities.ndim == 2:
        return np.asarray(probabilities.argmax(axis=1))
    return (probabilities >= threshold).astype(int)


def by_class(probabilities: np.ndarray) -> np.ndarray:
    """Probabilities (n, k), also of two classes in the form (n,) P(class 1)."""
    return probabilities if probabilities.ndim == 2 else np.column_stack([1 - probabilities, probabilities])


def _probable(
    name: str, function: Callable[..., float], form: weighted.Weighted | None = None, **options: Any
) -> Metric:
    return Metric(name, Takes.PROBABILITIES, function, form, options)


def _label(name: str, function: Callable[..., float], form: counted.FromCounts, **options: Any) -> Metric:
    return Metric(name, Takes.LABELS, function, partial(weighted.of_counts, form), options)


def _value(name: str, function: Callable[..., float], form: weighted.Weighted | None = None) -> Metric:
    return Metric(name, Takes.VALUES, function, form)


_CLASSES = (
    _label("accuracy", sk.accuracy_score, counted.accuracy),
    _label("balanced_accuracy", sk.balanced_accuracy_score, counted.balanced_accuracy),
    _label("matthews_corrcoef", sk.matthews_corrcoef, counted.matthews_corrcoef),
    _probable("neg_log_loss", sk.log_loss, weighted.log_loss),
    _probable("neg_brier_score", sk.brier_score_loss, weighted.brier_score),
)
_BY_CLASS: Mapping[str, tuple[Callable[..., float], counted.FromCounts]] = {
    "f1": (sk.f1_score, counted.f1s),
    "precision": (sk.precision_score, counted.precisions),
    "recall": (sk.recall_score, counted.recalls),
    "jaccard": (sk.jaccard_score, counted.jaccards),
}
_BINARY = (
    _probable("average_precision", sk.average_precision_score, weighted.average_precision),
    _probable("roc_auc", sk.roc_auc_score, weighted.roc_auc),
    *(
        _label(name, function, partial(counted.positive, form), zero_division=0.0)
        for name, (function, form) in _BY_CLASS.items()
    ),
)
_MULTICLASS = (
    _probable("roc_auc_ovr", sk.roc_auc_score, weighted.roc_auc_ovr, multi_class="ovr"),
    *(
        _label(f"{name}_{average}", function, partial(how, form), average=average, zero_division=0.0)
        for name, (function, form) in _BY_CLASS.items()
        for average, how in (("macro", counted.macro), ("weighted", counted.weighted))
    ),
)
_REGRESSION = (
    _value("r2", sk.r2_score, weighted.r2),
    _value("neg_root_mean_squared_error", sk.root_mean_squared_error, weighted.root_mean_squared_error),
    _value("neg_mean_squared_error", sk.mean_squared_error, weighted.mean_squared_error),
    _value("neg_mean_absolute_error", sk.mean_absolute_error, weighted.mean_absolute_error),
    _value(
        "neg_mean_absolute_percentage_error",
        sk.mean_absolute_percentage_error,
        weighted.mean_absolute_percentage_error,
    ),
    _value("neg_median_absolute_error", sk.median_absolute_error),
    _value("neg_max_error", sk.max_error),
    _value("explained_variance", sk.explained_variance_score),
)
_BY_TASK: Mapping[Task, Mapping[str, Metric]] = {
    Task.BINARY: {m.name: m for m in (*_BINARY, *_CLASSES)},
    Task.MULTICLASS: {m.name: m for m in (*_MULTICLASS, *_CLASSES)},
    Task.REGRESSION: {m.name: m for m in _REGRESSION},
}
_DEFAULT = {Task.BINARY: "average_precision", Task.MULTICLASS: "f1_macro", Task.REGRESSION: "r2"}
_REPORTED = {
    Task.BINARY: (
        "average_precision",
        "roc_auc",
        "neg_brier_score",
        "neg_log_loss",
        "f1",
        "precision",
        "recall",
        "balanced_accuracy",
        "matthews_corrcoef",
    ),
    Task.MULTICLASS: ("f1_macro", "f1_weighted", "accuracy", "balanced_accuracy", "roc_auc_ovr", "neg_log_loss"),
    Task.REGRESSION: ("r2", "neg_root_mean_squared_error", "neg_mean_absolute_error", "neg_median_absolute_error"),
}


def names(task: Task) -> tuple[str, ...]:
    """Metrics that fit a task, sorted."""
    return tuple(sorted(_BY_TASK[task]))


def metric(name: str, task: Task) -> Metric:
    """Finds a metric.

    Raises:
        SpecError: Unknown, or for another task; the path is ``search.metric``.
    """
    found = _BY_TASK[task].get(name)
    if found is None:
        known = any(name in metrics for metrics in _BY_TASK.values())
        wrong = f"{name!r} does not fit a {task} target" if known else f"{name!r} is not a known metric"
        raise SpecError([Violation("search.metric", f"{wrong}; use one of {', '.join(names(task))}")])
    return found


def default_metric(task: Task) -> str:
    """What is maximised when nothing is asked for: it holds when classes are rare."""
    return _DEFAULT[task]


def reported_metrics(task: Task, searched: Metric) -> tuple[Metric, ...]:
    """Metrics reported on the test rows, the searched one first."""
    others = (_BY_TASK[task][name] for name in _REPORTED[task] if name != searched.name)
    return (searched, *others)


def paired_difference(
    metric: Metric,
    y_folds: Sequence[np.ndarray],
    ours: Sequence[np.ndarray],
    theirs: Sequence[np.ndarray],
    groups: Sequence[np.ndarray] | None = None,
) -> tuple[float, float]:
    """Difference in mean score over folds (ours minus theirs), and its standard error.

    The error is a delete-a-group jackknife over the rows of each fold, both models losing the same rows (Efron and
    Tibshirani, "An Introduction to the Bootstrap", 1993, chapter 11; Shao and Tu, "The Jackknife and Bootstrap", 1995).
    It has power after one fold, where the spread of fold means has none. It takes the fitted models as given: it tells
    whether the order would hold on new rows, not whether it would hold after training on new rows.

    Args:
        metric: What is compared.
        y_folds: True values of each fold's validation rows.
        ours: Predictions for the same rows, fold by fold; may stop before the last fold.
        theirs: The other model's, at least as many folds.
        groups: Group codes of the same rows where rows belong together; such rows leave together.

    Returns:
        The difference and its standard error, in the metric's units, over the first ``len(ours)`` folds.
    """
    differences, variances = [], []
    for k, (y, our, their) in enumerate(zip(y_folds, ours, theirs, strict=False)):
        weights = _deletions(y, metric, None if groups is None else groups[k])
        each = metric.replicates(y, our, weights) - metric.replicates(y, their, weights)
        differences.append(each[0])
        blocks = len(each) - 1
        variances.append((blocks - 1) * np.nanvar(each[1:]))
    folds = len(differences)
    return float(np.mean(differences)), float(np.sqrt(np.sum(variances)) / folds)


def bootstrap(
    metrics: Sequence[Metric],
    y: np.ndarray,
    predictions: np.ndarray,
    threshold: float = 0.5,
    groups: np.ndarray | None = None,
    replicates: int = 500,
    seed: int = 0,
) -> dict[str, Interval]:
    """95 % percentile intervals of scores on one set of rows.

    Rows are drawn with replacement within each class, or as whole groups where rows belong together (Efron and
    Tibshirani, 1993, chapter 13; Davison and Hinkley, "Bootstrap Methods and their Application", 1997, section 3.8).

    Args:
        metrics: What is scored.
        y: (n,) true values.
        predictions: As ``Metric.score`` takes them.
        threshold: As ``Metric.score`` takes it.
        groups: (n,) group codes, or None.
        replicates: Draws.
        seed: Seed of the draws.

    Returns:
        Intervals by metric name.
    """
    strata = y if metrics[0].takes is not Takes.VALUES else np.zeros(len(y), dtype=int)
    drawn: dict[str, list[np.ndarray]] = {m.name: [] for m in metrics}
    for weights in draws(strata, groups, replicates, seed):
        for m in metrics:
            drawn[m.name].append(m.replicates(y, predictions, weights, threshold))
    ends = {name: np.nanpercentile(np.concatenate(parts), [2.5, 97.5]) for name, parts in drawn.items()}
    return {name: Interval(float(low), float(high)) for name, (low, high) in ends.items()}


def _deletions(y: np.ndarray, metric: Metric, groups: np.ndarray | None) -> np.ndarray:
    """Weights (1 + BLOCKS, n): all rows, then all but each block. Blocks share every class out evenly."""
    rng = np.random.default_rng(0)
    if groups is not None:
        _, codes = np.unique(groups, return_inverse=True)
        block = (rng.permutation(codes.max() + 1) % BLOCKS)[codes]
    else:
        order = rng.permutation(len(y))
        if metric.takes is not Takes.VALUES:
            order = order[np.argsort(y[order], kind="stable")]
        block = np.empty(len(y), dtype=int)
        block[order] = np.arange(len(y)) % BLOCKS
    kept = block[None, :] != np.unique(block)[:, None]
    return np.vstack([np.ones(len(y)), kept])


def draws(strata: np.ndarray, groups: np.ndarray | None, replicates: int, seed: int) -> Iterator[np.ndarray]:
    """Weights of bootstrap draws, a few at a time, each (m, n)."""
    rng = np.random.default_rng(seed)
    if groups is not None:
        _, units = np.unique(groups, return_inverse=True)
        pools = [np.arange(units.max() + 1)]
    else:
        units = np.arange(len(strata))
        pools = [np.flatnonzero(strata == value) for value in np.unique(strata)]
    size = sum(len(pool) for pool in pools)
    step = max(1, CELLS // len(strata))
    for start in range(0, replicates, step):
        m = min(step, replicates - start)
        counts = np.zeros((m, size))
        for pool in pools:
            drawn = rng.integers(len(pool), size=(m, len(pool))) + len(pool) * np.arange(m)[:, None]
            counts[:, pool] = np.bincount(drawn.ravel(), minlength=m * len(pool)).reshape(m, len(pool))
        yield counts[:, units]
