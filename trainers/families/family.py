"""What a model family is: the parameters it takes, and how its pipeline is made."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import Pipeline

from cluster.resources import Placement
from trainers.data.table import Column, Task
from trainers.families.parameters import Setting
from trainers.families.preparation import PRODUCTS, native_categories
from tuning.space import Parameter

ALL_TASKS = frozenset(Task)
CLASSIFICATION = frozenset({Task.BINARY, Task.MULTICLASS})
REGRESSION = frozenset({Task.REGRESSION})


class Explainability(StrEnum):
    """How far a reader can follow a model of the family without tools."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"

    @property
    def rank(self) -> int:
        """Greater is easier to follow."""
        return ("low", "medium", "high").index(self.value)


@dataclass(frozen=True)
class Recipe:
    """What a family needs to make one model.

    Attributes:
        task: Kind of prediction.
        params: A value for every parameter of the model.
        categorical: Positions of the categorical columns, when the preparation is ``native``.
        seed: Seed of everything random in the model.
        threads: Threads the model may use.
    """

    task: Task
    params: Mapping[str, Any]
    categorical: Sequence[int]
    seed: int
    threads: int


@dataclass(frozen=True)
class Rows:
    """Prepared rows.

    Attributes:
        X: n rows x prepared columns, numpy array or DataFrame.
        y: n class indices or values.
        weight: n sample weights, or None.
    """

    X: Any
    y: np.ndarray
    weight: np.ndarray | None


@dataclass(frozen=True)
class History:
    """How a model learned that is made in rounds: trees of a boosted model, epochs of a network.

    Attributes:
        rounds: Those to keep.
        train_loss: Loss after each round, the smaller the better.
        validation_loss: The same on the stop rows.
        learning_rate: Of each round, where it changes.
        gradient_norm: Mean length of the gradient in each round, where there is one.
    """

    rounds: int
    train_loss: tuple[float, ...]
    validation_loss: tuple[float, ...]
    learning_rate: tuple[float, ...] = ()
    gradient_norm: tuple[float, ...] = ()

    @property
    def curves(self) -> dict[str, tuple[float, ...]]:
        """What there is by round, by name."""
        told = {name: values for name, values in vars(self).items() if name != "rounds"}
        return {name: values for name, values in told.items() if values}


class WorkersLostError(RuntimeError):
    """Workers could not be started or were lost too often: a fault of the system, which another attempt may mend."""


@dataclass(frozen=True)
class Workers:
    """What a final fit may use.

    Attributes:
        count: Workers that fit together.
        least: Fewest that go on when others are lost.
        bundle: What a worker has, by Ray's names.
        placement: How they are laid over nodes.
        max_failures: How often lost workers are replaced.
        max_preemptions: How often those that were preempted are.
        checkpoints: Folder for checkpoints, which all workers reach.
        curves: Folder for the curves, as they come; None keeps none.
    """

    count: int
    least: int
    bundle: Mapping[str, float]
    placement: Placement
    max_failures: int
    max_preemptions: int
    checkpoints: Path
    curves: Path | None = None

    @property
    def cpus(self) -> int:
        """CPUs, and threads, of a worker."""
        return int(self.bundle["CPU"])

    @property
    def gpus(self) -> float:
        """GPUs of a worker; a share of one where it is below 1."""
        return self.bundle.get("GPU", 0.0)

    @property
    def alone(self) -> bool:
        """Whether an ordinary process will do."""
        return self.count == 1 and self.gpus == 0


@dataclass(frozen=True)
class Boosting:
    """How a family that works in rounds, such as one tree or one epoch each, stops early.

    Attributes:
        rounds: Name of the parameter that says how many rounds there are at most.
        stop_early: Fits a model on its first rows and stops when the loss on the second ones no longer falls.
    """

    rounds: str
    stop_early: Callable[[Any, Rows, Rows], History]


@dataclass(frozen=True)
class Family:
    """A model family that can be named in a spec.

    Attributes:
        name: Name in the spec.
        tasks: Kinds of prediction it can make.
        parameters: Every parameter that may be searched or fixed.
        complexity: Rank among the families, simple first.
        explainability: How far a reader can follow its models.
        prepare: Makes the transformer from raw columns to what the model takes.
        model: Makes the unfitted estimator.
        boosting: How it stops early; None for families that do not boost.
        extra: Optional dependency that must be installed; None when nothing more is needed.
        module: The module that it brings; None when it has the same name.
        gpus: Whether it uses a GPU where it sees one.
        fit_on_workers: Fits an estimator of the family on several workers, or on one with a GPU or curves as they come; None for
            families that fit in one process.
    """

    name: str
    tasks: frozenset[Task]
    parameters: Mapping[str, Setting]
    complexity: int
    explainability: Explainability
    prepare: Callable[[Sequence[Column], int], ColumnTransformer]
    model: Callable[[Recipe], BaseEstimator]
    boosting: Boosting | None = None
    extra: str | None = None
    module: str | None = None
    gpus: bool = False
    fit_on_workers: Callable[[Any, Rows, Workers], None] | None = None

    @property
    def space(self) -> dict[str, Parameter]:
        """Parameters searched by default."""
        return {name: setting.search for name, setting in self.parameters.items() if setting.search is not None}

    @property
    def default(self) -> dict[str, Any]:
        """Value of every parameter when nothing else is said; also the first trial of a search."""
        return {name: setting.default for name, setting in self.parameters.items()}

    def build(
        self, task: Task, params: Mapping[str, Any], columns: Sequence[Column], seed: int, threads: int
    ) -> Pipeline:
        """Makes an unfitted pipeline with the steps ``prepare`` and ``model``.

        Args:
            task: Kind of prediction.
            params: Parameters that differ from the defaults.
            columns: Feature columns of the table.
            seed: Seed of everything random in the model.
            threads: Threads the model may use.
        """
        values = {**self.default, **params}
        products = int(values.pop(PRODUCTS, 0))
        recipe = Recipe(task, values, native_categories(columns, products), seed, threads)
        return Pipeline([("prepare", self.prepare(columns, products)), ("model", self.model(recipe))])
