"""Every kind of ensemble is written without pickle, and predicts the same when read back."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from mlflow import sklearn

from tests.ensembling import SPECS, FittedHere, made, material
from trainers import tracking
from trainers.data.split import SplitSpec, assign
from trainers.data.table import Column, ColumnRole, Table, Task
from trainers.evaluation.metrics import default_metric, metric
from trainers.fits import Fit

FAMILIES = {Task.BINARY: ("logistic_regression", "decision_tree"), Task.REGRESSION: ("ridge", "decision_tree")}


@pytest.mark.parametrize(
    ("task", "name"),
    [
        *((Task.BINARY, name) for name in SPECS if name != "subsampling"),
        (Task.REGRESSION, "boosting"),
        (Task.REGRESSION, "stacking layers"),
    ],
)
def test_a_saved_ensemble_is_skops_and_predicts_the_same(task: Task, name: str, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    features = pd.DataFrame(rng.normal(size=(120, 2)), columns=["a", "b"])
    features["site"] = pd.Series(rng.choice(["x", "y"], 120), dtype=object)
    score = (features["a"] + rng.normal(size=120)).to_numpy()
    roles = (ColumnRole.NUMERIC, ColumnRole.NUMERIC, ColumnRole.CATEGORICAL)
    columns = tuple(Column(column, role, "x", 0, 9) for column, role in zip(features, roles, strict=True))
    target, classes = ((score > 0).astype(np.int64), (0, 1)) if task is Task.BINARY else (score, ())
    table = Table("memory", features, target, task, classes, columns, features, "y", "0")
    split, here = assign(table, SplitSpec(folds=4)), FittedHere(table)
    given = material(table, split, metric(default_metric(task), task), FAMILIES[task])
    ensemble = made(SPECS[name], given, here.fit_all)
    finals = here.fit_all([Fit(family, {}, split.development, 3, None, np.empty(0, int)) for family in FAMILIES[task]])
    model = ensemble.assemble(dict(zip(FAMILIES[task], (final.pipeline for final in finals), strict=True)))
    tracking.save_model(model, features.head(), tmp_path / "model")
    assert "serialization: skops" in (tmp_path / "model/MLmodel").read_text()
    read = sklearn.load_model(str(tmp_path / "model"))
    assert read.predict(features).tolist() == model.predict(features).tolist()
