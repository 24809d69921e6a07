"""How models learned, round by round."""

from dataclasses import dataclass


@dataclass(frozen=True)
class TrainingCurve:
    """The losses of one fold's fit."""

    fold: int
    shape: str
    kept: int
    rounds: tuple[int, ...]
    train_loss: tuple[float, ...]
    validation_loss: tuple[float, ...]
    learning_rate: tuple[float, ...] = ()
    gradient_norm: tuple[float, ...] = ()


@dataclass(frozen=True)
class TrainingCurves:
    """The best configuration of one family, fold by fold, and what its curves show."""

    family: str
    shape: str
    remedies: tuple[str, ...]
    folds: tuple[TrainingCurve, ...]
