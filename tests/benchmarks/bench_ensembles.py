"""Ensembles beside scikit-learn's BaggingClassifier and StackingClassifier on all cores: the same members on AI4I, 80 % of rows.

Both sides are warm: ours has its workers up and has fitted once, as when a search has just run; scikit-learn's processes
(joblib's loky) have fitted once as well. Ours does what scikit-learn's does, and besides predicts the rows out of bag.
The rows that name "judged" are what our job really does: with an outer estimate for the ensemble, where scikit-learn needs
cross_validate over the whole ensemble.
"""

import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from sklearn.compose import make_column_transformer
from sklearn.ensemble import (
    BaggingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
    StackingClassifier,
)
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

from cluster import session
from cluster.resources import ComputeSpec
from tests.benchmarks.rows import Row
from trainers.data.load import DataSpec, load
from trainers.data.resample import ResampleSpec
from trainers.data.split import SplitSpec, assign
from trainers.data.table import Task
from trainers.ensembles.bagging import draw_bag
from trainers.ensembles.combine import combine
from trainers.ensembles.ensemble import Leader, Material
from trainers.ensembles.spec import EnsembleKind, EnsembleSpec
from trainers.evaluation.metrics import metric
from trainers.fits import Fit, Fitted, Fitters

NAMES = (
    "bagging_wall",
    "ensemble_efficiency",
    "bagging_peak_memory",
    "stacking_wall",
    "bagging_judged_wall",
    "stacking_judged_wall",
)
TABLE = Path(__file__).parents[2] / "examples/data/ai4i2020.csv"
LEFT_OUT = ["UDI", "Product ID", "TWF", "HDF", "PWF", "OSF", "RNF"]
MEMBERS, FOLDS, SEED, ROUNDS = 16, 5, 42, 3
CORES = os.cpu_count() or 1
NOTHING = np.empty(0, dtype=np.int64)
# The same models on both sides: scikit-learn's defaults, without our columns of products.
PARAMS = {
    "random_forest": {"product_columns": 0, "n_estimators": 100, "max_features": "sqrt"},
    "hist_gradient_boosting": {"product_columns": 0, "max_iter": 100, "l2_regularization": 0.0},
    "logistic_regression": {"product_columns": 0},
}


def rows() -> Iterator[Row]:
    """Measures all rows in one go, on one Ray."""
    given = _material()
    with tempfile.TemporaryDirectory() as state, session.connect(None, Path(state)) as ray:
        try:
            with Fitters(given.table, given.split.development, ResampleSpec(), ComputeSpec()) as fitters:
                yield from _bagging(given, fitters)
                yield from _stacking(given, fitters)
        finally:
            ray.stop()


def _bagging(given: Material, fitters: Fitters) -> Iterator[Row]:
    spec = EnsembleSpec(kind=EnsembleKind.BAGGING, members=MEMBERS, family="hist_gradient_boosting").filled(Task.BINARY)
    leader = given.leader("hist_gradient_boosting")
    jobs = draw_bag(spec, leader, given, given.split.development, NOTHING, 0)
    X, y = _peer_rows(given)
    peer = BaggingClassifier(
        _peer_models()["hist_gradient_boosting"], n_estimators=MEMBERS, n_jobs=-1, random_state=SEED
    )
    rounds: list[tuple[float, float]] = []

    def ours() -> None:
        began = time.perf_counter()
        fitted = [each.seconds for each in fitters.fit_all(jobs) if isinstance(each, Fitted)]
        rounds.append((time.perf_counter() - began, sum(fitted)))

    wall, theirs, memory = _compared(ours, lambda: peer.fit(X, y))
    beside = f"BaggingClassifier(n_jobs=-1), {MEMBERS} x HistGradientBoosting, {len(y):,} rows; best of {ROUNDS} each, in turn"
    yield Row("bagging_wall", wall, theirs, "s", "<= 1.0", beside)
    best, work = min(rounds)
    yield Row("ensemble_efficiency", work, CORES * best, "s", ">= 0.85", "fit seconds; cores x wall, of the best round")
    note = "most that the processes of each side held together, above what they held when warm"
    yield Row("bagging_peak_memory", *memory, "MB", "told", note)
    wall, theirs, _ = _compared(
        lambda: combine([spec], given, fitters.fit_all),
        lambda: (peer.fit(X, y), cross_validate(peer, X, y, cv=FOLDS, scoring="average_precision")),
        rounds=1,
    )
    yield Row("bagging_judged_wall", wall, theirs, "s", "<= 1.0", f"the same and cross_validate of it, {FOLDS} folds")


