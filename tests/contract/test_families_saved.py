"""Every family's fitted pipeline is written without pickle and predicts the same when read back."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from mlflow import sklearn

from trainers import tracking
from trainers.data.load import DataSpec, load
from trainers.data.table import Task
from trainers.families import registry
from trainers.portable.decision import DecidingClassifier
from trainers.portable.rules import Cut

CLASSIFIERS = registry.families(Task.BINARY)
FAMILIES = [
    *((Task.BINARY, name) for name in CLASSIFIERS),
    *((Task.REGRESSION, name) for name in registry.families(Task.REGRESSION) if name not in CLASSIFIERS),
]


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Numbers, categories, and missing values of both."""
    random = np.random.default_rng(0)
    speed = random.normal(size=300)
    site = random.choice(["a", "b", "c"], 300).astype(object)
    fails = ((speed + (site == "a") + random.normal(size=300)) > 1).astype(int)
    speed[:5] = np.nan
    site[3:8] = None
    path = tmp_path_factory.mktemp("data") / "rows.csv"
    wear = random.integers(0, 99, 300)
    pd.DataFrame({"speed": speed, "wear": wear, "site": site, "fails": fails}).to_csv(path, index=False)
    return path


@pytest.mark.parametrize(("task", "name"), FAMILIES)
def test_a_saved_pipeline_is_skops_and_predicts_the_same(task: Task, name: str, file: Path, tmp_path: Path) -> None:
    table = load(DataSpec(uri=str(file), target="fails" if task is Task.BINARY else "wear", task=task))
    family = registry.get(name)
    fitted = family.build(task, family.default, table.columns, 0, 1).fit(table.features, table.target)
    model = DecidingClassifier(fitted, ["good", "bad"], Cut(0.4)) if task is Task.BINARY else fitted
    tracking.save_model(model, table.features.head(), tmp_path / "model")
    assert "serialization: skops" in (tmp_path / "model/MLmodel").read_text()
    read = sklearn.load_model(str(tmp_path / "model"))
    assert list(read.predict(table.features)) == list(model.predict(table.features))
