"""Which out-of-fold predictions may teach what is then judged on a fold."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from trainers.data.split import Split
from trainers.ensembles.crossfit import learnable


@dataclass(frozen=True)
class CrossFit:
    """Folds as positions in their validation rows, one fold after another.

    Attributes:
        folds: Rows of each fold.
        teachers: Rows that what is judged on the fold may be learned from: those of the other folds, in time of earlier
            ones alone. Empty for the first fold of a time split.
    """

    folds: tuple[np.ndarray, ...]
    teachers: tuple[np.ndarray, ...]

    @property
    def taught(self) -> tuple[int, ...]:
        """The folds that have teachers."""
        return tuple(k for k, rows in enumerate(self.teachers) if len(rows))


def crossfit(split: Split, among: Sequence[int]) -> CrossFit:
    """What some folds of a split may teach each other; positions count their validation rows alone."""
    ends = np.cumsum([0, *(len(split.folds[k].validation) for k in among)])
    at = {k: np.arange(start, end) for k, start, end in zip(among, ends, ends[1:], strict=False)}
    teachers = []
    for k in among:
        masks = learnable(split, frozenset({k}))
        parts = [at[j][mask] for j, mask in masks.items() if j in at]
        teachers.append(np.concatenate([np.empty(0, np.int64), *parts]))
    return CrossFit(tuple(at.values()), tuple(teachers))
