"""Searches that were done once without racing, to be played again: the predictions of every configuration on every fold.

Real ones are fitted when they are asked for, through the same families and folds as a job; made ones have a known truth.
"""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, partial
from pathlib import Path

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from sklearn import datasets

from tests.benchmarks.bench_search import TABLE
from trainers.data.load import DataSpec
from trainers.evaluation.metrics import Metric, Task, metric, paired_difference
from trainers.families.registry import CandidateSpec
from trainers.objective import FoldObjective
from trainers.plan import prepare
from trainers.spec import TrainingSpec
from tuning.sampling import sampler
from tuning.spec import Algorithm

CONFIGURATIONS, FOLDS, ROWS = 48, 5, 200


@dataclass(frozen=True)
class Recorded:
    """All folds of all configurations of one search.

    Attributes:
        name: Of the table.
        metric: What was maximised.
        y: True values of each fold's validation rows.
        predictions: By configuration, then fold.
        truth: Expected score of each configuration, (configurations,), where it is known.
        seconds: What the fits took, (configurations, folds), where they were done.
    """

    name: str
    metric: Metric
    y: Sequence[np.ndarray]
    predictions: Sequence[Sequence[np.ndarray]]
    truth: np.ndarray | None = None
    seconds: np.ndarray | None = None

    @cached_property
    def scores(self) -> np.ndarray:
        """Scores (configurations, folds)."""
        return np.array(
            [[self.metric.score(y, p) for y, p in zip(self.y, each, strict=True)] for each in self.predictions]
        )

    @cached_property
    def paired(self) -> Callable[[int, int, int], tuple[float, float]]:
        """The product's paired difference of two configurations on one fold, and its standard error."""

        @cache
        def on_fold(ours: int, theirs: int, fold: int) -> tuple[float, float]:
            one, other = self.predictions[ours][fold], self.predictions[theirs][fold]
            return paired_difference(self.metric, [self.y[fold]], [one], [other])

        return on_fold


def real() -> Iterator[Recorded]:
    """Searches over AI4I and three tables that scikit-learn ships."""
    ai4i = pd.read_csv(TABLE).drop(columns=["UDI", "Product ID", "TWF", "HDF", "PWF", "OSF", "RNF"])
    yield _fit("AI4I", ai4i, "Machine failure", ("logistic_regression", "hist_gradient_boosting"))
    cancer = datasets.load_breast_cancer(as_frame=True).frame
    yield _fit("breast cancer", cancer, "target", ("logistic_regression", "svm", "hist_gradient_boosting"))
    digits = datasets.load_digits(as_frame=True).frame
    yield _fit("digits", digits, "target", ("logistic_regression", "svm", "decision_tree"))
    diabetes = datasets.load_diabetes(as_frame=True).frame
    yield _fit("diabetes", diabetes, "target", ("elastic_net", "svm", "hist_gradient_boosting"))


def _fit(name: str, table: pd.DataFrame, target: str, families: Sequence[str]) -> Recorded:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.parquet"
        table.to_parquet(path)
        spec = TrainingSpec(
            decision="Play a search again.",
            data=DataSpec(uri=str(path), target=target),
            candidates=tuple(CandidateSpec(family=family) for family in families),
        )
        ready = prepare(spec, None, lambda step: None)
    objective = FoldObjective(ready.table, ready.split, ready.metric, ready.spec.resample, ready.spec.split.seed, 1)
    sources = [(study, sampler(study, Algorithm.RANDOM, seed=0)) for study in ready.candidates]
    each = CONFIGURATIONS // len(sources)
    asked = [(study.name, {**study.fixed, **(source.ask() or {})}) for study, source in sources for _ in range(each)]
    work = [(study, params, fold) for study, params in asked for fold in range(objective.folds)]
    done = Parallel(n_jobs=-1)(delayed(objective.evaluate)(*one) for one in work)
    predictions = [[done[i * FOLDS + fold].predictions for fold in range(FOLDS)] for i in range(len(asked))]
    y = [ready.table.target[fold.validation] for fold in ready.split.folds]
    seconds = np.array([each.fit_seconds for each in done]).reshape(len(asked), FOLDS)
    return Recorded(name, ready.metric, y, predictions, seconds=seconds)


def _losses(name: str, seed: int, spread: float, training: float) -> Recorded:
    """Mean absolute errors: rows and folds share what is hard; configurations differ by ``spread``, fits by ``training``."""
    rng = np.random.default_rng(seed)
    quality = rng.normal(0, spread, CONFIGURATIONS)
    rows, folds = rng.normal(0, 1, (FOLDS, ROWS)), rng.normal(0, 0.3, (FOLDS, 1))
    predictions = []
    for i in range(CONFIGURATIONS):
        fits, own = rng.normal(0, training, (FOLDS, 1)), rng.normal(0, 0.5, (FOLDS, ROWS))
        predictions.append(list(10 - quality[i] + rows + folds + fits + own))
    measure = metric("neg_mean_absolute_error", Task.REGRESSION)
    return Recorded(name, measure, [np.zeros(ROWS)] * FOLDS, predictions, quality)


def _rare(name: str, seed: int) -> Recorded:
    """Average precision with 4 % positives, which configurations set apart more or less well."""
    rng = np.random.default_rng(seed)
    apart = rng.normal(2.0, 0.4, CONFIGURATIONS)
    n = 3 * ROWS
    y = [(np.arange(n) % 25 == 0).astype(int)] * FOLDS
    rows = rng.normal(0, 1, (FOLDS, n))
    predictions = [
        [rows[k] + rng.normal(0, 0.5, n) + apart[i] * y[k] for k in range(FOLDS)] for i in range(CONFIGURATIONS)
    ]
    return Recorded(name, metric("average_precision", Task.BINARY), y, predictions, apart)


# Searches with a known truth, made anew from a seed.
MADE: tuple[Callable[[int], Recorded], ...] = (
    partial(_losses, "made: far apart", spread=0.3, training=0.0),
    partial(_losses, "made: close", spread=0.03, training=0.0),
    partial(_losses, "made: unstable fits", spread=0.1, training=0.1),
    partial(_rare, "made: rare class"),
)
