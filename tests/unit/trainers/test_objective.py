"""The fold objective: what it holds, what it scores, and what it tells."""

import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import average_precision_score

from trainers.data.resample import ResampleMethod, ResampleSpec
from trainers.data.split import Split, SplitSpec, assign
from trainers.data.table import Column, ColumnRole, Table, Task
from trainers.evaluation.metrics import metric
from trainers.families import registry
from trainers.families.fitting import Treatment, fit_rows, predict
from trainers.objective import FoldObjective

ROWS = 400


@pytest.fixture(scope="module")
def table() -> Table:
    rng = np.random.default_rng(0)
    features = pd.DataFrame({"row": np.arange(ROWS, dtype=float), "signal": rng.normal(size=ROWS)})
    features["kind"] = pd.Series(rng.choice(["a", "b"], ROWS), dtype=object)
    target = (features["signal"] + rng.normal(size=ROWS) > 1).astype(np.int64).to_numpy()
    columns = tuple(
        Column(name, ColumnRole.CATEGORICAL if name == "kind" else ColumnRole.NUMERIC, "x", 0, 9) for name in features
    )
    keys = features.assign(secret="x" * 1000)
    return Table("memory", features, target, Task.BINARY, (0, 1), columns, keys, "target", "0")


@pytest.fixture(scope="module")
def split(table: Table) -> Split:
    return assign(table, SplitSpec(folds=3, test_fraction=0.25, seed=1))


def objective(table: Table, split: Split, method: ResampleMethod = ResampleMethod.NONE) -> FoldObjective:
    measure = metric("average_precision", Task.BINARY)
    return FoldObjective(table, split, measure, ResampleSpec(method=method), seed=5, threads=1)


def test_scores_the_validation_rows_of_the_fold(table, split):
    made = objective(table, split)
    assert made.folds == 3
    for k, fold in enumerate(split.folds):
        result = made.evaluate("logistic_regression", {"C": 0.5}, k)
        assert result.predictions.shape == fold.validation.shape
        assert result.score == pytest.approx(average_precision_score(table.target[fold.validation], result.predictions))
        assert result.fit_seconds > 0


def test_is_the_same_as_fitting_on_the_whole_table(table, split):
    """The objective numbers rows anew, because it holds fewer; the fit must not notice."""
    params, fold = {"learning_rate": 0.2}, split.folds[1]
    result = objective(table, split).evaluate("hist_gradient_boosting", params, 1)
    family, inner = registry.get("hist_gradient_boosting"), split.inner(fold.train, 5)
    done = fit_rows(family, params, table, fold.train, inner, Treatment(ResampleSpec(), 5, 1))
    assert result.details["rounds"] == done.rounds
    expected = predict(done.pipeline, table.features.iloc[fold.validation], table.task)
    np.testing.assert_array_equal(result.predictions, expected)


def test_pickles_small_and_without_a_sealed_row(table, split):
    stored = pickle.dumps(objective(table, split))
    assert len(stored) < 100_000, "the key columns stay behind"
    held = set(pickle.loads(stored)._table.features["row"])
    assert held == set(split.development.astype(float))


def test_tells_rounds_curves_and_class_counts(table, split):
    details = objective(table, split, ResampleMethod.OVER).evaluate("hist_gradient_boosting", {}, 0).details
    assert details["rounds"] == int(np.argmin(details["curves"]["validation_loss"])) + 1
    before, after = details["class_counts"]["before"], details["class_counts"]["after"]
    assert before == np.bincount(table.target[split.folds[0].train]).tolist()
    assert after == [max(before), max(before)]


def test_rounds_that_are_given_are_made(table, split):
    details = objective(table, split).evaluate("hist_gradient_boosting", {"max_iter": 4}, 0).details
    assert (details["rounds"], details["curves"]) == (4, {})


def test_warnings_are_counted_not_shown(table, split, recwarn):
    details = objective(table, split).evaluate("logistic_regression", {"max_iter": 1}, 0).details
    assert details["warnings"] == {"ConvergenceWarning": 1}
    assert len(recwarn) == 0


def test_difference_is_zero_against_itself_and_signed_against_worse(table, split):
    made = objective(table, split)
    good = [made.evaluate("logistic_regression", {}, k).predictions for k in range(2)]
    bad = [made.evaluate("dummy", {}, k).predictions for k in range(2)]
    assert made.difference(good, good)[0] == 0
    gain, error = made.difference(good, bad)
    assert gain > 0
    assert error > 0
    assert made.difference(bad, good)[0] == pytest.approx(-gain)


def test_a_family_nobody_knows(table, split):
    with pytest.raises(registry.UnknownFamilyError, match="no family"):
        objective(table, split).evaluate("oracle", {}, 0)
