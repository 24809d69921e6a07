"""What a way of splitting returns, and the checks it must pass."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from trainers.findings import Finding, Severity


@dataclass(frozen=True)
class Fold:
    """Row positions of one fold, ascending int64; training and validation are disjoint, both of development rows."""

    train: np.ndarray
    validation: np.ndarray


@dataclass(frozen=True)
class Sides:
    """Where rows go, as ascending int64 positions. Rows on no side are dropped."""

    development: np.ndarray
    test: np.ndarray
    folds: tuple[Fold, ...]


def most_folds(
    draw: Callable[[int], tuple[Fold, ...] | None], wanted: int, classes: np.ndarray
) -> tuple[tuple[Fold, ...], list[Finding]] | None:
    """Draws the folds; fewer than wanted when a fold would miss a class.

    Args:
        draw: Draws k folds, or returns None when k cannot be.
        wanted: Folds asked for.
        classes: n class codes by row position.

    Returns:
        The folds, with a finding if they are fewer; None when not even two can be.
    """
    for k in range(wanted, 1, -1):
        folds = draw(k)
        if folds and all(complete(fold, classes) for fold in folds):
            return folds, [] if k == wanted else [_lowered(wanted, k)]
    return None


def complete(fold: Fold, classes: np.ndarray) -> bool:
    """Whether both sides of a fold have rows of every class of the table."""
    present = np.unique(classes)
    return all(np.isin(present, classes[rows]).all() for rows in (fold.train, fold.validation))


def _lowered(wanted: int, k: int) -> Finding:
    return Finding(
        "FOLDS_LOWERED",
        Severity.WARNING,
        f"{k} folds instead of {wanted}: with more, a fold would have no rows of some class.",
        f"Set split.folds to {k}, or bring more rows or groups of the rare classes.",
        evidence={"wanted": wanted, "folds": k},
    )
