"""Nothing of a fold's validation rows, and nothing of the sealed rows, reaches a fit."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor, RandomForestRegressor
from sklearn.impute import SimpleImputer
from sklearn.linear_model import Ridge
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

from trainers.data.resample import ResampleMethod, ResampleSpec
from trainers.data.split import Split, SplitSpec, assign
from trainers.data.table import Column, ColumnRole, Table, Task
from trainers.evaluation.metrics import default_metric, metric
from trainers.families import fitting
from trainers.objective import FoldObjective
from trainers.portable.columns import Categories, Numbers

STEPS = (Numbers, Categories, SimpleImputer, StandardScaler, OneHotEncoder, OrdinalEncoder)
MODELS = (HistGradientBoostingRegressor, HistGradientBoostingClassifier, RandomForestRegressor, Ridge)
Seen = dict[str, list[set[int]]]


def make_table(features: pd.DataFrame, target: np.ndarray, task: Task) -> Table:
    columns = tuple(
        Column(name, ColumnRole.CATEGORICAL if features[name].dtype == object else ColumnRole.NUMERIC, "x", 0, 9)
        for name in features
    )
    classes = () if task is Task.REGRESSION else (0, 1)
    return Table("memory", features, target, task, classes, columns, features, "target", "0")


def objective(table: Table, split: Split, method: ResampleMethod = ResampleMethod.NONE, seed: int = 0) -> FoldObjective:
    measure = metric("roc_auc" if table.task is Task.BINARY else default_metric(table.task), table.task)
    return FoldObjective(table, split, measure, ResampleSpec(method=method), seed, 1)


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> Seen:
    """Records the targets that every fit is given; the tests make a row's target its number."""
    record: Seen = defaultdict(list)

    def watch(kind: type) -> None:
        original = kind.fit

        def fit(self: Any, X: Any, y: Any = None, *args: Any, **given: Any) -> Any:
            if y is not None:
                record[kind.__name__].append({round(float(v)) for v in np.asarray(y)})
            if given.get("y_val") is not None:
                record["early stopping"].append({round(float(v)) for v in np.asarray(given["y_val"])})
            return original(self, X, y, *args, **given)

        monkeypatch.setattr(kind, "fit", fit)

    for kind in (*STEPS, *MODELS):
        watch(kind)
    return record


@pytest.fixture(scope="module")
def numbered() -> tuple[Table, Split]:
    """A regression whose target is the number of the row, with gaps and rare categories."""
    rng = np.random.default_rng(0)
    features = pd.DataFrame({"a": np.where(rng.random(200) < 0.1, np.nan, rng.normal(size=200)), "b": rng.random(200)})
    features["c"] = pd.Series(rng.choice(list("abcdefgh"), 200), dtype=object)
    table = make_table(features, np.arange(200, dtype=float), Task.REGRESSION)
    return table, assign(table, SplitSpec(folds=4, seed=3))


EXPECTED: Mapping[str, set[str]] = {
    "ridge": {"Numbers", "SimpleImputer", "StandardScaler", "Categories", "OneHotEncoder", "Ridge"},
    "random_forest": {"Numbers", "SimpleImputer", "Categories", "OneHotEncoder", "RandomForestRegressor"},
    "hist_gradient_boosting": {
        *("Numbers", "Categories", "OrdinalEncoder", "HistGradientBoostingRegressor", "early stopping"),
    },
}


@pytest.mark.parametrize("family", list(EXPECTED))
def test_every_step_is_fitted_on_training_rows_only(numbered, seen, family):
    table, split = numbered
    made = objective(table, split)
    for k, fold in enumerate(split.folds):
        seen.clear()
        made.evaluate(family, {"product_columns": 10}, k)
        assert EXPECTED[family] <= set(seen), "each step was watched"
        train = set(fold.train.tolist())
        for step, fits in seen.items():
            assert all(rows <= train for rows in fits), step
        assert set.union(*(rows for step, fits in seen.items() if step != "early stopping" for rows in fits)) == train


def test_rows_to_stop_on_are_unseen_by_what_is_stopped(numbered, seen):
    table, split = numbered
    objective(table, split).evaluate("hist_gradient_boosting", {}, 0)
    (stop,) = seen["early stopping"]
    for step in ("Numbers", "Categories", "OrdinalEncoder", "HistGradientBoostingRegressor"):
        first, last = seen[step][0], seen[step][-1]
        assert not first & stop, step
        assert first | stop == last == set(split.folds[0].train.tolist()), step


@pytest.mark.parametrize("method", [m for m in ResampleMethod if m is not ResampleMethod.NONE])
def test_the_sampler_sees_training_rows_only_and_never_the_rows_to_stop_on(monkeypatch, method):
    rng = np.random.default_rng(0)
    features = pd.DataFrame({"row": np.arange(200.0), "a": rng.normal(size=200)})
    table = make_table(features, (rng.random(200) < 0.3).astype(np.int64), Task.BINARY)
    split = assign(table, SplitSpec(folds=3, seed=3))
    sampled: list[set[int]] = []

    def resample(X: pd.DataFrame, *args: Any) -> Any:
        sampled.append(set(X.iloc[:, 0].astype(int)))
        return original(X, *args)

    original = fitting.resample
    monkeypatch.setattr(fitting, "resample", resample)
    made = objective(table, split, method)
    made.evaluate("hist_gradient_boosting", {}, 0)
    fit_rows, stop_rows = split.inner(split.folds[0].train, 0)
    assert sampled == [set(fit_rows.tolist()), set(split.folds[0].train.tolist())]
    assert not sampled[0] & set(stop_rows.tolist())


NOISE_SEEDS = 6
NOISE_ROWS = 240


@pytest.mark.parametrize("method", [ResampleMethod.NONE, ResampleMethod.OVER, ResampleMethod.SMOTE])
@pytest.mark.parametrize("family", ["logistic_regression", "decision_tree", "hist_gradient_boosting", "xgboost"])
def test_on_noise_the_score_stays_at_chance(family, method):
    """Under the null the variance of an area under the curve is (n + 1) / 12 n1 n0; five standard errors over all seeds."""
    scores = []
    for seed in range(NOISE_SEEDS):
        rng = np.random.default_rng(seed)
        features = pd.DataFrame(rng.normal(size=(NOISE_ROWS, 4)), columns=list("abcd"))
        features = features.mask(rng.random(features.shape) < 0.1)
        features["many"] = pd.Series(rng.integers(0, 40, NOISE_ROWS).astype(str), dtype=object)
        target = rng.permutation(np.repeat([0, 1], [NOISE_ROWS - 60, 60]))
        table = make_table(features, target, Task.BINARY)
        made = objective(table, assign(table, SplitSpec(folds=3, seed=seed)), method, seed)
        scores += [made.evaluate(family, {}, k).score for k in range(made.folds)]
    ones, zeros = 60 * 0.8, (NOISE_ROWS - 60) * 0.8
    error = np.sqrt((ones + zeros + 1) / (12 * ones * zeros) / NOISE_SEEDS)
    assert abs(np.mean(scores) - 0.5) < 5 * error
