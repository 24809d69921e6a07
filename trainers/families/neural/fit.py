"""From an estimator and its rows to a training, and back: what fits in this process."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import ray
import torch

from trainers.families.family import History, Rows
from trainers.families.neural.examples import Examples, Place
from trainers.families.neural.loop import Epoch, Training
from trainers.families.neural.network import Architecture, make
from trainers.families.neural.range_test import RANGE_TEST, find_learning_rate
from trainers.families.neural.settings import Settings
from trainers.portable.network import NetworkClassifier

Watch = Callable[[Epoch, Training], None]


@dataclass(frozen=True)
class Setup:
    """All that a training begins with; the same on every worker.

    Attributes:
        architecture: What the network is made of.
        output_bias: First values of the output's bias.
        settings: How it is trained.
        train: Rows to train on.
        seed: Seed of weights, order of rows and dropout.
    """

    architecture: Architecture
    output_bias: np.ndarray
    settings: Settings
    train: Examples
    seed: int

    def training(self, place: Place, validation: Examples | None = None) -> Training:
        """A training at its beginning."""
        network = make(self.architecture, self.output_bias, self.seed)
        return Training(network, self.train, validation, self.settings, self.seed, place)


def fit_here(model: Any, X: Any, y: np.ndarray, weight: np.ndarray | None, watch: Watch | None = None) -> None:
    """Fits a network in this process, on the GPU it sees, or else on the CPU.

    Args:
        model: Unfitted NetworkClassifier or NetworkRegressor.
        X: (n, d) prepared rows, codes of categories last.
        y: n class indices or values.
        weight: n weights, or None.
        watch: Told of each epoch.

    Raises:
        DivergedError: The loss diverged.
    """
    with _threads(model.threads):
        training = set_up(model, Rows(X, y, weight)).training(here())
        for epoch in training.run():
            if watch is not None:
                watch(epoch, training)
        model.weights_, model.n_iter_ = training.weights(), len(training.epochs)


def stop_early(model: Any, fit: Rows, stop: Rows) -> History:
    """Fits on the first rows until the loss on the second ones no longer falls; the history tells how many epochs to keep.

    Raises:
        DivergedError: The loss diverged.
    """
    with _threads(model.threads):
        setup = set_up(model, fit)
        training = setup.training(here(), examples_of(model, stop))
        epochs = tuple(training.run())
    return History(
        training.best.number,
        tuple(epoch.train_loss for epoch in epochs),
        tuple(epoch.loss for epoch in epochs),
        tuple(epoch.learning_rate for epoch in epochs),
        tuple(epoch.gradient_norm for epoch in epochs),
    )


def set_up(model: Any, rows: Rows) -> Setup:
    """Tells the model what it is fitted on, and settles what training begins with; tests learning rates where asked."""
    _learn_target(model, rows.y)
    train = examples_of(model, rows)
    numeric = train.X.shape[1] - model.categorical
    known = tuple(int(train.X[:, at].max(initial=-1)) + 1 for at in range(numeric, train.X.shape[1]))
    params = dict(model.params)
    outputs = len(model.classes_) if isinstance(model, NetworkClassifier) else 1
    architecture = Architecture(
        numeric=numeric,
        categories=tuple(max(k, 0) for k in known),
        outputs=outputs,
        width=params["width"],
        depth=params["depth"],
        residual=params["architecture"] == "residual",
        normalise=params["normalise"],
        dropout=params["dropout"],
        frequencies=params["frequencies"],
        spread=params["frequency_spread"],
    )
    bias = _bias(train, outputs)
    if params["learning_rate"] == RANGE_TEST:
        settings = Settings.of({**params, "learning_rate": 1.0})
        trial = Setup(architecture, bias, settings, train, model.seed)
        return replace(trial, settings=replace(settings, learning_rate=find_learning_rate(trial, here())))
    return Setup(architecture, bias, Settings.of(params), train, model.seed)


def examples_of(model: Any, rows: Rows) -> Examples:
    """Rows as the loop takes them: single precision, targets as class indices or in standard deviations."""
    X = np.ascontiguousarray(rows.X, dtype=np.float32)
    weight = np.ones(len(X)) if rows.weight is None else rows.weight
    if isinstance(model, NetworkClassifier):
        y = np.searchsorted(model.classes_, rows.y)
    else:
        y = ((rows.y - model.mean_) / model.scale_).astype(np.float32)
    return Examples(X, y, np.asarray(weight, dtype=np.float32))


def here() -> Place:
    """One worker, on the GPU that this process may use, or else on the CPU.

    What a process of Ray sees is not what it may use: Ray hides no GPUs from those that asked for none.
    """
    given = not ray.is_initialized() or bool(ray.get_runtime_context().get_accelerator_ids().get("GPU"))
    return Place(torch.device("cuda" if given and torch.cuda.is_available() else "cpu"))


def _learn_target(model: Any, y: np.ndarray) -> None:
    if isinstance(model, NetworkClassifier):
        model.classes_ = np.unique(y)
    else:
        model.mean_, model.scale_ = float(np.mean(y)), float(np.std(y)) or 1.0


def _bias(train: Examples, outputs: int) -> np.ndarray:
    """Logarithms of the class shares; 0 for a standardised target."""
    if outputs == 1:
        return np.zeros(1, dtype=np.float32)
    totals = np.bincount(train.y, weights=train.weight, minlength=outputs)
    bias: np.ndarray = np.log(np.maximum(totals / totals.sum(), 1e-6)).astype(np.float32)
    return bias


@contextmanager
def _threads(threads: int) -> Iterator[None]:
    """Keeps torch to a number of threads."""
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        yield
    finally:
        torch.set_num_threads(before)
