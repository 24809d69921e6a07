"""Final fits on several workers: the same result as on one, whatever becomes of them."""

from pathlib import Path

import numpy as np
import pytest

from cluster.resources import Placement
from tests.programs import told
from trainers.data.table import Task
from trainers.families import registry
from trainers.families.family import Recipe, Rows, Workers, WorkersLostError

RNG = np.random.default_rng(0)
X = RNG.normal(size=(400, 5))
Y = (X[:, 0] * X[:, 1] + 0.5 * RNG.normal(size=400) > 0).astype(int)


def test_any_number_of_workers_has_the_same_curves(tmp_path):
    curves = told("ranks.py", tmp_path)
    assert set(curves) == {"ddp1", "ddp2", "ddp4", "fsdp2"}
    for name, each in curves.items():
        assert len(each["train"]) == 4, name
        np.testing.assert_allclose(each["train"], curves["ddp1"]["train"], rtol=1e-4, err_msg=name)
        np.testing.assert_allclose(each["validation"], curves["ddp1"]["validation"], rtol=1e-4, err_msg=name)
        assert each["norm"] == pytest.approx(curves["ddp1"]["norm"], rel=1e-4)


@pytest.mark.timeout(600)
@pytest.mark.slow
def test_a_fit_that_loses_a_worker_and_then_a_node_ends_as_the_unbroken_one(tmp_path):
    """The cluster is of its own: a node of the others' must not die."""
    settings = {"RAY_AUTH_MODE": "disabled", "RAY_TRAIN_WORKER_GROUP_START_TIMEOUT_S": "30"}
    found = told("elastic.py", tmp_path, **settings)
    assert found["epochs"] == 8
    assert found["workers"] == [2, 2, 1]
    assert found["difference"] < 1e-4


@pytest.mark.usefixtures("ray_address")
class TestOnWorkers:
    def workers(self, folder: Path, count: int) -> Workers:
        return Workers(count, count, {"CPU": 1.0}, Placement.PACK, 0, 0, folder / "checkpoints", folder / "curves")

    def test_xgboost_on_two_workers_predicts_as_on_one(self, tmp_path):
        family = registry.get("xgboost")
        params = {name: value for name, value in family.default.items() if name != "product_columns"}
        recipe = Recipe(Task.BINARY, {**params, "n_estimators": 120, "learning_rate": 0.03, "max_depth": 3}, (), 0, 1)
        weight = np.where(Y == 1, 2.0, 1.0)
        one, two = family.model(recipe), family.model(recipe)
        family.fit_on_workers(one, Rows(X, Y, weight), self.workers(tmp_path, 1))
        family.fit_on_workers(two, Rows(X, Y, weight), self.workers(tmp_path, 2))
        assert two.get_booster().num_boosted_rounds() == 120
        assert list(two.classes_) == [0, 1]
        apart = np.abs(one.predict_proba(X) - two.predict_proba(X))
        assert apart.mean() < 0.01
        assert (tmp_path / "checkpoints").exists()

    def test_a_network_that_diverges_on_workers_says_so_at_once(self, tmp_path):
        """It is refused by the trial on one worker, before any others are asked for."""
        family = registry.get("neural")
        wild = {"learning_rate": 10.0, "clip_norm": None, "normalise": False, "depth": 4, "width": 16}
        model = family.model(Recipe(Task.BINARY, {**family.default, **wild}, (), 0, 1))
        with pytest.raises(ValueError, match=r"A trial on one batch failed.*Lower learning_rate"):
            family.fit_on_workers(model, Rows(X, Y, None), self.workers(tmp_path, 2))
        assert not (tmp_path / "checkpoints").exists()

    def test_workers_that_cannot_be_had_end_in_a_fault_of_the_system(self, tmp_path, monkeypatch):
        monkeypatch.setenv("RAY_TRAIN_WORKER_GROUP_START_TIMEOUT_S", "1")
        family = registry.get("neural")
        model = family.model(Recipe(Task.BINARY, {**family.default, "epochs": 2}, (), 0, 1))
        with pytest.raises(WorkersLostError, match=r"9 workers with \{CPU: 1\} each.*lower compute.workers"):
            family.fit_on_workers(model, Rows(X, Y, None), self.workers(tmp_path, 9))
