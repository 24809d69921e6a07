"""xgboost's final fit on several workers: each adds up the histograms of its rows, and all grow the tree of the sums."""

import tempfile
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import ray
import xgboost
from ray import train
from ray.train.xgboost import XGBoostTrainer

from trainers.families import distributed
from trainers.families.family import Rows, Workers

CHECKPOINT_ROUNDS = 100
TREES = "trees.ubj"


def fit_on_workers(model: Any, rows: Rows, workers: Workers) -> None:
    """Fits an XGBClassifier or XGBRegressor on all workers together; on one without a GPU it is an ordinary fit.

    Args:
        model: Unfitted.
        rows: Rows to fit on; each worker takes its share of one copy a machine.
        workers: What the fit may use.

    Raises:
        WorkersLostError: Workers could not be started, or were lost too often.
    """
    if workers.alone:
        model.fit(rows.X, rows.y, sample_weight=rows.weight)
        return
    booster = distributed.run(
        XGBoostTrainer,
        _work,
        {"rows": [ray.put(rows)], "params": _params(model, rows.y, workers), "rounds": model.n_estimators},
        workers,
        f"xgboost-{joblib.hash((model.get_params(), rows))[:16]}",
    )
    model.load_model(bytearray(booster))


def _work(given: dict[str, Any]) -> bytes:
    """What each worker does; all have the same trees in the end."""
    rows: Rows = ray.get(given["rows"][0])
    context = train.get_context()
    share = slice(context.get_world_rank(), None, context.get_world_size())
    params, kinds = given["params"]
    matrix = xgboost.QuantileDMatrix(
        np.ascontiguousarray(rows.X[share]),
        rows.y[share],
        weight=None if rows.weight is None else rows.weight[share],
        feature_types=kinds,
        enable_categorical=True,
        max_bin=params.get("max_bin", 256),
    )
    begun = _begun()
    left = given["rounds"] - (begun.num_boosted_rounds() if begun else 0)
    booster = xgboost.train(params, matrix, num_boost_round=left, xgb_model=begun, callbacks=[_Checkpoints()])
    return bytes(booster.save_raw("ubj"))


class _Checkpoints(xgboost.callback.TrainingCallback):
    """Every so many rounds the first worker keeps the trees; Ray's own callback makes all wait for all in every round."""

    def after_iteration(self, model: xgboost.Booster, epoch: int, evals_log: Any) -> bool:
        if (epoch + 1) % CHECKPOINT_ROUNDS:
            return False
        if train.get_context().get_world_rank() > 0:
            train.report({})
            return False
        with tempfile.TemporaryDirectory() as folder:
            model.save_model(Path(folder) / TREES)
            train.report({}, checkpoint=train.Checkpoint.from_directory(folder))
        return False


def _begun() -> xgboost.Booster | None:
    """The trees of the last checkpoint."""
    checkpoint = train.get_checkpoint()
    if checkpoint is None:
        return None
    with checkpoint.as_directory() as folder:
        return xgboost.Booster(model_file=Path(folder) / TREES)


def _params(model: Any, y: np.ndarray, workers: Workers) -> tuple[dict[str, Any], list[str] | None]:
    """Parameters as xgboost.train takes them, and the kinds of the columns."""
    params = {**model.get_xgb_params(), "nthread": workers.cpus}
    kinds = params.pop("feature_types", None) or model.feature_types
    for name in ("enable_categorical", "n_jobs"):
        params.pop(name, None)
    classes = len(np.unique(y)) if isinstance(model, xgboost.XGBClassifier) else 0
    if classes > 2:
        params |= {"objective": "multi:softprob", "num_class": classes}
    return params, kinds
