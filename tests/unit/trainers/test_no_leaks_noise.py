"""Where there is nothing to learn nothing is learned: every family on every kind of split scores at chance.

The tables tempt: rows of one unit share a fingerprint and, by chance alone, a label. A split that ignores what belongs
together scores far above chance on them, which is shown first.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import rankdata

from tests.ensembling import SPECS, FittedHere, made, material
from trainers.data.resample import ResampleMethod, ResampleSpec
from trainers.data.split import Split, SplitSpec, assign
from trainers.data.table import Column, ColumnRole, Table, Task
from trainers.ensembles import stacking
from trainers.ensembles.crossfit import Crossed
from trainers.evaluation.metrics import Metric, default_metric, metric
from trainers.families import registry
from trainers.objective import FoldObjective

UNITS, REPEATS = 66, 3
SEEDS = 5
# Half-width of every interval, in standard errors of the mean under the null: 6 in 100,000 means of chance lie outside.
WIDTH = 4.0


@dataclass(frozen=True)
class Kind:
    """A kind of split on the table that tempts it.

    Attributes:
        spec: Split by meaning.
        repeats: Rows of each unit.
    """

    spec: SplitSpec
    repeats: int = REPEATS


KINDS: Mapping[str, Kind] = {
    "stratified": Kind(SplitSpec(folds=3, stratify_on=("site",)), repeats=1),
    "grouped": Kind(SplitSpec(folds=3, group_on=("unit",))),
    # Rows of one unit follow each other, and the embargo is as long as a unit lasts.
    "time": Kind(SplitSpec(folds=3, time_on="running", embargo=REPEATS)),
    # Units last over the boundaries.
    "group and time": Kind(SplitSpec(folds=3, group_on=("unit",), time_on="returning")),
    "predefined": Kind(SplitSpec(folds=3, predefined_on="side")),
    "hash": Kind(SplitSpec(folds=3, hash_on="unit")),
}
# Few trees; boosters stop early, so that the rows to stop on are under test as well, but learn fast.
QUICK: Mapping[str, Mapping[str, Any]] = {
    **{name: {"n_estimators": 10} for name in ("random_forest", "extra_trees", "ada_boost")},
    **{name: {"learning_rate": 0.5} for name in ("hist_gradient_boosting", "xgboost", "lightgbm")},
    "catboost": {"learning_rate": 0.5, "depth": 2},
}
FAMILIES = tuple(name for name in registry.FAMILIES if name != "dummy")


def tempting(kind: Kind, task: Task, seed: int) -> Table:
    """Labels are drawn apart from all features, one a unit; units are told apart by two numbers and a name."""
    rng = np.random.default_rng(seed)
    units = UNITS * REPEATS // kind.repeats
    unit = np.repeat(np.arange(units), kind.repeats)
    rows = len(unit)
    label = rng.permutation(units) if task is Task.REGRESSION else rng.permutation(units) % 5 // 3
    features = pd.DataFrame(rng.normal(size=(units, 2))[unit] + 0.01 * rng.normal(size=(rows, 2)), columns=["a", "b"])
    features["gaps"] = np.where(rng.random(rows) < 0.3, np.nan, rng.normal(size=rows))
    features["name"] = pd.Series(rng.integers(0, 20, units)[unit].astype(str), dtype=object)
    keys = features.assign(
        unit=unit,
        site=rng.choice(["north", "south"], rows),
        running=np.arange(rows),
        returning=unit + np.tile(np.arange(kind.repeats) * 8, units),
        side=np.array(["x", "y", "z", "test"])[unit % 4],
    )
    target = label[unit].astype(float if task is Task.REGRESSION else np.int64)
    columns = tuple(
        Column(name, ColumnRole.CATEGORICAL if name == "name" else ColumnRole.NUMERIC, "x", 0, 9) for name in features
    )
    classes = () if task is Task.REGRESSION else (0, 1)
    return Table("memory", features, target, task, classes, columns, keys, "y", "0")


def surprise(y: np.ndarray, predictions: np.ndarray, unit: np.ndarray) -> float:
    """Rank correlation of labels and predictions, in standard deviations under the null; binary it is the ROC AUC.

    With u units of one label each, in any order alike, its variance is at most 1 / (u - 1) (Hoeffding, 1951).
    """
    ranks, labels = rankdata(predictions), rankdata(y)
    if np.ptp(ranks) == 0:
        return 0.0
    return float(np.corrcoef(labels, ranks)[0, 1] * np.sqrt(len(np.unique(unit)) - 1))


def task_of(family: str) -> Task:
    tasks = registry.get(family).tasks
    return Task.BINARY if Task.BINARY in tasks else Task.REGRESSION


def measure(task: Task) -> Metric:
    return metric("roc_auc" if task is Task.BINARY else default_metric(task), task)


def objective(table: Table, split: Split, seed: int) -> FoldObjective:
    methods = list(ResampleMethod) if table.task is Task.BINARY else [ResampleMethod.NONE]
    return FoldObjective(
        table, split, measure(table.task), ResampleSpec(method=methods[seed % len(methods)]), seed, threads=1
    )


@cache
def surprises(family: str, kind: str) -> tuple[float, ...]:
    """One fold a seed, so that all are independent; the resampling methods take turns."""
    made = []
    for i in range(SEEDS):
        seed = 1000 * FAMILIES.index(family) + 100 * list(KINDS).index(kind) + i
        table = tempting(KINDS[kind], task_of(family), seed)
        split = assign(table, KINDS[kind].spec.model_copy(update={"seed": seed}))
        k = i % len(split.folds)
        rows = split.folds[k].validation
        predictions = objective(table, split, seed).evaluate(family, QUICK.get(family, {}), k).predictions
        made.append(surprise(table.target[rows], predictions, table.keys["unit"].to_numpy()[rows]))
    return tuple(made)


@pytest.mark.parametrize("kind", [name for name, kind in KINDS.items() if kind.repeats > 1])
def test_a_split_that_ignores_what_belongs_together_falls_for_these_tables(kind: str) -> None:
    found = []
    for seed in range(4):
        table = tempting(KINDS[kind], Task.BINARY, seed)
        split = assign(table, SplitSpec(folds=3, seed=seed))
        rows = split.folds[0].validation
        predictions = objective(table, split, 0).evaluate("random_forest", QUICK["random_forest"], 0).predictions
        found.append(surprise(table.target[rows], predictions, rows))
    assert np.mean(found) > WIDTH / np.sqrt(len(found))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("family", FAMILIES)
def test_a_family_on_a_kind_of_split_is_at_chance(family: str, kind: str) -> None:
    """The mean over the seeds lies within ``WIDTH`` standard errors of chance."""
    found = surprises(family, kind)
    assert abs(np.mean(found)) < WIDTH / np.sqrt(len(found))


@pytest.mark.parametrize("kind", KINDS)
def test_all_families_together_are_at_chance(kind: str) -> None:
    """The same, on all seeds of all families: an interval as much narrower as there are more scores."""
    found = np.concatenate([surprises(family, kind) for family in FAMILIES])
    assert abs(found.mean()) < WIDTH / np.sqrt(len(found))


@pytest.mark.parametrize("name", SPECS)
def test_an_ensemble_of_real_members_is_at_chance(name: str) -> None:
    """Its outer estimate on targets of pure noise; the folds of one seed share labels, so that their mean counts as one."""
    found = []
    for seed in range(6):
        table = tempting(KINDS["grouped"], Task.BINARY, seed)
        split = assign(table, SplitSpec(folds=4, group_on=("unit",), seed=seed))
        given = material(table, split, measure(Task.BINARY), ("logistic_regression", "decision_tree"), seed)
        ensemble = made(SPECS[name], given, FittedHere(table).fit_all)
        unit = table.keys["unit"].to_numpy()
        rows = [fold.validation for fold in split.folds]
        scores = [surprise(table.target[r], p, unit[r]) for r, p in zip(rows, ensemble.predictions, strict=True)]
        found.append(np.mean(scores))
    assert abs(np.mean(found)) < WIDTH / np.sqrt(len(found))


def twins(seed: int) -> Table:
    """Rows in pairs that lie close together, with labels drawn apart: what a member remembers of one it says of the other."""
    rng = np.random.default_rng(seed)
    half = rng.normal(size=(100, 2))
    features = pd.DataFrame(np.vstack([half, half + 0.01 * rng.normal(size=half.shape)]), columns=["a", "b"])
    columns = tuple(Column(name, ColumnRole.NUMERIC, "x", 0, 9) for name in features)
    target = rng.permutation(200) % 2
    return Table("memory", features, target, Task.BINARY, (0, 1), columns, features, "y", "0")


def test_a_stack_that_learned_from_models_that_saw_the_fold_would_be_above_chance() -> None:
    """The same stack twice: from the search's own predictions, which hold the fold's labels at second hand, and as it is."""
    second_hand, ours = [], []
    for seed in range(12):
        table = twins(seed)
        split = assign(table, SplitSpec(folds=4, seed=seed))
        given = material(
            table, split, measure(Task.BINARY), ("decision_tree",), seed, min_samples_leaf=1, max_depth=None
        )
        spec, fit_all = SPECS["stacking layers"].filled(Task.BINARY), FittedHere(table).fit_all
        (keys,) = stacking.wanted(spec, given).values()
        known = {("decision_tree", key): given.leaders[0].predictions[key[1]] for key in keys}
        leaking = Crossed(known, {}, {"decision_tree": 0}, {"decision_tree": 0.0})
        for found, ensemble in (
            (second_hand, stacking.stacking(spec, given, leaking, fit_all)),
            (ours, made(spec, given, fit_all)),
        ):
            folds = zip(split.folds, given.y_folds, ensemble.predictions, strict=True)
            found += [surprise(y, p, fold.validation) for fold, y, p in folds]
    assert np.mean(second_hand) > WIDTH / np.sqrt(len(second_hand))
    assert abs(np.mean(ours)) < WIDTH / np.sqrt(len(ours))
