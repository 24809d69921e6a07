"""The search beside scikit-learn's RandomizedSearchCV on all cores: the same configurations, folds and estimators on AI4I.

Both sides are warm, as on a service that is in use: Ray is up with worker processes ready (cluster/warm.py), one small
search has run before, and so have scikit-learn's worker processes.
"""

import os
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, clone
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score
from sklearn.model_selection import RandomizedSearchCV, StratifiedKFold, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from cluster import session
from cluster.warm import WarmPool
from tests.benchmarks.rows import Row
from trainers.data.load import Task
from trainers.evaluation.metrics import metric, paired_difference
from tuning.objective import FoldResult, Study
from tuning.result import SearchResult
from tuning.sampling import sampler
from tuning.search import search
from tuning.space import Parameter
from tuning.spec import Algorithm, Place, SearchSpec

NAMES = (
    "search_boosting_full",
    "search_boosting_racing",
    "search_boosting_racing_fits",
    "search_tiny_full",
    "search_tiny_racing",
    "search_efficiency",
)
TABLE = Path(__file__).parents[2] / "examples/data/ai4i2020.csv"
MEASURED = [
    "Air temperature [K]", "Process temperature [K]", "Rotational speed [rpm]", "Torque [Nm]", "Tool wear [min]",
]  # fmt: skip
METRIC = metric("average_precision", Task.BINARY)
FOLDS, SEED = 5, 42
IMPORTS_S = 6.0  # a process is there before it has imported what it is to import


@dataclass(frozen=True)
class Work:
    """One estimator and the configurations to try."""

    name: str
    estimator: BaseEstimator
    space: Mapping[str, Mapping[str, Any]]
    trials: int

    @property
    def study(self) -> Study:
        return Study(self.name, {name: Parameter.model_validate(kind) for name, kind in self.space.items()}, {})

    def configurations(self) -> list[dict[str, Any]]:
        source = sampler(self.study, Algorithm.RANDOM, SEED)
        return [source.ask() or {} for _ in range(self.trials)]


BOOSTING = Work(
    "boosting",
    HistGradientBoostingClassifier(early_stopping=False, random_state=SEED),
    {
        "learning_rate": {"log_uniform": [0.01, 0.3]},
        "max_leaf_nodes": {"log_integer": [7, 63]},
        "min_samples_leaf": {"log_integer": [5, 100]},
        "l2_regularization": {"log_uniform": [1e-3, 10.0]},
    },
    40,
)
TINY = Work(
    "logistic",
    make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000)),
    {"logisticregression__C": {"log_uniform": [1e-4, 1e2]}},
    100,
)


class Folds:
    """Fits an estimator on folds that are the same for everyone."""

    def __init__(self, estimator: BaseEstimator) -> None:
        table = pd.read_csv(TABLE)
        X = np.column_stack([table[MEASURED], table["Type"].map({"L": 0, "M": 1, "H": 2})])
        y = table["Machine failure"].to_numpy()
        self.X, _, self.y, _ = train_test_split(X, y, test_size=0.2, stratify=y, random_state=SEED)
        cv = StratifiedKFold(FOLDS, shuffle=True, random_state=SEED)
        self.splits = list(cv.split(self.X, self.y))
        self.estimator = estimator
        self.folds = FOLDS

    def evaluate(self, study: str, params: Mapping[str, Any], fold: int) -> FoldResult:
        train, validation = self.splits[fold]
        began = time.perf_counter()
        model = clone(self.estimator).set_params(**params).fit(self.X[train], self.y[train])
        predictions = model.predict_proba(self.X[validation])[:, 1]
        seconds = time.perf_counter() - began
        return FoldResult(average_precision_score(self.y[validation], predictions), seconds, predictions)

    def difference(self, ours: Sequence[np.ndarray], theirs: Sequence[np.ndarray]) -> tuple[float, float]:
        y = [self.y[validation] for _, validation in self.splits[: len(ours)]]
        return paired_difference(METRIC, y, list(ours), list(theirs)[: len(ours)])


def rows() -> list[Row]:
    """Measures all rows in one go, on one Ray."""
    with tempfile.TemporaryDirectory() as state, session.connect(None, Path(state), preload="trainers.preload") as ray:
        try:
            _ours(TINY, Folds(TINY.estimator), trials=4, racing=False)
            _peer(replace(TINY, trials=4), Folds(TINY.estimator))
            return [*_compare(BOOSTING, "1.0", "0.6"), *_compare(TINY, "1.5", "1.0")]
        finally:
            ray.stop()


def _compare(work: Work, full_goal: str, racing_goal: str) -> list[Row]:
    objective = Folds(work.estimator)
    peer = _peer(work, objective)
    full = _ours(work, objective, trials=work.trials, racing=False)
    raced = _ours(work, objective, trials=work.trials, racing=True)
    kind = "tiny" if work is TINY else "boosting"
    beside = f"RandomizedSearchCV(n_jobs=-1), the same {work.trials} configurations x {FOLDS} folds"
    gap = f"{beside}; {_gap(objective, raced, full)}"
    found = [
        Row(f"search_{kind}_full", full.wall, peer, "s", f"<= {full_goal}", beside),
        Row(f"search_{kind}_racing", raced.wall, peer, "s", f"<= {racing_goal}", gap),
    ]
    if work is BOOSTING:
        cores = os.cpu_count() or 1
        fits = (float(raced.fits), float(full.fits))
        found += [
            Row("search_boosting_racing_fits", *fits, "fits", "<= 0.45", "the same search without racing"),
            Row("search_efficiency", full.fit_seconds, cores * full.wall, "s", ">= 0.85", "cores x wall, no racing"),
        ]
    return found


def _peer(work: Work, objective: Folds) -> float:
    listed = [{name: [value] for name, value in params.items()} for params in work.configurations()]
    tried = RandomizedSearchCV(
        work.estimator, listed, n_iter=work.trials, cv=objective.splits, scoring="average_precision", n_jobs=-1,
        refit=False,
    )  # fmt: skip
    began = time.perf_counter()
    tried.fit(objective.X, objective.y)
    return time.perf_counter() - began


def _ours(work: Work, objective: Folds, *, trials: int, racing: bool) -> SearchResult:
    spec = SearchSpec(algorithm=Algorithm.RANDOM, max_trials=trials, racing=racing)
    _warm()
    with tempfile.TemporaryDirectory() as journal:
        return search(
            [work.study],
            objective,
            spec,
            seed=SEED,
            place=Place({"CPU": 1}),
            room=lambda: os.cpu_count() or 1,
            journal=Path(journal),
            report=lambda event: None,
        )


def _warm() -> None:
    """Waits until there is a worker process for each core, and its imports are done."""
    pool, cores = WarmPool(os.cpu_count() or 1), os.cpu_count() or 1
    pool.fill()
    while len(pool.ready()) < cores:
        time.sleep(0.1)
    time.sleep(IMPORTS_S)


def _gap(objective: Folds, raced: SearchResult, full: SearchResult) -> str:
    """How far the raced search's choice is behind the full search's, with the standard error over folds."""
    ours, theirs = raced.best(), full.best()
    assert ours is not None
    assert theirs is not None
    scores = np.array(theirs.fold_scores)
    error = scores.std(ddof=1) / np.sqrt(len(scores))
    return f"selected score {np.mean(ours.fold_scores) - scores.mean():+.4f} (standard error {error:.4f})"
