"""Feed-forward networks. torch is imported when one is fitted."""

from typing import Any

from sklearn.base import BaseEstimator

from trainers.data.table import Task
from trainers.families.family import ALL_TASKS, Boosting, Explainability, Family, History, Recipe, Rows, Workers
from trainers.families.parameters import Setting, choice, integer, log_integer, log_uniform, uniform
from trainers.families.preparation import PRODUCTS, PRODUCTS_OF_TEN, embedded
from trainers.portable.network import NetworkClassifier, NetworkRegressor


def _network(recipe: Recipe) -> BaseEstimator:
    kind = NetworkRegressor if recipe.task is Task.REGRESSION else NetworkClassifier
    return kind(dict(recipe.params), len(recipe.categorical), recipe.seed, recipe.threads)


def _stop(model: Any, fit: Rows, stop: Rows) -> History:
    from trainers.families.neural.fit import stop_early

    return stop_early(model, fit, stop)


def _fit_on_workers(model: Any, rows: Rows, workers: Workers) -> None:
    from trainers.families.neural.train import fit_on_workers

    fit_on_workers(model, rows, workers)


YES_OR_NO: dict[str, Any] = {"number": None, "words": (True, False)}

NEURAL = Family(
    name="neural",
    tasks=ALL_TASKS,
    parameters={
        PRODUCTS: PRODUCTS_OF_TEN,
        # The network.
        "architecture": Setting("plain", None, words=("plain", "residual"), search=choice("plain", "residual")),
        "width": Setting(128, int, 1, 65_536, search=log_integer(32, 256)),
        "depth": Setting(2, int, 1, 100, search=integer(1, 4)),
        "dropout": Setting(0.1, float, 0.0, 0.95, search=uniform(0.0, 0.4)),
        "normalise": Setting(True, **YES_OR_NO),
        "frequencies": Setting(0, int, 0, 1024),
        "frequency_spread": Setting(0.1, float, 1e-3, 100.0),
        # How it is trained.
        "learning_rate": Setting(5e-3, float, 1e-7, 10.0, ("range_test",), search=log_uniform(1e-3, 2e-2)),
        "schedule": Setting("one_cycle", None, words=("cosine", "plateau", "one_cycle", "constant")),
        "warmup": Setting(0.05, float, 0.0, 0.9),
        "weight_decay": Setting(1e-2, float, 0.0, 10.0, search=log_uniform(1e-4, 0.3)),
        "label_smoothing": Setting(0.0, float, 0.0, 0.5),
        "clip_norm": Setting(1.0, float, 1e-6, 1e6, (None,)),
        "batch_size": Setting(None, int, 1, 1_000_000, (None,)),
        "accumulate": Setting(1, int, 1, 1024),
        "epochs": Setting(60, int, 1, 100_000),
        "stop_epoch": Setting(100_000, int, 1, 100_000),
        "patience": Setting(15, int, 1, 10_000),
        # What it is trained on.
        "precision": Setting("fp32", None, words=("fp32", "bf16", "fp16")),
        "strategy": Setting("ddp", None, words=("ddp", "fsdp")),
        "compile": Setting(False, **YES_OR_NO),
        "deterministic": Setting(False, **YES_OR_NO),
    },
    complexity=9,
    explainability=Explainability.LOW,
    prepare=embedded,
    model=_network,
    boosting=Boosting("stop_epoch", _stop),
    extra="neural",
    module="torch",
    gpus=True,
    fit_on_workers=_fit_on_workers,
)

FAMILIES = (NEURAL,)