def _stacking(given: Material, fitters: Fitters) -> Iterator[Row]:
    X, y = _peer_rows(given)
    peer = StackingClassifier(list(_peer_models().items()), LogisticRegression(), cv=FOLDS, n_jobs=-1)
    spec = EnsembleSpec(kind=EnsembleKind.STACKING)

    def unjudged() -> None:
        """Out-of-fold predictions, final model, families on all rows: what scikit-learn's fit does."""
        folds = [_fit(leader, f.train, f.validation, given) for leader in given.leaders for f in given.split.folds]
        finals = [_fit(leader, given.split.development, NOTHING, given) for leader in given.leaders]
        done = fitters.fit_all([*finals, *folds])[len(finals) :]
        parts = [each.predictions for each in done if isinstance(each, Fitted)]
        members = [np.concatenate(parts[i : i + FOLDS]) for i in range(0, len(parts), FOLDS)]
        truth = np.concatenate(given.y_folds)
        LogisticRegression().fit(np.column_stack(members), truth)

    def judged() -> None:
        unjudged()
        combine([spec], given, fitters.fit_all)

    beside = f"StackingClassifier(cv={FOLDS}, n_jobs=-1) of {', '.join(PARAMS)}; best of {ROUNDS} each, in turn"
    wall, theirs, _ = _compared(unjudged, lambda: peer.fit(X, y))
    yield Row("stacking_wall", wall, theirs, "s", "<= 1.0", beside)
    wall, theirs, _ = _compared(
        judged,
        lambda: (peer.fit(X, y), cross_validate(peer, X, y, cv=FOLDS, scoring="average_precision")),
        rounds=1,
    )
    yield Row("stacking_judged_wall", wall, theirs, "s", "<= 1.0", f"the same and cross_validate of it, {FOLDS} folds")


def _compared(
    ours: Callable[[], object], peer: Callable[[], object], rounds: int = ROUNDS
) -> tuple[float, float, tuple[float, float]]:
    """Best seconds and peak megabytes of each side; the sides take turns, after one round that does not count."""
    sides = (ours, peer)
    if rounds > 1:
        for side in sides:
            side()
    seconds: tuple[list[float], list[float]] = ([], [])
    peaks: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        for side, times, held in zip(sides, seconds, peaks, strict=True):
            watched = _reset_peaks()
            began = time.perf_counter()
            side()
            times.append(time.perf_counter() - began)
            held.append(sum(max(0.0, _status(pid, "VmHWM") - before) for pid, before in watched.items()))
    return min(seconds[0]), min(seconds[1]), (statistics.median(peaks[0]), statistics.median(peaks[1]))


def _reset_peaks() -> dict[int, float]:
    """Megabytes held by this process and all that it started, their peaks (Linux: VmHWM) set to these."""
    me = psutil.Process()
    watched = {}
    for process in (me, *me.children(recursive=True), *_workers()):
        try:
            Path(f"/proc/{process.pid}/clear_refs").write_text("5")
            watched[process.pid] = _status(process.pid, "VmRSS")
        except OSError:  # it has ended
            continue
    return watched


def _workers() -> Sequence[psutil.Process]:
    return [each for each in psutil.process_iter(["cmdline"]) if "ray::_Fitter" in " ".join(each.info["cmdline"] or [])]


def _status(pid: int, field: str) -> float:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) for line in lines if line.startswith(f"{field}:")), 0) / 1024


def _material() -> Material:
    table = load(DataSpec(uri=str(TABLE), target="Machine failure", exclude=tuple(LEFT_OUT)))
    split = assign(table, SplitSpec(folds=FOLDS, seed=SEED))
    leaders = tuple(Leader(family, params, None, 0.0, _noise(table, split)) for family, params in PARAMS.items())
    return Material(leaders, table, split, metric("average_precision", Task.BINARY), SEED)


def _noise(table: Any, split: Any) -> tuple[np.ndarray, ...]:
    """Stands for what a search has predicted, of which only the shape matters here."""
    rng = np.random.default_rng(SEED)
    return tuple(0.5 * table.target[fold.validation] + 0.5 * rng.random(len(fold.validation)) for fold in split.folds)


def _fit(leader: Leader, rows: np.ndarray, scored: np.ndarray, given: Material) -> Fit:
    return Fit(leader.family, leader.params, rows, SEED, None, scored, keep_model=not len(scored))


def _peer_rows(given: Material) -> tuple[np.ndarray, np.ndarray]:
    """Five numbers and, last, the code of the machine's type: encoded once for all, where ours encodes for each member."""
    rows = given.split.development
    X = given.table.features.iloc[rows]
    codes = OrdinalEncoder().fit_transform(X[["Type"]])
    return np.hstack([X.drop(columns="Type").to_numpy(float), codes]), given.table.target[rows]


def _peer_models() -> dict[str, Any]:
    one_hot = make_column_transformer((OneHotEncoder(), [5]), remainder="passthrough")
    return {
        "random_forest": make_pipeline(one_hot, RandomForestClassifier(random_state=SEED)),
        "hist_gradient_boosting": HistGradientBoostingClassifier(
            categorical_features=[5], early_stopping=False, random_state=SEED
        ),
        "logistic_regression": make_pipeline(one_hot, StandardScaler(), LogisticRegression(max_iter=1000)),
    }
