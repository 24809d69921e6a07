"""What every model family promises, for each of its tasks."""

import pickle
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import skops.io
from sklearn.model_selection import train_test_split

from trainers.data.resample import ResampleMethod, ResampleSpec
from trainers.data.table import Column, ColumnRole, Table, Task
from trainers.families import registry
from trainers.families.family import Family
from trainers.families.fitting import Fitted, Treatment, fit_rows, limited, predict

ROWS = 240


def over(pairs: list[tuple[Family, Task]]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(("family", "task"), pairs, ids=[f"{f.name}-{t}" for f, t in pairs])


PAIRS = [(family, task) for family in registry.FAMILIES.values() for task in Task if task in family.tasks]
each_family = over(PAIRS)
each_classifier = over([(f, t) for f, t in PAIRS if t is not Task.REGRESSION])
each_booster = over([(f, t) for f, t in PAIRS if f.boosting])


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    with limited(1):
        yield


def make_table(task: Task, features: pd.DataFrame | None = None) -> Table:
    """A target that depends on ``signal`` and ``colour``, with every awkward kind of column beside them."""
    rng = np.random.default_rng(0)
    signal = rng.normal(size=ROWS)
    colour = rng.choice(["red", "green", "blue"], size=ROWS)
    score = 2 * signal + 2 * (colour == "red") + 0.3 * rng.normal(size=ROWS)
    if features is None:
        gaps = np.where(rng.random(ROWS) < 0.1, np.nan, signal)
        features = pd.DataFrame(
            {
                "colour": pd.Series(colour, dtype=object).where(rng.random(ROWS) > 0.05, None),
                "signal": gaps,
                "count": rng.integers(0, 50, ROWS),
                "flag": rng.random(ROWS) > 0.5,
                "rare": pd.Series(["usual"] * (ROWS - 3) + ["once", "twice", "twice"], dtype=object),
                "code": pd.Series(rng.integers(1, 4, ROWS), dtype=object),
                "empty": np.full(ROWS, np.nan),
                "constant": np.ones(ROWS, dtype=np.int64),
            }
        )
    if task is Task.REGRESSION:
        target, classes = score, ()
    else:
        k = 2 if task is Task.BINARY else 3
        target = pd.qcut(score, k, labels=False).astype(np.int64)
        classes = tuple("abc"[:k])
    return table_of(features, target, task, classes)


def table_of(features: pd.DataFrame, target: np.ndarray, task: Task, classes: tuple[str, ...]) -> Table:
    columns = tuple(
        Column(
            name=name,
            role=ColumnRole.CATEGORICAL if features[name].dtype == object else ColumnRole.NUMERIC,
            dtype=str(features[name].dtype),
            missing=int(features[name].isna().sum()),
            distinct=int(features[name].nunique()),
        )
        for name in features
    )
    return Table("memory", features, target, task, classes, columns, features, "target", "0")


def quick(family: Family) -> dict[str, int]:
    """Few trees or epochs for the families that are slow with many."""
    few = {"epochs": 25} if family.boosting else {"n_estimators": 20}
    return {name: value for name, value in few.items() if name in family.parameters}


def coarse(family: Family) -> dict[str, int]:
    """A model that cannot learn single rows by heart."""
    few = {"n_estimators": 20, "min_samples_leaf": 20, "width": 8}
    params = {name: value for name, value in few.items() if name in family.parameters}
    return {**params, family.boosting.rounds: 20} if family.boosting else params


def fit(family: Family, table: Table, *, rows: np.ndarray | None = None, seed: int = 3) -> Fitted:
    rows = np.arange(len(table.target)) if rows is None else rows
    inner = None
    if family.boosting:
        kept, stop = train_test_split(rows, test_size=0.2, random_state=0)
        inner = (np.sort(kept), np.sort(stop))
    return fit_rows(family, quick(family), table, rows, inner, Treatment(ResampleSpec(), seed, 1))


@pytest.fixture(scope="module")
def fitted() -> Callable[[Family, Task], tuple[Table, Fitted]]:
    """One fit a family and task, for the tests that only predict."""
    made: dict[tuple[str, Task], tuple[Table, Fitted]] = {}

    def get(family: Family, task: Task) -> tuple[Table, Fitted]:
        key = (family.name, task)
        if key not in made:
            table = make_table(task)
            made[key] = (table, fit(family, table))
        return made[key]

    return get


@each_family
def test_learns_from_mixed_columns_with_missing_values(family, task, fitted):
    table, done = fitted(family, task)
    predictions = predict(done.pipeline, table.features, task)
    assert predictions.shape == ((ROWS, 3) if task is Task.MULTICLASS else (ROWS,))
    assert np.isfinite(predictions).all()
    if family.name == "dummy":
        return
    if task is Task.REGRESSION:
        assert np.corrcoef(predictions, table.target)[0, 1] > 0.8
    else:
        labels = predictions.argmax(axis=1) if task is Task.MULTICLASS else predictions >= 0.5
        assert (labels == table.target).mean() > 0.7


@each_classifier
def test_probabilities_sum_to_one(family, task, fitted):
    table, done = fitted(family, task)
    probabilities = done.pipeline.predict_proba(table.features)
    assert probabilities.shape == (ROWS, len(table.classes))
    np.testing.assert_allclose(probabilities.sum(axis=1), 1.0, atol=1e-6)
    assert (probabilities >= 0).all()
    np.testing.assert_array_equal(done.pipeline.classes_, np.arange(len(table.classes)))


@each_family
def test_takes_unknown_categories_and_new_gaps_at_prediction(family, task, fitted):
    table, done = fitted(family, task)
    strange = table.features.head(6).copy()
    strange["colour"] = ["violet", None, np.nan, "red", "", "violet"]
    strange["rare"] = "never seen"
    strange["code"] = [7, None, "x", 1, 2, 3]
    strange["count"] = [np.nan, 1, 2, 3, 4, np.nan]
    assert np.isfinite(predict(done.pipeline, strange, task)).all()


@each_family
def test_gives_the_same_for_other_column_order_and_types(family, task, fitted):
    table, done = fitted(family, task)
    expected = predict(done.pipeline, table.features, task)
    shuffled = table.features[sorted(table.features.columns, reverse=True)]
    np.testing.assert_array_equal(predict(done.pipeline, shuffled, task), expected)
    retyped = table.features.astype({"count": "Int64", "flag": "boolean", "colour": "category", "code": float})
    np.testing.assert_allclose(predict(done.pipeline, retyped, task), expected, rtol=1e-6)


@each_family
def test_predicts_a_row_alone_as_among_others(family, task, fitted):
    table, done = fitted(family, task)
    alone = np.concatenate([predict(done.pipeline, table.features.iloc[[i]], task) for i in range(5)])
    np.testing.assert_allclose(alone, predict(done.pipeline, table.features, task)[:5], rtol=1e-5, atol=1e-8)


@each_family
def test_same_seed_same_predictions(family, task, fitted):
    table, done = fitted(family, task)
    again = fit(family, table)
    np.testing.assert_array_equal(
        predict(again.pipeline, table.features, task), predict(done.pipeline, table.features, task)
    )
    assert again.rounds == done.rounds


@each_family
def test_survives_pickle(family, task, fitted):
    table, done = fitted(family, task)
    loaded = pickle.loads(pickle.dumps(done.pipeline))
    np.testing.assert_array_equal(predict(loaded, table.features, task), predict(done.pipeline, table.features, task))


@each_family
def test_survives_skops(family, task, fitted):
    table, done = fitted(family, task)
    stored = skops.io.dumps(done.pipeline)
    trusted = skops.io.get_untrusted_types(data=stored)
    loaded = skops.io.loads(stored, trusted=trusted)
    np.testing.assert_array_equal(predict(loaded, table.features, task), predict(done.pipeline, table.features, task))


@each_family
@pytest.mark.parametrize("name", ["signal", "colour", "flag"])
def test_fits_one_column_only(family, task, name):
    whole = make_table(task)
    table = make_table(task, whole.features[[name]])
    assert np.isfinite(predict(fit(family, table).pipeline, table.features, task)).all()


@each_family
def test_a_category_missing_from_the_training_rows_changes_nothing(family, task):
    table = make_table(task)
    rows = np.flatnonzero(table.features["colour"] != "blue")
    assert np.isfinite(predict(fit(family, table, rows=rows).pipeline, table.features, task)).all()


@each_classifier
def test_follows_sample_weights(family, task):
    table = make_table(task)
    y = np.random.default_rng(2).permutation(table.target)
    weight = np.where(y == 1, 20.0, 1.0)
    half = ROWS // 2

    def mean_on_other_rows(weight: np.ndarray | None) -> float:
        pipeline = family.build(task, coarse(family), table.columns, 3, 1)
        X = pipeline["prepare"].fit_transform(table.features[:half], y[:half])
        pipeline["model"].fit(X, y[:half], sample_weight=weight)
        return float(pipeline.predict_proba(table.features[half:])[:, 1].mean())

    assert mean_on_other_rows(weight[:half]) > mean_on_other_rows(None) + 0.02


@each_classifier
def test_resampling_keeps_the_mean_probability_true(family, task):
    table = make_table(task)
    rare = np.flatnonzero(table.target == 1)[:15]
    rows = np.sort(np.concatenate([np.flatnonzero(table.target != 1), rare]))
    share = 15 / len(rows)
    for method in (ResampleMethod.CLASS_WEIGHTS, ResampleMethod.OVER, ResampleMethod.UNDER, ResampleMethod.SMOTE):
        treatment = Treatment(ResampleSpec(method=method), 3, 1)
        done = fit_rows(family, coarse(family), table, rows, None, treatment)
        mean = done.pipeline.predict_proba(table.features.iloc[rows])[:, 1].mean()
        assert abs(mean - share) < 0.06, method


@each_booster
def test_stops_early_and_keeps_the_curves(family, task, fitted):
    _, done = fitted(family, task)
    validation = done.curves["validation_loss"]
    assert len(done.curves["train_loss"]) == len(validation)
    assert done.rounds == int(np.argmin(validation)) + 1
    assert done.rounds < family.default[family.boosting.rounds]
    assert all(np.isfinite(loss) and type(loss) is float for loss in validation)


@each_booster
def test_stops_on_the_stop_rows_alone(family, task):
    """With stop rows whose target is noise there is nothing to gain from many rounds."""
    table = make_table(task)
    kept, stop = np.arange(0, 180), np.arange(180, ROWS)
    noisy = table.target.copy()
    noisy[stop] = np.random.default_rng(1).permutation(noisy[stop])
    rounds = [
        fit_rows(family, {}, t, kept, (kept, stop), Treatment(ResampleSpec(), 3, 1)).rounds
        for t in (table, replace(table, target=noisy))
    ]
    assert rounds[1] < rounds[0]


@each_booster
def test_a_given_number_of_rounds_is_made(family, task):
    table = make_table(task)
    params = {family.boosting.rounds: 7}
    done = fit_rows(family, params, table, np.arange(ROWS), None, Treatment(ResampleSpec(), 3, 1))
    assert done.rounds == 7
    assert done.curves == {}
    assert trees_of(done.pipeline["model"]) == 7


def trees_of(model: object) -> int:
    """Rounds inside a fitted model, by each library's own count."""
    for count in ("n_iter_", "n_estimators_", "tree_count_"):
        if getattr(model, count, None) is not None:
            return int(getattr(model, count))
    return int(model.get_booster().num_boosted_rounds())


@each_family
def test_default_values_lie_in_the_default_space_and_are_allowed(family, task):
    study = registry.resolve(registry.CandidateSpec(family=family.name), task)
    assert set(study.space) == set(study.default) == set(family.space)
    for name, setting in family.parameters.items():
        assert setting.refuse(setting.default) is None, name
        if name in family.space:
            assert setting.refuse_space(family.space[name]) is None, name
            assert study.default[name] == setting.default, f"{name}: the default lies outside the space"
