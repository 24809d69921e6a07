"""The rows an audit looks at."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from trainers.data.split import Split
from trainers.data.table import Column, ColumnRole, Table, Task

# Enough for every rate an audit states: a value that one row in a thousand has is still seen thirty times.
MAX_ROWS = 30_000


@dataclass(frozen=True)
class View:
    """Development rows, at most MAX_ROWS drawn at random, and the features of the others. Test targets are never in it.

    Attributes:
        rows: m positions in the table, ascending.
        features: m rows x feature columns.
        target: m values.
        task: Kind of prediction.
        classes: Labels by class index.
        columns: Feature columns.
        rest: Features of the rows outside development, at most MAX_ROWS of them.
        target_name: Target column.
    """

    rows: np.ndarray
    features: pd.DataFrame
    target: np.ndarray
    task: Task
    classes: tuple[object, ...]
    columns: tuple[Column, ...]
    rest: pd.DataFrame
    target_name: str

    def names(self, role: ColumnRole) -> list[str]:
        """Feature columns of a role."""
        return [column.name for column in self.columns if column.role is role]


def look(table: Table, split: Split) -> View:
    """Draws the rows."""
    rows = sample(split.development)
    outside = np.ones(len(table.target), dtype=bool)
    outside[split.development] = False
    return View(
        rows=rows,
        features=table.features.iloc[rows],
        target=table.target[rows],
        task=table.task,
        classes=table.classes,
        columns=table.columns,
        rest=table.features.iloc[sample(np.flatnonzero(outside))],
        target_name=table.target_name,
    )


def sample(rows: np.ndarray, most: int = MAX_ROWS) -> np.ndarray:
    """At most ``most`` of the rows, drawn at random, always the same ones, in order."""
    if len(rows) <= most:
        return rows
    return np.sort(np.random.default_rng(0).choice(rows, most, replace=False))


def encode(frame: pd.DataFrame, columns: tuple[Column, ...]) -> np.ndarray:
    """Features as a float matrix for trees: categories as codes, missing below every value."""
    encoded = np.zeros(frame.shape)
    for i, column in enumerate(columns):
        values = frame[column.name]
        if column.role is ColumnRole.CATEGORICAL:
            # In order of value: in order of appearance they would tell first rows from last.
            encoded[:, i] = pd.factorize(values, sort=True)[0]
        elif column.distinct:
            numbers = values.to_numpy(dtype=np.float64)
            encoded[:, i] = np.where(np.isnan(numbers), np.nanmin(numbers, initial=0.0) - 1, numbers)
    return encoded
