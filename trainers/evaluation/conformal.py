"""Answers that hold the truth with a stated probability: prediction sets for classes, intervals for a number.

Sizes come from out-of-fold predictions: for classes by the probability of the true class, class by class (label-conditional
conformal prediction: Vovk, Gammerman and Shafer, "Algorithmic Learning in a Random World", 2005; the score is that of Sadinle,
Lei and Wasserman, 2019), for a number by the absolute error (the jackknife with folds in Barber, Candes, Ramdas and Tibshirani,
"Predictive inference with the jackknife+", 2021). As the model is fitted anew on all rows, the coverage is approximate and not
guaranteed; it is counted on the sealed test rows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np
from pydantic import BaseModel, Field

from trainers.data.table import Task
from trainers.errors import SpecError, Violation
from trainers.evaluation.metrics import by_class
from trainers.report.values import Conformal


class ConformalSpec(BaseModel, frozen=True, extra="forbid"):
    """The coverage; the field comment is in proto/trainwright/v1/spec.proto."""

    coverage: float = Field(gt=0, lt=1)


@dataclass(frozen=True)
class Margins:
    """How large sets and intervals are.

    Attributes:
        coverage: What was asked for.
        least: By class, the least probability with which it is in a prediction set; empty for a number.
        half_width: Half the width of an interval, in units of the target; 0 for classes.
    """

    coverage: float
    least: tuple[float, ...] = ()
    half_width: float = 0.0


def settle(spec: ConformalSpec | None, y: np.ndarray, predictions: np.ndarray, task: Task) -> Margins | None:
    """Settles the sizes on out-of-fold predictions; None unless asked for.

    Args:
        spec: The coverage.
        y: (n,) class indices or values.
        predictions: (n,) P(class 1) of a binary target, (n, k) probabilities, or (n,) values.
        task: Kind of prediction.

    Raises:
        SpecError: Too few rows for the coverage; the path is ``conformal.coverage``.
    """
    if spec is None:
        return None
    if task is Task.REGRESSION:
        return Margins(spec.coverage, half_width=half_width(y, predictions, spec.coverage))
    return Margins(spec.coverage, least=least_probabilities(y, by_class(predictions), spec.coverage))


def held(margins: Margins, y: np.ndarray, predictions: np.ndarray, classes: Sequence[object]) -> Conformal:
    """What sets or intervals hold of rows they are judged on; arguments as of :func:`settle`."""
    if not margins.least:
        inside = np.abs(y - predictions) <= margins.half_width
        return Conformal(margins.coverage, float(inside.mean()), half_width=margins.half_width)
    sets = by_class(predictions) >= np.asarray(margins.least)
    holds = sets[np.arange(len(y)), y]
    names = [str(label) for label in classes]
    return Conformal(
        coverage=margins.coverage,
        test_coverage=float(holds.mean()),
        class_coverage={name: float(holds[y == i].mean()) for i, name in enumerate(names) if (y == i).any()},
        mean_size=float(sets.sum(axis=1).mean()),
        single=float((sets.sum(axis=1) == 1).mean()),
        least_probability=dict(zip(names, margins.least, strict=True)),
    )


def least_probabilities(y: np.ndarray, probabilities: np.ndarray, coverage: float) -> tuple[float, ...]:
    """By class, the least probability with which it is in a prediction set.

    Args:
        y: (n,) class indices.
        probabilities: (n, k), out of fold.
        coverage: Share of each class's rows that are to be in their sets. A class with too few rows is in every set.
    """
    least = []
    for each in range(probabilities.shape[1]):
        own = np.sort(probabilities[y == each, each])[::-1]
        rank = _rank(len(own), coverage)
        least.append(float(own[rank - 1]) if rank <= len(own) else 0.0)
    return tuple(least)


def half_width(y: np.ndarray, predictions: np.ndarray, coverage: float) -> float:
    """Half the width of an interval of a number, in its units.

    Raises:
        SpecError: Too few rows for the coverage; the path is ``conformal.coverage``.
    """
    errors = np.sort(np.abs(y - predictions))
    rank = _rank(len(errors), coverage)
    if rank > len(errors):
        most = len(errors) / (len(errors) + 1)
        message = f"{coverage:g} cannot be shown by {len(errors)} rows; ask for at most {most:.3g}, or bring more rows"
        raise SpecError([Violation("conformal.coverage", message)])
    return float(errors[rank - 1])


def _rank(rows: int, coverage: float) -> int:
    """Which of ascending scores bounds the coverage, from 1; beyond ``rows`` where there are too few."""
    return ceil((rows + 1) * coverage - 1e-9)
